import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import { mayEach } from '../may.ts';
import type { Resource } from '../resource.ts';
import { findPackageNames, type Grant, listGrants } from '../store/grants.ts';
import { findResources } from '../store/resources.ts';
import { callingPerson } from './create-grant.ts';
import { findNamedParty, namesOrganization } from './named-party.ts';
import { administers } from './right-to-give.ts';
import type { GrantList, GrantListQuery, GrantView } from './wire.ts';

const pageSize = 100;

/**
 * The access that stands at a party: all of it for those who administer access there, for others what they have
 * themselves. A page at a time, in the order in which it was given. A person who is not known here looks like one with
 * whom the caller has nothing to do. A confidential service is named to those only who may read on it: which one somebody was let in
 * to says what came.
 * Refuses callerNotPerson, partyReferenceInvalid, partyUnknown. The route is ours.
 */
export async function listGrantsAt(ctx: Context, caller: Caller, query: GrantListQuery): Promise<GrantList> {
  const by = callingPerson(caller);
  const at = await findNamedParty(ctx, 'at', query.at);
  if (!at && namesOrganization(query.at)) throw refuse(accessErrors.partyUnknown, { field: 'at' });
  if (!at) return { grants: [], next: null };
  return ctx.db.transaction(async (tx) => {
    const to = (await administers(tx, by, at)) ? null : by;
    const lookedFor = query.q?.trim() || null;
    const grants = await listGrants(tx, at.id, { to, after: query.after ?? null, lookedFor, limit: pageSize + 1 });
    const page = grants.slice(0, pageSize);
    const parties = await findParties(tx, [...new Set(page.flatMap((grant) => [grant.to, grant.grantedBy ?? grant.to]))]);
    const resources = await findResources(tx, [...new Set(page.flatMap(({ resource }) => resource ?? []))]);
    const packages = await findPackageNames(tx, [...new Set(page.flatMap((grant) => grant.package ?? []))]);
    const unnamed = await listUnnamed(tx, caller, page, resources);
    const view = (grant: Grant): GrantView => ({
      ...viewOf(grant, nameOf(parties, grant.to)),
      grantedByName: grant.grantedBy === null ? null : nameOf(parties, grant.grantedBy),
      title: (grant.package === null ? resources.get(grant.resource!)?.title : packages.get(grant.package)) ?? null,
    });
    return {
      grants: page.map((grant) => (unnamed.has(grant) ? { ...view(grant), resource: null, title: null } : view(grant))),
      next: grants.length > pageSize ? (page.at(-1)?.id ?? null) : null,
    };
  });
}

/** Those that are of a confidential service, or one message of it, which the caller may not read. One question for a page. */
async function listUnnamed(
  tx: Tx,
  caller: Caller,
  grants: readonly Grant[],
  resources: ReadonlyMap<ResourceId, Pick<Resource, 'confidential'>>,
): Promise<ReadonlySet<Grant>> {
  const doubtful = grants.filter(({ resource, to }) => resource !== null && to !== caller.subject && resources.get(resource)?.confidential);
  const rights = await mayEach(
    tx,
    doubtful.map(({ resource, instance, at: party }) => ({
      caller,
      question: { action: 'read', resource: resource!, party, ...(instance === null ? {} : { instance }) },
    })),
  );
  return new Set(doubtful.filter((_, i) => rights[i]!.by !== 'right'));
}

function nameOf(parties: ReadonlyMap<PartyId, Party>, id: PartyId): string {
  return parties.get(id)?.name ?? '';
}

/** A grant as answers show it; lists add what it is called and who gave it. */
export function viewOf(grant: Grant, toName: string): GrantView {
  return {
    id: grant.id,
    at: grant.at,
    to: grant.to,
    toName,
    package: grant.package,
    resource: grant.resource,
    title: null,
    instance: grant.instance,
    actions: [...grant.actions],
    until: grant.until?.toISOString() ?? null,
    reason: grant.reason,
    grantedByName: null,
    createdAt: grant.createdAt.toISOString(),
  };
}
