import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { listUnnamed, type OnService } from '../decide/named-services.ts';
import { accessErrors } from '../errors.ts';
import { findPackageNames, type Grant, listGrants } from '../store/grants.ts';
import { findResources } from '../store/resources.ts';
import { callingPerson } from './create-grant.ts';
import { findNamedParty, namesOrganization } from './named-party.ts';
import { administers, demandAdministeringLogin } from './right-to-give.ts';
import type { GrantList, GrantListQuery, GrantView } from './wire.ts';

const pageSize = 100;

/**
 * The access that stands at a party: all of it for those who administer access there, for others what they have
 * themselves. A page at a time, in the order in which it was given. A person who is not known here looks like one with
 * whom the caller has nothing to do. A confidential service is named to those only who may read on it: which one somebody was let in
 * to says what came.
 * Refuses callerNotPerson, loginTooLow, partyReferenceInvalid, partyUnknown. The route is ours.
 */
export async function listGrantsAt(ctx: Context, caller: Caller, query: GrantListQuery): Promise<GrantList> {
  const by = callingPerson(caller);
  demandAdministeringLogin(caller);
  const at = await findNamedParty(ctx, 'at', query.at);
  if (!at && namesOrganization(query.at)) throw refuse(accessErrors.partyUnknown, { field: 'at' });
  if (!at) return { grants: [], next: null };
  return ctx.db.transaction(async (tx) => {
    const to = (await administers(tx, by, at)) ? null : by;
    const lookedFor = query.q?.trim() || null;
    const wanted = { to, instance: query.instance ?? null, lookedFor };
    const grants = await listGrants(tx, at.id, { ...wanted, after: query.after ?? null, limit: pageSize + 1 });
    const page = grants.slice(0, pageSize);
    const parties = await findParties(tx, [...new Set(page.flatMap((grant) => [grant.to, grant.grantedBy ?? grant.to]))]);
    const resources = await findResources(tx, [...new Set(page.flatMap(({ resource }) => resource ?? []))]);
    const packages = await findPackageNames(tx, [...new Set(page.flatMap((grant) => grant.package ?? []))]);
    const hidden = await listUnnamed(tx, caller, page.flatMap(onService(by)));
    const unnamed = new Set([...hidden].map(({ grant }) => grant));
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

/** A grant of a service or of one message there; nobody is kept from the name of what it was given itself. */
const onService =
  (by: PartyId) =>
  (grant: Grant): readonly (OnService & { readonly grant: Grant })[] =>
    grant.resource === null || grant.to === by ? [] : [{ grant, resource: grant.resource, party: grant.at, instance: grant.instance }];

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
