import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { keepCauses, mayHaveCause } from '../causes/keep-causes.ts';
import { recompute } from '../openers/reevaluate.ts';
import { lockItems } from '../store/item.ts';
import { listNeeds, saveGiven } from '../store/openability.ts';
import type { WatchKey } from '../types.ts';
import { noteUse } from './note-use.ts';
import { settleWatch } from './settle-watch.ts';
import { isWhole } from './whole.ts';

/** A reader with a right for the recipient has attachments that ask a right of their own. */
export interface PartsGiven extends WatchKey {
  readonly party: PartyId;
  readonly parts: readonly string[];
  readonly at: Date;
  readonly by: PartyId | null;
  readonly kind: 'person' | 'system';
}

/**
 * Attachments were handed over, whole. It matters to a letter that was opened while nobody could open them: when the last of those is given,
 * and nothing is locked any more, it ends as its opening would have ended it, or waits for its confirmation. Of all others nothing is
 * locked nor written. Noted again it changes nothing.
 */
export async function notePartsGiven(tx: Tx, given: PartsGiven): Promise<void> {
  const isAwaited = (needs: Awaited<ReturnType<typeof listNeeds>>) =>
    needs.some((need) => need.awaited && given.parts.includes(need.instance));
  if (!isAwaited(await listNeeds(tx, [given]))) return;
  const [before] = await lockItems(tx, [given]);
  if (!before || before.settledAt) return;
  if (before.attachmentLocked) await recompute(tx, [given], given.at, 'last change');
  saveGiven(tx, given);
  const [[item], needs] = await Promise.all([lockItems(tx, [given]), listNeeds(tx, [given])]);
  if (given.by !== null && given.kind === 'person') noteUse(tx, [{ ...given, by: given.by, isFile: false }]);
  if (isWhole(item!, needs)) {
    const outcome = item!.confirmedAt ? 'confirmed' : given.kind === 'person' ? 'opened' : 'handed-over';
    settleWatch(tx, [{ about: given.about, party: given.party, outcome, at: given.at, isFile: false }]);
  } else if (mayHaveCause(item!.begunAt, given.at)) keepCauses(tx, [given]);
}
