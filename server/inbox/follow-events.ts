import { numberedAfter } from '#events/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import { listOlder, lockProgress, refreshEntries, saveProgress, takeTouched } from './store/entry.ts';

const batch = 1000;
const told =
  /^no\.altinn\.(?:correspondence\.correspondence(?:published|purged|receiver(?:read|confirmed))|broker\.(?:published|uploadfailed|downloadconfirmed|allconfirmeddownloaded|filepurged|fileneverconfirmeddownloaded))$/;

/**
 * Brings inboxes to what has happened: follows the numbered events, then what readers have touched, then takes in what was there
 * before inboxes were. One process at a time, a batch in one transaction: what is not written is followed again. Nothing that a letter
 * says may hold up what comes behind it: where a batch fails, its letters are taken in one by one, and one that fails by itself stands
 * in its inbox all the same, but is found by no search.
 */
export async function followEvents(ctx: Context): Promise<Swept> {
  const batchIds: string[] = [];
  try {
    return await followBatch(ctx, batchIds);
  } catch (error) {
    if (batchIds.length === 0) throw error;
    ctx.log.error(describeFault(error), 'a batch of the inbox failed; its letters are taken in one by one');
    for (const id of batchIds) await takeIn(ctx, id);
    return followBatch(ctx, []);
  }
}

async function takeIn(ctx: Context, id: string): Promise<void> {
  try {
    await ctx.db.transaction((tx) => refreshEntries(tx, [id]));
  } catch (error) {
    ctx.log.error({ message: id, ...describeFault(error) }, 'a letter cannot be searched; it stands in its inbox without that');
    await ctx.db.transaction((tx) => refreshEntries(tx, [id], { searched: false }));
  }
}

/** `batchIds` gets the ids that it is about to take in. */
function followBatch(ctx: Context, batchIds: string[]): Promise<Swept> {
  return ctx.db.transaction(async (tx) => {
    const progress = await lockProgress(tx);
    if (!progress) return undefined;
    const events = await numberedAfter(tx, progress.number, batch);
    const touched = await takeTouched(tx, batch);
    const { takenUntil, takenTo } = progress;
    const older = takenTo !== null && events.length < batch ? await listOlder(tx, takenUntil!, takenTo, batch) : [];
    const ids = events.filter(({ type }) => told.test(type)).map(({ resourceInstance }) => resourceInstance);
    batchIds.push(...new Set([...ids, ...touched, ...older]));
    await refreshEntries(tx, batchIds);
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
