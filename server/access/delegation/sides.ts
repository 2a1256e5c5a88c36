import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party } from '#register/index.ts';
import { callingPerson } from '../grants/create-grant.ts';
import { personNamed } from '../grants/person-named.ts';
import { administers } from '../grants/right-to-give.ts';
import { delegationErrors } from './errors.ts';
import { demandScope } from './scopes.ts';
import type { PersonInput, SidesQuery } from './wire.ts';

/** The two ends of a connection, and on which of them the caller stands. */
export interface Sides {
  readonly by: PartyId;
  readonly party: Party;
  /** `from`: what the party has given to others; `to`: what others have given it. */
  readonly side: 'from' | 'to';
  /** The other end where one is named. */
  readonly other: PartyId | null;
}

/**
 * Whose connections a request is about. `me` is the caller, `all` or nothing any other end. The caller is the party itself or
 * administers access for it; of a party that is not known it hears the same as of one that is not its own.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator.
 */
export async function sidesOf(reader: Tx, caller: Caller, query: SidesQuery, act: 'read' | 'write'): Promise<Sides> {
  const by = callingPerson(caller);
  const named = (text: string | null | undefined): string | null => {
    if (!text || text.toLowerCase() === 'all') return null;
    return text.toLowerCase() === 'me' ? by : text.toLowerCase();
  };
  const [id, from, to] = [named(query.party), named(query.from), named(query.to)];
  const side = id !== null && id === from ? 'from' : id !== null && id === to ? 'to' : !from && !to ? 'from' : null;
  if (id === null || side === null) throw refuse(delegationErrors.partyNotSide);
  demandScope(caller, side === 'from' ? 'toothers' : 'fromothers', act);
  const party = await administeredParty(reader, by, id as PartyId);
  return { by, party, side, other: (side === 'from' ? to : from) as PartyId | null };
}

/** The party gives: it is `from`. Refuses as `sidesOf`, and partyNotSide. */
export async function givingSide(tx: Tx, caller: Caller, query: SidesQuery): Promise<Sides> {
  const sides = await sidesOf(tx, caller, { party: query.party, from: query.from ?? query.party }, 'write');
  if (sides.side !== 'from') throw refuse(delegationErrors.partyNotSide);
  return sides;
}

/** A party for which somebody administers access, or itself. Refuses notAdministrator, also for one that is not known. */
export async function administeredParty(reader: Tx, by: PartyId, id: PartyId): Promise<Party> {
  const party = await findParty(reader, id);
  if (!party || !(await administers(reader, by, party))) throw refuse(delegationErrors.notAdministrator);
  return party;
}

/**
 * Who is to get access: a party by its id, or a person by number and last name together, so that numbers cannot be tried out.
 * Undefined where nobody is known by it. Refuses recipientMissing, guessedTooOften, and for a person by number what `mayName` does.
 */
export async function recipientOf(
  ctx: Context,
  caller: Caller,
  { to, person }: { readonly to: string | null | undefined; readonly person: PersonInput | undefined },
  mayName: (tx: Tx) => Promise<unknown>,
): Promise<Party | undefined> {
  if (person?.personIdentifier) {
    const { personIdentifier: number, lastName } = person;
    return personNamed(ctx, caller, { number, lastName: lastName ?? '' }, () => ctx.db.transaction(async (tx) => void (await mayName(tx))));
  }
  if (!to) throw refuse(delegationErrors.recipientMissing);
  return findParty(ctx.db, to.toLowerCase() as PartyId);
}
