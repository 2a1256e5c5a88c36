import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { TokenRule } from '#kernel/route.ts';
import { isOrganizationNumber, type Party, resolveParties } from '#register/index.ts';
import { registryErrors as e } from './errors.ts';

const writeScope = 'altinn:resourceregistry/resource.write';
const adminScope = 'altinn:resourceregistry/resource.admin';

/** Who may write resources: their owner, and whoever administers the registry. */
export const writersOfResources: readonly TokenRule[] = (['altinn', 'maskinporten'] as const).flatMap((issuer) => [
  { issuer, all: [writeScope] },
  { issuer, all: [adminScope] },
]);

/** Refuses notOwner: the token's organization must own the resource and not be gone, unless it administers the registry. */
export function refuseOthers(caller: Caller, owner: Pick<Party, 'id' | 'alive'>): void {
  if (caller.scopes.has(adminScope)) return;
  if (caller.consumer !== owner.id || !owner.alive) throw refuse(e.notOwner);
}

/** The organization of this number. Called outside transactions: a sandbox may let it come to be. Refuses ownerUnknown. */
export async function organizationOf(ctx: Context, number: string, field: string): Promise<Party> {
  const party = isOrganizationNumber(number) ? (await resolveParties(ctx, [number])).get(number) : undefined;
  if (party?.kind !== 'organization') throw refuse(e.ownerUnknown, { field });
  return party;
}
