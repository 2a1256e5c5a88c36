import { recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type ClientDelegation, endUnfounded } from '../store/client-delegations.ts';
import type { Grant } from '../store/grants.ts';

/** When it ended, and through whom. */
interface Ending {
  readonly at: Date;
  readonly who: object;
}

/**
 * With a package that an organization was given goes what it lets its agents do by it, also where it is given the same anew later, but
 * where the taking is undone. Called
 * by whoever ends grants, after their end is written and before it is announced.
 */
export async function endWithGrants(tx: Tx, grants: readonly Grant[], ending: Ending): Promise<void> {
  const packages = grants.filter((grant) => grant.package !== null);
  if (packages.length === 0) return;
  const ended = await endUnfounded(
    tx,
    packages.map((grant) => ({ client: grant.at, provider: grant.to })),
    ending.at,
  );
  record(tx, ended, ending);
}

/**
 * The same for roles: what a provider no longer has at these clients by a role of its own, or because a role gives less at what the
 * client has become, its agents have no more either. An accountant that a client leaves does not find its people let in again when it
 * comes back. Called by whoever ends roles or alters parties, after that is written and before it is announced.
 */
export async function endWithRoles(tx: Tx, clients: readonly PartyId[], ending: Ending): Promise<void> {
  if (clients.length === 0) return;
  const ended = await endUnfounded(
    tx,
    clients.map((client) => ({ client, provider: null })),
    ending.at,
  );
  record(tx, ended, ending);
}

function record(tx: Tx, ended: readonly ClientDelegation[], { at, who }: Ending): void {
  recordEvidence(
    tx,
    ended.map((row) => ({
      ...{ event: 'AccessRevoked' as const, about: row.agent, recipient: row.client, at, proves: 'nothing' as const },
      core: { package: row.package, provider: row.provider, cause: 'provider-lost-it' },
      who: { ...who, from: row.agent },
    })),
  );
}
