import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type Chosen, chosenBytes, type RangeAsked } from '#kernel/byte-range.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import type { BrokerContext } from '../context.ts';
import { downloadable } from '../states.ts';
import { findTransfer } from '../store/transfer.ts';
import { beginDownload, type File, fileOf, receivable } from './begin-download.ts';
import { recordEnd } from './record-handover.ts';

export interface Download extends File {
  readonly bytes: Chosen | 'whole';
  readonly stream: Readable;
  /** Told once whether it was taken to its end, which is recorded. */
  readonly recordEnd: (toTheEnd: boolean) => Promise<void>;
}

/**
 * A recipient fetches a file, or a part of it, as often as it wants until it is purged. Its bytes are opened first: where the store is
 * away or has lost them nothing has begun, and whoever polls finds the file again. Then clients see that it has begun; that
 * the file was handed over is recorded when its client has taken it to its end, and that it broke off when not. Others may fetch parts of
 * it meanwhile; it is not purged before this has begun.
 *
 * Refuses transferNotFound, noAccess, notReady, nothingUploaded, resourceNotConfigured, rangeNotSatisfiable.
 * Source: compatibility.md, broker, §1.5, §6.1.
 */
export async function downloadTransfer(
  ctx: BrokerContext,
  caller: Caller,
  { id, part }: { readonly id: FileTransferId; readonly part: RangeAsked },
): Promise<Download> {
  const stream = await openBytes(ctx, id, part).catch(async (fault: unknown) => {
    await inspectTransfer(ctx, caller, id); // who may not have it, or comes when it is purged, is told that
    throw fault;
  });
  try {
    const { transfer, acting, bytes } = await beginDownload(ctx.db, { ctx, caller, id, part, attemptId: newId() });
    if (!stream) throw new Error('a file came to be between two looks at it');
    return { ...fileOf(transfer), bytes, stream, recordEnd: (toTheEnd) => recordEnd(ctx, { transfer, acting, caller, bytes }, toTheEnd) };
  } catch (refusal) {
    stream?.destroy();
    throw refusal;
  }
}

/** The bytes that are asked for, with the first of them here, before it is asked who may have them. Undefined where there is nothing to fetch. */
async function openBytes(ctx: BrokerContext, id: FileTransferId, part: RangeAsked): Promise<Readable | undefined> {
  const transfer = await findTransfer(ctx.db, id);
  if (!transfer || transfer.blobKey === null || !downloadable.has(transfer.state)) return undefined;
  const { sizeBytes, entityTag } = fileOf(transfer);
  const bytes = chosenBytes(part, sizeBytes, entityTag);
  if (bytes === 'unsatisfiable') return undefined;
  const stream = await ctx.blobs.read(transfer.blobKey, bytes === 'whole' ? undefined : bytes);
  await once(stream, 'readable'); // also at the end of a file of no bytes; throws what breaks
  return stream;
}

/** What a download would be; nothing is read and no trace is left. Refuses as a download. */
export async function inspectTransfer(ctx: Context, caller: Caller, id: FileTransferId): Promise<File> {
  return fileOf((await receivable(ctx.db, caller, await findTransfer(ctx.db, id), ctx.now())).transfer);
}
