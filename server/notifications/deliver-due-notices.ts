import { type EvidenceRow, recordEvidence } from '#evidence/index.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import { sendingTime } from './channels.ts';
import { decideDelivery, type Settlement } from './decide-delivery.ts';
import { deliveryEvidence } from './delivery-evidence.ts';
import { type DeliveryContext, handOverUnless } from './hand-over-notice.ts';
import { onDeliveryFailed, onHandedOver } from './hooks.ts';
import { keepLeases, type Lease } from './keep-leases.ts';
import type { HandOver } from './ports.ts';
import { settledTogether } from './settled-together.ts';
import { settleShipments } from './shipments.ts';
import { saveAttempts } from './store/attempt.ts';
import { type ClaimedNotice, claimNotices, endCalledOff, findNextDue, putOff, settleNotices } from './store/delivery.ts';
import { planNextTwins, saveSuppressed } from './store/suppressed.ts';
import { followHindrances, type Hindrance, type Known, readUntimely } from './why-not-now.ts';

export type { DeliveryContext };

/**
 * How long an attempt may stay unsettled before it counts as broken off. Whoever lives renews its leases well before, so that
 * what a dead worker held is soon another's; who cannot renew begins no attempt any more.
 */
const leaseSeconds = 60;
const batch = 200;
/**
 * To settle one takes about as long as to settle ten, so that a fast carrier's answers wait a moment for each other. A process that dies has
 * by so much more been told yes without having noted it.
 */
const company = { items: 64, millis: 50 };
/** Of mail more than there are connections to its server: while one waits for the database, none of those stands idle. */
const atOnce = { email: 20, sms: 5 } as const;

/** Both channels, one after the other; says how many notices it tried. */
export async function deliverDueNotices(ctx: DeliveryContext): Promise<number> {
  return (await deliverDue(ctx, 'email')) + (await deliverDue(ctx, 'sms'));
}

/**
 * Hands over every notice of one channel that is due, and says how many it tried. Any number of workers may run it. Each channel
 * goes by itself, so that a carrier which hangs holds up its own notices alone. SMS whose hours are over, because a server was
 * down or a gateway slow, wait until they begin again.
 *
 * An attempt is committed, with its Message-ID, before the carrier hears of it; the carrier is asked outside any
 * transaction; what it answered is committed with its evidence. If this process ends in between, the attempt is made again
 * after the lease with the same Message-ID: only then, and only when the carrier had said yes, does a notice go out twice.
 * What was sent is settled, some at a time, while the next is on its way, and the next batch is claimed meanwhile.
 */
export async function deliverDue(ctx: DeliveryContext, channel: 'email' | 'sms'): Promise<number> {
  let upcoming = claimBatch(ctx, channel);
  for (let tried = 0; ; ) {
    const { claimed, lease, known } = await upcoming;
    if (claimed.length === 0) {
      await lease.end();
      return tried;
    }
    tried += claimed.length;
    upcoming = claimBatch(ctx, channel); // while these are on their way
    upcoming.catch(() => {}); // it is waited for in its turn
    try {
      await handOverAll(ctx, { claimed, lease, known });
    } catch (error) {
      await upcoming.then((next) => next.lease.end()).catch(() => {});
      throw error;
    } finally {
      await lease.end();
    }
  }
}

interface Batch {
  readonly claimed: readonly ClaimedNotice[];
  readonly lease: Lease;
  readonly known: Known;
}

async function claimBatch(ctx: DeliveryContext, channel: 'email' | 'sms'): Promise<Batch> {
  const mailDomain = ctx.mailFrom.slice(ctx.mailFrom.lastIndexOf('@') + 1).replace(/>$/, '');
  const opensAt = whenClosed(channel, ctx.now());
  const claimed = await ctx.db.transaction(async (tx) => {
    tx.keepPlans();
    endCalledOff(tx);
    if (opensAt) putOff(tx, channel, opensAt);
    return claimNotices(tx, { channel, limit: batch, leaseSeconds, mailDomain, isClosed: opensAt !== null });
  });
  const lease = keepLeases(ctx, claimed, leaseSeconds);
  return { claimed, lease, known: await readUntimely(ctx, claimed) };
}

/** When the hours of the channel begin again; null while it is within them. */
function whenClosed(channel: 'email' | 'sms', now: Date): Date | null {
  const opensAt = sendingTime(channel, now);
  return opensAt > now ? opensAt : null;
}

/** When the next notice is to be tried, in domain time; null when none is. */
export function nextNoticeDueAt(reader: Reader): Promise<Date | null> {
  return findNextDue(reader);
}

/**
 * What has become pointless is not sent, nor what is in somebody's quiet hours by the time that its carrier's turn comes. What waits when
 * the leases are no longer sure is given back untried.
 */
async function handOverAll(ctx: DeliveryContext, { claimed, lease, known }: Batch): Promise<void> {
  const settling = settledTogether<Attempt>((attempts) => settleAll(ctx, attempts), company);
  const waiting = [...claimed];
  const left = new Map(claimed.map((notice) => [notice.id, notice]));
  const hindranceOf = followHindrances(ctx, known, left);
  const whyNot = async (notice: ClaimedNotice): Promise<Hindrance | 'unattempted' | undefined> => {
    const hindrance = await hindranceOf(notice);
    const maySend = lease.holds(notice) && (notice.anyHour || whenClosed(notice.channel, ctx.now()) === null);
    return hindrance ?? (maySend ? undefined : 'unattempted');
  };
  const settlements: Promise<void>[] = [];
  let isBroken = false;
  const work = async () => {
    for (let notice = waiting.shift(); notice && !isBroken; notice = waiting.shift()) {
      const settled = notice;
      const result = await handOverUnless(ctx, notice, () => whyNot(settled));
      left.delete(notice.id);
      const done = settling.add({ notice, result }).then(() => lease.release(settled));
      done.catch(() => {
        isBroken = true;
      });
      settlements.push(done);
    }
  };
  await Promise.all(Array.from({ length: atOnce[claimed[0]!.channel] }, work));
  settling.end();
  await Promise.all(settlements);
}

interface Attempt {
  readonly notice: ClaimedNotice;
  readonly result: HandOver | 'unattempted' | Hindrance;
}

/** `dueAt` of what was not tried: when it is to be. */
type Settled = Settlement | { readonly state: 'unattempted' | 'cancelled'; readonly dueAt?: Date };

function isAnswer(result: Attempt['result']): result is HandOver {
  return typeof result !== 'string' && 'answer' in result;
}

async function settleAll(ctx: DeliveryContext, attempts: readonly Attempt[]): Promise<void> {
  // Where another process has moved the sandbox's clock, ours may be behind for seconds: a notice that waits from then is due already.
  const now = new Date(Math.max(ctx.now().getTime(), ...attempts.map(({ notice }) => notice.claimedAt.getTime())));
  const decided = attempts.map(({ notice, result }) => ({
    notice,
    result,
    answer: isAnswer(result) ? result.answer : null,
    settlement: settlementOf(notice, result, now),
  }));
  await ctx.db.transaction(async (tx) => {
    tx.keepPlans();
    const ours = await settleNotices(
      tx,
      decided.map(({ notice, answer, settlement }) => ({
        id: notice.id,
        attempts: notice.attempts,
        state: settlement.state,
        dueAt: ('dueAt' in settlement && settlement.dueAt) || null,
        answer,
        failure: settlement.state === 'failed' ? settlement.reason : null,
      })),
    );
    const settled = decided.filter(({ notice }) => ours.has(notice.id));
    recordEvidence(
      tx,
      settled.flatMap(({ notice, answer, settlement }) => evidenceOf(notice, settlement, answer, now)),
    );
    saveAttempts(
      tx,
      settled.flatMap(({ notice, result }) => (isAnswer(result) ? [{ ...result, notice: notice.id, attempt: notice.attempts }] : [])),
      now,
    );
    saveSuppressed(
      tx,
      settled.flatMap(({ notice, result }) => (result === 'told-already' ? [{ ...notice, notice: notice.id }] : [])),
      now,
    );
    const [slow, failed] = failuresOf(settled);
    await planNextTwins(tx, failed, now); // first: a step that has somebody left to tell has not failed
    await settleShipments(tx, shipmentsOf(settled), now);
    await tellOfHandOvers(tx, settled, now);
    await tellOfFailures(tx, settled, now);
    await planNextTwins(tx, slow, now);
  });
}

function settlementOf(notice: ClaimedNotice, result: Attempt['result'], now: Date): Settled {
  if (result === 'pointless' || result === 'told-already') return { state: 'cancelled' };
  if (result === 'reserved') return { state: 'failed', reason: 'reserved' };
  if (result === 'unattempted') return { state: 'unattempted' };
  return isAnswer(result) ? decideDelivery(notice, result, now) : { state: 'unattempted', dueAt: result.notBefore };
}

interface SettledAttempt {
  readonly notice: ClaimedNotice;
  readonly settlement: Settled;
}

function shipmentsOf(settled: readonly SettledAttempt[]): string[] {
  const ended = settled.filter(({ settlement: { state } }) => state === 'handed-over' || state === 'failed');
  return [...new Set(ended.flatMap(({ notice }) => notice.shipment ?? []))];
}

/** Those that nobody took for days: the ladder waits no days more for who shares the address. And the others. */
function failuresOf(settled: readonly SettledAttempt[]): [slow: string[], others: string[]] {
  const failed = settled.flatMap(({ notice: { id }, settlement }) =>
    settlement.state === 'failed' ? [{ id, isSlow: settlement.reason === 'carrier-timeout' }] : [],
  );
  const idsOf = (slow: boolean) => failed.flatMap(({ id, isSlow }) => (isSlow === slow ? [id] : []));
  return [idsOf(true), idsOf(false)];
}

async function tellOfHandOvers(tx: Tx, settled: readonly SettledAttempt[], at: Date): Promise<void> {
  const handed = settled.filter(({ settlement }) => settlement.state === 'handed-over').map(({ notice }) => ({ ...notice, at }));
  if (handed.length > 0) await onHandedOver.call(tx, handed);
}

async function tellOfFailures(tx: Tx, settled: readonly SettledAttempt[], at: Date): Promise<void> {
  const failed = settled.flatMap(({ notice, settlement }) =>
    settlement.state === 'failed' ? [{ ...notice, reason: settlement.reason, at }] : [],
  );
  if (failed.length > 0) await onDeliveryFailed.call(tx, failed);
}

function evidenceOf(notice: ClaimedNotice, settlement: Settled, answer: string | null, at: Date): EvidenceRow[] {
  if (settlement.state !== 'handed-over' && settlement.state !== 'failed') return [];
  const became = settlement.state === 'failed' ? settlement.reason : settlement.state;
  return deliveryEvidence({ ...notice, answer, became }, at);
}
