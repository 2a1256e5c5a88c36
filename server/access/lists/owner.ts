import type { Caller, Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { TokenRule } from '#kernel/route.ts';
import { findParty } from '#register/index.ts';
import { listErrors as e } from './errors.ts';

const either = (scope: string): readonly TokenRule[] => [
  { issuer: 'altinn', all: [scope] },
  { issuer: 'maskinporten', all: [scope] },
];

export const readersOfLists = [...either('altinn:resourceregistry/accesslist.read'), ...either('altinn:resourceregistry/accesslist.write')];
export const writersOfLists = either('altinn:resourceregistry/accesslist.write');
export const asksForDecisions = either('altinn:authorization/authorize');

/** Whose lists are meant, by code or number: those of the caller's own organization. Refuses notListOwner, whether there is another or not. */
export async function ownerOf(ctx: Context, caller: Caller, named: string): Promise<{ id: PartyId; name: string }> {
  const own = caller.consumer ? await findParty(ctx.db, caller.consumer) : undefined;
  if (!own?.alive || (named.toLowerCase() !== own.orgCode?.toLowerCase() && named !== own.number)) throw refuse(e.notListOwner);
  return { id: own.id, name: own.orgCode ?? own.number! };
}
