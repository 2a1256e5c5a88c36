import { setTimeout as sleep } from 'node:timers/promises';
import { hurryRecords } from '#http/answer/record-taken.ts';

/** For what a test keeps from being recorded, as by not reading its answer or by a database that is away. It is waited for once. */
const patienceMillis = 60_000;
const everyMillis = 5;
const stuck = new WeakSet<Promise<void>>();

/**
 * What becomes of a download is recorded after its client has read it to the end. This is over when nothing of the kind is under way in the servers
 * of this process; at once when there was no download.
 */
export async function allRecorded(): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const waiting = hurryRecords().filter((one) => !stuck.has(one));
    if (waiting.length === 0) return;
    if (performance.now() - begun > patienceMillis) for (const one of waiting) stuck.add(one);
    await Promise.race([Promise.allSettled(waiting), sleep(everyMillis)]);
  }
}
