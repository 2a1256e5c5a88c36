import { publishEvents } from '#events/index.ts';
import { recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type Addresses, type Purpose, planNotices, planShipments, stepsWaiting } from '#notifications/index.ts';
import { keepCauses, mayHaveCause } from '../causes/keep-causes.ts';
import { recompute } from '../openers/reevaluate.ts';
import { planDigests, type Telling, tellingKey } from '../sender/sender-digest.ts';
import { hearerOf, secondHearerOf } from '../sender/sender-readers.ts';
import { type NewStep, saveNewSteps } from '../store/begin.ts';
import { saveFailureNotices } from '../store/failure.ts';
import { type Reach, saveReach } from '../store/heard.ts';
import { refreshNextActions, type WatchItem } from '../store/item.ts';
import type { SecondContact } from '../store/second-contact.ts';
import { type ClaimedStep, claimDueSteps, findNextDue, hastenTellingSender, saveTaken, type WatchStep } from '../store/step.ts';
import { saveTold, saveUnheard, type Unheard } from '../store/told.ts';
import { watchKey } from '../types.ts';
import { bundleFiles } from './bundle-files.ts';
import { decideStep } from './decide-step.ts';
import { wordsFor } from './file-words.ts';
import { holdForAnswers } from './hold-for-answers.ts';
import { workOrLeaveOut } from './leave-out.ts';
import { onRelay, type RelayAnswer } from './relay.ts';
import { readScene, type Scene, type WatchScene } from './scene.ts';
import { standing, stepAfterTheLast, type TakenStep, takeStep } from './take-step.ts';

export interface WatchContext extends Context {
  readonly addresses: Addresses;
}

const batch = 200;

/**
 * Takes every step that is due, and says how many. Any number of workers may run it: a step is taken by one, in one
 * transaction with its notices, evidence and events, and a step whose watch is being opened is not taken at all.
 * Who can open is asked anew for each. A watch whose steps cannot be taken holds up nobody else's.
 */
export async function takeDueSteps(ctx: WatchContext): Promise<number> {
  let round: Round = { planned: new Map(), owed: new Map() };
  for (let taken = 0; ; ) {
    let isMore = false;
    const { done, tried } = await workOrLeaveOut(ctx, async (tx, among, claim) => {
      tx.keepPlans();
      const claimed = await claimDueSteps(tx, batch, among);
      claim(claimed);
      const gathered: Round = { planned: new Map(round.planned), owed: new Map(round.owed) };
      tx.afterCommit(() => {
        round = gathered; // and not what was rolled back
      });
      const done = await takeBatch(ctx, tx, gathered, claimed);
      isMore = claimed.length > 0 && (await isDue(tx, claimed[0]!.at));
      return done;
    });
    taken += done;
    if (tried.length > 0 && isMore) continue;
    await countOwed(ctx, round);
    return taken;
  }
}

/**
 * What is gathered over the batches of one round. To count what a sender is told of takes the longer the more it is: it is done for the
 * first of many batches, whose mail waits, and when all are taken. A process that dies in between has planned a mail with too low a number.
 */
interface Round {
  /** By `tellingKey`, the step of the mail that was planned. */
  readonly planned: Map<string, string>;
  readonly owed: Map<string, { readonly telling: Telling; readonly scene: Scene }>;
}

async function countOwed(ctx: WatchContext, { owed }: Round): Promise<void> {
  for (const [scene, those] of Map.groupBy(owed.values(), (each) => each.scene)) {
    const tellings = those.map(({ telling }) => ({ ...telling, counted: null }));
    await ctx.db.transaction((tx) => planDigests(tx, tellings, { ...scene, addresses: ctx.addresses }, { at: ctx.now() }));
  }
}

/** When the next step of any watch falls due, in domain time; null when none does. What is left out for now is not waited for. */
export function nextStepDueAt(reader: Reader): Promise<Date | null> {
  return findNextDue(reader, {});
}

/** Whether there is more to take now: asked in the same transaction, a claim in vain is spared. */
async function isDue(tx: Tx, at: Date): Promise<boolean> {
  const next = await nextStepDueAt(tx);
  return next !== null && next <= at;
}

async function takeBatch(ctx: WatchContext, tx: Tx, round: Round, claimed: readonly ClaimedStep[]): Promise<number> {
  if (claimed.length === 0) return 0;
  const at = claimed[0]!.at;
  const keys = [...new Map(claimed.map((step) => [watchKey(step), { about: step.about, party: step.party }])).values()];
  const openability = await recompute(tx, keys, at);
  const scene = await readScene(tx, keys, openability, at);

  const mine = new Set(claimed.map((step) => step.id));
  const held = await holdForAnswers(tx, scene, mine);
  const ids = mine.difference(held);
  const relayed = await relay(tx, scene, ids);
  const outcomes = scene.watches.map((watch) => takeAll(scene, watch, ids, { addresses: ctx.addresses, relayed }));
  const taken = outcomes.flatMap((outcome) => outcome.taken);
  const of = (step: TakenStep) => ({ about: step.step.about, party: step.step.party });

  const itemOf = new Map(scene.watches.map(({ item }) => [watchKey(item), item]));
  const bundled = await bundleFiles(
    tx,
    taken.map(({ step, notices }) => ({ item: itemOf.get(watchKey(step))!, notices })),
    scene.waitingFiles,
    at,
  );
  saveTaken(
    tx,
    taken.map(({ step, state, reason }) => ({ id: step.id, state, reason, noticeStep: bundled.stepOf.get(step.id) })),
    at,
  );
  saveNewSteps(
    tx,
    outcomes.flatMap((outcome) => outcome.added),
    at,
  );
  saveReach(tx, outcomes.flatMap(reachOf), at);
  hastenTellingSender(tx, taken.filter((step) => step.climb).map(of), at);
  planNotices(tx, bundled.notices);
  await planShipments(
    tx,
    taken.flatMap((step) => step.shipments),
  );
  recordEvidence(
    tx,
    taken.flatMap((step) => step.evidence),
  );
  publishEvents(
    tx,
    taken.flatMap((step) => step.events),
  );
  await tellSenders(ctx, tx, { scene, round, isMore: claimed.length === batch }, taken);
  refreshNextActions(tx, keys);
  keepCauses(
    tx,
    [...itemOf.values()].filter(({ begunAt }) => mayHaveCause(begunAt, at)),
  );
  return taken.length + held.size;
}

/** Pure. Whether somebody at the recipient was reached, where that is news. While an attachment is locked there are two whom it may have missed. */
function reachOf({ item, taken }: Outcome): Reach[] {
  const turned = taken.filter(({ step }) => step.spec.who === 'openers' || step.spec.who === 'grantors');
  const isMissed = turned.some(({ reason }) => reason === 'no-contact-point' || reason === 'no-other-channel');
  const isReached = !isMissed && !item.attachmentLocked && item.unreachedAt !== null && turned.some(({ notices }) => notices.length > 0);
  return isMissed || isReached ? [{ about: item.about, party: item.party, isReached }] : [];
}

/** Asks whoever prints and posts for each claimed step that is to go that way, in one call. */
async function relay(tx: Tx, scene: Scene, claimed: ReadonlySet<string>): Promise<ReadonlyMap<string, RelayAnswer>> {
  const steps = scene.watches.flatMap((watch) =>
    watch.steps
      .filter((step) => step.state === 'due' && claimed.has(step.id) && decideStep(step.spec, standing(watch)).kind === 'relay')
      .map(({ id }) => {
        const { about, party, sender, resource, confidential } = watch.item;
        return { id, about, party, sender, resource, confidential, at: scene.at };
      }),
  );
  return (steps.length > 0 ? await onRelay.call(tx, steps) : undefined) ?? new Map();
}

interface Outcome {
  readonly item: WatchItem;
  readonly taken: readonly TakenStep[];
  readonly added: readonly NewStep[];
}

/**
 * Pure. Takes the claimed steps of one watch in their order, and plans what comes after: a watch is never left without. Steps of no ladder,
 * such as a sender's own reminder, hold the ladder up by nothing.
 */
function takeAll(
  scene: Scene,
  watch: WatchScene,
  claimed: ReadonlySet<string>,
  means: { readonly addresses: Addresses; readonly relayed: ReadonlyMap<string, RelayAnswer> },
): Outcome {
  const due = watch.steps.filter((step) => step.state === 'due');
  const mine = due.filter((step) => claimed.has(step.id));
  const waiting = due.filter((step) => !claimed.has(step.id));
  const added = waiting.some(({ rank }) => rank !== null) ? [] : nextSteps(watch, waiting, scene.at);
  const next = [...waiting, ...added].reduce((first, step) => (step.dueAt < first.dueAt ? step : first));
  const taken: TakenStep[] = [];
  let before = watch.steps;
  for (const step of mine) {
    const one = takeStep(scene, { ...watch, steps: before }, step, { name: next.spec.name, at: next.dueAt }, means);
    before = before.map((each) => (each.id === step.id ? { ...each, state: one.state, reason: one.reason, changedAt: scene.at } : each));
    taken.push(one);
  }
  return { item: watch.item, taken, added };
}

/** The steps of the ladder's next day; at its end, and where no word to the sender waits, what is repeated until the watch ends. */
function nextSteps(watch: WatchScene, waiting: readonly WatchStep[], at: Date): NewStep[] {
  const toCome = watch.item.failedAt ? [] : watch.toCome;
  const [first] = toCome;
  if (!first) {
    if (waiting.some(({ spec }) => spec.who === 'sender')) return [];
    return [
      { about: watch.item.about, party: watch.item.party, ...stepAfterTheLast(watch, at), source: 'policy', orderId: null, rank: null },
    ];
  }
  return toCome.filter((step) => step.dueAt.getTime() === first.dueAt.getTime());
}

/** What cannot be told now is told as soon as somebody can be (`tellUnheard`). */
async function tellSenders(
  ctx: WatchContext,
  tx: Tx,
  { scene, round, isMore }: { readonly scene: Scene; readonly round: Round; readonly isMore: boolean },
  taken: readonly TakenStep[],
): Promise<void> {
  const itemOf = new Map(scene.watches.map(({ item }) => [watchKey(item), item]));
  const words = taken.flatMap(({ step, tellSender, tellSecond }): Word[] => {
    const item = itemOf.get(watchKey(step))!;
    const own = hearerOf(item, scene.senderReaders);
    const second = secondHearerOf(item, scene);
    return [
      ...(tellSender === null ? [] : [{ item, purpose: wordOf(tellSender, item), hearer: own, second: undefined }]),
      ...(tellSecond === null
        ? []
        : [{ item, purpose: wordOf(tellSecond, item), hearer: second, second: second && scene.secondContacts.get(second) }]),
    ];
  });
  const heard = words.filter((word): word is Word & { readonly hearer: PartyId } => word.hearer !== undefined);
  const keyOf = ({ item: { about, party } }: Word) => ({ about, party });
  saveUnheard(
    tx,
    words.filter(({ hearer }) => hearer === undefined).map((word) => ({ ...keyOf(word), unheard: word.purpose })),
  );
  if (heard.length === 0) return;
  saveTold(
    tx,
    heard.map((word) => ({
      ...keyOf(word),
      hearer: word.hearer,
      isAsked: word.purpose === 'sender-decision',
      isFailure: word.purpose === 'sender-failed',
    })),
    scene.at,
  );
  const tellingOf = ({ item, purpose, hearer, second }: (typeof heard)[number]): Telling => ({
    sender: hearer,
    purpose: wordsFor(purpose, item),
    counted: countedSince(item, purpose),
    ...(second ? { second } : {}),
  });
  const tellings = await setAside(tx, heard.map(tellingOf), { scene, round, isMore });
  const mails = await planDigests(tx, tellings, { ...scene, addresses: ctx.addresses }, { at: scene.at, isMore });
  for (const [key, step] of mails) round.planned.set(key, step);
  saveFailureNotices(
    tx,
    heard
      .filter(({ purpose, second }) => purpose === 'sender-failed' && !second)
      .map((word) => ({ ...keyOf(word), step: mails.get(tellingKey(tellingOf(word)))! })),
  );
}

/** Leaves out what a mail that waits speaks of already, while there is more to take: it is counted when all is taken (`countOwed`). */
async function setAside(
  tx: Tx,
  tellings: readonly Telling[],
  { scene, round, isMore }: { readonly scene: Scene; readonly round: Round; readonly isMore: boolean },
): Promise<Telling[]> {
  for (const telling of tellings) round.owed.delete(tellingKey(telling));
  const planned = tellings.flatMap((telling) => round.planned.get(tellingKey(telling)) ?? []);
  const waiting = isMore ? await stepsWaiting(tx, [...new Set(planned)]) : new Map<string, Date>();
  const isAside = (telling: Telling) => {
    const dueAt = waiting.get(round.planned.get(tellingKey(telling)) ?? '');
    return dueAt !== undefined && dueAt > scene.at && /-(unread|decision)$/.test(telling.purpose);
  };
  for (const telling of tellings.filter(isAside)) round.owed.set(tellingKey(telling), { telling, scene });
  return tellings.filter((telling) => !isAside(telling));
}

/** Something that somebody at the sending side is to be told of a watch. */
interface Word {
  readonly item: WatchItem;
  readonly purpose: Unheard;
  /** Undefined: nobody can be told. */
  readonly hearer: PartyId | undefined;
  /** It goes to the hearer's second contact. */
  readonly second: SecondContact | undefined;
}

/** A change may have been under way yet, and unseen, when a mail of a moment later was worded: it is told once too often rather than never. */
const writingMillis = 10_000;

/** Pure. That nobody can open it any more is news of this letter, of which a mail from before knew nothing, whatever numbers it gave. */
function countedSince({ askedAt, toldAt, noOpenerToldAt }: WatchItem, purpose: Unheard): Date | null {
  const counted = purpose === 'sender-decision' ? askedAt : purpose === 'sender-unread' ? toldAt : null;
  if (counted === null || noOpenerToldAt === null) return counted;
  return new Date(Math.max(counted.getTime(), noOpenerToldAt.getTime() + writingMillis));
}

/** Pure. What waits for a decision already is told of as that: mails count nothing twice. */
function wordOf(purpose: Purpose, { askedAt, openedAt, isFile }: WatchItem): Unheard {
  const isAsked = askedAt !== null && (openedAt === null || isFile);
  return purpose === 'sender-unread' && isAsked ? 'sender-decision' : (purpose as Unheard);
}
