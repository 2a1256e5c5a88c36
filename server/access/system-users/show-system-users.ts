import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party, partiesByNumber, saveParties } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { pathsToDelegate } from '../client-delegation/right-to-delegate.ts';
import { delegationErrors } from '../delegation/errors.ts';
import { administeredParty } from '../delegation/sides.ts';
import { listGrantsBetween } from '../delegation/store.ts';
import { nextLink } from '../delegation/views.ts';
import { accessErrors } from '../errors.ts';
import { callingPerson } from '../grants/create-grant.ts';
import { rightsToGive } from '../grants/right-to-give.ts';
import { takeAccess } from '../grants/take-access.ts';
import { endPackagesOfAgent, listClientDelegations } from '../store/client-delegations.ts';
import type { Grant } from '../store/grants.ts';
import { lockAccess } from '../store/versions.ts';
import { ownSystem } from '../system-register/register-system.ts';
import {
  endUnanswered,
  findSystemUser,
  findSystemUserBy,
  findSystemUserOfClient,
  listSystemUsersBySystem,
  listSystemUsersOf,
  type SystemUserRow,
  saveSystemUserEnd,
} from './store.ts';
import { systemUserViews } from './views.ts';
import type { ByExternalIdQuery, ByQuery, SystemUserView } from './wire.ts';

const pageSize = 100;

/** Which system user a vendor's client acts as at an organization: what an issuer of tokens asks. Refuses systemUserNotFound. */
export async function showByExternalId(ctx: Context, query: ByExternalIdQuery): Promise<SystemUserView> {
  const { clientId, systemProviderOrgNo: vendor, systemUserOwnerOrgNo: owner } = query;
  const parties = await partiesByNumber(ctx.db, [vendor, owner]);
  const [vendorId, ownerId] = [parties.get(vendor)?.id, parties.get(owner)?.id];
  const externalRef = query.externalRef ?? owner;
  const row = vendorId && ownerId && (await findSystemUserOfClient(ctx.db, { clientId, vendorId, ownerId, externalRef }));
  if (!row) throw refuse(delegationErrors.systemUserNotFound);
  return (await systemUserViews(ctx.db, [row]))[0]!;
}

/** A vendor's system user at an organization. Refuses systemNotFound, vendorDiffers, systemUserNotFound. */
export async function showByQuery(ctx: Context, caller: Caller, query: ByQuery): Promise<SystemUserView> {
  const system = await ownSystem(ctx.db, caller, query['system-id']);
  const owner = (await partiesByNumber(ctx.db, [query.orgno])).get(query.orgno);
  const by = owner && { systemId: system.id, ownerId: owner.id, externalRef: query['external-ref'] ?? query.orgno };
  const row = by && (await findSystemUserBy(ctx.db, by));
  if (!row) throw refuse(delegationErrors.systemUserNotFound);
  return (await systemUserViews(ctx.db, [row]))[0]!;
}

/** All system users of a vendor's system, a page at a time. Refuses systemNotFound, vendorDiffers. */
export async function listUsersBySystem(ctx: Context, caller: Caller, systemId: string, token: string | null) {
  await ownSystem(ctx.db, caller, systemId);
  const rows = await listSystemUsersBySystem(ctx.db, systemId, { after: token, limit: pageSize + 1 });
  const page = rows.slice(0, pageSize);
  const path = `/authentication/api/v1/systemuser/vendor/bysystem/${systemId}`;
  return { links: nextLink(path, {}, rows.length > pageSize ? page.at(-1)!.id : null), data: await systemUserViews(ctx.db, page) };
}

/** The system users of an organization, for those who administer access there. Refuses callerNotPerson, notAdministrator. */
export function listOwnSystemUsers(ctx: Context, caller: Caller, party: string, kind: 'standard' | 'agent'): Promise<SystemUserView[]> {
  const by = callingPerson(caller);
  return ctx.db.transaction(async (tx) => {
    const owner = await administeredParty(tx, by, party.toLowerCase() as PartyId);
    return systemUserViews(tx, await listSystemUsersOf(tx, owner.id, kind));
  });
}

/**
 * Ends a system user, with all that it was given, by a caller who could give all of it. From the commit on it opens nothing. Again:
 * it is not found. Refuses callerNotPerson, notAdministrator, systemUserNotFound, mayNotGrant.
 */
export function endSystemUser(ctx: Context, caller: Caller, party: string, id: string): Promise<void> {
  const by = callingPerson(caller);
  return ctx.db.transaction(async (tx) => {
    const owner = await administeredParty(tx, by, party.toLowerCase() as PartyId);
    await lockAccess(tx, owner.id);
    const user = await findSystemUser(tx, id.toLowerCase());
    if (user?.ownerId !== owner.id) throw refuse(delegationErrors.systemUserNotFound);
    const grants = await listGrantsBetween(tx, owner.id, user.id);
    await refuseTaking(tx, caller, owner, user, grants);
    const at = ctx.now();
    const itself = (await findParty(tx, user.id))!;
    saveSystemUserEnd(tx, user.id, at);
    endPackagesOfAgent(tx, owner.id, user.id, null);
    saveParties(tx, [{ id: user.id, kind: 'system-user', number: null, name: itself.name, deletedAt: at.toISOString() }]);
    const path = ['administers access'];
    await takeAccess(tx, ctx, caller, { grants, by, path });
    await announceAccessChanges(tx, { by: actorOf(caller, path), cause: 'revoked' });
  });
}

/** Nobody takes from a system what it could not give it. Refuses mayNotGrant. */
async function refuseTaking(tx: Tx, caller: Caller, owner: Party, user: SystemUserRow, grants: readonly Grant[]): Promise<void> {
  const paths = await rightsToGive(tx, caller, owner, grants);
  if (paths.some((path) => path === undefined)) throw refuse(accessErrors.mayNotGrant);
  if (user.kind !== 'agent') return;
  const had = await listClientDelegations(tx, owner.id, { agent: user.id });
  await pathsToDelegate(tx, caller, owner.id, [...user.packages.map((code) => ({ client: null, package: code })), ...had]);
}

/** Ends what nobody has answered in 180 days, and says how many. Any number of workers may run it. */
export async function timeOutRequests(ctx: Context): Promise<number> {
  for (let done = 0; ; ) {
    const ended = await ctx.db.transaction((tx) => endUnanswered(tx, 500));
    done += ended;
    if (ended === 0) return done;
  }
}
