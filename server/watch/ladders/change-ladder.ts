import { findResource } from '#access/index.ts';
import { type Actor, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { awaitDecision } from '../climb/decide-step.ts';
import { saveNewSteps } from '../store/begin.ts';
import { lockItems, refreshNextActions, type WatchItem } from '../store/item.ts';
import { listSteps, listStepsToCome } from '../store/step.ts';
import type { StepSpec, WatchKey } from '../types.ts';
import { daysAfter } from './definition.ts';
import { dayMillis, millisOf } from './duration.ts';
import { ladderErrors as e } from './errors.ts';
import { beyond, type LadderLimits, noChoice } from './limits.ts';
import { isSame, most, refuseFaults } from './put-ladder.ts';
import { usableLadder } from './resource-ladder.ts';
import { changeLadderOf, findLadder, findLimits, lockLadder, planSteps, type StoredLadder, saveLadder } from './store.ts';
import { type MessageLadder, stored } from './wire.ts';

export interface LadderChange {
  readonly key: WatchKey & { readonly party: PartyId };
  readonly wish: MessageLadder;
  readonly actor: Actor;
  readonly at: Date;
}

/**
 * A sender gives one message a ladder of its own, within what the resource lets it: another of the owner's, its own steps, or changes to
 * the steps that it has. What was done stays done and is not done again; what lies before is planned anew, and what would have been due
 * by now is due at once. Locks the watch. The same wish again changes nothing. A message has its ladder changed 20 times at most.
 *
 * Refuses oneOf, tooLate, ladderMisfit, beyondLimits, stepUnknown, tooManyChanges, ladderNotFound, ladderIsDraft.
 */
export async function changeLadder(tx: Tx, { key, wish, actor, at }: LadderChange): Promise<void> {
  if ([wish.ladder, wish.steps, wish.changes].filter((given) => given !== undefined).length !== 1)
    throw refuse(e.oneOf, { members: 'ladder, steps, changes' });
  const [item] = await lockItems(tx, [key]);
  if (!item || item.settledAt || item.openedAt || item.failedAt) throw refuse(e.tooLate);
  const limits = (await findLimits(tx, item.resource)) ?? noChoice;
  const ladder =
    wish.ladder === undefined ? await writeOwn(tx, item, limits, { wish, actor, at }) : await chosen(tx, item, wish.ladder, limits);
  if (ladder.id === item.ladder && ladder.version === item.ladderVersion) return;
  if (item.ladderTurn >= most.changes) throw refuse(e.tooManyChanges, { most: most.changes });
  await changeLadderOf(tx, { ...key, at }, ladder);
  if (item.publishedAt) await planAnew(tx, item, at);
  recordEvidence(tx, [
    {
      event: 'LadderStep',
      about: item.about,
      recipient: item.party,
      at,
      proves: 'recorded',
      core: { step: 'change-ladder', source: 'sender', ladder: ladder.id, ladderVersion: ladder.version },
      who: actor,
    },
  ]);
}

async function chosen(tx: Tx, item: WatchItem, id: string, limits: LadderLimits): Promise<StoredLadder> {
  const resource = (await findResource(tx, item.resource))!;
  const ladder = await usableLadder(tx, id, resource.ownerId);
  if (id !== resource.ladder && !limits.ladders.includes(id)) throw refuse(e.beyondLimits, { faults: `it may not be ${id}` });
  return ladder;
}

async function writeOwn(
  tx: Tx,
  item: WatchItem,
  limits: LadderLimits,
  { wish, actor, at }: Omit<LadderChange, 'key'>,
): Promise<StoredLadder> {
  const id = ownId(item);
  const before = await stepsOf(tx, item);
  const steps = wish.steps ? [...stored(wish.steps, 'sender'), ...notForSenders(before, limits)] : changed(before, wish.changes!);
  if (steps.length === 0) throw refuse(e.ladderMisfit, { faults: 'no step is left' });
  refuseFaults(steps);
  const bySender = steps.filter(({ source }) => source === 'sender');
  const leftOut = leftOutOf(before, steps, wish);
  const faults = beyond({ steps: bySender, leftOut, daysAfter: await daysOf(tx, item, bySender) }, limits);
  if (faults.length > 0) throw refuse(e.beyondLimits, { faults: faults.join('; ') });
  if (leftOut.some(({ who }) => who === 'openers') && !steps.some(({ who }) => who === 'openers'))
    throw refuse(e.ladderMisfit, { faults: 'no step is left toward those who can open' });
  if (isSame(before, steps)) return (await findLadder(tx, item.ladder, item.ladderVersion))!;
  await lockLadder(tx, id);
  const last = await findLadder(tx, id);
  const version = (last?.version ?? 0) + 1;
  if (version > most.changes) throw refuse(e.tooManyChanges, { most: most.changes });
  await saveLadder(tx, { id, version, owner: item.sender, message: item.about, steps, at, by: actor });
  return (await findLadder(tx, id, version))!;
}

async function stepsOf(tx: Tx, { ladder, ladderVersion }: WatchItem): Promise<readonly StepSpec[]> {
  return (await findLadder(tx, ladder, ladderVersion))!.steps;
}

/** What the ladder has for those whom no sender may turn to stays, whatever a sender writes beside it. */
function notForSenders(steps: readonly StepSpec[], { turnsTo }: LadderLimits): StepSpec[] {
  return steps.filter(({ who, source }) => source !== 'sender' && !turnsTo.includes(who));
}

/**
 * Pure. Steps that will not come: by name where steps are changed; where a sender writes its own, those in whose place nothing turns to the
 * same people.
 */
function leftOutOf(before: readonly StepSpec[], steps: readonly StepSpec[], wish: MessageLadder): readonly StepSpec[] {
  const comes = ({ name, who }: StepSpec) => steps.some((step) => (wish.steps ? step.who === who : step.name === name));
  return before.filter((step) => !comes(step));
}

/** Counted from its publication, or, while nobody knows that, as late as it can be. */
async function daysOf(tx: Tx, { publishedAt }: WatchItem, steps: readonly StepSpec[]): Promise<(step: StepSpec) => number> {
  if (!publishedAt) return (step) => daysAfter(step)!;
  const planned = await planSteps(tx, steps, publishedAt);
  const days = new Map(planned.map(({ n, dueAt }) => [steps[n]!, (dueAt.getTime() - publishedAt.getTime()) / dayMillis]));
  return (step) => days.get(step)!;
}

/** Pure. Steps that are not named stay as they are. Refuses stepUnknown, ladderMisfit. */
function changed(steps: readonly StepSpec[], changes: NonNullable<MessageLadder['changes']>): StepSpec[] {
  const unknown = changes.find(({ name }) => !steps.some((step) => step.name === name));
  if (unknown) throw refuse(e.stepUnknown, { name: unknown.name });
  const twice = changes.find(({ name }, i) => changes.findIndex((each) => each.name === name) !== i);
  if (twice) throw refuse(e.ladderMisfit, { faults: `${twice.name}: it is changed twice` });
  return steps.flatMap((step) => {
    const change = changes.find(({ name }) => name === step.name);
    if (!change) return [step];
    const { leaveOut, ...over } = change;
    return leaveOut ? [] : [{ ...step, ...(over as Partial<StepSpec>), source: 'sender' as const }];
  });
}

const ownId = ({ about, party }: WatchItem): string => `message-${about}-${party}`;

/** The next day of the new ladder, or, where nothing is left of it, the question to the sender. */
async function planAnew(tx: Tx, item: WatchItem, at: Date): Promise<void> {
  const toCome = await listStepsToCome(tx, [item]);
  const due = (await listSteps(tx, [item])).filter((step) => step.state === 'due');
  const next = toCome.filter((step) => step.dueAt.getTime() === toCome[0]!.dueAt.getTime());
  const asking = { about: item.about, party: item.party, spec: awaitDecision, source: 'policy' as const, orderId: null, rank: null };
  const inAWeek = new Date(at.getTime() + millisOf(awaitDecision.after)!);
  saveNewSteps(tx, next.length > 0 ? next : due.length > 0 ? [] : [{ ...asking, dueAt: inAWeek }], at);
  refreshNextActions(tx, [item]);
}
