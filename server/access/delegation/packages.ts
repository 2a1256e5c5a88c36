import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { codeOf } from '../codes.ts';
import { accessErrors } from '../errors.ts';
import { type Given, giveAccess, refuseGiving, type Wish } from '../grants/give-access.ts';
import { packagesToGive, rightToGive } from '../grants/right-to-give.ts';
import { takeAccess } from '../grants/take-access.ts';
import { findLiveGrant, type GrantTarget } from '../store/grants.ts';
import { saveRoleAssignments } from '../store/roles.ts';
import { lockAccess } from '../store/versions.ts';
import { lookedAt, path, permissionPage, rightHolder } from './connections.ts';
import { delegationErrors } from './errors.ts';
import { givingSide, recipientOf, type Sides, sidesOf } from './sides.ts';
import { listPackageNames, listPackageRows, type PackageName } from './store.ts';
import { connectionId, entitiesOf, isPlaceOf, nextLink, placeIn, tokenAt } from './views.ts';
import type { PackageCheckPage, PackagePermissionPage, PackagesQuery, PersonInput } from './wire.ts';

/**
 * Access packages between a party and others, given or by roles, a page at a time: one that very many have goes on under the same name
 * on the next page. Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, pageTokenUnreadable.
 */
export function listPackages(ctx: Context, caller: Caller, query: PackagesQuery): Promise<PackagePermissionPage> {
  return ctx.db.transaction(async (tx) => {
    const sides = await sidesOf(tx, caller, query, 'read');
    const after = placeIn(query.token, isPackagePlace);
    const code = query.package ? codeOf(query.package) : null;
    const found = await listPackageRows(tx, lookedAt(sides), code, { after, limit: permissionPage + 1 });
    const rows = found.slice(0, permissionPage);
    const last = found.length > permissionPage ? rows.at(-1)! : null;
    const entity = await entitiesOf(
      tx,
      rows.flatMap(({ from, to }) => [from, to]),
    );
    const byPackage = Map.groupBy(rows, ({ id }) => id);
    return {
      links: nextLink(`${path}/accesspackages`, query, last && tokenAt([last.code, last.from, last.to, last.role?.code ?? ''])),
      data: [...byPackage.values()].map((of) => ({
        package: { id: of[0]!.id, urn: of[0]!.urn },
        permissions: of.map(({ from, to, role }) => ({ from: entity(from), to: entity(to), role })),
      })),
    };
  });
}

const isPackagePlace = (words: readonly unknown[]) =>
  typeof words.at(3) === 'string' && isPlaceOf(1, 2)(words.slice(0, 3)) && words.length === 4;

/** The one package that a request names, by URN, code or id. Refuses packageUnknown. */
export async function packageNamed(tx: Tx, query: Pick<PackagesQuery, 'package' | 'packageId'>): Promise<PackageName> {
  const name = query.package ? codeOf(query.package) : query.packageId?.toLowerCase();
  const [found] = name ? await listPackageNames(tx, [name]) : [];
  if (!found) throw refuse(accessErrors.packageUnknown);
  return found;
}

/**
 * Gives an access package at the party, and makes the receiver a right holder there.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, recipientMissing, guessedTooOften, packageUnknown,
 * packageNotAssignable, mayNotGrant, partyUnknown, recipientGone, recipientIsParty, grantDiffers.
 */
export async function givePackage(ctx: Context, caller: Caller, query: PackagesQuery, person?: PersonInput) {
  const asked = async (tx: Tx) => {
    const { by, party } = await givingSide(tx, caller, query);
    const { id: packageId, code } = await packageNamed(tx, query);
    return { by, party, packageId, wish: { package: code, resource: null, instance: null, actions: [], until: null, reason: null } };
  };
  const to = await recipientOf(ctx, caller, { to: query.to, person }, async (tx) => {
    const { party, wish } = await asked(tx);
    await refuseGiving(tx, caller, party, wish);
  });
  return ctx.db.transaction(async (tx) => {
    const { by, party, packageId, wish } = await asked(tx);
    await lockAccess(tx, party.id);
    const { grant, to: holder } = await giveToRightHolder(tx, ctx, caller, { at: party, to, wish, by });
    return { id: grant.id, assignmentId: connectionId(party.id, holder.id), packageId };
  });
}

export async function giveToRightHolder(
  tx: Tx,
  ctx: Context,
  caller: Caller,
  giving: { at: Party; to: Party | undefined; wish: Wish; by: Sides['by'] },
): Promise<Given> {
  const { at, to } = giving;
  if (to?.alive && to.id !== at.id && to.kind !== 'system-user')
    saveRoleAssignments(tx, [{ holder: to.id, role: rightHolder, at: at.id, source: 'delegation' }]);
  return giveAccess(tx, ctx, caller, giving);
}

/**
 * Takes an access package away: whoever may give it, or whoever has it. Again: nothing changes.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, connectionMissing, packageUnknown, mayNotGrant.
 */
export function revokePackage(ctx: Context, caller: Caller, query: PackagesQuery): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const sides = await sidesOf(tx, caller, query, 'write');
    const { code } = await packageNamed(tx, query);
    await takeBetween(tx, ctx, caller, sides, { package: code, resource: null, instance: null });
  });
}

/** Ends one grant between the two ends. Refuses connectionMissing, mayNotGrant. */
export async function takeBetween(tx: Tx, ctx: Context, caller: Caller, sides: Sides, what: GrantTarget): Promise<void> {
  const { by, party, side, other } = sides;
  if (!other) throw refuse(delegationErrors.connectionMissing);
  const [from, to] = side === 'from' ? [party.id, other] : [other, party.id];
  await lockAccess(tx, from);
  const grant = await findLiveGrant(tx, from, to, what);
  if (!grant) return;
  const path = side === 'to' ? ['gives up its own access'] : await rightToGive(tx, caller, party, grant);
  if (!path) throw refuse(accessErrors.mayNotGrant);
  await takeAccess(tx, ctx, caller, { grants: [grant], by, path });
}

/**
 * Which access packages the caller may give at a party: all that can be given, or those that are named.
 * Refuses callerNotPerson, notAdministrator.
 */
export function checkPackages(ctx: Context, caller: Caller, query: { party: string; packages?: string[] }): Promise<PackageCheckPage> {
  return ctx.db.transaction(async (tx) => {
    const { party } = await sidesOf(tx, caller, { party: query.party }, 'read');
    const named = await listPackageNames(tx, query.packages ? query.packages.map(codeOf) : null);
    const able = await packagesToGive(
      tx,
      caller,
      party,
      named.filter(({ isAssignable }) => isAssignable).map(({ code }) => code),
    );
    return {
      links: { next: null },
      data: named.map(({ id, urn, code, isAssignable }) => ({
        package: { id, urn },
        result: able.has(code),
        reasons: [{ description: able.get(code)?.join(', ') ?? (isAssignable ? 'MissingDelegationAccess' : 'PackageNotAssignable') }],
      })),
    };
  });
}
