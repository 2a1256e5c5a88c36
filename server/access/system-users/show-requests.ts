import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { partiesByNumber } from '#register/index.ts';
import { delegationErrors } from '../delegation/errors.ts';
import { administeredParty } from '../delegation/sides.ts';
import { nextLink } from '../delegation/views.ts';
import { callingPerson } from '../grants/create-grant.ts';
import { ownSystem } from '../system-register/register-system.ts';
import {
  findSystemRequest,
  findSystemRequestBy,
  listOpenRequests,
  listSystemRequests,
  type SystemRequest,
  saveSystemRequestEnd,
} from './store.ts';
import { requestViews } from './views.ts';
import type { SystemRequestView } from './wire.ts';

const pageSize = 100;
type Kind = SystemRequest['kind'];

/** A request of the calling vendor. Refuses requestNotFound, also for those of others. */
export async function showVendorsRequest(ctx: Context, caller: Caller, kind: Kind, id: string): Promise<SystemRequestView> {
  return (await requestViews(ctx.db, [await vendorsRequest(ctx.db, caller, kind, id)]))[0]!;
}

async function vendorsRequest(reader: Reader, caller: Caller, kind: Kind, id: string): Promise<SystemRequest> {
  const row = await findSystemRequest(reader, id);
  if (row?.kind !== kind) throw refuse(delegationErrors.requestNotFound);
  await ownSystem(reader, caller, row.systemId).catch(() => {
    throw refuse(delegationErrors.requestNotFound);
  });
  return row;
}

/** The latest request of a system to an organization, by the vendor's reference. Refuses systemNotFound, vendorDiffers, requestNotFound. */
export async function showByReference(
  ctx: Context,
  caller: Caller,
  kind: Kind,
  { systemId, orgNo, externalRef }: { systemId: string; orgNo: string; externalRef: string },
): Promise<SystemRequestView> {
  await ownSystem(ctx.db, caller, systemId);
  const owner = (await partiesByNumber(ctx.db, [orgNo])).get(orgNo);
  const row = owner && (await findSystemRequestBy(ctx.db, { systemId, ownerId: owner.id, externalRef }, kind));
  if (!row) throw refuse(delegationErrors.requestNotFound);
  return (await requestViews(ctx.db, [row]))[0]!;
}

/** All requests of a system, a page at a time. Refuses systemNotFound, vendorDiffers. */
export async function listBySystem(
  ctx: Context,
  caller: Caller,
  kind: Kind,
  systemId: string,
  page: { token?: string | null; path: string },
) {
  await ownSystem(ctx.db, caller, systemId);
  const rows = await listSystemRequests(ctx.db, systemId, kind, { after: page.token ?? null, limit: pageSize + 1 });
  const shown = rows.slice(0, pageSize);
  return {
    links: nextLink(page.path, {}, rows.length > pageSize ? shown.at(-1)!.id : null),
    data: await requestViews(ctx.db, shown),
  };
}

/** The vendor takes its request back, while it is open. Again: it is not found. Refuses requestNotFound, requestDecided. */
export function deleteRequest(ctx: Context, caller: Caller, kind: Kind, id: string): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const row = await vendorsRequest(tx, caller, kind, id);
    if (row.status === 'Accepted') throw refuse(delegationErrors.requestDecided, { status: row.status });
    saveSystemRequestEnd(tx, id, ctx.now());
  });
}

/** A request to an organization, for those who administer access there. Refuses callerNotPerson, notAdministrator, requestNotFound. */
export function showReceivedRequest(
  ctx: Context,
  caller: Caller,
  party: string,
  id: string,
  isChange: boolean,
): Promise<SystemRequestView> {
  const by = callingPerson(caller);
  return ctx.db.transaction(async (tx) => {
    const owner = await administeredParty(tx, by, party.toLowerCase() as PartyId);
    const row = await findSystemRequest(tx, id);
    if (row?.ownerId !== owner.id || (row.kind === 'change') !== isChange) throw refuse(delegationErrors.requestNotFound);
    return (await requestViews(tx, [row]))[0]!;
  });
}

/** What vendors ask of an organization and is open, for those who administer access there. Refuses callerNotPerson, notAdministrator. The route is ours. */
export function listReceivedRequests(ctx: Context, caller: Caller, party: string): Promise<SystemRequestView[]> {
  const by = callingPerson(caller);
  return ctx.db.transaction(async (tx) => {
    const owner = await administeredParty(tx, by, party.toLowerCase() as PartyId);
    return requestViews(tx, await listOpenRequests(tx, owner.id));
  });
}
