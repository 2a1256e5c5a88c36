import { isDeepStrictEqual } from 'node:util';
import { findResource, saveLadderOfResource } from '#access/index.ts';
import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { ladderErrors as e } from './errors.ts';
import type { LadderLimits } from './limits.ts';
import { readMakers } from './maker.ts';
import { livingOwnerOf, ownerOf } from './owner-of.ts';
import { findLadder, findLimits, listChoices, lockLadder, type StoredLadder, saveChoice, saveLimits } from './store.ts';

/** What a resource's watches climb, and what its senders may choose. Refuses resourceNotYours, also for one that does not exist. */
export async function showResourceLadder(ctx: Context, caller: Caller, id: ResourceId) {
  const { ladder } = await ownResource(ctx.db, ownerOf(caller, 'see'), id);
  return viewOf(ctx.db, id, ladder);
}

const page = 50;

/** Who chose what a resource's watches climb, and what its senders may choose, newest first. Refuses notOrganization, resourceNotYours. */
export async function listLadderChoices(
  ctx: Context,
  caller: Caller,
  id: ResourceId,
  { before }: { readonly before?: string | undefined },
) {
  await ownResource(ctx.db, ownerOf(caller, 'see'), id);
  const found = await listChoices(ctx.db, id, before ?? null, page + 1);
  const shown = found.slice(0, page);
  const makerOf = await readMakers(
    ctx.db,
    shown.map(({ who }) => who),
  );
  const choices = shown.map(({ id: own, at, who, ladder, limits }) => ({
    id: own,
    at: at.toISOString(),
    by: makerOf(who),
    ladder,
    limits,
  }));
  return { choices, next: found.length > page ? shown.at(-1)!.id : null };
}

/**
 * The owner chooses the ladder of a resource, and with `limits` what senders may choose for one message; null: nothing. What was sent
 * before keeps its ladder. Choosing the same again changes nothing. Each change is kept with who made it; one of a resource at a time.
 *
 * Refuses notOrganization, notAdministrator, resourceNotYours, ladderNotFound, ladderIsDraft, limitsMisfit.
 */
export async function chooseLadder(
  ctx: Context,
  caller: Caller,
  id: ResourceId,
  { ladder, limits }: { readonly ladder: string; readonly limits?: LadderLimits | null | undefined },
) {
  const owner = await livingOwnerOf(ctx.db, caller);
  return ctx.db.transaction(async (tx) => {
    await lockLadder(tx, `of resource ${id}`);
    const { ownerId, ladder: before } = await ownResource(tx, owner, id);
    await usableLadder(tx, ladder, ownerId);
    for (const named of limits?.ladders ?? []) {
      const found = await findLadder(tx, named);
      if (!found || !isUsable(found, ownerId)) throw refuse(e.limitsMisfit, { ladder: named });
    }
    const was = { ladder: before, limits: await findLimits(tx, id) };
    const now = { ladder, limits: limits === undefined ? was.limits : limits };
    if (!isDeepStrictEqual(was, now)) {
      await saveLadderOfResource(tx, id, ladder);
      await saveLimits(tx, id, now.limits, ctx.now());
      await saveChoice(tx, id, { id: newId(), ...now, who: actorOf(caller), at: ctx.now() });
    }
    return viewOf(tx, id, ladder);
  });
}

/** The newest version of a preset or of the resource owner's own. Refuses ladderNotFound, ladderIsDraft. */
export async function usableLadder(reader: Reader, id: string, resourceOwner: PartyId): Promise<StoredLadder> {
  const found = await findLadder(reader, id);
  if (found?.isDraft) throw refuse(e.ladderIsDraft);
  if (!found || !isUsable(found, resourceOwner)) throw refuse(e.ladderNotFound);
  return found;
}

function isUsable({ owner, message, isDraft }: StoredLadder, resourceOwner: PartyId): boolean {
  return !isDraft && message === null && (owner === null || owner === resourceOwner);
}

async function ownResource(reader: Reader, owner: PartyId, id: ResourceId) {
  const resource = await findResource(reader, id);
  if (!resource || resource.deletedAt || resource.ownerId !== owner) throw refuse(e.resourceNotYours);
  return resource;
}

async function viewOf(reader: Reader, id: ResourceId, ladder: string) {
  const found = await findLadder(reader, ladder);
  return { ladder, version: found?.version ?? 0, limits: await findLimits(reader, id) };
}
