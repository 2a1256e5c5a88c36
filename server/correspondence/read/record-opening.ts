import { setTimeout as sleep } from 'node:timers/promises';
import { recordOpening } from '#access/index.ts';
import { type Answer, alone, busy, isFirst, joinCallers, untilWritten } from '#db/index.ts';
import { type EvidenceRow, recordEvidence, recordedOf } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { despiteWatch, lockUnlessHeld, type Noting, notingAtOnce, watchKey } from '#watch/index.ts';
import { lockMessages, saveMoves } from '../store/message.ts';
import { accessTo, awaitsPerson, type OnItsWay, openingOf } from './open-letters.ts';
import { lookOf } from './record-fetched.ts';

/** A letter whose answer was taken to its end, or broke off. */
interface Ended extends OnItsWay {
  readonly id: CorrespondenceId;
  readonly toTheEnd: boolean;
  readonly evidenceId: string;
}

/** Of this process, by message: letters of which it is not recorded yet whether they were taken. */
const onTheirWay = new Map<CorrespondenceId, Set<Promise<void>>>();
const patienceMillis = 3000;

/**
 * A letter goes out to its reader. Whoever it goes to says once whether it was taken to its end, and that is recorded as soon as the database is
 * there: it is opened then, by who asked for it; where the answer broke off nobody has it, and its watch goes on.
 */
export function onItsWay(ctx: Context, given: OnItsWay): (toTheEnd: boolean) => Promise<void> {
  const { id } = given.message;
  const { promise, resolve } = Promise.withResolvers<void>();
  const others = onTheirWay.get(id) ?? new Set();
  onTheirWay.set(id, others.add(promise));
  return async (toTheEnd) => {
    await recordEnd(ctx, { ...given, id, toTheEnd, at: ctx.now(), evidenceId: newId() });
    others.delete(promise);
    if (others.size === 0) onTheirWay.delete(id);
    resolve();
  };
}

/** Until it is recorded what became of this letter at its readers; three seconds at most. */
export async function untilRecorded(id: CorrespondenceId): Promise<void> {
  const waiting = [...(onTheirWay.get(id) ?? [])];
  if (waiting.length > 0) await Promise.race([Promise.all(waiting), sleep(patienceMillis, undefined, { ref: false })]);
}

/** What is written again it has once. A watch that cannot take it up keeps nobody from having opened. */
async function recordEnd(ctx: Context, ended: Ended): Promise<void> {
  const byItself = (tx: Tx, noting: Noting) => alone(recordEnds(tx, [ended], { waits: true, noting }));
  await untilWritten(ctx, async (isAgain) => {
    if (isAgain && (await recordedOf(ctx.db, [ended])).has(ended)) return;
    await despiteWatch(ctx, byItself, () => recordTogether(ctx.db, ended));
  }).catch((fault: unknown) =>
    ctx.log.error({ id: ended.id, ...describeFault(fault) }, 'what became of a letter on its way was not recorded'),
  );
}

/** Those that end at the same time share a transaction. */
const recordTogether = joinCallers<Ended, Ended>({
  run: (tx, ended, waits) => recordEnds(tx, ended, { waits, noting: notingAtOnce }),
  findWritten: recordedOf,
});

async function recordEnds(
  tx: Tx,
  ended: readonly Ended[],
  { waits, noting }: { readonly waits: boolean; readonly noting: Noting },
): Promise<(Answer<Ended> | typeof busy)[]> {
  tx.keepPlans();
  const { messages, isHeld } = await lockMessages(
    tx,
    ended.map(({ id }) => id),
    { waits },
  );
  const ours = ended.filter(({ id }, i) => !isHeld(id) && isFirst(ended, i));
  const keyOf = ({ message }: Ended) => ({ about: message.id, party: message.recipientId });
  const held = waits ? new Set<string>() : await lockUnlessHeld(tx, ours.filter(({ toTheEnd }) => toTheEnd).map(keyOf));
  const recorded = new Set(ours.filter((one) => !one.toTheEnd || !held.has(watchKey(keyOf(one)))));
  const taken = [...recorded].filter(({ toTheEnd }) => toTheEnd);
  recordEvidence(
    tx,
    [...recorded].map((one) => ({ ...evidenceOf(one), id: one.evidenceId })),
  );
  saveMoves(
    tx,
    [...recorded].filter(opens).map(({ id, toTheEnd, at }) => {
      const { state } = messages.get(id)!;
      return toTheEnd ? { id, state, answer: 'taken', openedAt: at } : { id, state, answer: 'broken' };
    }),
  );
  recordOpening(
    tx,
    taken.filter(opens).map(({ message: { recipientId: party, resourceId: resource }, at }) => ({ party, resource, at })),
  );
  await noting.opened(tx, taken.map(openingOf));
  return ended.map((value) => (recorded.has(value) ? { value } : busy));
}

const opens = (ended: Ended): boolean => !awaitsPerson(ended);

function evidenceOf(ended: Ended): EvidenceRow {
  return ended.toTheEnd ? accessTo(ended, ended.hash) : { ...lookOf(ended), event: 'HandoverInterrupted' };
}
