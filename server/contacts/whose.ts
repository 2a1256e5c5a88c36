import { administers, reachesAdministering } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party } from '#register/index.ts';
import { contactErrors as e } from './errors.ts';

/** The person who keeps addresses. Refuses personsOnly. */
export function keeperOf(caller: Caller): PartyId {
  if (caller.kind !== 'person' || caller.subject === null) throw refuse(e.personsOnly);
  return caller.subject;
}

/** The same, who is about to change where notices go. Refuses personsOnly, loginTooLow. */
export function changerOf(caller: Caller): PartyId {
  const person = keeperOf(caller);
  if (!reachesAdministering(caller)) throw refuse(e.loginTooLow);
  return person;
}

/**
 * A party whose addresses somebody keeps: themselves, and organizations where they administer access. Of another they hear the same as of
 * one that is not there. Refuses partyNotYours.
 */
export async function partyKeptBy(tx: Tx, person: PartyId, id: PartyId): Promise<Party & { readonly kind: 'person' | 'organization' }> {
  const party = await findParty(tx, id);
  const isKept = party && (party.id === person || (party.kind === 'organization' && (await administers(tx, person, party))));
  if (!isKept) throw refuse(e.partyNotYours);
  return party as Party & { readonly kind: 'person' | 'organization' };
}
