import { bindReceived, type StoredBlob } from '#blobs/index.ts';
import { publishEvents } from '#events/index.ts';
import { type Actor, recordEvidence } from '#evidence/index.ts';
import { enqueue } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { isAsDeclared } from '../custody/is-as-declared.ts';
import { brokerErrors as e } from '../errors.ts';
import { senderIs, transferEvent } from '../events.ts';
import { failureTexts, movedTransfer, transferTexts } from '../states.ts';
import { lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { type Arrival, saveArrivals, saveUploadsBegun } from '../store/upload.ts';
import { whatOf } from '../what.ts';
import { failTransfer } from './fail-transfer.ts';
import { findReached, type Publication, type Reach, tellPublished } from './publish-transfer.ts';
import { scanTransfer } from './scan-job.ts';

/** Bytes that have come in whole, for an upload that had the transfer to itself. */
export interface Arrived {
  readonly who: Actor;
  readonly id: FileTransferId;
  readonly uploadId: string;
  /** What their sender said of them as they came. */
  readonly sha256: string | null;
  /** Unbound. */
  readonly blob: StoredBlob;
  /** Somebody is there to read what they are refused for. */
  readonly told: boolean;
}

/**
 * Binds the bytes to their transfer, which is published, or waits for its scan. Tells what they are refused for after all; undefined
 * when they are the transfer's own. Those of a hash that was not declared have made it fail.
 */
export async function storeBytes(tx: Tx, ctx: Context, arrived: Arrived): Promise<ErrorRow | undefined> {
  const transfer = (await lockTransfer(tx, arrived.id))!;
  const [refused] = await storeArrived(tx, [{ ...arrived, transfer, at: ctx.now() }]);
  return refused;
}

/** For a transfer that the transaction has locked. */
export interface ArrivedHere extends Arrived {
  /** When an upload began that claims its transfer with its bytes. */
  readonly unclaimedSince?: Date | undefined;
  readonly transfer: Transfer;
  readonly at: Date;
}

/** The same for bytes of several transfers, which the transaction has locked, each of them once. In the order asked. */
export async function storeArrived(tx: Tx, all: readonly ArrivedHere[]): Promise<(ErrorRow | undefined)[]> {
  const judged = all.map((arrived) => ({ ...arrived, transfer: withBytes(arrived), refused: refusalOf(arrived) }));
  const stored = judged.filter(({ refused }) => refused === undefined);
  const mismatched = judged.filter(({ refused }) => refused === e.checksumMismatch);
  const [toScan, toPublish] = [true, false].map((isScanned) => stored.filter(({ transfer }) => transfer.useVirusScan === isScanned));
  const reach = await findReached(tx, toPublish!);
  if (mismatched.length === 0 && isFoundByKey(reach)) tx.keepPlans();
  recordEvidence(
    tx,
    stored.map(({ id: about, at, who, transfer }) => ({
      event: 'BytesReceived',
      about,
      at,
      proves: 'recorded',
      who,
      what: whatOf(transfer),
    })),
  );
  bindReceived(
    tx,
    stored.map(({ blob }) => blob),
  );
  await failMismatched(tx, mismatched);
  await awaitScans(tx, toScan!);
  tellPublished(tx, reach);
  saveArrivals(tx, stored.map(arrivalOf));
  return judged.map(({ refused }) => refused);
}

/** Rows that are named in an array are compared one by one: of more the database had better see how many they are. */
const mostByKey = 200;

/**
 * Whether all that follows is found by its keys, so that plans may be kept: to make them takes longer than all that a few files write. What
 * nobody can open has more to be told, which is worked out from ladders.
 */
function isFoundByKey({ recipients }: Reach): boolean {
  return recipients.length <= mostByKey && recipients.every(({ openability }) => openability.openers.length > 0);
}

/** Pure. */
function arrivalOf({ transfer, uploadId, unclaimedSince, blob, at }: ArrivedHere): Arrival {
  const { id, state, declaredSha256, useVirusScan } = transfer;
  const moved = movedTransfer(state, useVirusScan ? 'process' : 'publish');
  return {
    id,
    declaredSha256,
    blob,
    state: moved,
    text: transferTexts[moved],
    at,
    ...(useVirusScan ? {} : { publishedAt: at }),
    claim: unclaimedSince && { uploadId, since: unclaimedSince },
  };
}

/** Pure. */
function refusalOf({ transfer, uploadId, unclaimedSince, at, sha256, blob }: ArrivedHere): ErrorRow | undefined {
  const isOurs = unclaimedSince ? transfer.state === 'Initialized' : transfer.state === 'UploadStarted' && transfer.uploadId === uploadId;
  if (!isOurs) return e.alreadyUploaded;
  if (transfer.expiresAt <= at) return e.alreadyUploaded; // its time was over before its bytes were there; the sweeper tells its sender
  return isAsDeclared({ ...transfer, declaredSha256: transfer.declaredSha256 ?? sha256 }, blob) ? undefined : e.checksumMismatch;
}

/** As it is with its bytes, and the claim of their upload. */
function withBytes({ transfer, uploadId, unclaimedSince, blob, sha256 }: ArrivedHere): Transfer {
  const { key: blobKey, sizeBytes, md5, sha256: its } = blob;
  const state = unclaimedSince && transfer.state === 'Initialized' ? movedTransfer(transfer.state, 'startUpload') : transfer.state;
  return { ...transfer, state, uploadId, declaredSha256: transfer.declaredSha256 ?? sha256, blobKey, sizeBytes, md5, sha256: its };
}

async function failMismatched(tx: Tx, mismatched: readonly ArrivedHere[]): Promise<void> {
  const unclaimed = mismatched.flatMap(({ id, uploadId, unclaimedSince: at }) => (at ? [{ id, uploadId, at }] : []));
  saveUploadsBegun(tx, unclaimed);
  saveMoves(
    tx,
    unclaimed.map(({ id, at }) => ({ id, state: 'UploadStarted' as const, text: transferTexts.UploadStarted, at })),
  );
  for (const { transfer, told, at } of mismatched)
    await failTransfer(tx, { ...transfer, blobKey: null }, { text: failureTexts.checksum, reason: 'hash-mismatch', told }, at);
}

async function awaitScans(tx: Tx, stored: readonly Publication[]): Promise<void> {
  if (stored.length === 0) return;
  const senders = await findParties(tx, [...new Set(stored.map(({ transfer }) => transfer.senderId))]);
  publishEvents(
    tx,
    stored.map(({ transfer, at }) => transferEvent('uploadprocessing', transfer, senderIs(senders.get(transfer.senderId)!), at)),
  );
  for (const { transfer } of stored) enqueue(tx, scanTransfer, { fileTransferId: transfer.id }, { key: transfer.id });
}
