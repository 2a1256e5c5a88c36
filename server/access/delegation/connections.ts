import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { announceAccessChanges } from '../announce.ts';
import { accessErrors } from '../errors.ts';
import { fitRecipient } from '../grants/give-access.ts';
import { rightsToGive } from '../grants/right-to-give.ts';
import { takeAccess } from '../grants/take-access.ts';
import { endRoleAssignments, saveRoleAssignments } from '../store/roles.ts';
import { lockAccess } from '../store/versions.ts';
import { delegationErrors } from './errors.ts';
import { givingSide, recipientOf, type Sides, sidesOf } from './sides.ts';
import { isRightHolder, listConnectionRows, listGrantsBetween, listRoleRows } from './store.ts';
import { connectionId, entitiesOf, isPlaceOf, nextLink, placeIn, tokenAt } from './views.ts';
import type { CompactEntity, ConnectionPage, ConnectionsQuery, EntityPage, PersonInput, RolePage, RolesQuery, SidesQuery } from './wire.ts';

const pageSize = 100;
/** Of lists that are grouped, in what is grouped. */
export const permissionPage = 500;
export const path = '/accessmanagement/api/v1/enduser/connections';

export const rightHolder = 'rettighetshaver';

/**
 * Whom a party is connected with, on one side: by roles and by what was given. A page at a time.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator. Source: compatibility.md, platform, §2.5.
 */
export function listConnections(ctx: Context, caller: Caller, query: ConnectionsQuery): Promise<ConnectionPage> {
  return ctx.db.transaction(async (tx) => {
    const sides = await sidesOf(tx, caller, query, 'read');
    const rows = await listConnectionRows(tx, lookedAt(sides), { after: (query.token ?? null) as PartyId | null, limit: pageSize + 1 });
    const page = rows.slice(0, pageSize);
    const entity = await entitiesOf(
      tx,
      page.map(({ other }) => other),
    );
    return {
      links: nextLink(path, query, rows.length > pageSize ? page.at(-1)!.other : null),
      data: page.map(({ other, roles, packages, resources, instances }) => ({
        party: entity(other),
        roles: [...roles],
        packages: [...packages],
        resources: resources.map((id) => ({ id })),
        instances: [...instances],
        connections: [],
      })),
    };
  });
}

export const lookedAt = ({ party, side, other }: Sides) => ({ party: party.id, side, other });

/** The persons and organizations that a party can give access to because it is connected with them. Refuses as `listConnections`. */
export async function listUsers(ctx: Context, caller: Caller, query: ConnectionsQuery): Promise<EntityPage> {
  const { links, data } = await listConnections(ctx, caller, query);
  const users = data.map(({ party }): CompactEntity => party);
  return { links: { next: links.next?.replace(path, `${path}/users`) ?? null }, data: users };
}

/**
 * Roles between a party and others, a page at a time: a role that is held by very many goes on under the same name on the next page.
 * Refuses as `listConnections`, and pageTokenUnreadable.
 */
export function listRoles(ctx: Context, caller: Caller, query: RolesQuery): Promise<RolePage> {
  return ctx.db.transaction(async (tx) => {
    const sides = await sidesOf(tx, caller, query, 'read');
    const after = placeIn(query.token, isPlaceOf(1, 2));
    const found = await listRoleRows(tx, lookedAt(sides), { after, limit: permissionPage + 1 });
    const rows = found.slice(0, permissionPage);
    const last = found.length > permissionPage ? rows.at(-1)! : null;
    const entity = await entitiesOf(
      tx,
      rows.flatMap(({ from, to }) => [from, to]),
    );
    const byRole = Map.groupBy(rows, ({ code }) => code);
    return {
      links: nextLink(`${path}/roles`, query, last && tokenAt([last.code, last.from, last.to])),
      data: [...byRole.values()].map((of) => ({
        role: { code: of[0]!.code, urn: of[0]!.urn },
        permissions: of.map(({ from, to }) => ({ from: entity(from), to: entity(to), role: null })),
      })),
    };
  });
}

export interface Connected {
  readonly id: string;
  readonly roleId: string;
  readonly fromId: PartyId;
  readonly toId: PartyId;
}

/**
 * Makes somebody a right holder at the party: one to whom access can be given. By itself it opens nothing. Again: nothing changes.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, recipientMissing, guessedTooOften, nameDiffers, partyUnknown,
 * recipientGone, recipientIsParty.
 */
export async function addConnection(ctx: Context, caller: Caller, query: SidesQuery, person?: PersonInput): Promise<Connected> {
  const to = await recipientOf(ctx, caller, { to: query.to, person }, (tx) => givingSide(tx, caller, query));
  return ctx.db.transaction(async (tx) => {
    const { party } = await givingSide(tx, caller, query);
    if (!to && person?.personIdentifier) throw refuse(delegationErrors.nameDiffers);
    await lockAccess(tx, party.id);
    const holder = fitRecipient(party, to);
    saveRoleAssignments(tx, [{ holder: holder.id, role: rightHolder, at: party.id, source: 'delegation' }]);
    await announceAccessChanges(tx, { by: actorOf(caller, ['administers access']), cause: 'granted' });
    return { id: connectionId(party.id, holder.id), roleId: rightHolder, fromId: party.id, toId: holder.id };
  });
}

/**
 * Ends what one party has given another: with `cascade` all of it, else only where nothing stands. Whoever was given it may
 * end it too; others end nothing by it that they could not end one by one. Roles of registers stay. Again: nothing changes.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, connectionMissing, connectionInUse, mayNotGrant.
 */
export function removeConnection(ctx: Context, caller: Caller, query: SidesQuery & { cascade?: boolean }): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const { by, party, side, other } = await sidesOf(tx, caller, query, 'write');
    if (!other) throw refuse(delegationErrors.connectionMissing);
    const [from, to] = side === 'from' ? [party.id, other] : [other, party.id];
    await lockAccess(tx, from);
    const grants = await listGrantsBetween(tx, from, to);
    if (grants.length > 0 && query.cascade !== true) throw refuse(delegationErrors.connectionInUse);
    if (!(await isRightHolder(tx, from, to)) && grants.length === 0) return;
    const mayAll = side === 'to' || (await rightsToGive(tx, caller, party, grants)).every((path) => path !== undefined);
    if (!mayAll) throw refuse(accessErrors.mayNotGrant);
    endRoleAssignments(tx, [{ holder: to, role: rightHolder, at: from }]);
    const how = [side === 'from' ? 'administers access' : 'gives up its own access'];
    await takeAccess(tx, ctx, caller, { grants, by, path: how });
    await announceAccessChanges(tx, { by: actorOf(caller, how), cause: 'revoked' });
  });
}
