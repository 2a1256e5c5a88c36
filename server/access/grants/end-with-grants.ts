import { recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import { endUnfounded } from '../store/client-delegations.ts';
import type { Grant } from '../store/grants.ts';

/**
 * With a package that an organization was given goes what it lets its agents do by it, also where it is given the same anew later. Called
 * by whoever ends grants, after their end is written and before it is announced.
 */
export async function endWithGrants(
  tx: Tx,
  grants: readonly Grant[],
  { at, who }: { readonly at: Date; readonly who: object },
): Promise<void> {
  const packages = grants.filter((grant) => grant.package !== null);
  if (packages.length === 0) return;
  const ended = await endUnfounded(
    tx,
    packages.map((grant) => ({ client: grant.at, provider: grant.to })),
  );
  recordEvidence(
    tx,
    ended.map((row) => ({
      ...{ event: 'AccessRevoked' as const, about: row.agent, recipient: row.client, at, proves: 'nothing' as const },
      core: { package: row.package, provider: row.provider, cause: 'provider-lost-it' },
      who: { ...who, from: row.agent },
    })),
  );
}
