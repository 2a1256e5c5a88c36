import type { Machine } from '#kernel/machine.ts';

/** Every state of a request for access, and the only moves between them. Source: compatibility.md, platform, §2.5. */
export const requestMoves = {
  Draft: { send: 'Pending', withdraw: 'Withdrawn' },
  Pending: { approve: 'Approved', reject: 'Rejected', withdraw: 'Withdrawn' },
  Approved: {},
  Rejected: {},
  Withdrawn: {},
} as const satisfies Machine;

export type RequestState = keyof typeof requestMoves;
