import type { Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { noNotices, noticeFacts, noticeKey } from '#notifications/index.ts';
import { listCauses } from './causes/list-causes.ts';
import { readCauses } from './causes/store.ts';
import { senderDecisions } from './sender/decide-for-sender.ts';
import { missingWatch, ringIfMissing } from './sender/missing-watch.ts';
import { listItems, listItemsOf, type WatchItem } from './store/item.ts';
import { listSteps, listStepsToCome, type StepToCome, type WatchStep } from './store/step.ts';
import { watchKey } from './types.ts';
import type { WatchView } from './wire.ts';

/**
 * The watch on a thing, as its sender may see it: counts and classes, no people; with a party, that of this recipient among several.
 * Undefined when nothing of that id is watched.
 */
export async function findWatch(reader: Reader, about: string, party?: PartyId): Promise<WatchView | undefined> {
  const [item] = party === undefined ? await listItemsOf(reader, about) : await listItems(reader, [{ about, party }]);
  if (!item) return undefined;
  const steps = await listSteps(reader, [item]);
  const toCome = await listStepsToCome(reader, [item]);
  const notices = await noticeFacts(reader, [item]);
  const young = item.settledAt || item.cause ? undefined : (await readCauses(reader, [item])).get(watchKey(item));
  const facts = notices.get(noticeKey(item.about, item.party)) ?? noNotices;
  return {
    about: item.about,
    state: stateOf(item),
    class: item.class,
    openers: item.openers,
    grantors: item.grantors,
    attachmentLocked: item.attachmentLocked,
    computedAt: item.computedAt.toISOString(),
    begunAt: item.begunAt.toISOString(),
    publishedAt: text(item.publishedAt),
    openedAt: text(item.openedAt),
    fetchedBySystemAt: text(item.fetchedBySystemAt),
    confirmedAt: text(item.confirmedAt),
    confirmNeeded: item.confirmNeeded,
    dueAt: text(item.dueAt),
    cause: item.settledAt ? null : (item.cause ?? young ?? null),
    causes: await listCauses(reader, item),
    noticeDueAt: text(facts.dueAt),
    nextAction: item.nextAction,
    nextActionAt: text(item.nextActionAt),
    ladder: { name: item.ladder, version: item.ladderVersion },
    steps: [...steps.map(stepView), ...toCome.map((step) => stepToComeView(step, item))].sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1)),
    failure: item.failedAt ? { at: item.failedAt.toISOString(), reason: item.failure! } : null,
    decision: decisionOf(item),
    outcome: item.outcome,
    settledAt: text(item.settledAt),
  };
}

/** The watch over post, for its sender: it is there, whatever became of the post. Refuses watchMissing, and rings. */
export function watchFor(ctx: Context, about: string, party: PartyId): Promise<WatchView> {
  return ringIfMissing(ctx, async () => {
    const watch = await findWatch(ctx.db, about, party);
    if (!watch) throw missingWatch({ about, party });
    return watch;
  });
}

function stateOf(item: WatchItem): WatchView['state'] {
  if (item.settledAt) return 'settled';
  if (item.failedAt) return 'failed';
  if (item.openedAt) return 'opened';
  return item.publishedAt ? 'published' : 'begun';
}

const decisions = Object.keys(senderDecisions) as (keyof typeof senderDecisions)[];

function decisionOf({ outcome, settledAt, settledName, settledReason }: WatchItem): WatchView['decision'] {
  if (!settledAt || settledName === null) return null;
  const decision = decisions.find((each) => senderDecisions[each] === outcome) ?? 'accept-as-unread';
  return { decision, name: settledName, reason: settledReason ?? '', at: settledAt.toISOString() };
}

function stepView(step: WatchStep): WatchView['steps'][number] {
  return {
    name: step.name,
    who: step.spec.who,
    source: step.source,
    dueAt: step.dueAt.toISOString(),
    state: step.state,
    reason: step.reason,
    changedAt: step.changedAt.toISOString(),
  };
}

/** Planned only when the step before it is taken; to the sender it is due all the same. */
function stepToComeView(step: StepToCome, item: WatchItem): WatchView['steps'][number] {
  const changedAt = (item.publishedAt ?? item.begunAt).toISOString();
  return {
    name: step.spec.name,
    who: step.spec.who,
    source: step.source,
    dueAt: step.dueAt.toISOString(),
    state: 'due',
    reason: null,
    changedAt,
  };
}

const text = (at: Date | null): string | null => at?.toISOString() ?? null;
