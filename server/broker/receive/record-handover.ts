import { recordOpening } from '#access/index.ts';
import { type Answer, alone, busy, joinCallers, untilWritten } from '#db/index.ts';
import { actorOf, type EvidenceRow, recordEvidence, recordedOf } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId } from '#kernel/ids.ts';
import { despiteWatch, lockUnlessHeld, type Noting, notingAtOnce, watchKey } from '#watch/index.ts';
import { saveFetched, saveFetchedPart } from '../store/custody.ts';
import { lockRecipients, recipientKey } from '../store/recipient.ts';
import { whatOf } from '../what.ts';
import type { Fetch } from './begin-download.ts';

/** A download that has come to its end, or broken off. */
interface Ended extends Pick<Fetch, 'transfer' | 'acting' | 'bytes'> {
  readonly caller: Caller;
  readonly toTheEnd: boolean;
  readonly at: Date;
  readonly evidenceId: string;
}

/**
 * Records what became of a download, as soon as the database is there: what is written again it has once. A watch that cannot take it up
 * keeps nobody from having been handed the file.
 */
export async function recordEnd(
  ctx: Context,
  sending: Pick<Fetch, 'transfer' | 'acting' | 'bytes'> & { readonly caller: Caller },
  toTheEnd: boolean,
): Promise<void> {
  const ended: Ended = { ...sending, toTheEnd, at: ctx.now(), evidenceId: newId() };
  const byItself = (tx: Tx, noting: Noting) => alone(recordHandovers(tx, [ended], { waits: true, noting }));
  await untilWritten(ctx, async (isAgain) => {
    if (isAgain && (await recordedOf(ctx.db, [ended])).has(ended)) return;
    await despiteWatch(ctx, byItself, () => recordHandover(ctx.db, ended));
  }).catch((fault: unknown) => ctx.log.error({ transfer: sending.transfer.id, ...describeFault(fault) }, 'a hand-over was not recorded'));
}

/**
 * The watch stays open until the recipient has confirmed; it knows from here on that the file was fetched: as a whole, or in parts that
 * together are the whole, which the evidence of the last of them says. A part that is not the last is recorded as a part. Downloads that end at
 * the same time share a transaction; one whose recipient or watch others work on goes by itself.
 */
const recordHandover = joinCallers<Ended, Ended>({
  run: (tx, ended, waits) => recordHandovers(tx, ended, { waits, noting: notingAtOnce }),
  isAlone: isPartToCount,
  findWritten: recordedOf,
});

/** Parts of a file are added up one after another. */
function isPartToCount({ toTheEnd, bytes, transfer: { sizeBytes } }: Ended): boolean {
  return toTheEnd && bytes !== 'whole' && bytes.end - bytes.start + 1 < (sizeBytes ?? 0);
}

async function recordHandovers(
  tx: Tx,
  ended: readonly Ended[],
  { waits, noting }: { readonly waits: boolean; readonly noting: Noting },
): Promise<(Answer<Ended> | typeof busy)[]> {
  const wholes = new Set<Ended>();
  for (const one of ended) if (isPartToCount(one) ? await completes(tx, one) : one.toTheEnd) wholes.add(one);
  const held = await lockWholes(tx, [...wholes], waits);
  recordEvidence(
    tx,
    ended.filter((one) => !held.has(one)).map((one) => evidenceOf(one, wholes.has(one))),
  );
  const taken = [...wholes.difference(held)];
  const handedOver = taken.map(({ transfer, acting: { party }, caller, at }) => ({ transfer, id: transfer.id, party, caller, at }));
  saveFetched(tx, handedOver);
  recordOpening(
    tx,
    handedOver.map(({ transfer: { resourceId: resource }, party, at }) => ({ party, resource, at })),
  );
  await noting.opened(
    tx,
    handedOver.map(({ id: about, party, at, caller: { subject, party: its, kind } }) => ({
      about,
      party,
      at,
      by: subject ?? its,
      kind: kind === 'person' ? 'person' : 'system',
    })),
  );
  return ended.map((value) => (held.has(value) ? busy : { value }));
}

/** Their recipients and watches. Those of which others hold either. */
async function lockWholes(tx: Tx, wholes: readonly Ended[], waits: boolean): Promise<Set<Ended>> {
  const recipientOf = ({ transfer: { id }, acting: { party } }: Ended) => ({ id, party });
  const locked = await lockRecipients(tx, wholes.map(recipientOf), { waits });
  if (waits) return new Set();
  const ours = wholes.filter((one) => locked.has(recipientKey(recipientOf(one))));
  const watchOf = ({ transfer: { id: about }, acting: { party } }: Ended) => ({ about, party });
  const held = await lockUnlessHeld(tx, ours.map(watchOf));
  return new Set(wholes.filter((one) => !ours.includes(one) || held.has(watchKey(watchOf(one)))));
}

/** Of a part that goes alone. */
function completes(tx: Tx, { transfer: { id, sizeBytes }, acting: { party }, bytes }: Ended): Promise<boolean> {
  if (bytes === 'whole') return Promise.resolve(true);
  return saveFetchedPart(tx, { id, party, ...bytes, sizeBytes: sizeBytes ?? 0 });
}

function evidenceOf(
  { evidenceId: id, transfer, acting: { party, right }, caller, bytes, toTheEnd, at }: Ended,
  isWhole: boolean,
): EvidenceRow {
  return {
    id,
    event: !toTheEnd ? 'HandoverInterrupted' : isWhole ? 'ContentHandover' : 'PartHandedOver',
    about: transfer.id,
    recipient: party,
    at,
    proves: isWhole ? 'handed-over' : 'nothing',
    who: actorOf(caller, right.path),
    ...(bytes === 'whole' ? {} : { core: { firstByte: bytes.start, lastByte: bytes.end } }),
    what: whatOf(transfer),
  };
}
