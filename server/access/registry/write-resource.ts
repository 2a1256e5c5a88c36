import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { saveResources } from '../seed/save-resources.ts';
import { checkDocument } from './document.ts';
import { registryErrors as e } from './errors.ts';
import { organizationOf, refuseOthers } from './owner.ts';
import { findRegistered, lastVersion, lockResource, markDeleted, type Registered, saveDocument } from './store.ts';
import type { ResourceDocument } from './wire.ts';

interface Parties {
  readonly owner: PartyId;
  readonly fallback: PartyId | null;
}

/**
 * A service owner registers a resource. Until a policy is uploaded nobody but the owner may do anything with it. A name that
 * was deleted may be taken again by its owner: what was sent on it then is still there, and so is its policy.
 *
 * Refuses identifierInvalid, rightDescriptionMissing, fallbackMisfit, personMisfit, ownerUnknown, notOwner, resourceExists. Two at once: one wins.
 * Source: compatibility.md, platform, §2.8.
 */
export async function createResource(ctx: Context, caller: Caller, document: ResourceDocument): Promise<ResourceId> {
  checkDocument(document, { isNew: true });
  const parties = await partiesOf(ctx, caller, document);
  const id = document.identifier as ResourceId;
  await ctx.db.transaction(async (tx) => {
    await lockResource(tx, id);
    const former = await findRegistered(tx, id);
    if (former && (!former.deletedAt || former.ownerId !== parties.owner)) throw refuse(e.resourceExists, { id });
    if (!former) saveResources(tx, [{ id, type: document.resourceType, owner: parties.owner, title: document.title, rules: [] }]);
    await write(ctx, tx, caller, document, parties);
    await announceAccessChanges(tx);
  });
  return id;
}

/**
 * The owner writes a resource anew, whole; its policy stays. Writing the same again changes nothing.
 * Refuses idMismatch, rightDescriptionMissing, fallbackMisfit, personMisfit, ownerUnknown, resourceNotFound, notOwner.
 */
export async function replaceResource(ctx: Context, caller: Caller, id: ResourceId, document: ResourceDocument): Promise<void> {
  if (document.identifier !== id) throw refuse(e.idMismatch);
  checkDocument(document, { isNew: false });
  const parties = await partiesOf(ctx, caller, document);
  await ctx.db.transaction(async (tx) => {
    await lockOwn(tx, caller, id);
    await write(ctx, tx, caller, document, parties);
    await announceAccessChanges(tx);
  });
}

/**
 * The owner takes a resource out of the registry. It takes no new post; what was sent on it stays as open as it was, since a
 * message must not become unreadable because a service ended. Refuses resourceNotFound, notOwner.
 */
export async function deleteResource(ctx: Context, caller: Caller, id: ResourceId): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await lockOwn(tx, caller, id);
    markDeleted(tx, id, ctx.now());
  });
}

/** The resource, which is the caller's, locked. Refuses resourceNotFound, notOwner. */
export async function lockOwn(tx: Tx, caller: Caller, id: ResourceId, missing = e.resourceNotFound): Promise<Registered> {
  await lockResource(tx, id);
  const row = await findRegistered(tx, id);
  if (!row || row.deletedAt) throw refuse(missing, { id });
  refuseOthers(caller, (await findParty(tx, row.ownerId))!);
  return row;
}

async function partiesOf(ctx: Context, caller: Caller, { hasCompetentAuthority, budstikke }: ResourceDocument): Promise<Parties> {
  const owner = await organizationOf(ctx, hasCompetentAuthority.organization, 'hasCompetentAuthority.organization');
  refuseOthers(caller, owner);
  const number = budstikke?.fallbackParty;
  return { owner: owner.id, fallback: number ? (await organizationOf(ctx, number, 'budstikke.fallbackParty')).id : null };
}

async function write(ctx: Context, tx: Tx, caller: Caller, document: ResourceDocument, { owner, fallback }: Parties): Promise<void> {
  const id = document.identifier as ResourceId;
  const [now, last] = [await findRegistered(tx, id), await lastVersion(tx, id)];
  const isSame = now?.document && !now.deletedAt && isDeepEqual(now.document, document) && isInForce(now, document, owner);
  if (isSame) return;
  saveDocument(tx, {
    id,
    type: document.resourceType,
    owner,
    title: document.title,
    document,
    version: last + 1,
    hasLists: document.accessListMode === 'Enabled',
    unreachable: document.budstikke?.unreachable ?? null,
    fallback,
    demandsPerson: document.budstikke?.demandsPerson ?? false,
    by: caller.consumer,
    at: ctx.now(),
  });
}

/** Whether nobody has changed by another way what the document says. */
function isInForce(row: Registered, document: ResourceDocument, owner: PartyId): boolean {
  return (
    row.type === document.resourceType &&
    row.ownerId === owner &&
    isDeepEqual(row.title, document.title) &&
    row.hasLists === (document.accessListMode === 'Enabled') &&
    row.demandsPerson === (document.budstikke?.demandsPerson ?? false)
  );
}

/** JSON values are equal whatever the order of their members. */
function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, inOrder(member)]),
  );
}
