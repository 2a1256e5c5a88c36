import type { Caller } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';

/** Pure. Who sends on the service of another: whom the caller acts for. */
export function sentForAnother({ party, subject }: Pick<Caller, 'party' | 'subject'>, owner: PartyId): PartyId | null {
  const by = party ?? subject;
  return by === owner ? null : by;
}
