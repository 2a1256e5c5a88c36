import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { delegationErrors } from '../delegation/errors.ts';
import { ownSystem, shownPackage, shownRight } from './register-system.ts';
import { findSystem, listSystemChanges, listSystemsOf, listVisibleSystems, type System } from './store.ts';
import type { ChangeLog, SystemView, VendorsSystem } from './wire.ts';

/** Systems that an organization may choose among. */
export async function listSystems(ctx: Context): Promise<SystemView[]> {
  return publicViews(ctx.db, await listVisibleSystems(ctx.db));
}

/** Refuses systemNotFound. */
export async function showSystem(ctx: Context, id: string): Promise<SystemView> {
  const system = await findSystem(ctx.db, id);
  if (!system || system.deletedAt) throw refuse(delegationErrors.systemNotFound);
  return (await publicViews(ctx.db, [system]))[0]!;
}

/** The calling vendor's own systems. */
export async function listOwnSystems(ctx: Context, caller: Caller): Promise<VendorsSystem[]> {
  if (!caller.consumer) return [];
  return vendorViews(ctx.db, await listSystemsOf(ctx.db, caller.consumer));
}

/** Refuses systemNotFound, vendorDiffers. */
export async function showOwnSystem(ctx: Context, caller: Caller, id: string): Promise<VendorsSystem> {
  return (await vendorViews(ctx.db, [await ownSystem(ctx.db, caller, id)]))[0]!;
}

/** What has been said of a system, newest first. Refuses systemNotFound, vendorDiffers. */
export async function showChanges(ctx: Context, caller: Caller, id: string): Promise<ChangeLog> {
  const { internalId } = await ownSystem(ctx.db, caller, id);
  const changes = await listSystemChanges(ctx.db, id);
  return changes.map(({ id: change, kind, by, at, change: changedData }) => ({
    ...{ id: change, systemInternalId: internalId, changeType: kind, clientId: by, changedData, created: at.toISOString() },
  }));
}

async function vendorViews(reader: Reader, systems: readonly System[]): Promise<VendorsSystem[]> {
  const views = await publicViews(reader, systems);
  return systems.map(({ internalId, clientIds, redirectUrls, deletedAt }, i) => ({
    ...views[i]!,
    internalId,
    clientId: [...clientIds],
    allowedRedirectUrls: [...redirectUrls],
    isDeleted: deletedAt !== null,
  }));
}

async function publicViews(reader: Reader, systems: readonly System[]): Promise<SystemView[]> {
  const vendors = await findParties(reader, [...new Set(systems.map(({ vendorId }) => vendorId))]);
  return systems.map(({ id, vendorId, name, description, rights, packages, isVisible }) => ({
    systemId: id,
    systemVendorOrgNumber: vendors.get(vendorId)?.number ?? '',
    systemVendorOrgName: vendors.get(vendorId)?.name ?? '',
    name,
    description,
    rights: rights.map(shownRight),
    accessPackages: packages.map(shownPackage),
    isVisible,
  }));
}
