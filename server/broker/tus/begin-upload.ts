import { findResource } from '#access/index.ts';
import { listAwaiting } from '#blobs/index.ts';
import { type Actor, actorOf } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import { OutcomeUnknown } from '#kernel/outcome-unknown.ts';
import { refuse } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors } from '../errors.ts';
import { carriageOf, mostBytes } from '../resources/carriage.ts';
import { leaseSeconds } from '../send/keep-upload.ts';
import { beforeAnswer } from '../send/let-go.ts';
import { movedTransfer, transferTexts, uploadable } from '../states.ts';
import { findBrokerResource } from '../store/resource.ts';
import { lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { isUploading, saveUploadsBegun } from '../store/upload.ts';
import { giveUp } from './end-upload.ts';
import { tusErrors as e } from './errors.ts';
import { finishUpload } from './finish-upload.ts';
import { letGoLease, letGoUnknown, type Named } from './let-go.ts';
import { ownUpload } from './own-upload.ts';
import {
  type Checksum,
  checksumIn,
  type Headers,
  hasBytes,
  metadataIn,
  numberIn,
  partIdIn,
  refuseDeferredLength,
  wantedIn,
} from './protocol.ts';
import {
  type Claim,
  claimForBytes,
  countPieces,
  dropUploads,
  findUpload,
  hasUploads,
  listUploads,
  lockUpload,
  newClaim,
  renewLives,
  saveUpload,
  type TusUpload,
  type TusUploadId,
} from './store.ts';
import { announcedIn, take, type Writing } from './write-upload.ts';

export type Beginning = Omit<Writing, 'partId'>;

export interface Begun {
  readonly partId: TusUploadId | null;
  readonly expiresAt: Date;
  /** Where bytes came with it. */
  readonly offset: number | null;
}

/** More parts than any client makes. */
const mostUploads = 10_000;

/**
 * The sender begins to upload a file, a part of it, or makes the file of parts that are there. Begun again before a byte has come, it is as
 * once; afterwards nothing that has come is dropped but by DELETE. What has all its bytes now is finished before the answer; the same parts made into
 * the same file once more are as once.
 *
 * Refuses tokenLapsed, transferNotFound, noAccess, header, contentType, alreadyUploaded, resourceNotConfigured, fileTooLarge, inUse, hasBytes, parts, and what
 * bytes that come along are refused for. Source: compatibility.md, broker, §4.2.
 */
export async function beginUpload(ctx: BrokerContext, caller: Caller, beginning: Beginning): Promise<Begun> {
  const { id } = beginning;
  const named: Named = { id: newId(), uploadId: newId(), claim: newClaim() };
  const { upload, claim, checksum } = await open(ctx, caller, { ...beginning, named }).catch(async (fault: unknown) => {
    if (fault instanceof OutcomeUnknown) await letGoUnknown(ctx, id, named);
    throw fault;
  });
  const partId = upload.kind === 'part' ? upload.id : null;
  const reached = claim
    ? await take(ctx, { ...beginning, upload, claim, checksum }).catch((fault: unknown) => letGo(ctx, upload, fault))
    : { offset: upload.offsetBytes, expiresAt: upload.expiresAt };
  if (partId === null && reached.offset === upload.lengthBytes && !upload.isFinished)
    await finishUpload(ctx, { id: upload.id, transferId: id }, { held: claim && { upload, claimId: claim.id } });
  return { partId, expiresAt: reached.expiresAt, offset: claim ? reached.offset : null };
}

interface Opened {
  readonly upload: TusUpload;
  /** Where bytes come with it, and what their sender says of them. */
  readonly claim: Claim | undefined;
  readonly checksum: Checksum | undefined;
}

/** The upload by itself, with a claim where bytes come with it. */
function open(ctx: BrokerContext, caller: Caller, { id, headers, named }: Beginning & { readonly named: Named }): Promise<Opened> {
  return ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, id);
    const { right } = await ownUpload(tx, caller, transfer);
    const who = actorOf(caller, right.path);
    const wanted = wantedIn(headers);
    refuseDeferredLength(headers);
    if (wanted.kind === 'joined') {
      const upload = await beginJoined(tx, ctx, { transfer: transfer!, who, token: caller.token, headers, names: wanted.parts });
      return { upload, claim: undefined, checksum: undefined };
    }
    const lengthBytes = numberIn(headers, 'Upload-Length');
    const checksum = checksumIn(headers['upload-checksum']);
    const withBytes = hasBytes(headers);
    const metadata = metadataIn(headers);
    await refuseTooMany(tx, ctx, { transfer: transfer!, lengthBytes });
    if (announcedIn(headers) > lengthBytes) throw refuse(brokerErrors.fileTooLarge, { id });
    const uploadId = await openTransfer(tx, ctx, { transfer: transfer!, begun: named.uploadId });
    if (wanted.kind === 'whole') await giveWay(tx, id);
    const concat = wanted.kind === 'part' ? 'partial' : null;
    const row = {
      id: named.id,
      transferId: id,
      uploadId,
      kind: wanted.kind,
      lengthBytes,
      offsetBytes: 0,
      metadata,
      concat,
      parts: null,
      who,
      token: caller.token,
    };
    const upload: TusUpload = { ...row, isClaimed: false, isFinished: false, expiresAt: await saveUpload(tx, row) };
    if (withBytes) claimForBytes(tx, upload.id, { claim: named.claim, token: caller.token });
    return { upload, claim: withBytes ? named.claim : undefined, checksum };
  });
}

/**
 * Bytes that came with it were not taken, or not all of them: a file of none that was to have some is none, and where nothing of the transfer
 * is there another upload may begin at once.
 */
async function letGo(ctx: BrokerContext, upload: TusUpload, fault: unknown): Promise<never> {
  const { id, transferId, lengthBytes } = upload;
  const letting = ctx.db.transaction(async (tx) => {
    await letGoLease(tx, upload);
    if (lengthBytes === 0) await giveUp(tx, transferId, [id]);
  });
  await beforeAnswer(ctx, transferId, letting);
  throw fault;
}

/** Refuses resourceNotConfigured, fileTooLarge. */
async function refuseTooMany(
  tx: Tx,
  { scanner }: BrokerContext,
  { transfer, lengthBytes }: { readonly transfer: Transfer; readonly lengthBytes: number },
): Promise<void> {
  const { id, state, resourceId, useVirusScan } = transfer;
  if (!uploadable.has(state)) throw refuse(brokerErrors.alreadyUploaded, { id });
  const resource = await findResource(tx, resourceId);
  const carriage = resource && !resource.deletedAt && carriageOf(resource, await findBrokerResource(tx, resourceId));
  if (!carriage) throw refuse(brokerErrors.resourceNotConfigured, { resource: resourceId });
  if (lengthBytes > mostBytes(carriage, useVirusScan, scanner)) throw refuse(brokerErrors.fileTooLarge, { id });
}

/**
 * The transfer takes bytes in parts from now on: which of its uploads that is. Refuses alreadyUploaded while it is uploaded in one
 * stream, or when it has as many uploads as it may.
 */
async function openTransfer(
  tx: Tx,
  ctx: BrokerContext,
  { transfer: { id, state, uploadId }, begun }: { readonly transfer: Transfer; readonly begun: string },
): Promise<string> {
  const { uploads } = await countPieces(tx, id);
  if (uploads >= mostUploads) throw refuse(brokerErrors.alreadyUploaded, { id });
  if (state === 'UploadStarted' && uploads > 0 && uploadId !== null && (await hasUploads(tx, id, uploadId))) return uploadId;
  const isTaken = (await isUploading(tx, id, leaseSeconds)) || (await listAwaiting(tx, [id], leaseSeconds)).has(id);
  if (isTaken) throw refuse(brokerErrors.alreadyUploaded, { id });
  const at = ctx.now();
  saveUploadsBegun(tx, [{ id, uploadId: begun, at }]);
  saveMoves(tx, [{ id, state: movedTransfer(state, 'startUpload'), text: transferTexts.UploadStarted, at }]);
  return begun;
}

/**
 * What was begun before, as a whole, is no more, unless bytes of it are there: they may be another client's, or this one's, whose request
 * came twice. Refuses inUse while somebody writes to it, hasBytes.
 */
async function giveWay(tx: Tx, id: FileTransferId): Promise<void> {
  const found = await findUpload(tx, id, null);
  const earlier = found && (await lockUpload(tx, found.id));
  if (earlier?.isClaimed) throw refuse(e.inUse, { id });
  if (earlier?.kind === 'whole' && earlier.offsetBytes > 0) throw refuse(e.hasBytes, { id, offset: earlier.offsetBytes });
  if (earlier) await dropUploads(tx, [earlier.id]);
}

interface Joining {
  readonly transfer: Transfer;
  readonly who: Actor;
  readonly token: string | undefined;
  readonly headers: Headers;
  readonly names: readonly string[];
}

async function beginJoined(tx: Tx, ctx: BrokerContext, { transfer, who, token, headers, names }: Joining): Promise<TusUpload> {
  const { id, uploadId } = transfer;
  const parts = names.map((name) => partIdIn(name) ?? refuseParts('Could not find some of the files supplied for concatenation', [name]));
  const found = await findUpload(tx, id, null);
  const earlier = found && (await lockUpload(tx, found.id));
  const isSame = earlier?.parts?.length === parts.length && earlier.parts.every((part, i) => part === parts[i]);
  if (isSame && (earlier.isFinished || transfer.state === 'UploadStarted')) return earlier;
  if (!uploadable.has(transfer.state)) throw refuse(brokerErrors.alreadyUploaded, { id });
  const lengthBytes = lengthOf(parts, await listUploads(tx, id, parts), uploadId);
  await refuseTooMany(tx, ctx, { transfer, lengthBytes });
  await giveWay(tx, id);
  renewLives(tx, parts);
  const row = {
    id: newId<TusUploadId>(),
    transferId: id,
    uploadId: uploadId!,
    kind: 'joined' as const,
    lengthBytes,
    offsetBytes: lengthBytes,
    metadata: metadataIn(headers),
    concat: headers['upload-concat']!,
    parts,
    who,
    token,
  };
  return { ...row, isClaimed: false, isFinished: false, expiresAt: await saveUpload(tx, row) };
}

/** Pure. Bytes of the file that these parts make. Refuses parts: one that is unknown, twice there, no part, or not whole yet. */
function lengthOf(parts: readonly TusUploadId[], uploads: readonly TusUpload[], uploadId: string | null): number {
  const known = new Map(uploads.filter((one) => one.uploadId === uploadId).map((one) => [one.id, one]));
  const notFound = parts.filter((part, i) => !known.has(part) || parts.indexOf(part) !== i);
  if (notFound.length > 0) refuseParts('Could not find some of the files supplied for concatenation', notFound);
  const none = uploads.filter(({ kind }) => kind !== 'part').map((one) => one.id);
  if (none.length > 0)
    refuseParts('Some of the files supplied for concatenation are not marked as partial and can not be concatenated', none);
  const unfinished = uploads.filter(({ offsetBytes, lengthBytes }) => offsetBytes < lengthBytes).map((one) => one.id);
  if (unfinished.length > 0)
    refuseParts('Some of the files supplied for concatenation are not finished and can not be concatenated', unfinished);
  return uploads.reduce((sum, one) => sum + one.lengthBytes, 0);
}

function refuseParts(what: string, which: readonly string[]): never {
  throw refuse(e.parts, { what: `${what}: ${which.map((one) => one.replaceAll('-', '').slice(0, 40)).join(', ')}` });
}
