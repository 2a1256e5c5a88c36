import type { WatchItem } from '../store/item.ts';
import type { WatchStep } from '../store/step.ts';
import type { TurnsTo } from '../types.ts';
import { type Decision, notifyGrantors, notifyInTime } from './decide-step.ts';

const readers: readonly TurnsTo[] = ['openers', 'grantors', 'key-roles', 'fallback'];
/** A day, less the while that a worker may take. */
const nearlyADay = 23 * 3_600_000;

/**
 * Pure. Whether a step of the ladder has nothing to say any more to those whom it turns to: of several that are overdue one tells them.
 * What a sender wrote for its message tells nobody within a day of the last word. Two steps that an owner set on one instant both go.
 */
function isFolded(step: WatchStep, taken: readonly WatchStep[]): boolean {
  if (step.rank === null || !readers.includes(step.spec.who)) return false;
  const bySender = step.source === 'sender' && step.orderId === null;
  return taken.some((told) => {
    if (told.state !== 'done' || told.id === step.id || told.spec.who !== step.spec.who || isInInbox(told) !== isInInbox(step))
      return false;
    return bySender
      ? told.changedAt.getTime() > step.dueAt.getTime() - nearlyADay
      : told.changedAt > step.dueAt && told.dueAt < step.dueAt && told.rank !== null;
  });
}

/** What has told them is among the watch's steps. */
interface Watched {
  readonly item: Pick<WatchItem, 'publishedAt'>;
  readonly steps: readonly WatchStep[];
}

/** Pure. Whether those whom a step turns to have heard what it has to say. */
export function saysNothingNew(step: WatchStep, watch: Watched, decision: Decision): boolean {
  const toGrantors = decision.kind === 'act' && decision.who === 'grantors';
  return isFolded(step, watch.steps) || isToldInTime(step, watch.steps) || (toGrantors && isToldAtOnce(step, watch));
}

const isInInbox = ({ spec }: WatchStep): boolean => spec.channel === 'inbox';

/**
 * Pure. Whether a step that turns to those who could let somebody in, since nobody can open, has nothing to say: they were told when it came,
 * and that it has come is no news a day later, as it is a reminder's a week later.
 */
function isToldAtOnce({ spec }: WatchStep, { item, steps }: Watched): boolean {
  if (spec.who !== 'openers' || spec.text !== 'new-mail') return false;
  const isAtOnce = ({ dueAt }: WatchStep) => dueAt.getTime() === item.publishedAt?.getTime();
  return steps.some((step) => step.spec.name === notifyGrantors.name && step.state === 'done' && isAtOnce(step));
}

/** Pure. Where the time is short, it is said once that something has come: by the ladder, or by the step that comes before it for that. */
function isToldInTime(step: WatchStep, steps: readonly WatchStep[]): boolean {
  const isNews = ({ spec }: WatchStep): boolean => spec.who === 'openers' && spec.text === 'new-mail' && spec.channel !== 'inbox';
  const isInTime = ({ name }: WatchStep): boolean => name === notifyInTime.name;
  if (!isNews(step) || !(isInTime(step) || step.rank !== null)) return false;
  return steps.some((told) => told.state === 'done' && isNews(told) && (isInTime(step) || isInTime(told)));
}
