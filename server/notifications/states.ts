import type { Machine } from '#kernel/machine.ts';

/** Every state of a notice and the only moves between them. The README's diagram and the check in the database agree with it. */
export const noticeMoves = {
  due: { claim: 'handing-over', cancel: 'cancelled' },
  'handing-over': { accept: 'handed-over', postpone: 'due', refuse: 'failed', cancel: 'cancelled', claim: 'handing-over' },
  'handed-over': { report: 'delivered', bounce: 'failed' },
  delivered: {},
  failed: {},
  cancelled: {},
} as const satisfies Machine;

export type NoticeState = keyof typeof noticeMoves;
