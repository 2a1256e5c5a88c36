import type { Readable } from 'node:stream';
import { StoreUnavailable } from '#blobs/index.ts';
import type { Caller } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors } from '../errors.ts';
import { isOfStorage } from '../send/upload-transfer.ts';
import { uploadable } from '../states.ts';
import { lockTransfer, type Transfer } from '../store/transfer.ts';
import { tusErrors as e } from './errors.ts';
import { finishUpload } from './finish-upload.ts';
import { letGoClaim } from './let-go.ts';
import { ownUpload } from './own-upload.ts';
import { algorithmsBehind, type Checksum, checksumIn, type Headers, numberIn, refuseOtherTypes } from './protocol.ts';
import { type Reached, receiveBytes } from './receive-bytes.ts';
import { type Claim, claimForBytes, countPieces, findUpload, lockUpload, newClaim, type TusUpload, type TusUploadId } from './store.ts';

/** Bytes that a client brings, and what it says of them. */
export interface Writing {
  readonly id: FileTransferId;
  /** Null: of the file as a whole. */
  readonly partId: TusUploadId | null;
  readonly headers: Headers;
  readonly stream: Readable;
  readonly trailers: () => Headers;
}

/**
 * The sender goes on with an upload, from where it is. Of requests at once one writes, and the others are told to come again. With its
 * last byte a file as a whole is finished before the answer. What has all its bytes already takes no more, and is finished if it was not.
 *
 * Refuses tokenLapsed, transferNotFound, noAccess, contentType, header, joinedPatched, alreadyUploaded, inUse, offset, fileTooLarge, tooManyPieces,
 * checksum, checksumMismatch. Source: compatibility.md, broker, §4.2.
 */
export async function writeUpload(ctx: BrokerContext, caller: Caller, writing: Writing): Promise<Reached> {
  const { id, partId, headers } = writing;
  const begun = await ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, id);
    await ownUpload(tx, caller, transfer);
    refuseOtherTypes(headers);
    const asked = numberIn(headers, 'Upload-Offset');
    const checksum = checksumIn(headers['upload-checksum']);
    const found = await findUpload(tx, id, partId);
    const upload = found && (await lockUpload(tx, found.id));
    if (!upload) throw refuse(uploadable.has(transfer!.state) ? brokerErrors.transferNotFound : brokerErrors.alreadyUploaded, { id });
    const facts = { transfer: transfer!, upload, asked, announced: announcedIn(headers), pieces: (await countPieces(tx, id)).pieces };
    if (decideWriting(facts) === 'complete') return { upload, claim: undefined, checksum };
    const claim = newClaim();
    claimForBytes(tx, upload.id, { claim, token: caller.token });
    return { upload, claim, checksum };
  });
  const { upload, claim, checksum } = begun;
  const reached = claim
    ? await take(ctx, { ...writing, upload, claim, checksum })
    : { offset: upload.lengthBytes, expiresAt: upload.expiresAt };
  if (partId === null && reached.offset === upload.lengthBytes && !upload.isFinished) {
    await finishUpload(ctx, { id: upload.id, transferId: id }, { held: claim && { upload, claimId: claim.id } });
  }
  return reached;
}

/**
 * Receives under the claim, and lets go of it, unless all bytes of the file are here: it is finished under the same claim. Throws
 * StoreUnavailable where the disk is full, or broken.
 */
export async function take(
  ctx: BrokerContext,
  {
    upload,
    claim,
    checksum,
    headers,
    stream,
    trailers,
  }: Omit<Writing, 'id' | 'partId'> & { readonly upload: TusUpload; readonly claim: Claim; readonly checksum: Checksum | undefined },
): Promise<Reached> {
  const behind = checksum === undefined ? algorithmsBehind(headers) : [];
  const isBehind = behind.length > 0;
  let isComplete = false;
  try {
    const reached = await receiveBytes(ctx, {
      upload,
      claim,
      stream,
      isChecked: checksum !== undefined || isBehind,
      behind,
      checksum: () => checksum ?? (isBehind ? checksumIn(trailers()['upload-checksum']) : undefined),
    });
    isComplete = upload.kind === 'whole' && reached.offset === upload.lengthBytes;
    return reached;
  } catch (error) {
    if (!isOfStorage(error)) throw error;
    ctx.log.error({ transfer: upload.transferId, ...describeFault(error) }, 'the bytes of an upload could not be stored');
    throw new StoreUnavailable(error); // it goes on as soon as there is room
  } finally {
    if (!isComplete) await letGoClaim(ctx, upload, claim.id);
  }
}

/** Pure. */
export function announcedIn(headers: Headers): number {
  return Number(headers['content-length'] ?? 0);
}

const mostPieces = 50_000;

export interface WritingFacts {
  readonly transfer: Pick<Transfer, 'id' | 'state' | 'uploadId'>;
  readonly upload: Pick<TusUpload, 'id' | 'kind' | 'uploadId' | 'offsetBytes' | 'lengthBytes' | 'isClaimed' | 'isFinished'>;
  /** The offset that the client thinks the upload has. */
  readonly asked: number;
  readonly announced: number;
  /** How often bytes came to the transfer. */
  readonly pieces: number;
}

/** Pure. Whether bytes may be written, or all are there. Refuses joinedPatched, alreadyUploaded, inUse, offset, fileTooLarge, tooManyPieces. */
export function decideWriting({ transfer, upload, asked, announced, pieces }: WritingFacts): 'write' | 'complete' {
  const { kind, offsetBytes, lengthBytes } = upload;
  const { id } = transfer;
  if (kind === 'joined') throw refuse(e.joinedPatched);
  if (offsetBytes === lengthBytes && asked >= lengthBytes) return 'complete';
  if (transfer.state !== 'UploadStarted' || transfer.uploadId !== upload.uploadId) throw refuse(brokerErrors.alreadyUploaded, { id });
  if (upload.isClaimed) throw refuse(e.inUse, { id });
  if (asked !== offsetBytes) throw refuse(e.offset, { offset: offsetBytes, asked });
  if (announced > lengthBytes - offsetBytes) throw refuse(brokerErrors.fileTooLarge, { id });
  if (pieces >= mostPieces) throw refuse(e.tooManyPieces, { id, least: Math.ceil(lengthBytes / mostPieces) });
  return 'write';
}
