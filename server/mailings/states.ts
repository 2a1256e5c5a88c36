import { type EventOf, type Machine, next, type StateOf } from '#kernel/machine.ts';

/** Where a mailing stands and the only moves it can make. What has been sent stays sent. */
export const mailingMoves = {
  Open: { release: 'Released', cancel: 'Cancelled' },
  Released: { pause: 'Paused', cancel: 'Cancelled', finish: 'Finished' },
  Paused: { resume: 'Released', cancel: 'Cancelled' },
  Cancelled: {},
  Finished: {},
} as const satisfies Machine;

export type MailingState = StateOf<typeof mailingMoves>;
export type MailingMove = EventOf<typeof mailingMoves>;

/** The state that a move leads to, or undefined where no such move exists. */
export function movedMailing(state: MailingState, move: MailingMove): MailingState | undefined {
  return next(mailingMoves, state, move);
}
