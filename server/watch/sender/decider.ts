import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParty } from '#register/index.ts';

/** Pure. Who decided for a sender: the person who acts for it from a browser, or whoever holds the token. */
export function deciderOf({ actor, subject, party }: Caller, sender: PartyId): PartyId {
  return actor ?? subject ?? party ?? sender;
}

/** Who decides from a browser is known, and goes by no other name; a client says who at the sender has decided. */
export async function nameOfDecider(reader: Reader, { actor }: Caller, said: string): Promise<string> {
  return (actor && (await findParty(reader, actor))?.name) || said.trim();
}
