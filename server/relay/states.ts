import type { EventOf, Machine, StateOf } from '#kernel/machine.ts';

/**
 * A letter on its way to paper. The print house may speak of a letter that we do not know to be dropped yet: when the process died
 * between the drop and its commit. The database's check holds the same states.
 */
export const shipmentMoves = {
  accepted: { drop: 'dropped', refuse: 'refused', cancel: 'cancelled', print: 'printed', post: 'posted', return: 'returned' },
  dropped: { print: 'printed', post: 'posted', return: 'returned', cancel: 'cancelled' },
  printed: { post: 'posted', return: 'returned' },
  posted: { return: 'returned' },
  returned: {},
  refused: {},
  cancelled: {},
} as const satisfies Machine;

export type ShipmentState = StateOf<typeof shipmentMoves>;
export type ShipmentEvent = EventOf<typeof shipmentMoves>;
