import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { announceAccessChanges } from '../announce.ts';
import { type Grant, saveRevocations } from '../store/grants.ts';
import { endWithGrants } from './end-with-grants.ts';

/** Grants that end, and how the caller may end them. */
export interface Taking {
  readonly grants: readonly Grant[];
  readonly by: PartyId;
  readonly path: readonly string[];
}

/** Takes access away: the one way in which people do. The caller of this holds the lock of the grants' party, and has asked for the right. */
export async function takeAccess(tx: Tx, { now }: Pick<Context, 'now'>, caller: Caller, { grants, by, path }: Taking): Promise<void> {
  if (grants.length === 0) return;
  const at = now();
  saveRevocations(
    tx,
    grants.map(({ id }) => id),
    { by, at },
  );
  recordEvidence(
    tx,
    grants.map((grant) => ({
      event: 'AccessRevoked' as const,
      about: grant.id,
      recipient: grant.at,
      at,
      proves: 'nothing' as const,
      core: { package: grant.package, resource: grant.resource, item: grant.instance, cause: 'revoked' },
      who: { ...actorOf(caller, path), from: grant.to },
    })),
  );
  await endWithGrants(tx, grants, { at, who: actorOf(caller, path) });
  await announceAccessChanges(tx, { by: actorOf(caller, path), cause: 'revoked' });
}
