import { finished, type Readable } from 'node:stream';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Chosen } from '#kernel/byte-range.ts';
import type { Context } from '#kernel/context.ts';
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
 * Resolves when what became of the download is recorded: that the files were handed over, once the last byte has been read, or
 * that a part of one was, or that it broke off. The owner's download hands nothing over.
 */
export function recordEnd(ctx: Context, sending: Sending, stream: Readable): Promise<void> {
  if (sending.right.by === 'owner') return Promise.resolve();
  return new Promise((resolve) => {
    finished(stream, { writable: false }, (error) => {
      recordHandover(ctx, sending, !error)
        .catch((fault: unknown) =>
          ctx.log.error(
            { id: sending.message.id, error: fault instanceof Error ? fault.name : typeof fault },
            'a hand-over was not recorded',
          ),
        )
        .finally(resolve);
    });
  });
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
