import { actorOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import type { StepSpec } from '../types.ts';
import { faultsOf } from './definition.ts';
import { ladderErrors as e } from './errors.ts';
import { readMakers } from './maker.ts';
import { livingOwnerOf } from './owner-of.ts';
import { countLadders, findLadder, lockLadder, type StoredLadder, saveLadder } from './store.ts';
import { viewOf } from './view.ts';
import { type LadderView, stored, type WrittenStep } from './wire.ts';

export const most = { ladders: 200, versions: 1000, changes: 20 } as const;

/**
 * A service owner writes a ladder: a new one, or a new version of its own. Watches keep the version that they began with. Writing the same
 * again changes nothing. One writer of a ladder at a time, and one of an owner's new ones.
 *
 * Refuses notOrganization, notAdministrator, ladderMisfit, ladderOfOthers, tooManyLadders, tooManyVersions.
 */
export async function putLadder(ctx: Context, caller: Caller, id: string, written: readonly WrittenStep[]): Promise<LadderView> {
  const owner = await livingOwnerOf(ctx.db, caller);
  const steps = stored(written);
  refuseFaults(steps);
  return ctx.db.transaction(async (tx) => {
    await lockLadder(tx, id);
    const now = await findLadder(tx, id);
    if (now && now.owner !== owner) throw refuse(e.ladderOfOthers);
    if (now && isSame(now.steps, steps)) return shown(tx, now);
    if (!now) await lockLadder(tx, `new of ${owner}`);
    if (!now && (await countLadders(tx, owner)) >= most.ladders) throw refuse(e.tooManyLadders, { most: most.ladders });
    if (now && now.version >= most.versions) throw refuse(e.tooManyVersions, { most: most.versions });
    await saveLadder(tx, { id, version: (now?.version ?? 0) + 1, owner, message: null, steps, at: ctx.now(), by: actorOf(caller) });
    return shown(tx, (await findLadder(tx, id))!);
  });
}

async function shown(reader: Reader, ladder: StoredLadder): Promise<LadderView> {
  return viewOf(ladder, await readMakers(reader, [ladder.madeBy]));
}

/** Refuses ladderMisfit. */
export function refuseFaults(steps: readonly StepSpec[]): void {
  const faults = faultsOf(steps);
  if (faults.length > 0) throw refuse(e.ladderMisfit, { faults: faults.join('; ') });
}

/** Members may come in any order, as JSON has none. */
export function isSame(some: readonly StepSpec[], others: readonly StepSpec[]): boolean {
  const text = (steps: readonly StepSpec[]) =>
    JSON.stringify(steps.map((step) => Object.entries(step).sort(([a], [b]) => (a < b ? -1 : 1))));
  return text(some) === text(others);
}
