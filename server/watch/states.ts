import type { Machine } from '#kernel/machine.ts';

/** How a watch may end, and no other way. The database's check holds the same list. */
export const outcomes = [
  'opened',
  'confirmed',
  'handed-over',
  'read-elsewhere',
  'relayed',
  'recalled',
  'deleted-by-recipient',
  'failed',
  'accepted-unread',
] as const;
export type Outcome = (typeof outcomes)[number];

/** The states of a ladder's step. */
export const stepMoves = {
  due: { act: 'done', skip: 'skipped', cancel: 'cancelled' },
  done: {},
  skipped: {},
  cancelled: {},
} as const satisfies Machine;
export type StepState = keyof typeof stepMoves;

/**
 * How a watch goes. `opened` waits for a confirmation or for an attachment that nobody may open yet; `failed` waits until the
 * sender has been told. The README draws it.
 */
export const watchMoves = {
  begun: { publish: 'published', fail: 'failed', settle: 'settled' },
  published: { open: 'opened', settle: 'settled' },
  opened: { settle: 'settled' },
  failed: { settle: 'settled' },
  settled: {},
} as const satisfies Machine;
export type WatchState = keyof typeof watchMoves;
