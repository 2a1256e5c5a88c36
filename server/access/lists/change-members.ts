import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, parsePartyReference, resolveParties } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { listErrors as e } from './errors.ts';
import type { Conditions } from './etag.ts';
import { ownerOf } from './owner.ts';
import { addMembers, countMembers, findList, keepMembers, removeMembers } from './store.ts';
import type { ListParams } from './wire.ts';
import { lockOwnList, type NamedList } from './write-list.ts';

/** `replace`: those given and no others. */
export type MemberChange = 'replace' | 'add' | 'remove';

const mostMembers = 50_000;

/**
 * Changes who stands in a list. What the members may receive, and who can open their unread post, follows at once.
 * Refuses notListOwner, listNotFound, listChanged, memberUnknown, tooManyMembers. The same again changes nothing.
 */
export async function changeMembers(
  ctx: Context,
  caller: Caller,
  params: ListParams,
  change: MemberChange,
  names: readonly string[],
  conditions: Conditions,
): Promise<NamedList> {
  const { id: ownerId, name: owner } = await ownerOf(ctx, caller, params.owner);
  const parties = await organizationsNamed(ctx, names);
  const list = await ctx.db.transaction(async (tx) => {
    const { id } = await lockOwnList(tx, ownerId, params.identifier, conditions);
    if (change === 'remove') await removeMembers(tx, id, parties);
    if (change === 'replace') await keepMembers(tx, id, parties);
    if (change !== 'remove') await addMembers(tx, id, parties);
    if ((await countMembers(tx, id)) > mostMembers) throw refuse(e.tooManyMembers);
    await announceAccessChanges(tx);
    return (await findList(tx, ownerId, params.identifier))!;
  });
  return { list, owner };
}

const byUuid = /^urn:altinn:party:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Called outside transactions: a sandbox may let numbers come to be. Refuses memberUnknown with the places of those that are no organizations. */
async function organizationsNamed(ctx: Context, names: readonly string[]): Promise<PartyId[]> {
  const given = names.map((name) => {
    const reference = parsePartyReference(name);
    return {
      id: byUuid.exec(name.toLowerCase())?.[1] as PartyId | undefined,
      number: reference?.kind === 'organization' ? reference.number : undefined,
    };
  });
  const byNumber = await resolveParties(ctx, [...new Set(given.flatMap(({ number }) => number ?? []))]);
  const byId = await findParties(ctx.db, [...new Set(given.flatMap(({ id }) => id ?? []))]);
  const found = given.map(({ id, number }) => (id ? byId.get(id) : number ? byNumber.get(number) : undefined));
  const unknown = found.flatMap((party, i) => (party?.kind === 'organization' ? [] : [i]));
  if (unknown.length > 0) throw refuse(e.memberUnknown, { places: unknown.slice(0, 20).join(', ') });
  return [...new Set(found.map((party) => party!.id))];
}
