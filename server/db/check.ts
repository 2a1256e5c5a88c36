import pg from 'pg';
import { StartError } from '#kernel/start-error.ts';
import { codeOf } from './errors.ts';

/** What the SQL of Budstikke needs. */
const oldestVersion = 16;

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'there is no such host',
  ETIMEDOUT: 'it does not answer',
  '28P01': 'the user or the password is wrong',
  '28000': 'the user may not log in',
  '3D000': 'there is no such database',
  '53300': 'it has no connection to spare',
  '57P03': 'it is starting or stopping',
};

/**
 * Looks at a PostgreSQL that somebody else runs before anything is done with it.
 * Refuses (StartError) one that cannot be reached, is older than 16, or does not store UTF-8. Never repeats the address, which holds a password.
 */
export async function checkDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'budstikke check', connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; number: string; encoding: string }>(
      `select current_setting('server_version') as version, current_setting('server_version_num') as number, current_setting('server_encoding') as encoding`,
    );
    const [found] = rows;
    if (!found || Number(found.number) < oldestVersion * 10_000) {
      throw new StartError(
        `The database is PostgreSQL ${found?.version}; Budstikke needs ${oldestVersion} or newer (BUDSTIKKE_DATABASE_URL).`,
      );
    }
    if (found.encoding !== 'UTF8') {
      throw new StartError(`The database stores ${found.encoding}; Budstikke needs one with encoding UTF8 (BUDSTIKKE_DATABASE_URL).`);
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    const cause = causes[codeOf(error)] ?? codeOf(error) ?? 'unknown cause';
    throw new StartError(`The database of BUDSTIKKE_DATABASE_URL cannot be used: ${cause || (error as Error).message}.`);
  } finally {
    await client.end().catch(() => {});
  }
}
