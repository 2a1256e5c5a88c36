import Type, { type Static } from 'typebox';
import type { Caller, Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { Enumeration, personal, Timestamp } from '#kernel/schema.ts';
import { accessErrors } from './errors.ts';
import { namedParty } from './grants/named-party.ts';
import { findResource } from './store/resources.ts';
import { whoCanOpen } from './who-can-open.ts';

export const ReachabilityQuery = Type.Object({
  resource: Type.String({ minLength: 1, maxLength: 255 }),
  party: personal(Type.String({ minLength: 1, maxLength: 300 })),
});
export type ReachabilityQuery = Static<typeof ReachabilityQuery>;

export const Reachability = Type.Object({
  class: Enumeration('Reachability', { UNREACHABLE: 0, GRANTABLE: 1, COLD: 2, REACHABLE: 3, PROVEN: 4 }),
  persons: Type.Integer(),
  systems: Type.Integer(),
  /** Organizations that could fetch by machine and have not been seen to. */
  possibleSystems: Type.Integer(),
  grantors: Type.Integer(),
  computedAt: Timestamp,
});
export type Reachability = Static<typeof Reachability>;

/**
 * Tells the owner of a resource, before it sends, whether post on it would be opened at a party: class and counts, never who.
 * Refuses notResourceOwner, also for a resource that does not exist; partyReferenceInvalid, partyUnknown.
 * Source: compatibility.md, platform, §2.7 (surfaces); the route is ours.
 */
export async function showReachability(ctx: Context, caller: Caller, query: ReachabilityQuery): Promise<Reachability> {
  const id = query.resource.replace(/^urn:altinn:resource:/i, '') as ResourceId;
  const resource = await findResource(ctx.db, id);
  if (!resource || !caller.consumer || resource.ownerId !== caller.consumer) throw refuse(accessErrors.notResourceOwner);
  const party = await namedParty(ctx, 'party', query.party);
  const [found] = await whoCanOpen(ctx.db, [
    { party: party.id, needs: [{ resource: id, action: 'read', instance: null, what: 'message' }] },
  ]);
  const openers = found?.openers ?? [];
  const persons = openers.filter((opener) => opener.kind === 'person').length;
  return {
    class: found?.class ?? 'UNREACHABLE',
    persons,
    systems: openers.length - persons,
    possibleSystems: found?.possibleSystems ?? 0,
    grantors: found?.grantors.length ?? 0,
    computedAt: ctx.now().toISOString(),
  };
}
