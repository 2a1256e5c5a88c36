import type { Readable } from 'node:stream';
import type { Chosen, RangeAsked } from '#kernel/byte-range.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import type { BrokerContext } from '../context.ts';
import { findTransfer } from '../store/transfer.ts';
import { beginDownload, type File, fileOf, receivable } from './begin-download.ts';
import { recordEnd } from './record-handover.ts';

export interface Download extends File {
  readonly bytes: Chosen | 'whole';
  readonly stream: Readable;
  /** Resolves when what became of the download is recorded. */
  readonly recorded: Promise<void>;
}

/**
 * A recipient fetches a file, or a part of it, as often as it wants until it is purged. Clients see at once that it has begun; that
 * the file was handed over is recorded when its last byte has been read, and that it broke off when not. Others may fetch parts of
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
  const { transfer, acting, bytes } = await beginDownload(ctx.db, { ctx, caller, id, part, attemptId: newId() });
  const stream = await ctx.blobs.read(transfer.blobKey!, bytes === 'whole' ? undefined : bytes);
  return { ...fileOf(transfer), bytes, stream, recorded: recordEnd(ctx, { transfer, acting, caller, bytes }, stream) };
}

/** What a download would be; nothing is read and no trace is left. Refuses as a download. */
export async function inspectTransfer(ctx: Context, caller: Caller, id: FileTransferId): Promise<File> {
  return fileOf((await receivable(ctx.db, caller, await findTransfer(ctx.db, id), ctx.now())).transfer);
}
