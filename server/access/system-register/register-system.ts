import { findClients } from '#identity/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { codeOf } from '../codes.ts';
import { delegationErrors } from '../delegation/errors.ts';
import { resourceOf } from '../delegation/resources.ts';
import { refuseUnknown } from '../grants/give-access.ts';
import {
  findSystem,
  findTakenClient,
  isInUse,
  lockSystems,
  type NeededRight,
  type System,
  type SystemChange,
  saveSystem,
  saveSystemChange,
} from './store.ts';
import type { SystemInput, SystemRight } from './wire.ts';

export const adminScope = 'altinn:authentication/systemregister.admin';

/**
 * A vendor registers a system, and what it needs at those that will use it.
 * Refuses vendorDiffers, systemIdInvalid, systemExists, clientIdTaken, and for what it needs resourceUnknown, actionUnknown,
 * packageUnknown, packageNotAssignable. Source: compatibility.md, platform, §1.4.
 */
export function registerSystem(ctx: Context, caller: Caller, input: SystemInput): Promise<string> {
  return ctx.db.transaction(async (tx) => {
    const vendorId = await vendorOf(tx, caller, input);
    await lockSystems(tx);
    if (await findSystem(tx, input.id)) throw refuse(delegationErrors.systemExists);
    const at = ctx.now();
    const system = { ...saidBy(input), id: input.id, internalId: newId(), vendorId, createdAt: at, changedAt: at, deletedAt: null };
    await store(tx, caller, system, 'create', input);
    return system.internalId;
  });
}

/** The vendor says anew all of its system. Refuses systemNotFound, and as `registerSystem`. */
export function updateSystem(ctx: Context, caller: Caller, id: string, input: SystemInput): Promise<void> {
  if (input.id !== id) throw refuse(delegationErrors.systemIdInvalid);
  if (!id.startsWith(`${numberOf(input)}_`)) throw refuse(delegationErrors.vendorDiffers);
  return change(ctx, caller, id, 'update', input, saidBy(input));
}

/** What single rights the system needs from now on: those who use it keep what they gave until they are asked anew. Refuses as `updateSystem`. */
export function updateRights(ctx: Context, caller: Caller, id: string, rights: readonly SystemRight[]): Promise<void> {
  return change(ctx, caller, id, 'rights_update', { rights }, { rights: rights.map(neededRight) });
}

/** The same of access packages. Refuses as `updateSystem`. */
export function updatePackages(ctx: Context, caller: Caller, id: string, packages: readonly { urn: string }[]): Promise<void> {
  return change(
    ctx,
    caller,
    id,
    'access_package_update',
    { accessPackages: packages },
    { packages: packages.map(({ urn }) => codeOf(urn)) },
  );
}

/** Takes a system out of the register, once nobody uses it. Again: nothing changes. Refuses systemNotFound, vendorDiffers, systemInUse. */
export function deleteSystem(ctx: Context, caller: Caller, id: string): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    await lockSystems(tx);
    const system = await ownSystem(tx, caller, id);
    if (await isInUse(tx, id)) throw refuse(delegationErrors.systemInUse);
    const at = ctx.now();
    saveSystem(tx, { ...system, changedAt: at, deletedAt: at });
    saveSystemChange(tx, { id: newId(), system: id, kind: 'delete', by: caller.clientId, at, change: {} });
  });
}

function change(ctx: Context, caller: Caller, id: string, kind: SystemChange, said: object, members: Partial<System>): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    await lockSystems(tx);
    const system = await ownSystem(tx, caller, id);
    await store(tx, caller, { ...system, ...members, changedAt: ctx.now() }, kind, said);
  });
}

async function store(tx: Tx, caller: Caller, system: System, kind: SystemChange, said: object): Promise<void> {
  await refuseUnknownNeeds(tx, system);
  const clientId = await findTakenClient(tx, system.clientIds, system.id);
  if (clientId) throw refuse(delegationErrors.clientIdTaken, { clientId });
  const known = await findClients(tx, system.clientIds);
  const foreign = [...known.values()].find(({ organizationId }) => organizationId !== system.vendorId);
  if (foreign) throw refuse(delegationErrors.clientIdTaken, { clientId: foreign.clientId });
  saveSystem(tx, system);
  saveSystemChange(tx, { id: newId(), system: system.id, kind, by: caller.clientId, at: system.changedAt, change: said });
}

/** One by one: a system needs few things, and is registered once. */
async function refuseUnknownNeeds(tx: Tx, { rights, packages }: Pick<System, 'rights' | 'packages'>): Promise<void> {
  for (const { resource, action } of rights) await refuseUnknown(tx, { package: null, resource, instance: null, actions: [action] });
  for (const code of packages) await refuseUnknown(tx, { package: code, resource: null, instance: null, actions: [] });
}

/** A system that is there, of the calling vendor. Refuses systemNotFound, vendorDiffers. */
export async function ownSystem(reader: Reader, caller: Caller, id: string): Promise<System> {
  const system = await findSystem(reader, id);
  if (!system || system.deletedAt) throw refuse(delegationErrors.systemNotFound);
  if (system.vendorId !== caller.consumer && !caller.scopes.has(adminScope)) throw refuse(delegationErrors.vendorDiffers);
  return system;
}

const numberOf = ({ vendor }: Pick<SystemInput, 'vendor'>) => vendor.ID.slice('0192:'.length);

async function vendorOf(reader: Reader, caller: Caller, { id, vendor }: SystemInput): Promise<PartyId> {
  const number = numberOf({ vendor });
  if (!id.startsWith(`${number}_`)) throw refuse(delegationErrors.systemIdInvalid);
  const own = caller.consumer ? await findParty(reader, caller.consumer) : undefined;
  if (own?.number !== number) throw refuse(delegationErrors.vendorDiffers);
  return own.id;
}

/** Pure. What the vendor says of a system, in canonical form. */
function saidBy(
  input: SystemInput,
): Pick<System, 'name' | 'description' | 'rights' | 'packages' | 'clientIds' | 'isVisible' | 'redirectUrls'> {
  const { name, description, rights, accessPackages, clientId, isVisible, allowedRedirectUrls } = input;
  return {
    name,
    description,
    rights: (rights ?? []).map(neededRight),
    packages: [...new Set((accessPackages ?? []).map(({ urn }) => codeOf(urn)))],
    clientIds: [...new Set(clientId)],
    isVisible: isVisible ?? false,
    redirectUrls: [...new Set(allowedRedirectUrls ?? [])],
  };
}

/** Pure. Without an action: to read. */
export function neededRight({ action, resource }: SystemRight): NeededRight {
  return { resource: resourceOf(resource[0]!.value), action: (action ?? 'read').toLowerCase() };
}

export const shownRight = ({ resource, action }: NeededRight): SystemRight => ({
  action,
  resource: [{ id: 'urn:altinn:resource', value: resource }],
});

export const shownPackage = (code: string) => ({ urn: `urn:altinn:accesspackage:${code}` });
