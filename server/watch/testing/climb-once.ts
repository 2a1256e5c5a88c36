import { createClock, createDatabase } from '#db/index.ts';
import { silentLog } from '#kernel/log.ts';
import { onRelay } from '../climb/relay.ts';
import { takeDueSteps } from '../climb/take-due-steps.ts';

/**
 * A worker of its own that takes what is due and dies by its own hand: in the middle of a transaction that has written some of it
 * (`within`), or once one is committed (`after`). Arguments: database and when.
 */
const [databaseUrl, when] = process.argv.slice(2);
const db = createDatabase({ url: databaseUrl! });
const clock = createClock(db);
await clock.refresh();
onRelay.fill(async () => {
  if (when === 'within') process.kill(process.pid, 'SIGKILL');
  return new Map();
});
const addresses = { inbox: 'https://post.example.no/inbox', console: 'https://post.example.no/console' };
const dying = {
  ...db,
  transaction: async <T>(work: Parameters<typeof db.transaction<T>>[0]) => {
    const done = await db.transaction(work);
    process.kill(process.pid, 'SIGKILL');
    return done;
  },
};
await takeDueSteps({ db: when === 'after' ? dying : db, now: clock.now, log: silentLog, addresses });
await db.close();
