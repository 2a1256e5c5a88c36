import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { resolveParties } from '#register/index.ts';
import { codeOf } from '../codes.ts';
import { delegationErrors } from '../delegation/errors.ts';
import { neededRight, ownSystem } from '../system-register/register-system.ts';
import type { NeededRight, System } from '../system-register/store.ts';
import { endUnanswered, findSystemUserBy, type SystemRequest, saveSystemRequest } from './store.ts';
import { requestViews } from './views.ts';
import type { NewChange, NewSystemUser, SystemRequestView } from './wire.ts';

/**
 * A vendor asks an organization for a system user: `standard` with rights and packages of its own, `agent` with packages that
 * it may be given for clients. Asking the same again answers what is open; asking something else by the same reference is refused
 * while that is open, so that nobody takes an old answer for a new one.
 * Refuses systemNotFound, vendorDiffers, ownerUnknown, nothingAsked, agentRights, rightNotOfSystem, redirectNotAllowed,
 * systemUserExists, requestDiffers. Source: compatibility.md, platform, §1.4.
 */
export async function askForSystemUser(
  ctx: Context,
  caller: Caller,
  input: NewSystemUser,
  kind: 'standard' | 'agent',
): Promise<SystemRequestView> {
  const [rights, packages] = [(input.rights ?? []).map(neededRight), codesOf(input.accessPackages)];
  if (rights.length + packages.length === 0) throw refuse(delegationErrors.nothingAsked);
  if (kind === 'agent' && rights.length > 0) throw refuse(delegationErrors.agentRights);
  const ownerId = await ownerOf(ctx, input.partyOrgNo);
  const externalRef = input.externalRef ?? input.partyOrgNo;
  return ctx.db.transaction(async (tx) => {
    const system = await ownSystem(tx, caller, input.systemId);
    checkNeeds(system, rights, packages, input.redirectUrl ?? null);
    const by = { systemId: system.id, ownerId, externalRef };
    if (await findSystemUserBy(tx, by, [kind])) throw refuse(delegationErrors.systemUserExists);
    return ask(tx, {
      ...{ ...by, kind, rights, packages, unwantedRights: [], unwantedPackages: [], systemUserId: null },
      ...{ redirectUrl: input.redirectUrl ?? null, integrationTitle: input.integrationTitle ?? system.name.nb, createdAt: ctx.now() },
    });
  });
}

/**
 * A vendor asks for other rights of a system user that is there.
 * Refuses systemNotFound, vendorDiffers, ownerUnknown, nothingAsked, agentRights, rightNotOfSystem, redirectNotAllowed, changeUnknown,
 * requestDiffers.
 */
export async function askForChange(ctx: Context, caller: Caller, input: NewChange): Promise<SystemRequestView> {
  const [rights, unwantedRights] = [(input.requiredRights ?? []).map(neededRight), (input.unwantedRights ?? []).map(neededRight)];
  const [packages, unwantedPackages] = [codesOf(input.requiredAccessPackages), codesOf(input.unwantedAccessPackages)];
  if (rights.length + unwantedRights.length + packages.length + unwantedPackages.length === 0) throw refuse(delegationErrors.nothingAsked);
  const ownerId = await ownerOf(ctx, input.partyOrgNo);
  const externalRef = input.externalRef ?? input.partyOrgNo;
  return ctx.db.transaction(async (tx) => {
    const system = await ownSystem(tx, caller, input.systemId);
    checkNeeds(system, rights, packages, input.redirectUrl ?? null);
    const user = await findSystemUserBy(tx, { systemId: system.id, ownerId, externalRef });
    if (!user) throw refuse(delegationErrors.changeUnknown);
    if (user.kind === 'agent' && rights.length > 0) throw refuse(delegationErrors.agentRights);
    return ask(tx, {
      ...{ systemId: system.id, ownerId, externalRef, kind: 'change' as const, rights, packages, unwantedRights, unwantedPackages },
      ...{ systemUserId: user.id, redirectUrl: input.redirectUrl ?? null, integrationTitle: user.integrationTitle, createdAt: ctx.now() },
    });
  });
}

async function ask(tx: Tx, row: Omit<SystemRequest, 'id' | 'status' | 'escalated'>): Promise<SystemRequestView> {
  await endUnanswered(tx, 100); // one that is over stands in nobody's way
  const stored = await saveSystemRequest(tx, { ...row, id: newId(), status: 'New', escalated: false });
  if (contentOf(stored) !== contentOf(row)) throw refuse(delegationErrors.requestDiffers, { id: stored.id });
  return (await requestViews(tx, [stored]))[0]!;
}

/** Pure. What a request asks for, whatever the order it is named in. */
function contentOf({
  rights,
  packages,
  unwantedRights,
  unwantedPackages,
  redirectUrl,
}: Omit<SystemRequest, 'id' | 'status' | 'escalated'>): string {
  const named = (some: readonly NeededRight[]) => [...new Set(some.map(({ resource, action }) => `${resource} ${action}`))].toSorted();
  return JSON.stringify([named(rights), packages.toSorted(), named(unwantedRights), unwantedPackages.toSorted(), redirectUrl]);
}

async function ownerOf(ctx: Context, number: string): Promise<PartyId> {
  const owner = (await resolveParties(ctx, [number])).get(number);
  if (!owner?.alive) throw refuse(delegationErrors.ownerUnknown);
  return owner.id;
}

/** Pure. Nothing is asked for but what the system was registered to need. Refuses rightNotOfSystem, redirectNotAllowed. */
function checkNeeds(system: System, rights: readonly NeededRight[], packages: readonly string[], redirectUrl: string | null): void {
  const strange = rights.find(
    ({ resource, action }) => !system.rights.some((each) => each.resource === resource && each.action === action),
  );
  if (strange) throw refuse(delegationErrors.rightNotOfSystem, { name: `${strange.action} on ${strange.resource}` });
  const other = packages.find((code) => !system.packages.includes(code));
  if (other) throw refuse(delegationErrors.rightNotOfSystem, { name: other });
  if (redirectUrl !== null && !system.redirectUrls.includes(redirectUrl)) throw refuse(delegationErrors.redirectNotAllowed);
}

const codesOf = (named: readonly { urn: string }[] | null | undefined) => [...new Set((named ?? []).map(({ urn }) => codeOf(urn)))];
