import { numberedAfter } from '#events/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { listOlder, lockProgress, refreshEntries, saveProgress, takeTouched } from './store/entry.ts';

const batch = 1000;
const told =
  /^no\.altinn\.(?:correspondence\.correspondence(?:published|purged|receiver(?:read|confirmed))|broker\.(?:published|uploadfailed|downloadconfirmed|allconfirmeddownloaded|filepurged|fileneverconfirmeddownloaded))$/;

/**
 * Brings inboxes to what has happened: follows the numbered events, then what readers have touched, then takes in what was there
 * before inboxes were. One process at a time, a batch in one transaction: what is not written is followed again.
 */
export async function followEvents(ctx: Context): Promise<Swept> {
  return ctx.db.transaction(async (tx) => {
    const progress = await lockProgress(tx);
    if (!progress) return undefined;
    const events = await numberedAfter(tx, progress.number, batch);
    const touched = await takeTouched(tx, batch);
    const { takenUntil, takenTo } = progress;
    const older = takenTo !== null && events.length < batch ? await listOlder(tx, takenUntil!, takenTo, batch) : [];
    const ids = events.filter(({ type }) => told.test(type)).map(({ resourceInstance }) => resourceInstance);
    await refreshEntries(tx, [...new Set([...ids, ...touched, ...older])]);
    const allTaken = takenTo !== null && events.length < batch && older.length < batch;
    if (events.length + older.length > 0 || allTaken) {
      saveProgress(tx, {
        number: events.at(-1)?.position ?? progress.number,
        takenUntil: older.at(-1) ?? takenUntil,
        takenTo: allTaken ? null : takenTo,
      });
    }
    return Math.max(events.length, touched.length, older.length) === batch ? 'more' : undefined;
  });
}
