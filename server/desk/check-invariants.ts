import type { Caller, Context } from '#kernel/context.ts';
import type { Invariant, Reader } from '#kernel/database.ts';
import { recent } from '#kernel/recent.ts';
import { countOpenWatches, findViolations } from './store.ts';
import type { InvariantReport } from './wire.ts';

export type InvariantContext = Context & { readonly invariants: readonly Invariant[] };

/** The scope of those who run the installation: they see ids, still nothing personal. */
export const operatorScope = 'budstikke:operator';

const findRecently = recent(({ db, invariants }: InvariantContext) => findViolations(db, invariants));

/** Says which invariants hold, as they were asked at most a minute ago: whoever may send may ask, and each costs. Ids of what breaks one are for operators. */
export async function checkInvariants(ctx: InvariantContext, caller: Caller): Promise<InvariantReport> {
  const { at, answer: findings } = await findRecently(ctx);
  const invariants = findings.map(({ name, rows }) => ({
    name,
    holds: rows.length === 0,
    violations: rows.length,
    ids: caller.scopes.has(operatorScope) ? rows.map((row) => String(Object.values(row)[0])) : [],
  }));
  return {
    at: at.toISOString(),
    holds: invariants.every((i) => i.holds),
    openWatches: await countOwnWatches(ctx.db, caller),
    invariants,
  };
}

/** How much of what the caller has sent is open under watch; nothing of anybody else's. */
async function countOwnWatches(reader: Reader, { subject, party, consumer }: Caller): Promise<number> {
  const senders = [...new Set([subject, party, consumer])].filter((id) => id !== null);
  return countOpenWatches(reader, senders);
}
