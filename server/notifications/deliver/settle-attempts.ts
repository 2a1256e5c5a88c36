import { recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import { type CalledOff, onCalledOff, onDeliveryFailed, onHandedOver } from '../hooks.ts';
import type { HandOver } from '../ports.ts';
import { saveAttempts } from '../store/attempt.ts';
import { type ClaimedNotice, settleNotices, type Written } from '../store/delivery.ts';
import { planInstead } from '../store/moved.ts';
import type { Word } from '../store/report.ts';
import { planNextTwins, saveSuppressed } from '../store/suppressed.ts';
import { decideDelivery, type Settlement } from './decide-delivery.ts';
import { type DeliveryFact, evidenceOfDelivery } from './delivery-evidence.ts';
import type { DeliveryContext } from './hand-over-notice.ts';
import { settleShipments } from './shipments.ts';
import { takeUpReports } from './take-up-reports.ts';
import type { Hindrance } from './why-not-now.ts';

/** A claimed notice, and what came of handing it over or why that was not done. */
export interface Attempt {
  readonly notice: ClaimedNotice;
  readonly result: HandOver | 'unattempted' | Hindrance;
}

/** `dueAt` of what was not tried: when it is to be. */
type Settled =
  | Settlement
  | { readonly state: 'unattempted' | 'cancelled'; readonly dueAt?: Date }
  | { readonly state: 'cancelled'; readonly reason: 'address-gone'; readonly instead: readonly string[] };

function isAnswer(result: Attempt['result']): result is HandOver {
  return typeof result !== 'string' && 'answer' in result;
}

/**
 * Writes what became of notices, with the evidence of it and all that follows from it, in one transaction; what a carrier has said of one meanwhile is taken
 * up in the same. What others have taken over since is not ours to settle.
 */
export async function settleAttempts(ctx: DeliveryContext, attempts: readonly Attempt[]): Promise<void> {
  // Where another process has moved the sandbox's clock, ours may be behind for seconds: a notice that waits from then is due already.
  const now = new Date(Math.max(ctx.now().getTime(), ...attempts.map(({ notice }) => notice.claimedAt.getTime())));
  const decided = attempts.map(
    ({ notice, result }): Decided => ({
      notice,
      result,
      answer: isAnswer(result) ? result.answer : null,
      settlement: settlementOf(notice, result, now),
    }),
  );
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
        failure: 'reason' in settlement ? settlement.reason : null,
      })),
    );
    const settled = decided.flatMap((one): SettledAttempt[] => {
      const written = ours.get(one.notice.id);
      if (written?.word) return [asTaken(one, { ...written, word: written.word })];
      return written ? [{ ...one, word: null, isMoved: written.isMoved }] : [];
    });
    const facts = settled.flatMap(factOf);
    recordEvidence(tx, await evidenceOfDelivery(tx, facts, now));
    saveAttempts(
      tx,
      settled.flatMap(({ notice, result }) => (isAnswer(result) ? [{ ...result, notice: notice.id, attempt: notice.attempts }] : [])),
      now,
    );
    saveSuppressed(
      tx,
      settled.flatMap(({ notice, result, word }) => (result === 'told-already' && !word ? [{ ...notice, notice: notice.id }] : [])),
      now,
    );
    await planInstead(
      tx,
      settled.flatMap(({ notice: { id }, settlement }) =>
        'instead' in settlement ? settlement.instead.map((address) => ({ id, address })) : [],
      ),
      now,
    );
    const [slow, failed] = failuresOf(settled);
    await planNextTwins(tx, failed, now); // first: a step that has somebody left to tell has not failed
    await settleShipments(tx, shipmentsOf(settled), now);
    await tellOfHandOvers(tx, settled, now);
    await tellOfFailures(tx, settled, now);
    await tellOfCalledOff(tx, settled, now);
    await planNextTwins(tx, slow, now);
    const said = settled.flatMap(({ notice, word }) => (word ? [{ ...word, notice: notice.id, messageId: null }] : []));
    if (said.length > 0) await takeUpReports(tx, said, now);
  });
}

/** Pure. What its carrier has spoken of already it has taken, also where it has answered otherwise or not at all. */
function asTaken(one: Decided, { attempts, word }: Written & { readonly word: Word }) {
  const isYes = isAnswer(one.result) && one.result.kind === 'handed-over';
  const settlement = { state: 'handed-over' } as const;
  return { ...one, notice: { ...one.notice, attempts }, answer: isYes ? one.answer : null, settlement, word, isMoved: false };
}

function settlementOf(notice: ClaimedNotice, result: Attempt['result'], now: Date): Settled {
  if (result === 'pointless' || result === 'told-already') return { state: 'cancelled' };
  if (result === 'reserved') return { state: 'failed', reason: 'reserved' };
  if (result === 'unattempted') return { state: 'unattempted' };
  if (isAnswer(result)) return decideDelivery(notice, result, now);
  if ('notBefore' in result) return { state: 'unattempted', dueAt: result.notBefore };
  const gone = { reason: 'address-gone', instead: result.instead } as const;
  return result.instead.length > 0 ? { state: 'cancelled', ...gone } : { state: 'failed', reason: gone.reason };
}

interface Decided extends Attempt {
  readonly answer: string | null;
  readonly settlement: Settled;
}

interface SettledAttempt extends Decided {
  /** Its address is gone, and another is told in its place. */
  readonly isMoved: boolean;
  /** What its carrier has said of it already. */
  readonly word: Word | null;
}

function shipmentsOf(settled: readonly SettledAttempt[]): string[] {
  const ended = settled.filter(({ settlement: { state } }) => state === 'handed-over' || state === 'failed');
  return [...new Set(ended.flatMap(({ notice }) => notice.shipment ?? []))];
}

/** Those that nobody took for days: the ladder waits no days more for who shares the address. And the others, what has moved among them. */
function failuresOf(settled: readonly SettledAttempt[]): [slow: string[], others: string[]] {
  const failed = settled.flatMap(({ notice: { id }, settlement, isMoved }) => {
    if (settlement.state === 'failed') return [{ id, isSlow: settlement.reason === 'carrier-timeout' }];
    return isMoved ? [{ id, isSlow: false }] : [];
  });
  const idsOf = (slow: boolean) => failed.flatMap(({ id, isSlow }) => (isSlow === slow ? [id] : []));
  return [idsOf(true), idsOf(false)];
}

async function tellOfHandOvers(tx: Tx, settled: readonly SettledAttempt[], at: Date): Promise<void> {
  const isHeard = ({ settlement, result }: SettledAttempt) => settlement.state === 'handed-over' || result === 'told-already';
  const handed = settled.filter(isHeard).map(({ notice }) => ({ ...notice, at }));
  if (handed.length > 0) await onHandedOver.call(tx, handed);
}

async function tellOfFailures(tx: Tx, settled: readonly SettledAttempt[], at: Date): Promise<void> {
  const failed = settled.flatMap(({ notice, settlement }) =>
    settlement.state === 'failed' ? [{ ...notice, reason: settlement.reason, at }] : [],
  );
  if (failed.length > 0) await onDeliveryFailed.call(tx, failed);
}

async function tellOfCalledOff(tx: Tx, settled: readonly SettledAttempt[], at: Date): Promise<void> {
  const off = settled.flatMap(({ notice, result }): CalledOff[] => {
    const { about, party, orderedFor } = notice;
    return result === 'pointless' && orderedFor !== null && about !== null && party !== null ? [{ ...notice, about, party, at }] : [];
  });
  if (off.length > 0) await onCalledOff.call(tx, off);
}

function factOf({ notice, settlement, answer, isMoved }: SettledAttempt): DeliveryFact[] {
  if (isMoved) return [{ ...notice, answer, became: 'address-gone' }];
  if (settlement.state === 'handed-over') return [{ ...notice, answer, became: settlement.state }];
  return settlement.state === 'failed' ? [{ ...notice, answer, became: settlement.reason }] : [];
}
