import { createClock, createCopying, createDatabase } from '../../server/db/index.ts';
import { startSweepers } from '../../server/jobs/index.ts';
import { createLog } from '../../server/kernel/log.ts';
import { sendSweeper } from '../../server/mailings/jobs.ts';

/** A worker that sends mailings and leaves what follows to others, so that sending can be measured by itself. The database is its argument. */
const url = process.argv[2]!;
const db = createDatabase({ url, applicationName: 'budstikke bench worker' });
const copying = createCopying({ url, maxConnections: 1 });
const clock = createClock(db);
await clock.refresh();
const ctx = { db, now: clock.now, log: createLog('warn'), copying, minimumAttachmentDays: 1 };
const sweepers = startSweepers(ctx, [sendSweeper]);

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await sweepers.stop();
  await Promise.all([db.close(), copying.close()]);
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
process.on('disconnect', () => void end());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMillis: (user + system) / 1000, residentBytes: process.memoryUsage.rss() });
});
process.send?.('ready');
