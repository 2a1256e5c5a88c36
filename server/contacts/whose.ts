import { administers, reachesAdministering } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party } from '#register/index.ts';
import { contactErrors as e } from './errors.ts';

type Kept = Party & { readonly kind: 'person' | 'organization' };

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
export async function partyKeptBy(tx: Tx, person: PartyId, id: PartyId): Promise<Kept> {
  const kept = await findKept(tx, person, id);
  if (!kept) throw refuse(e.partyNotYours);
  return kept;
}

/** The same of an address: one of somebody else's is as one that is not there. Refuses addressNotFound. */
export async function keptOrMissing(tx: Tx, person: PartyId, id: PartyId): Promise<void> {
  if (!(await findKept(tx, person, id))) throw refuse(e.addressNotFound);
}

async function findKept(tx: Tx, person: PartyId, id: PartyId): Promise<Kept | undefined> {
  const party = await findParty(tx, id);
  const isKept = party && (party.id === person || (party.kind === 'organization' && (await administers(tx, person, party))));
  return isKept ? (party as Kept) : undefined;
}
