import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, partyUrn } from '#register/index.ts';
import { codeOf } from '../../codes.ts';
import { accessErrors } from '../../errors.ts';
import { fitRecipient, refuseUnknown } from '../../grants/give-access.ts';
import { namedParty } from '../../grants/named-party.ts';
import { findPackage, type GrantTarget } from '../../store/grants.ts';
import { findResource } from '../../store/resources.ts';
import { delegationErrors } from '../errors.ts';
import { resourceOf } from '../resources.ts';
import { rightKey } from '../views.ts';
import { type DelegationRequest, findRequest, ownerAsksFor, saveRequest } from './store.ts';
import type { NewRequest, SentRequest } from './wire.ts';

type Asked = Omit<GrantTarget, 'instance'> & { readonly actions: readonly string[] };

/**
 * A service owner asks a party to let somebody open its post: by a resource of its own, or by a package that one of its
 * resources asks for. Those who administer access there see it, beside what lies sealed. Asking the same again answers what is
 * pending.
 * Refuses requesterUnknown, requestUnclear, partyReferenceInvalid, partyUnknown, recipientGone, recipientIsParty,
 * resourceUnknown, actionUnknown, packageUnknown, packageNotAssignable, resourceNotYours, packageNotOfYours; otherActionsPending, so that
 * nobody takes for asked what is not.
 * Source: compatibility.md, platform, §2.5.
 */
export async function sendRequest(ctx: Context, caller: Caller, request: NewRequest): Promise<SentRequest> {
  const requestedBy = requesterOf(caller);
  const asked = askedFor(request);
  const at = await namedParty(ctx, 'from', request.connection.from);
  const to = fitRecipient(at, await namedParty(ctx, 'to', request.connection.to));
  return ctx.db.transaction(async (tx) => {
    await refuseUnknown(tx, { ...asked, instance: null });
    await refuseForeign(tx, requestedBy, asked);
    const row = {
      ...asked,
      id: newId(),
      at: at.id,
      to: to.id,
      requestedBy,
      status: 'Pending' as const,
      createdAt: ctx.now(),
      decidedAt: null,
    };
    const pending = await saveRequest(tx, row);
    if (pending.actions.toSorted().join() !== asked.actions.toSorted().join())
      throw refuse(delegationErrors.otherActionsPending, { id: pending.id });
    return sentView(tx, pending);
  });
}

/** The organization whose token it is. Refuses requesterUnknown. */
export function requesterOf(caller: Caller): PartyId {
  if (!caller.consumer) throw refuse(delegationErrors.requesterUnknown);
  return caller.consumer;
}

/** Pure. Refuses requestUnclear. */
function askedFor({ resource, package: code, rightKeys }: NewRequest): Asked {
  const nameOf = (named: NewRequest['resource']) => (typeof named === 'string' ? named : named?.referenceId);
  const [resourceName, packageName] = [nameOf(resource), nameOf(code)];
  if (Boolean(resourceName) === Boolean(packageName) || (packageName && rightKeys)) throw refuse(delegationErrors.requestUnclear);
  if (packageName) return { package: codeOf(packageName), resource: null, actions: [] };
  const id = resourceOf(resourceName!);
  const prefix = rightKey(id, '').toLowerCase();
  const actions = (rightKeys ?? ['read'])
    .map((key) => key.toLowerCase())
    .map((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : key));
  return { package: null, resource: id, actions: [...new Set(actions)] };
}

async function refuseForeign(tx: Tx, owner: PartyId, asked: Asked): Promise<void> {
  if (asked.resource !== null) {
    if ((await findResource(tx, asked.resource))?.ownerId !== owner) throw refuse(delegationErrors.resourceNotYours);
    return;
  }
  const found = await findPackage(tx, asked.package!);
  if (!found) throw refuse(accessErrors.packageUnknown);
  if (!(await ownerAsksFor(tx, owner, found.code))) throw refuse(delegationErrors.packageNotOfYours);
}

/** A request that the calling organization has sent. Refuses requesterUnknown; requestNotFound also for those of others. */
export async function sentRequest(tx: Tx, caller: Caller, id: string): Promise<DelegationRequest> {
  const by = requesterOf(caller);
  const found = await findRequest(tx, id);
  if (found?.requestedBy !== by) throw refuse(delegationErrors.requestNotFound);
  return found;
}

/** What has become of a request. Refuses as `sentRequest`. */
export function showStatus(ctx: Context, caller: Caller, id: string): Promise<Pick<DelegationRequest, 'id' | 'status'>> {
  return ctx.db.transaction(async (tx) => {
    const { status } = await sentRequest(tx, caller, id);
    return { id, status };
  });
}

const path = '/accessmanagement/api/v1/serviceowner/delegationrequests';

export async function sentView(tx: Tx, row: DelegationRequest): Promise<SentRequest> {
  const parties = await findParties(tx, [row.at, row.to]);
  return {
    id: row.id,
    status: row.status,
    connection: { from: partyUrn(parties.get(row.at)!), to: partyUrn(parties.get(row.to)!) },
    resource: row.resource === null ? null : { referenceId: row.resource },
    rightKeys: row.resource === null ? [] : row.actions.map((action) => rightKey(row.resource!, action)),
    package: row.package === null ? null : { referenceId: `urn:altinn:accesspackage:${row.package}` },
    createdAt: row.createdAt.toISOString(),
    links: { statusLink: `${path}/${row.id}/status`, detailsLink: `/accessmanagement/api/v1/enduser/request/received?party=${row.at}` },
  };
}
