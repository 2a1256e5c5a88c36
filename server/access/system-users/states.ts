import type { Machine } from '#kernel/machine.ts';

/** Every state of a vendor's request for a system user, or for a change of one. Source: compatibility.md, platform, §1.4. */
export const systemRequestMoves = {
  New: { approve: 'Accepted', reject: 'Rejected', deny: 'Denied', timeOut: 'Timedout' },
  Accepted: {},
  Rejected: {},
  Denied: {},
  Timedout: {},
} as const satisfies Machine;

export type SystemRequestState = keyof typeof systemRequestMoves;

/** Days until a request that nobody has answered is over. */
export const timeOutDays = 180;
