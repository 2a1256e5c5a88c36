import { findResources, type Resource } from '#access/index.ts';
import { announceBlobs } from '#blobs/index.ts';
import { type Answer, answered, busy, joinCallers } from '#db/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { BlobKey, FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Acting, actingForEach } from '../acting-for.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { type Carriage, carriageOf, mostBytes } from '../resources/carriage.ts';
import { movedTransfer, transferTexts, uploadable } from '../states.ts';
import { findBrokerResources } from '../store/resource.ts';
import { lockTransfers, saveMoves, type Transfer } from '../store/transfer.ts';
import { listUploading, listUploads, saveUploadsBegun } from '../store/upload.ts';
import { listWithBytes } from '../tus/store.ts';
import { leaseSeconds } from './keep-upload.ts';

/** Somebody who is about to hand over bytes. */
export interface Beginning {
  readonly ctx: Pick<BrokerContext, 'now' | 'scanner'>;
  readonly caller: Caller;
  readonly id: FileTransferId;
  readonly uploadId: string;
  /** Under which the bytes will come; null when they are stored already. */
  readonly blobKey: BlobKey | null;
  /** How many bytes there will be, where the client tells. */
  readonly announced: number | null;
  /** The SHA-256 that the client says they have: lower-case hex. */
  readonly sha256: string | null;
}

/** An upload that has the transfer to itself. */
export interface Begun extends Pick<Beginning, 'id' | 'uploadId' | 'sha256'> {
  readonly maxBytes: number;
  /** For whom the caller acts, and when that was asked: real time. */
  readonly acting: Acting;
  readonly askedAt: number;
}

/**
 * Claims a transfer for an upload, so that a second one is refused before its bytes are read; the key of its bytes becomes known with
 * it. Callers who come at the same time share a transaction.
 *
 * Refuses transferNotFound, noAccess, alreadyUploaded, resourceNotConfigured, fileTooLarge, checksumMismatch.
 */
export const beginUpload = joinCallers<Beginning, Begun>({
  run: beginUploads,
  async findWritten(reader, begun) {
    const rows = await listUploads(
      reader,
      begun.map(({ id }) => id),
    );
    const written = new Set(rows.map(({ uploadId }) => uploadId));
    return new Set(begun.filter(({ uploadId }) => written.has(uploadId)));
  },
});

async function beginUploads(tx: Tx, asked: readonly Beginning[], waits: boolean): Promise<(Answer<Begun> | typeof busy)[]> {
  const ids = asked.map(({ id }) => id);
  const { transfers, isHeld } = await lockTransfers(tx, ids, { waits });
  const found = [...transfers.values()];
  const [acting, uploading, withBytes, resources, configured] = await Promise.all([
    senders(tx, asked, transfers),
    listUploading(tx, ids, leaseSeconds),
    listWithBytes(tx, found),
    findResources(tx, [...new Set(found.map(({ resourceId }) => resourceId))]),
    findBrokerResources(tx, [...new Set(found.map(({ resourceId }) => resourceId))]),
  ]);
  const carriageFor = (resource: Resource | undefined) =>
    resource &&
    !resource.deletedAt &&
    carriageOf(
      resource,
      configured.find(({ id }) => id === resource.id),
    );

  const answers = asked.map((beginning, i): Answer<Begun> | typeof busy => {
    const { id } = beginning;
    if (isHeld(id) || ids.indexOf(id) < i) return busy;
    const transfer = transfers.get(id);
    const isTaken = uploading.has(id) || withBytes.has(id);
    const carriage = transfer && carriageFor(resources.get(transfer.resourceId));
    return answered(() => decideBeginning(beginning, { transfer, acting: acting[i], isTaken, carriage: carriage || undefined }));
  });

  const begun = asked.filter((_, i) => answers[i] !== busy && 'value' in (answers[i] as Answer<Begun>));
  announceBlobs(
    tx,
    begun.flatMap(({ blobKey }) => blobKey ?? []),
  );
  saveUploadsBegun(
    tx,
    begun.map(({ id, uploadId, ctx }) => ({ id, uploadId, at: ctx.now() })),
  );
  saveMoves(
    tx,
    begun.map(({ id, ctx }) => ({
      id,
      state: movedTransfer(transfers.get(id)!.state, 'startUpload'),
      text: transferTexts.UploadStarted,
      at: ctx.now(),
    })),
  );
  return answers;
}

function senders(tx: Tx, asked: readonly Beginning[], transfers: ReadonlyMap<FileTransferId, Transfer>): Promise<(Acting | undefined)[]> {
  return actingForEach(
    tx,
    asked.map(({ caller, id }) => {
      const transfer = transfers.get(id);
      const { parties, on } = transfer ? { parties: [transfer.senderId], on: transfer } : nobody;
      return { caller, action: 'write' as const, parties, on };
    }),
  );
}

const nobody = { parties: [], on: { resourceId: '' as Transfer['resourceId'] } };

interface Facts {
  readonly transfer: Transfer | undefined;
  readonly acting: Acting | undefined;
  readonly isTaken: boolean;
  readonly carriage: Carriage | undefined;
}

/** Pure. Refuses in this order: transferNotFound, noAccess, alreadyUploaded, resourceNotConfigured, fileTooLarge, checksumMismatch. */
function decideBeginning({ ctx, id, uploadId, announced, sha256 }: Beginning, { transfer, acting, isTaken, carriage }: Facts): Begun {
  if (!transfer) throw refuse(e.transferNotFound);
  if (!acting) throw refuse(e.noAccess, { id });
  const { state, resourceId, useVirusScan, declaredSha256 } = transfer;
  if (!uploadable.has(state) || isTaken) throw refuse(e.alreadyUploaded, { id });
  if (!carriage) throw refuse(e.resourceNotConfigured, { resource: resourceId });
  const maxBytes = mostBytes(carriage, useVirusScan, ctx.scanner);
  if ((announced ?? 0) > maxBytes) throw refuse(e.fileTooLarge, { id });
  if (sha256 !== null && declaredSha256 !== null && sha256 !== declaredSha256) throw refuse(e.checksumMismatch, { id });
  return { id, uploadId, maxBytes, sha256, acting, askedAt: Date.now() };
}
