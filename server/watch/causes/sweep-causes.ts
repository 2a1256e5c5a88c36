import { type Openability, whoCanOpen } from '#access/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type Addressee, noticesOf } from '#notifications/index.ts';
import { type Directory, grantorsToTell, openersToTell, readDirectory } from '../climb/addressees.ts';
import { notifyGrantors, notifyNewAddress, notifyNewOpener } from '../climb/decide-step.ts';
import { workOrLeaveOut } from '../climb/leave-out.ts';
import { isSealed, toStored } from '../openers/openability.ts';
import { thingOf } from '../openers/reevaluate.ts';
import { tellUnheard } from '../sender/tell-unheard.ts';
import { type NewStep, saveNewSteps } from '../store/begin.ts';
import { claimUnreached, type Unreached } from '../store/heard.ts';
import { refreshNextActions } from '../store/item.ts';
import { listNeeds } from '../store/openability.ts';
import { listSteps, type WatchStep } from '../store/step.ts';
import { type StepSpec, watchKey } from '../types.ts';
import { holdRound, listNextOpen, mendDrifted, nameRipe, noteFaulty, type Place, saveRound } from './store.ts';

const batch = 500;
/** What one sweep compares at most: a million open watches are gone through within an hour. */
const mostCompared = 20_000;
const start: Place = { about: null, party: null };

export interface CauseSweep {
  /** Watches that have become a day old. */
  readonly named: number;
  /** Watches at which somebody has an address where nobody had. */
  readonly addressed: number;
  /** Watches whose sender can be told what it could not. */
  readonly heard: number;
}

export interface CauseComparison {
  readonly compared: number;
  /** Whose stored cause was not the one that the facts give. */
  readonly mended: number;
}

/**
 * The guarantee that every open watch older than a day has its cause: names what has become a day old. Has those told who had no address
 * when they were to be, or none that took a notice, and have another now, and senders whom nobody could tell. Any number of workers may
 * run it.
 */
export async function sweepCauses(ctx: Context): Promise<CauseSweep> {
  const named = await untilNone(() => ctx.db.transaction(nameSome));
  const addressed = await tellNewlyAddressed(ctx);
  const heard = await tellUnheard(ctx);
  return { named, addressed, heard };
}

/**
 * The guarantee that stored causes are true: compares them with the facts, watch by watch in the order of their keys and round again, and
 * mends and counts what differs, and notes which watches lack what each must have. It hangs on nothing that falls due, and nothing waits for it. Any number of workers may run it.
 */
export async function compareCauses(ctx: Context): Promise<CauseComparison> {
  let [compared, mended] = [0, 0];
  while (compared < mostCompared) {
    const done = await ctx.db.transaction(compareSome);
    compared += done.compared;
    mended += done.mended;
    if (done.isOver) break;
  }
  if (mended > 0) ctx.log.warn({ mended, compared }, 'causes of unread post had drifted from the facts');
  return { compared, mended };
}

function nameSome(tx: Tx): Promise<number> {
  tx.keepPlans();
  return nameRipe(tx, batch);
}

async function untilNone(work: () => Promise<number>): Promise<number> {
  for (let sum = 0; ; ) {
    const n = await work();
    if (n === 0) return sum;
    sum += n;
  }
}

async function compareSome(tx: Tx): Promise<{ compared: number; mended: number; isOver: boolean }> {
  tx.keepPlans();
  const place = await holdRound(tx);
  if (!place) return { compared: 0, mended: 0, isOver: true };
  const keys = await listNextOpen(tx, place, batch);
  const mended = await mendDrifted(tx, keys);
  await noteFaulty(tx, keys);
  const isOver = keys.length < batch;
  saveRound(tx, isOver ? null : keys.at(-1)!, keys.length, mended);
  return { compared: keys.length, mended, isOver };
}

/** Nobody waits for the next step of the ladder: whoever can be told now is told now. */
async function tellNewlyAddressed(ctx: Context): Promise<number> {
  let told = 0;
  for (let place: Place | undefined = start; place; ) {
    const after: Place = place;
    const { done, tried } = await workOrLeaveOut(ctx, async (tx, among, claim) => {
      tx.keepPlans();
      const claimed = await claimUnreached(tx, { after, among }, batch);
      claim(claimed);
      return tellSome(tx, claimed);
    });
    told += done;
    place = tried.length < batch ? undefined : tried.at(-1)!;
  }
  return told;
}

async function tellSome(tx: Tx, claimed: readonly Unreached[]): Promise<number> {
  if (claimed.length === 0) return 0;
  const at = claimed[0]!.at;
  const needs = await listNeeds(tx, claimed);
  const asked = await whoCanOpen(
    tx,
    claimed.map((key) => thingOf(key, needs)),
  );
  const directory = await readDirectory(tx, [
    ...claimed.map(({ party }) => party),
    ...asked.flatMap(({ openers, grantors }) => [...openers, ...grantors].map(({ party }) => party)),
  ]);
  const stepsOf = Map.groupBy(await listSteps(tx, claimed), watchKey);
  const sent = await noticesOf(tx, [...stepsOf.values()].flat().map(noticesStep));
  const steps = claimed.flatMap((watch, i) => {
    const own = stepsOf.get(watchKey(watch)) ?? [];
    const tried = own.flatMap((step) => (sent.get(noticesStep(step)) ?? []).map((notice) => ({ ...notice, step })));
    const isNew = (people: readonly Addressee[], since?: Date) => {
      const known = tried.filter(({ step, state }) => !since || step.changedAt >= since || state === 'failed');
      return people.some((one) => one.contactPoints.some(({ address }) => !known.some((one) => one.address === address)));
    };
    const waits = (who: StepSpec['who']) => own.some((step) => step.state === 'due' && step.spec.who === who && isAtOnce(step, at));
    return [
      ...(isNew(openersOf(directory, watch, asked[i]!), lastMiss(own)) && !waits('openers') ? [notifyNewAddress] : []),
      ...(isNew(grantorsOf(directory, watch, asked[i]!)) && !waits('grantors') ? [notifyGrantors] : []),
    ].map((spec): NewStep => ({ about: watch.about, party: watch.party, dueAt: at, spec, source: 'policy', orderId: null, rank: null }));
  });
  saveNewSteps(tx, steps, at);
  refreshNextActions(tx, steps);
  return new Set(steps.map(watchKey)).size;
}

/** When nobody who could open had an address: whoever was told before could not open it then, and is told again when they can. */
function lastMiss(steps: readonly WatchStep[]): Date | undefined {
  const missed = steps.filter(({ spec, reason }) => spec.who === 'openers' && reason === 'no-contact-point');
  return missed.length === 0 ? undefined : new Date(Math.max(...missed.map(({ changedAt }) => changedAt.getTime())));
}

const noticesStep = ({ id, noticeStep }: WatchStep): string => noticeStep ?? id;

/** A step that tells people soon, also one that was put off until their addresses are known. */
const isAtOnce = ({ dueAt, spec }: WatchStep, at: Date): boolean =>
  dueAt <= at || [notifyNewAddress, notifyNewOpener, notifyGrantors].some(({ name }) => name === spec.name);

function openersOf(directory: Directory, watch: Unreached, openability: Openability): Addressee[] {
  return watch.isOpened || openability.openers.length === 0 ? [] : openersToTell(directory, watch, openability);
}

function grantorsOf(directory: Directory, watch: Unreached, openability: Openability): Addressee[] {
  return isSealed(openability) && toStored(openability).grantors > 0 ? grantorsToTell(directory, watch, openability) : [];
}
