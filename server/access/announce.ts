import type { Actor } from '#evidence/index.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { findLastChanges, listChangedParties, listChangedResources, saveChange } from './store/versions.ts';

/** Who has changed access and how, for those who must be able to say so later. */
export interface AccessChange {
  readonly by: Actor;
  readonly cause: 'granted' | 'revoked' | 'expired' | 'register-changed' | 'not-seen';
}

/**
 * Told, in the changing transaction, at which parties other people may now open post than before, and by whose act where one
 * act has done it.
 */
export const onAccessChanged = hook<[tx: Tx, parties: PartyId[], change?: AccessChange]>();

/** Told, in the changing transaction, which resources have another policy than before, new ones included. */
export const onPolicyChanged = hook<[tx: Tx, resources: ResourceId[]]>();

/**
 * Tells whoever listens what this transaction has changed so far: call it once all is written. The tables know it, so
 * nothing that changed access is left out, whoever wrote it. A transaction that forgets it is found by its versions.
 */
export async function announceAccessChanges(tx: Tx, change?: AccessChange): Promise<void> {
  const parties = await listChangedParties(tx);
  const resources = await listChangedResources(tx);
  if (change && parties.length > 0) saveChange(tx, change);
  if (parties.length > 0) await onAccessChanged.call(tx, parties, change);
  if (resources.length > 0) await onPolicyChanged.call(tx, resources);
}

/** Who changed access at these parties last and why, for whoever comes after the announcement; parties whose last change nobody told of are left out. */
export function lastAccessChanges(reader: Reader, parties: readonly PartyId[]): Promise<Map<PartyId, AccessChange>> {
  return findLastChanges<AccessChange>(reader, parties);
}
