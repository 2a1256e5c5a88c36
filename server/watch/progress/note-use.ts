import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { noteUsed, noteUsedOfCommon } from '#notifications/index.ts';
import { commonNoticesOf } from '../store/step.ts';
import type { WatchKey } from '../types.ts';

/** Somebody who acts on a piece of post: has opened it, or let somebody in to it. */
export interface Use extends WatchKey {
  readonly party: PartyId;
  readonly by: PartyId;
  readonly at: Date;
  readonly isFile: boolean;
}

/** Whoever acts on post after having been told of it is still at the address that told them, also where a notice told of several files. */
export function noteUse(tx: Tx, uses: readonly Use[]): void {
  noteUsed(tx, uses);
  const files = uses.filter(({ isFile }) => isFile);
  if (files.length > 0) noteUsedOfCommon(tx, commonNoticesOf(files));
}
