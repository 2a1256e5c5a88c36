import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { mayLetAgentsUse } from '../decide/give.ts';
import { accessErrors } from '../errors.ts';
import { factsOfGiver, levelOfAdministrators, onlyAdministering } from '../grants/right-to-give.ts';
import { findPackageLevels } from '../store/resource-subjects.ts';

/** A package at a client; null: at clients to come. */
interface OfAgent {
  readonly client: PartyId | null;
  readonly package: string;
}

/**
 * How the caller may let an agent of the provider use each of these, or take it from one: the same is asked for either, as of
 * everything that is given. None: how it may say who is an agent. The same four statements for any number.
 * Refuses mayNotGrant: by a login that does not open what it is about, and what access managers do not hand on.
 */
export async function pathsToDelegate(
  tx: Tx,
  caller: Caller,
  provider: PartyId,
  rows: readonly OfAgent[],
): Promise<readonly (readonly string[])[]> {
  if (!caller.subject || caller.authLevel < levelOfAdministrators) throw refuse(accessErrors.mayNotGrant);
  const packages = [...new Set(rows.map((row) => row.package))];
  const levels = await findPackageLevels(tx, packages);
  if (packages.some((code) => caller.authLevel < (levels.get(code) ?? 0))) throw refuse(accessErrors.mayNotGrant);
  const clients = [...new Set(rows.flatMap(({ client }) => client ?? []))];
  const facts = await factsOfGiver(tx, caller.subject, [provider, ...clients], { ...onlyAdministering, packages });
  const atProvider = facts.get(provider);
  return rows.map((row) => {
    const atClient = row.client === null ? null : { ...atProvider!, facts: facts.get(row.client)?.facts ?? [] };
    const path = atProvider && mayLetAgentsUse(row.package, atProvider, atClient);
    if (!path) throw refuse(accessErrors.mayNotGrant);
    return path;
  });
}
