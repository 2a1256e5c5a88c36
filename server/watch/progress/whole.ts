import type { WatchItem } from '../store/item.ts';
import type { NeedRow } from '../store/openability.ts';

/** Pure. Whether nothing is missing any more of what was opened while a part of it was locked: no lock, no part, and no confirmation. */
export function isWhole(
  item: Pick<WatchItem, 'about' | 'party' | 'settledAt' | 'openedAt' | 'confirmNeeded' | 'confirmedAt' | 'attachmentLocked'>,
  needs: readonly NeedRow[],
): boolean {
  const isMissing = needs.some(({ about, party, awaited }) => awaited && about === item.about && party === item.party);
  const isConfirmed = !item.confirmNeeded || item.confirmedAt !== null;
  return !item.settledAt && item.openedAt !== null && isConfirmed && !item.attachmentLocked && !isMissing;
}
