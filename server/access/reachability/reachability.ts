import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import type { Opener } from '../decide/holdings.ts';
import { may } from '../decide/may.ts';
import { listUnnamed } from '../decide/named-services.ts';
import { type Need, type Openability, whoCanOpen } from '../decide/who-can-open.ts';
import { accessErrors } from '../errors.ts';
import { findNamedParties, namedParty } from '../grants/named-party.ts';
import { administers, demandAdministeringLogin } from '../grants/right-to-give.ts';
import { findResources } from '../store/resources.ts';
import type { NamedReachability, Reachability, ReachabilityList, ReachabilityQuery, ReachabilityRequest } from './reachability-wire.ts';

/** Names that one answer tells. */
const mostNames = 100;

/**
 * Tells whether post on a resource, with attachments on others, would be opened at a party. The owner of the resources hears it before
 * it sends: class and counts, never who. A person who administers access at the party hears the names as well.
 * Of a confidential service it hears only if it may read on it; of the others coverage tells, by the right that they take.
 * Refuses notResourceOwner, also for a resource that does not exist; loginTooLow, partyReferenceInvalid, partyUnknown.
 * Source: compatibility.md, platform, §2.7 (surfaces); the route is ours.
 */
export async function showReachability(ctx: Context, caller: Caller, query: ReachabilityQuery): Promise<NamedReachability> {
  const needs = needsOf(query.resource, query.attachmentResources);
  const owner = await ownerOfAll(ctx, needs);
  const isOwner = owner !== undefined && owner !== null && owner === caller.consumer;
  const isPerson = caller.kind === 'person' && caller.subject !== null && owner !== undefined;
  if (!isOwner && !isPerson) throw refuse(accessErrors.notResourceOwner);
  if (isOwner) {
    const party = await namedParty(ctx, 'party', query.party);
    const [found] = await whoCanOpen(ctx.db, [{ party: party.id, needs }]);
    return { ...countsOf(found!, ctx.now()), openers: null, grantingPersons: null };
  }
  demandAdministeringLogin(caller);
  const party = await administered(ctx, caller, query.party);
  const asked = needs.map(({ resource }) => ({ resource, party: party.id, instance: null }));
  if ((await listUnnamed(ctx.db, caller, asked)).size > 0) throw refuse(accessErrors.notResourceOwner);
  const [found] = await whoCanOpen(ctx.db, [{ party: party.id, needs }]);
  const { openers, grantors } = found!;
  const parties = await findParties(
    ctx.db,
    [...openers.slice(0, mostNames), ...grantors.slice(0, mostNames)].map(({ party: id }) => id),
  );
  const named = (some: readonly Opener[]) =>
    some.slice(0, mostNames).map(({ party: id, kind }) => ({ party: id, kind, name: parties.get(id)?.name ?? '' }));
  return { ...countsOf(found!, ctx.now()), openers: named(openers), grantingPersons: named(grantors) };
}

/** Refuses notResourceOwner: whoever does not administer access there looks like one who owns nothing. */
async function administered(ctx: Context, caller: Caller, text: string): Promise<Party> {
  const [party] = (await findNamedParties(ctx, 'party', [text])).values();
  const mayAsk = party && (await ctx.db.transaction((tx) => administers(tx, caller.subject!, party)));
  if (!mayAsk) throw refuse(accessErrors.notResourceOwner);
  return party;
}

/**
 * The same for many parties at once, for the owner of the resources, in the order asked: what it would be to send one letter to all of
 * them. A party that is not known has no class.
 * Refuses notResourceOwner, partyReferenceInvalid.
 */
export async function showReachabilities(ctx: Context, caller: Caller, request: ReachabilityRequest): Promise<ReachabilityList> {
  const needs = needsOf(request.resource, request.attachmentResources);
  const owner = await ownerOfAll(ctx, needs);
  if (!owner || !(await sendsAsOwner(ctx, caller, owner, needs[0]!))) throw refuse(accessErrors.notResourceOwner);
  const known = await findNamedParties(ctx, 'parties', request.parties);
  const ids = [...new Set([...known.values()].map(({ id }) => id))];
  const found = await whoCanOpen(
    ctx.db,
    ids.map((party) => ({ party, needs })),
  );
  const byParty = new Map(ids.map((id, i) => [id, countsOf(found[i]!, ctx.now())]));
  return {
    parties: request.parties.map((party) => {
      const one = known.get(party);
      return { party, reachability: one ? byParty.get(one.id)! : null };
    }),
  };
}

/** The owner's client or, from a browser, a person who may send on the letter's resource: for the owner, or for an organization that may send there. */
async function sendsAsOwner(ctx: Context, caller: Caller, owner: PartyId, { resource }: Need): Promise<boolean> {
  if (owner === caller.consumer) return caller.scopes.has('altinn:serviceowner');
  if (caller.actor === undefined) return false;
  return (await may(ctx.db, caller, { action: 'write', resource, party: owner })).permit;
}

const idOf = (name: string) => name.replace(/^urn:altinn:resource:/i, '') as ResourceId;

function needsOf(resource: string, attachments: readonly string[] | null | undefined): Need[] {
  const message = idOf(resource);
  const others = [...new Set((attachments ?? []).map(idOf))].filter((id) => id !== message);
  const need = (id: ResourceId, what: Need['what']): Need => ({ resource: id, action: 'read', instance: null, what });
  return [need(message, 'message'), ...others.map((id) => need(id, 'attachment'))];
}

/** Who owns all of these resources; null where they belong to several, undefined where one does not exist. */
async function ownerOfAll(ctx: Context, needs: readonly Need[]): Promise<PartyId | null | undefined> {
  const found = await findResources(
    ctx.db,
    needs.map(({ resource }) => resource),
  );
  if (found.size < needs.length) return undefined;
  const owners = new Set([...found.values()].map(({ ownerId }) => ownerId));
  return owners.size === 1 ? [...owners][0] : null;
}

function countsOf({ class: how, openers, possibleSystems, grantors, lockedNeeds }: Openability, at: Date): Reachability {
  const persons = openers.filter(({ kind }) => kind === 'person').length;
  return {
    class: how,
    persons,
    systems: openers.length - persons,
    possibleSystems,
    grantors: grantors.length,
    lockedResources: lockedNeeds.map(({ resource }) => resource),
    computedAt: at.toISOString(),
  };
}
