import type { Context } from '#kernel/context.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Resource, ResourceType } from './resource.ts';
import { findResource } from './store/resources.ts';

/** What a request tells of a resource that nobody knows: the type of its route, and who calls. */
export interface UnknownResource {
  readonly id: ResourceId;
  readonly type: ResourceType;
  readonly owner: PartyId | null;
}

/** Asked when a request names a resource that nobody knows, so that a sandbox can let it come to be. It writes in a transaction of its own. */
export const onUnknownResources = hook<[ctx: Context, resource: UnknownResource]>();

/** The resource, after an unknown one was given a chance to come to be; undefined for one that was deleted. Called outside transactions. */
export async function resolveResource(ctx: Context, id: ResourceId, told: Omit<UnknownResource, 'id'>): Promise<Resource | undefined> {
  const known = await findResource(ctx.db, id);
  if (known) return known.deletedAt ? undefined : known;
  await onUnknownResources.call(ctx, { id, ...told });
  return findResource(ctx.db, id);
}
