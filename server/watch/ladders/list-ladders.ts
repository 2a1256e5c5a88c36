import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { awaitDecision } from '../climb/decide-step.ts';
import { millisOf } from './duration.ts';
import { ladderErrors as e } from './errors.ts';
import { readMakers } from './maker.ts';
import { ownerSeenBy } from './owner-of.ts';
import { most, refuseFaults } from './put-ladder.ts';
import { findLadder, listLadders, listVersions, planSteps, type StoredLadder } from './store.ts';
import { viewOf } from './view.ts';
import { stored, type WrittenStep } from './wire.ts';

const page = 50;

/** Presets, drafts and the caller's own ladders, each in its newest version. */
export async function listOwnLadders(ctx: Context, caller: Caller, { after }: { readonly after?: string | undefined }) {
  const found = await listLadders(ctx.db, ownerSeenBy(caller, 'see'), after ?? '', page + 1);
  const shown = found.slice(0, page);
  const makerOf = await readMakers(
    ctx.db,
    shown.map(({ madeBy }) => madeBy),
  );
  return { ladders: shown.map((ladder) => viewOf(ladder, makerOf)), next: found.length > page ? shown.at(-1)!.id : null };
}

/** Every version of a ladder, newest first. Refuses ladderNotFound, also for one of another's. */
export async function showLadder(ctx: Context, caller: Caller, id: string) {
  const versions = await listVersions(ctx.db, id, most.versions);
  if (versions.length === 0 || !isSeenBy(caller, versions[0]!)) throw refuse(e.ladderNotFound);
  const makerOf = await readMakers(
    ctx.db,
    versions.map(({ madeBy }) => madeBy),
  );
  return { versions: versions.map((version) => viewOf(version, makerOf)) };
}

/**
 * The days on which a ladder, or steps that are not stored, would fall due for something published at an instant. Writes nothing.
 * Refuses oneOf, outsideCalendar, ladderNotFound, ladderMisfit.
 */
export async function previewLadder(
  ctx: Context,
  caller: Caller,
  { publishedAt, ladder, steps }: { readonly publishedAt: string; readonly ladder?: string; readonly steps?: readonly WrittenStep[] },
) {
  if ((ladder === undefined) === (steps === undefined)) throw refuse(e.oneOf, { members: 'ladder, steps' });
  const at = new Date(publishedAt);
  if (at.getUTCFullYear() < 1900 || at.getUTCFullYear() > 2199) throw refuse(e.outsideCalendar);
  const found = ladder === undefined ? undefined : await findLadder(ctx.db, ladder);
  if (ladder !== undefined && (!found || !isSeenBy(caller, found))) throw refuse(e.ladderNotFound);
  const specs = found ? found.steps : stored(steps!);
  refuseFaults(specs);
  const planned = await planSteps(ctx.db, specs, at);
  return {
    steps: planned.map(({ n, dueAt, dueOn }) => {
      const { name, who, when, channel } = specs[n]!;
      return { name, who, when, channel, dueAt: dueAt.toISOString(), dueOn };
    }),
    thenAskedAt: new Date(planned.at(-1)!.dueAt.getTime() + millisOf(awaitDecision.after)!).toISOString(),
  };
}

function isSeenBy(caller: Caller, { owner, message }: StoredLadder): boolean {
  return message === null && (owner === null || owner === ownerSeenBy(caller, 'see'));
}
