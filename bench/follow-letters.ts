import { createDatabase } from '../server/db/index.ts';
import { followEvents } from '../server/inbox/follow-events.ts';
import { silentLog } from '../server/kernel/log.ts';
import { withClient } from './machine.ts';

/** Takes letters that were written past the product into inboxes, as an installation does with those from before there were any. */
export async function followLetters(url: string): Promise<void> {
  await withClient(url, (client) =>
    client.query(
      `update inbox.progress set taken_until = '00000000-0000-0000-0000-000000000000', taken_to = 'ffffffff-ffff-ffff-ffff-ffffffffffff'`,
    ),
  );
  const db = createDatabase({ url, maxConnections: 4, applicationName: 'bench inboxes' });
  try {
    while ((await followEvents({ db, now: () => new Date(), log: silentLog })) === 'more');
  } finally {
    await db.close();
  }
  await withClient(url, (client) => client.query('vacuum analyze inbox.entry, inbox.words, inbox.content'));
}
