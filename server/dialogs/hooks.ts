import type { Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';

/** Readers have changed the labels of these dialogs, in this transaction. Filled by who keeps lists of what lies where. */
export const onLabelsChanged = hook<[tx: Tx, dialogs: readonly CorrespondenceId[]]>();
