import { untilWritten } from '#db/index.ts';
import { actorOf, findRecorded, recordEvidence } from '#evidence/index.ts';
import type { Chosen } from '#kernel/byte-range.ts';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import { newId } from '#kernel/ids.ts';
import { notePartsGiven } from '#watch/index.ts';
import { awaitsPerson } from '../read/open-letters.ts';
import type { Act } from '../read/record-fetched.ts';
import { actingParty } from '../read/standing.ts';
import { partOf } from '../send/content-hash.ts';
import type { LinkedAttachment } from '../store/attachment.ts';

/** A download on its way: who does it, and what of which files it is. */
export interface Sending extends Act {
  readonly attachments: readonly LinkedAttachment[];
  /** A part is one of a single file. */
  readonly bytes: Chosen | 'whole';
}

/**
 * Records what became of the download: that the files were handed over, where its client has taken it to its end, or that a part of one
 * was, or that it broke off; as soon as the database is there. The owner's download hands nothing over.
 */
export async function recordEnd(ctx: Context, sending: Sending, toTheEnd: boolean): Promise<void> {
  if (sending.right.by === 'owner') return;
  const ended: Ended = { ...sending, toTheEnd, at: ctx.now(), evidenceId: newId() };
  await untilWritten(ctx, (isAgain) => recordHandover(ctx, ended, isAgain)).catch((fault: unknown) =>
    ctx.log.error({ id: sending.message.id, ...describeFault(fault) }, 'a hand-over was not recorded'),
  );
  await tellWatch(ctx, ended).catch((fault: unknown) =>
    ctx.log.error({ about: sending.message.id, ...describeFault(fault) }, 'a watch could not take up that an attachment was handed over'),
  );
}

/** Behind the evidence, which a watch that is broken must not hinder: it matters to a letter that was opened while the file was locked. */
async function tellWatch(ctx: Context, ended: Ended): Promise<void> {
  const { message, caller, attachments, at } = ended;
  const parts = attachments.filter(({ resourceId }) => resourceId !== message.resourceId).map(({ id }) => id);
  if (parts.length === 0 || !isWhole(ended) || awaitsPerson(ended)) return;
  const kind = caller.kind === 'person' ? 'person' : 'system';
  const given = { about: message.id, party: message.recipientId, parts, at, by: actingParty(caller), kind } as const;
  await untilWritten(ctx, () => ctx.db.transaction((tx) => notePartsGiven(tx, given)));
}

interface Ended extends Sending {
  readonly toTheEnd: boolean;
  readonly at: Date;
  readonly evidenceId: string;
}

/** Pure. */
function isWhole({ attachments, bytes, toTheEnd }: Ended): boolean {
  return toTheEnd && (bytes === 'whole' || bytes.end - bytes.start + 1 === attachments[0]!.sizeBytes);
}

function recordHandover(ctx: Context, ended: Ended, isAgain: boolean): Promise<void> {
  const { evidenceId: id, message, caller, right, attachments, bytes, toTheEnd, at } = ended;
  const whole = isWhole(ended);
  return ctx.db.transaction(async (tx) => {
    if (isAgain && (await findRecorded(tx, [id])).has(id)) return;
    recordEvidence(tx, [
      {
        id,
        event: whole ? 'ContentHandover' : toTheEnd ? 'PartHandedOver' : 'HandoverInterrupted',
        about: message.id,
        recipient: message.recipientId,
        at,
        proves: whole ? 'handed-over' : 'nothing',
        who: actorOf(caller, right.path),
        ...coreOf({
          ...(bytes === 'whole' ? {} : { firstByte: bytes.start, lastByte: bytes.end }),
          ...(whole && awaitsPerson(ended) ? { awaits: 'person' } : {}),
        }),
        what: { parts: attachments.map(partOf) },
      },
    ]);
  });
}

const coreOf = (core: object): { readonly core?: object } => (Object.keys(core).length === 0 ? {} : { core });
