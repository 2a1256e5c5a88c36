import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { announceAccessChanges } from '../announce.ts';
import { listErrors as e } from './errors.ts';
import { type Conditions, refuseUnmet } from './etag.ts';
import { ownerOf } from './owner.ts';
import { deleteList, insertList, lockList, type StoredList, updateList } from './store.ts';
import type { ListDocument, ListParams, Patch } from './wire.ts';

export interface NamedList {
  readonly list: StoredList;
  /** As URNs name the owner. */
  readonly owner: string;
}

/**
 * A service owner makes an access list, or gives the one that there is another name. Members and connections stay. The same again
 * changes nothing. Refuses notListOwner, listIdentifierInvalid, listChanged. Source: compatibility.md, platform, §2.9.
 */
export async function saveList(
  ctx: Context,
  caller: Caller,
  { owner, identifier }: ListParams,
  document: ListDocument,
  conditions: Conditions,
): Promise<NamedList> {
  const { id: ownerId, name: ownerName } = await ownerOf(ctx, caller, owner);
  const list = await ctx.db.transaction(async (tx) => {
    const known = await lockList(tx, ownerId, identifier);
    refuseUnmet(conditions, known);
    const text = { name: document.name, description: document.description ?? '' };
    if (!known) {
      if (!/^[a-z0-9][a-z0-9_-]{0,99}$/.test(identifier)) throw refuse(e.listIdentifierInvalid);
      const isNew = await insertList(tx, { ownerId, identifier, ...text });
      if (!isNew) refuseUnmet(conditions, await lockList(tx, ownerId, identifier)); // somebody made it just now
    }
    const present = (await lockList(tx, ownerId, identifier))!;
    await updateList(tx, { id: present.id, ...text });
    return (await lockList(tx, ownerId, identifier))!;
  });
  return { list, owner: ownerName };
}

/** Changes name and description by a JSON patch (RFC 6902). Refuses notListOwner, listNotFound, listChanged, patchInvalid, patchTestFailed. */
export async function patchList(
  ctx: Context,
  caller: Caller,
  params: ListParams,
  patch: Patch,
  conditions: Conditions,
): Promise<NamedList> {
  const { id: ownerId, name: owner } = await ownerOf(ctx, caller, params.owner);
  const list = await ctx.db.transaction(async (tx) => {
    const known = await lockOwnList(tx, ownerId, params.identifier, conditions);
    await updateList(tx, { id: known.id, ...applyPatch(known, patch) });
    return (await lockList(tx, ownerId, params.identifier))!;
  });
  return { list, owner };
}

/**
 * Removes a list. Where a resource asks for lists its members may be acted for no longer, at once.
 * Refuses notListOwner, listChanged. Again: nothing changes.
 */
export async function removeList(ctx: Context, caller: Caller, params: ListParams, conditions: Conditions): Promise<void> {
  const { id: ownerId } = await ownerOf(ctx, caller, params.owner);
  await ctx.db.transaction(async (tx) => {
    const known = await lockList(tx, ownerId, params.identifier);
    refuseUnmet(conditions, known);
    if (!known) return;
    await deleteList(tx, known.id);
    await announceAccessChanges(tx);
  });
}

/** Refuses listNotFound, listChanged. */
export async function lockOwnList(tx: Tx, owner: StoredList['ownerId'], identifier: string, conditions: Conditions): Promise<StoredList> {
  const list = await lockList(tx, owner, identifier);
  if (!list) throw refuse(e.listNotFound, { identifier });
  refuseUnmet(conditions, list);
  return list;
}

/** Pure. Refuses patchInvalid, patchTestFailed. */
export function applyPatch(
  { name, description }: Pick<StoredList, 'name' | 'description'>,
  patch: Patch,
): { name: string; description: string } {
  const text = { name, description };
  for (const { op, path, value } of patch) {
    const member = path === '/name' ? 'name' : path === '/description' ? 'description' : undefined;
    const given = op === 'remove' && member === 'description' ? '' : value;
    if (!member || typeof given !== 'string' || !['replace', 'add', 'test', 'remove'].includes(op)) throw refuse(e.patchInvalid);
    if (op === 'test' && text[member] !== given) throw refuse(e.patchTestFailed);
    text[member] = given;
  }
  if (text.name === '' || text.name.length > 500 || text.description.length > 10_000) throw refuse(e.patchInvalid);
  return text;
}
