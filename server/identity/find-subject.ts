import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { resolveParties } from '#register/index.ts';
import { boundedMap } from './bounded-map.ts';
import type { Claimed } from './claims.ts';
import { findPartyByPartyNumber, findPartyByUuid, type KnownParty } from './store.ts';

/** Who the numbers of a token are: the register's parties, null where it knows none. */
export type Subjects = Pick<Caller, 'subject' | 'party' | 'consumer' | 'dialog'>;

const nobody = { subject: null, party: null };

/** A number keeps its party, so a found one may be remembered for a while; an unknown one is asked for each time. */
const rememberFor = 60_000;
const rememberAtMost = 20_000;

/**
 * Looks up the parties that a token names, for all callers of one process. An unknown number goes through
 * `resolveParties`, where a sandbox may make the party.
 * A person is found by number, else by UUID, else by party number: the first that the token carries decides.
 * A system user acts for its owner: one that the register does not know, or whose token names another organization than the
 * register has as its owner, is nobody.
 * Source: compatibility.md, correspondence, §9.2.
 */
export function createSubjectFinder(ctx: Context): (claimed: Claimed) => Promise<Subjects> {
  const remembered = boundedMap<string, { id: PartyId; until: number }>(rememberAtMost);

  function recall(number: string): PartyId | undefined {
    const entry = remembered.get(number);
    return entry && entry.until > Date.now() ? entry.id : undefined;
  }

  async function byNumbers(numbers: readonly string[]): Promise<Map<string, PartyId>> {
    const found = new Map<string, PartyId>();
    const asked: string[] = [];
    for (const number of new Set(numbers)) {
      const id = recall(number);
      if (id) found.set(number, id);
      else asked.push(number);
    }
    if (asked.length === 0) return found;
    for (const [number, party] of await resolveParties(ctx, asked)) {
      found.set(number, party.id);
      remembered.set(number, { id: party.id, until: Date.now() + rememberFor });
    }
    return found;
  }

  return async (claimed) => {
    const { personNumber, organizationNumber, consumerNumber, dialog } = claimed;
    const named = [personNumber, organizationNumber, consumerNumber, dialog?.partyNumber ?? null];
    const ids = await byNumbers(named.filter((number) => number !== null));
    const idOf = (number: string | null) => (number === null ? null : (ids.get(number) ?? null));
    const who = await whoIs(claimed, idOf);
    if (!dialog) return who;
    // Its holder acts for the party of the dialog and for nobody else, not even for itself.
    return { ...who, party: null, dialog: { id: dialog.id, party: idOf(dialog.partyNumber), actions: dialog.actions } };
  };

  async function whoIs(claimed: Claimed, idOf: (number: string | null) => PartyId | null): Promise<Subjects> {
    const { personNumber, organizationNumber } = claimed;
    const consumer = idOf(claimed.consumerNumber);
    switch (claimed.kind) {
      case 'person': {
        const person = personNumber ? idOf(personNumber) : ((await findPerson(ctx, claimed))?.id ?? null);
        return { subject: person, party: person, consumer };
      }
      case 'system-user': {
        const user = claimed.systemUserId ? await findPartyByUuid(ctx.db, claimed.systemUserId) : undefined;
        const isOwners = user?.ownerId != null && user.ownerId === idOf(organizationNumber);
        if (user?.kind !== 'system-user' || !isOwners) return { ...nobody, consumer };
        return { subject: user.id, party: user.ownerId, consumer };
      }
      case 'organization': {
        const organization = idOf(organizationNumber);
        return { subject: organization, party: organization, consumer };
      }
      case 'platform':
        return { ...nobody, consumer };
    }
  }
}

async function findPerson(ctx: Context, claimed: Claimed): Promise<KnownParty | undefined> {
  const party = claimed.partyUuid
    ? await findPartyByUuid(ctx.db, claimed.partyUuid)
    : claimed.partyNumber
      ? await findPartyByPartyNumber(ctx.db, claimed.partyNumber)
      : undefined;
  return party?.kind === 'person' ? party : undefined;
}
