import pg from 'pg';
import { StartError } from '#kernel/start-error.ts';

const why = {
  production: 'was used in production: a sandbox would hand out test tokens for real post',
  sandbox: 'was used by a sandbox: whoever it made up would be taken for real',
} as const;

/**
 * The first server that uses a database says what it is used for; it stays that. Of two at once the first decides.
 * Refuses (StartError) a server of the other kind.
 */
export async function claimDatabase(url: string, mode: keyof typeof why): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'budstikke check' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('insert into db.installation (mode) values ($1) on conflict do nothing', [mode]);
    const { rows } = await client.query<{ mode: keyof typeof why }>('select mode from db.installation');
    const used = rows[0]?.mode;
    if (used === undefined || used === mode) return;
    throw new StartError(`This database ${why[used]}. Use another database, or start with BUDSTIKKE_MODE=${used}.`);
  } finally {
    await client.end();
  }
}
