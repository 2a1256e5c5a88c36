import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import { type Grant, listGrants } from '../store/grants.ts';
import { callingPerson } from './create-grant.ts';
import { findNamedParty, namesOrganization } from './named-party.ts';
import { administers } from './right-to-give.ts';
import type { GrantList, GrantListQuery, GrantView } from './wire.ts';

const pageSize = 100;

/**
 * The access that stands at a party: all of it for those who administer access there, for others what they have
 * themselves. A page at a time, in the order in which it was given. A person who is not known here looks like one with
 * whom the caller has nothing to do.
 * Refuses callerNotPerson, partyReferenceInvalid, partyUnknown. The route is ours.
 */
export async function listGrantsAt(ctx: Context, caller: Caller, query: GrantListQuery): Promise<GrantList> {
  const by = callingPerson(caller);
  const at = await findNamedParty(ctx, 'at', query.at);
  if (!at && namesOrganization(query.at)) throw refuse(accessErrors.partyUnknown, { field: 'at' });
  if (!at) return { grants: [], next: null };
  return ctx.db.transaction(async (tx) => {
    const to = (await administers(tx, by, at)) ? null : by;
    const grants = await listGrants(tx, at.id, { to, after: query.after ?? null, limit: pageSize + 1 });
    const page = grants.slice(0, pageSize);
    const parties = await findParties(tx, [...new Set(page.map((grant) => grant.to))]);
    return {
      grants: page.map((grant) => viewOf(grant, nameOf(parties, grant.to))),
      next: grants.length > pageSize ? (page.at(-1)?.id ?? null) : null,
    };
  });
}

function nameOf(parties: ReadonlyMap<PartyId, Party>, id: PartyId): string {
  return parties.get(id)?.name ?? '';
}

/** A grant as answers show it. */
export function viewOf(grant: Grant, toName: string): GrantView {
  return {
    id: grant.id,
    at: grant.at,
    to: grant.to,
    toName,
    package: grant.package,
    resource: grant.resource,
    instance: grant.instance,
    actions: [...grant.actions],
    until: grant.until?.toISOString() ?? null,
    reason: grant.reason,
    createdAt: grant.createdAt.toISOString(),
  };
}
