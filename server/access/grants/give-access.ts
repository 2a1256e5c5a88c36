import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { accessErrors } from '../errors.ts';
import { findLiveGrant, findPackage, type Grant, type GrantTarget, insertGrant } from '../store/grants.ts';
import { findPolicies } from '../store/resources.ts';
import { knowsAction, rightToGive } from './right-to-give.ts';

/** What is to be given, in canonical form. */
export interface Wish extends GrantTarget {
  readonly actions: readonly string[];
  readonly until: Date | null;
  readonly reason: string | null;
}

export interface Giving {
  readonly at: Party;
  /** Undefined: nobody is known by the name that was given. */
  readonly to: Party | undefined;
  readonly wish: Wish;
  readonly by: PartyId;
}

export interface Given {
  readonly grant: Grant;
  readonly to: Party;
  /** False when it stood already. */
  readonly isNew: boolean;
}

/**
 * Gives access at a party, by a caller who may: the one way in which people give, whichever route they come by. The caller of
 * this holds the party's lock (`lockAccess`). Giving the same again answers what stands, unchanged.
 * Refuses packageUnknown, packageNotAssignable, resourceUnknown, actionUnknown, mayNotGrant, partyUnknown, recipientGone,
 * recipientIsParty, systemUserOfOthers, grantDiffers.
 */
export async function giveAccess(
  tx: Tx,
  { now }: Pick<Context, 'now'>,
  caller: Caller,
  { at, to: named, wish, by }: Giving,
): Promise<Given> {
  const path = await pathToGive(tx, caller, at, wish);
  const to = fitRecipient(at, named);
  const standing = await findLiveGrant(tx, at.id, to.id, wish);
  if (standing && !saysTheSame(standing, wish)) throw refuse(accessErrors.grantDiffers, { id: standing.id });
  if (standing) return { grant: standing, to, isNew: false };

  const grant = { ...wish, id: newId(), at: at.id, to: to.id, grantedBy: by, createdAt: now() };
  insertGrant(tx, grant);
  recordEvidence(tx, [
    {
      event: 'AccessGranted',
      about: grant.id,
      recipient: at.id,
      at: grant.createdAt,
      proves: 'nothing',
      core: { package: wish.package, resource: wish.resource, item: wish.instance, actions: wish.actions, until: wish.until },
      who: { ...actorOf(caller, path), to: to.id, ...(wish.reason ? { reason: wish.reason } : {}) },
    },
  ]);
  await announceAccessChanges(tx, { by: actorOf(caller, path), cause: 'granted' });
  return { grant: { ...grant, revokedAt: null }, to, isNew: true };
}

/** Refuses packageUnknown, packageNotAssignable, resourceUnknown, actionUnknown, mayNotGrant. */
async function pathToGive(tx: Tx, caller: Caller, at: Party, wish: Wish): Promise<readonly string[]> {
  await refuseUnknown(tx, wish);
  const path = await rightToGive(tx, caller, at, wish);
  if (!path) throw refuse(accessErrors.mayNotGrant);
  return path;
}

/** What is refused whoever is to get it: asked before a person is looked up by number, and then again where it is given. Refuses as `giveAccess` does first. */
export async function refuseGiving(tx: Tx, caller: Caller, at: Party, wish: Wish): Promise<void> {
  await pathToGive(tx, caller, at, wish);
}

/** Whether a standing grant gives just what is wished: the same actions, until the same time. */
function saysTheSame(standing: Grant, wish: Wish): boolean {
  return standing.actions.toSorted().join() === wish.actions.toSorted().join() && standing.until?.getTime() === wish.until?.getTime();
}

/**
 * A system user works for the organization that owns it, and for its clients as an agent: nobody else gives it anything.
 * Refuses partyUnknown, recipientGone, recipientIsParty, systemUserOfOthers.
 */
export function fitRecipient(at: Party, to: Party | undefined): Party {
  if (!to) throw refuse(accessErrors.partyUnknown, { field: 'to' });
  if (!to.alive) throw refuse(accessErrors.recipientGone);
  if (to.id === at.id) throw refuse(accessErrors.recipientIsParty);
  if (to.kind === 'system-user' && to.parentId !== at.id) throw refuse(accessErrors.systemUserOfOthers);
  return to;
}

/** Refuses what cannot be given: packageUnknown, packageNotAssignable, resourceUnknown, actionUnknown. */
export async function refuseUnknown(tx: Tx, wish: GrantTarget & { readonly actions: readonly string[] }): Promise<void> {
  if (wish.package !== null) {
    const found = await findPackage(tx, wish.package);
    if (!found) throw refuse(accessErrors.packageUnknown);
    if (!found.isAssignable) throw refuse(accessErrors.packageNotAssignable);
    return;
  }
  const resource = wish.resource as ResourceId;
  const policy = (await findPolicies(tx, [resource])).get(resource);
  if (!policy) throw refuse(accessErrors.resourceUnknown, { resource });
  const unknown = wish.actions.find((action) => !knowsAction(policy, action));
  if (unknown !== undefined) throw refuse(accessErrors.actionUnknown, { action: unknown });
}
