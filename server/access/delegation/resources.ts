import type { Caller, Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { accessErrors } from '../errors.ts';
import { refuseGiving } from '../grants/give-access.ts';
import { actionsToGive, rightToGive } from '../grants/right-to-give.ts';
import { takeAccess } from '../grants/take-access.ts';
import { findLiveGrant } from '../store/grants.ts';
import { lockAccess } from '../store/versions.ts';
import { lookedAt, path, permissionPage, rightHolder } from './connections.ts';
import { delegationErrors } from './errors.ts';
import { giveToRightHolder, takeBetween } from './packages.ts';
import { givingSide, recipientOf, sidesOf } from './sides.ts';
import { listResourceGrants } from './store.ts';
import { entitiesOf, instanceUrn, isPlaceOf, nextLink, placeIn, rightKey, tokenAt } from './views.ts';
import type { EntityPage, ResourceCheck, ResourcePermissionPage, RightsInput, SidesQuery } from './wire.ts';

const instancesPath = `${path}/resources/instances`;

/** A request about a resource, or about one message or attachment on it. */
export interface ResourceAsked extends SidesQuery {
  readonly resource?: string | null;
  readonly instance?: string | null;
  readonly token?: string | null;
}

export const resourceOf = (text: string) => text.replace(/^urn:altinn:resource:/i, '') as ResourceId;

/** Refuses instanceUnreadable. */
export function instanceOf(text: string): string {
  const id = /(?:^|:)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(text)?.[1];
  if (!id) throw refuse(delegationErrors.instanceUnreadable);
  return id.toLowerCase();
}

/**
 * Rights to resources, or to single items where `items` is asked for, between a party and others, a page at a time.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, instanceUnreadable, pageTokenUnreadable.
 */
export function listResources(ctx: Context, caller: Caller, query: ResourceAsked, items: boolean): Promise<ResourcePermissionPage> {
  const instance = query.instance ? instanceOf(query.instance) : null;
  return ctx.db.transaction(async (tx) => {
    const sides = await sidesOf(tx, caller, query, 'read');
    const resource = query.resource ? resourceOf(query.resource) : null;
    const after = placeIn(query.token, isPlaceOf(1, 1));
    const found = await listResourceGrants(tx, lookedAt(sides), { resource, instance, items }, { after, limit: permissionPage + 1 });
    const grants = found.slice(0, permissionPage);
    const last = found.length > permissionPage ? grants.at(-1)! : null;
    const entity = await entitiesOf(
      tx,
      grants.flatMap(({ at, to }) => [at, to]),
    );
    return {
      links: nextLink(items ? instancesPath : `${path}/resources`, { ...query }, last && tokenAt([last.resource!, last.id])),
      data: grants.map(({ at, to, resource: id, instance: item, actions }) => ({
        resource: { id: id! },
        instance: item === null ? null : instanceUrn(item),
        rights: actions.map((action) => ({ key: rightKey(id!, action), action })),
        permissions: [{ from: entity(at), to: entity(to), role: null }],
      })),
    };
  });
}

/** Who has been given one message or attachment: the recipient's own list of whom it let in. Refuses as `listResources`. */
export async function listInstanceUsers(ctx: Context, caller: Caller, query: ResourceAsked): Promise<EntityPage> {
  const { links, data } = await listResources(ctx, caller, query, true);
  const users = new Map(data.flatMap(({ permissions }) => permissions.map(({ to }) => [to.id, to] as const)));
  return { links: { next: links.next?.replace(instancesPath, `${instancesPath}/users`) ?? null }, data: [...users.values()] };
}

/**
 * Gives rights to a resource, or to one item of it, one by one. `replace`: the rights given now are all, until when those before were; without it, what
 * stands with other rights is refused.
 * Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, recipientMissing, guessedTooOften, rightKeyUnknown,
 * instanceUnreadable, resourceUnknown, actionUnknown, mayNotGrant, partyUnknown, recipientGone, recipientIsParty, grantDiffers.
 */
export async function giveRights(ctx: Context, caller: Caller, query: ResourceAsked, input: RightsInput, replace: boolean) {
  const resource = resourceOf(query.resource!);
  const instance = query.instance ? instanceOf(query.instance) : null;
  const actions = actionsNamed(resource, input.directRightKeys);
  const target = { package: null, resource, instance };
  const to = await recipientOf(ctx, caller, { to: query.to, person: input.to ?? undefined }, async (tx) => {
    const { party } = await givingSide(tx, caller, query);
    await refuseGiving(tx, caller, party, { ...target, actions, until: null, reason: null });
  });
  return ctx.db.transaction(async (tx) => {
    const { by, party } = await givingSide(tx, caller, query);
    await lockAccess(tx, party.id);
    const standing = replace && to ? await findLiveGrant(tx, party.id, to.id, target) : undefined;
    const wish = { ...target, actions, until: standing?.until ?? null, reason: standing?.reason ?? null };
    if (standing && standing.actions.toSorted().join() !== actions.toSorted().join()) {
      const path = await rightToGive(tx, caller, party, standing);
      if (!path) throw refuse(accessErrors.mayNotGrant);
      await takeAccess(tx, ctx, caller, { grants: [standing], by, path });
    }
    const { grant, to: holder } = await giveToRightHolder(tx, ctx, caller, { at: party, to, wish, by });
    return { id: grant.id, roleId: rightHolder, fromId: party.id, toId: holder.id };
  });
}

/** Pure. Keys as a delegation check gives them, or bare actions. Refuses rightKeyUnknown. */
function actionsNamed(resource: ResourceId, keys: readonly string[]): string[] {
  const prefix = rightKey(resource, '').toLowerCase();
  return [
    ...new Set(
      keys.map((key) => {
        const lower = key.toLowerCase();
        const action = lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
        if (!/^[a-z][a-z-]{0,49}$/.test(action)) throw refuse(delegationErrors.rightKeyUnknown, { key });
        return action;
      }),
    ),
  ];
}

/** Takes a resource, or one item of it, away. Refuses callerNotPerson, partyNotSide, scopeMissing, notAdministrator, connectionMissing, instanceUnreadable, mayNotGrant. */
export function revokeResource(ctx: Context, caller: Caller, query: ResourceAsked): Promise<void> {
  const instance = query.instance ? instanceOf(query.instance) : null;
  return ctx.db.transaction(async (tx) => {
    const sides = await sidesOf(tx, caller, query, 'write');
    await takeBetween(tx, ctx, caller, sides, { package: null, resource: resourceOf(query.resource!), instance });
  });
}

/** Which rights to a resource, or to one item of it, the caller may give. Refuses callerNotPerson, scopeMissing, notAdministrator, instanceUnreadable, resourceUnknown. */
export function checkResource(ctx: Context, caller: Caller, query: ResourceAsked): Promise<ResourceCheck> {
  const instance = query.instance ? instanceOf(query.instance) : null;
  const resource = resourceOf(query.resource!);
  return ctx.db.transaction(async (tx) => {
    const { party } = await sidesOf(tx, caller, { party: query.party }, 'read');
    const actions = await actionsToGive(tx, caller, party, { resource, instance });
    if (!actions) throw refuse(accessErrors.resourceUnknown);
    return {
      resource: { id: resource },
      instance: instance === null ? null : instanceUrn(instance),
      rights: actions.map(({ action, mayGive }) => ({
        right: { key: rightKey(resource, action), action },
        result: mayGive,
        reasonCodes: mayGive ? [] : ['MissingDelegationAccess'],
      })),
    };
  });
}
