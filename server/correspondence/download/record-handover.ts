import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Chosen } from '#kernel/byte-range.ts';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { Act } from '../read/record-fetched.ts';
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
 * was, or that it broke off. The owner's download hands nothing over.
 */
export async function recordEnd(ctx: Context, sending: Sending, toTheEnd: boolean): Promise<void> {
  if (sending.right.by === 'owner') return;
  await recordHandover(ctx, sending, toTheEnd).catch((fault: unknown) =>
    ctx.log.error({ id: sending.message.id, ...describeFault(fault) }, 'a hand-over was not recorded'),
  );
}

function recordHandover(ctx: Context, { message, caller, right, attachments, bytes }: Sending, toTheEnd: boolean): Promise<void> {
  const whole = toTheEnd && (bytes === 'whole' || bytes.end - bytes.start + 1 === attachments[0]!.sizeBytes);
  return ctx.db.transaction(async (tx) => {
    recordEvidence(tx, [
      {
        event: whole ? 'ContentHandover' : toTheEnd ? 'PartHandedOver' : 'HandoverInterrupted',
        about: message.id,
        recipient: message.recipientId,
        at: ctx.now(),
        proves: whole ? 'handed-over' : 'nothing',
        who: actorOf(caller, right.path),
        ...(bytes === 'whole' ? {} : { core: { firstByte: bytes.start, lastByte: bytes.end } }),
        what: { parts: attachments.map(partOf) },
      },
    ]);
  });
}
