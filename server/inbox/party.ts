import { partiesOf } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { inboxErrors as e } from './errors.ts';

/** The person whose inbox it is. Refuses personsOnly. */
export function personOf(caller: Caller): PartyId {
  if (caller.kind !== 'person' || caller.subject === null) throw refuse(e.personsOnly);
  return caller.subject;
}

/** The party that is named, or all that the person acts for. Refuses personsOnly, partyNotYours. */
export async function partiesAsked(reader: Reader, caller: Caller, named: string | undefined): Promise<PartyId[]> {
  const all = await partiesOf(reader, personOf(caller));
  if (named === undefined) return all;
  const party = all.find((id) => id === named);
  if (!party) throw refuse(e.partyNotYours);
  return [party];
}
