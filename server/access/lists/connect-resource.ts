import type { Caller, Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { announceAccessChanges } from '../announce.ts';
import { findResource } from '../store/resources.ts';
import { listErrors as e } from './errors.ts';
import type { Conditions } from './etag.ts';
import { ownerOf } from './owner.ts';
import { deleteConnection, saveConnection } from './store.ts';
import type { ConnectionBody, ListParams } from './wire.ts';
import { lockOwnList } from './write-list.ts';

/**
 * Lets the members of a list receive on a resource of the same owner, by some actions or by all. It counts where the resource asks
 * for lists (`accessListMode`). Refuses notListOwner, listNotFound, listChanged, connectionResourceUnknown. The same again changes nothing.
 */
export async function connectResource(
  ctx: Context,
  caller: Caller,
  params: ListParams,
  resource: ResourceId,
  { actionFilters }: ConnectionBody,
  conditions: Conditions,
): Promise<void> {
  const { id: owner } = await ownerOf(ctx, caller, params.owner);
  await ctx.db.transaction(async (tx) => {
    const list = await lockOwnList(tx, owner, params.identifier, conditions);
    const known = await findResource(tx, resource);
    if (!known || known.deletedAt || known.ownerId !== owner) throw refuse(e.connectionResourceUnknown, { resource });
    const actions = actionFilters ? [...new Set(actionFilters.map((action) => action.toLowerCase()))].sort() : null;
    if (await saveConnection(tx, list.id, resource, actions)) await announceAccessChanges(tx);
  });
}

/** The list counts no longer for the resource. Refuses notListOwner, listNotFound, listChanged, connectionNotFound. */
export async function disconnectResource(
  ctx: Context,
  caller: Caller,
  params: ListParams,
  resource: ResourceId,
  conditions: Conditions,
): Promise<void> {
  const { id: owner } = await ownerOf(ctx, caller, params.owner);
  await ctx.db.transaction(async (tx) => {
    const list = await lockOwnList(tx, owner, params.identifier, conditions);
    if ((await deleteConnection(tx, list.id, resource)) === 0) throw refuse(e.connectionNotFound, { resource });
    await announceAccessChanges(tx);
  });
}
