import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { codeOf } from '../codes.ts';
import { accessErrors } from '../errors.ts';
import { findLiveGrant, findPackage, type Grant, type GrantTarget, insertGrant } from '../store/grants.ts';
import { findPolicies } from '../store/resources.ts';
import { lockAccess } from '../store/versions.ts';
import { findNamedParty, namesOrganization } from './named-party.ts';
import { knowsAction, rightToGive } from './right-to-give.ts';
import type { GrantRequest } from './wire.ts';

interface Wish extends GrantTarget {
  readonly actions: readonly string[];
  readonly until: Date | null;
  readonly reason: string | null;
}

export interface CreatedGrant {
  readonly grant: Grant;
  readonly to: Party;
  /** False when it stood already. */
  readonly isNew: boolean;
}

/**
 * The calling person gives access to a party's post: to an access package, a resource, or one message or attachment; to
 * itself or another. From then on it may open what lies there. Giving the same again answers what stands, unchanged.
 * Others who give or take at the party wait meanwhile. Who may not give learns nothing of the persons it names: whether they
 * are known here, or dead.
 *
 * Refuses callerNotPerson, grantUnclear, untilPassed, partyReferenceInvalid, packageUnknown, packageNotAssignable,
 * resourceUnknown, actionUnknown, mayNotGrant, partyUnknown, recipientGone, recipientIsParty, grantDiffers.
 * Source: compatibility.md, platform, §2.2 and §2.5; the route is ours.
 */
export async function createGrant(ctx: Context, caller: Caller, request: GrantRequest): Promise<CreatedGrant> {
  const by = callingPerson(caller);
  const wish = wishOf(request);
  if (wish.until && wish.until <= ctx.now()) throw refuse(accessErrors.untilPassed);
  const at = await findNamedParty(ctx, 'at', request.at);
  const named = await findNamedParty(ctx, 'to', request.to);
  if (!at) throw refuse(namesOrganization(request.at) ? accessErrors.partyUnknown : accessErrors.mayNotGrant, { field: 'at' });

  return ctx.db.transaction(async (tx) => {
    await lockAccess(tx, at.id);
    await refuseUnknown(tx, wish);
    const path = await rightToGive(tx, caller, at, wish);
    if (!path) throw refuse(accessErrors.mayNotGrant);
    const to = fitRecipient(at, named);
    const standing = await findLiveGrant(tx, at.id, to.id, wish);
    if (standing && !saysTheSame(standing, wish)) throw refuse(accessErrors.grantDiffers, { id: standing.id });
    if (standing) return { grant: standing, to, isNew: false };

    const grant = { ...wish, id: newId(), at: at.id, to: to.id, grantedBy: by, createdAt: ctx.now() };
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
  });
}

/** Whether a standing grant gives just what is wished: the same actions, until the same time. */
function saysTheSame(standing: Grant, wish: Wish): boolean {
  return standing.actions.toSorted().join() === wish.actions.toSorted().join() && standing.until?.getTime() === wish.until?.getTime();
}

/** Refuses partyUnknown, recipientGone, recipientIsParty. */
function fitRecipient(at: Party, to: Party | undefined): Party {
  if (!to) throw refuse(accessErrors.partyUnknown, { field: 'to' });
  if (!to.alive) throw refuse(accessErrors.recipientGone);
  if (to.id === at.id) throw refuse(accessErrors.recipientIsParty);
  return to;
}

/** Refuses callerNotPerson: systems act with what they were given and hand nothing on. */
export function callingPerson(caller: Caller): PartyId {
  if (caller.kind !== 'person' || !caller.subject) throw refuse(accessErrors.callerNotPerson);
  return caller.subject;
}

/** Pure. One thing to be given, in canonical form. Refuses grantUnclear. */
export function wishOf(request: GrantRequest): Wish {
  const resource = request.resource?.replace(/^urn:altinn:resource:/i, '') ?? null;
  const isPackage = Boolean(request.package);
  if (isPackage === Boolean(resource)) throw refuse(accessErrors.grantUnclear);
  if (isPackage && (request.instance || request.actions)) throw refuse(accessErrors.grantUnclear);
  return {
    package: request.package ? codeOf(request.package) : null,
    resource: resource as ResourceId | null,
    instance: request.instance ?? null,
    actions: isPackage ? [] : [...new Set((request.actions ?? ['read']).map((action) => action.toLowerCase()))],
    until: request.until ? new Date(request.until) : null,
    reason: request.reason?.trim() || null,
  };
}

async function refuseUnknown(tx: Tx, wish: Wish): Promise<void> {
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
