import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { codeOf } from '../codes.ts';
import { accessErrors } from '../errors.ts';
import { lockAccess } from '../store/versions.ts';
import { type Given, giveAccess, refuseGiving, type Wish } from './give-access.ts';
import { findNamedParty, findRecipient, namesOrganization } from './named-party.ts';
import { demandAdministeringLogin } from './right-to-give.ts';
import { untilOf } from './until.ts';
import type { GrantRequest } from './wire.ts';

/**
 * The calling person gives access to a party's post: to an access package, a resource, or one message or attachment; to
 * itself or another. From then on it may open what lies there. Giving the same again answers what stands, unchanged.
 * Others who give or take at the party wait meanwhile. Who may not give learns nothing of the persons it names: whether they
 * are known here, or dead.
 *
 * Refuses callerNotPerson, loginTooLow, grantUnclear, untilPassed, partyReferenceInvalid, lastNameMissing, guessedTooOften, packageUnknown, packageNotAssignable,
 * resourceUnknown, actionUnknown, mayNotGrant, partyUnknown, recipientGone, recipientIsParty, grantDiffers.
 * Source: compatibility.md, platform, §2.2 and §2.5; the route is ours.
 */
export async function createGrant(ctx: Context, caller: Caller, request: GrantRequest): Promise<Given> {
  const by = callingPerson(caller);
  demandAdministeringLogin(caller);
  const wish = wishOf(request);
  if (wish.until && wish.until <= ctx.now()) throw refuse(accessErrors.untilPassed);
  const at = await findNamedParty(ctx, 'at', request.at);
  const noParty = () => refuse(namesOrganization(request.at) ? accessErrors.partyUnknown : accessErrors.mayNotGrant, { field: 'at' });
  const named = await findRecipient(ctx, caller, { text: request.to, lastName: request.lastName ?? null }, () => {
    if (!at) throw noParty();
    return ctx.db.transaction((tx) => refuseGiving(tx, caller, at, wish));
  });
  if (!at) throw noParty();

  return ctx.db.transaction(async (tx) => {
    await lockAccess(tx, at.id);
    return giveAccess(tx, ctx, caller, { at, to: named, wish, by });
  });
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
    until: untilOf(request.until),
    reason: request.reason?.trim() || null,
  };
}
