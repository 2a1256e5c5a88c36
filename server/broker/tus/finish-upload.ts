import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobDamaged, joinBlobs, listPlainHashes, releaseBlobs, type StoredBlob } from '#blobs/index.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { type BlobKey, type FileTransferId, newId } from '#kernel/ids.ts';
import { letGo } from '#kernel/lent-bytes.ts';
import { createReceivingPlaces } from '#kernel/receiving-places.ts';
import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { isAsDeclared } from '../custody/is-as-declared.ts';
import { brokerErrors } from '../errors.ts';
import { storeBytes } from '../send/store-bytes.ts';
import { uploadable } from '../states.ts';
import { findTransfer, lockTransfer, type Transfer } from '../store/transfer.ts';
import { giveUp } from './end-upload.ts';
import { keepClaim } from './keep-claim.ts';
import { letGoClaim } from './let-go.ts';
import { forgetHash, hashUpTo } from './running-hashes.ts';
import {
  dropUploads,
  listPieces,
  listUploadIds,
  lockUpload,
  lockUploads,
  type Piece,
  renewLives,
  saveClaim,
  saveFinished,
  type TusUpload,
  type TusUploadId,
} from './store.ts';

/** An upload that has all of its bytes, or whose parts have. */
export interface Complete {
  readonly id: TusUploadId;
  readonly transferId: FileTransferId;
}

/** What became of it: `later` when it goes on after the answer. */
export type Finished = 'finished' | 'later';

/** No proxy waits for longer. Hashing goes on after the answer, and `finishUploads` sees that it comes to its end. */
const patienceMillis = 50_000;
const askAgainMillis = 100;

/** Those that this process sees to, so that a request that comes again waits for the same end. */
const underWay = new Map<TusUploadId, Promise<ErrorRow | undefined>>();

/**
 * An upload with all its bytes becomes the file of its transfer: joined by reference, hashed, compared with what was declared, and
 * published or handed to its scan, before the answer if that takes less than a minute. Again is as once.
 *
 * Refuses checksumMismatch, alreadyUploaded, and transferNotFound for what was given up meanwhile. Source: compatibility.md, broker, §4.4.
 */
export async function finishUpload(ctx: BrokerContext, complete: Complete, how: How = {}): Promise<Finished> {
  const late = new AbortController();
  const refusal = await Promise.race([
    shared(ctx, complete, how),
    sleep(patienceMillis, 'later' as const, { ref: false, signal: late.signal }).catch(() => 'later' as const),
  ]);
  late.abort();
  if (refusal === 'later') return refusal;
  if (refusal) throw refuse(refusal, { id: complete.transferId });
  return 'finished';
}

interface How {
  /** False: nobody is there to read what it is refused for. */
  readonly told?: boolean;
  /** By the request that has brought its last byte. */
  readonly held?: { readonly upload: TusUpload; readonly claimId: string } | undefined;
}

function shared(ctx: BrokerContext, complete: Complete, how: How): Promise<ErrorRow | undefined> {
  const running = underWay.get(complete.id);
  // It waits for the claim.
  if (running) return how.held ? letGoClaim(ctx, complete, how.held.claimId).then(() => running) : running;
  const begun = finish(ctx, complete, how).finally(() => underWay.delete(complete.id));
  underWay.set(complete.id, begun);
  begun.catch((error: unknown) =>
    ctx.log.warn({ transfer: complete.transferId, ...describeFault(error) }, 'an upload could not be finished'),
  );
  return begun;
}

async function finish(ctx: BrokerContext, complete: Complete, { told = true, held }: How): Promise<ErrorRow | undefined> {
  const claimId = held?.claimId ?? newId();
  const claimed = held?.upload ?? (await claim(ctx, complete, claimId));
  if (claimed === 'finished') return undefined;
  if (isRefusal(claimed)) return claimed;
  const kept = keepClaim(ctx, { id: complete.id, claimId, isAlive: () => true });
  let isOver = false;
  try {
    const pieces = await listPieces(ctx.db, claimed.parts ?? [claimed.id]);
    const whole = await wholeOf(ctx, claimed, pieces).catch((fault: unknown) => ({ fault }));
    const refused = await become(ctx, { upload: claimed, pieces, whole, told });
    isOver = true; // and its claim with it
    return refused;
  } finally {
    kept.stop();
    if (!isOver) await letGoClaim(ctx, complete, claimId);
  }
}

/** Waits for another process that is at it, which may die. */
async function claim(ctx: BrokerContext, { id, transferId }: Complete, claimId: string): Promise<TusUpload | 'finished' | ErrorRow> {
  for (;;) {
    const claimed = await ctx.db.transaction(async (tx) => {
      const transfer = await lockTransfer(tx, transferId);
      const upload = await lockUpload(tx, id);
      if (!upload) return refusalOfNone(transfer) ?? ('finished' as const);
      if (upload.isFinished) return 'finished' as const;
      if (upload.isClaimed) return 'claimed' as const;
      saveClaim(tx, { id, claimId });
      if (upload.parts) renewLives(tx, upload.parts);
      return upload;
    });
    if (claimed !== 'claimed') return claimed;
    await sleep(askAgainMillis);
  }
}

/** Pure. What is said of an upload that is no more: it was given up, or its transfer came to its end meanwhile. Undefined when its file is there. */
function refusalOfNone(transfer: Transfer | undefined): ErrorRow | undefined {
  if (!transfer || uploadable.has(transfer.state)) return brokerErrors.transferNotFound;
  return transfer.blobKey === null ? brokerErrors.alreadyUploaded : undefined;
}

function isRefusal(claimed: TusUpload | ErrorRow): claimed is ErrorRow {
  return 'code' in claimed;
}

/** Hashes of the whole: as they ran while its bytes came here, else read from the store. What has no bytes is stored as that. */
async function wholeOf(ctx: BrokerContext, upload: TusUpload, pieces: readonly Piece[]): Promise<StoredBlob> {
  if (pieces.length === 0) return ctx.blobs.receive(Readable.from([]), { maxBytes: 0 });
  const known = upload.kind === 'whole' ? hashUpTo(upload.id, upload.lengthBytes) : undefined;
  const { md5, sha256 } = known ?? (await readInTurn(ctx, upload, pieces));
  return { key: newId<BlobKey>(), sizeBytes: upload.lengthBytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/**
 * Files that are read at once to be hashed: a core and a disk are busy with a few, and each more of them holds some mebibytes. The others
 * wait, and those of one organization do not keep all out.
 */
const turns = createReceivingPlaces({
  most: 8,
  mostOfOne: 6,
  mostWaiting: Number.POSITIVE_INFINITY,
  patienceMillis: undefined,
  silenceMillis: Number.POSITIVE_INFINITY,
  leastBytesPerSecond: 1,
});

async function readInTurn(ctx: BrokerContext, upload: TusUpload, pieces: readonly Piece[]): Promise<Hashes> {
  const transfer = await findTransfer(ctx.db, upload.transferId);
  const turn = await turns.enter({ party: transfer?.senderId ?? null, consumer: null });
  try {
    const isDeclared = Boolean(transfer?.declaredSha256 || transfer?.declaredMd5);
    const hashes = await hashPieces(ctx, pieces, isDeclared ? new Map() : await listDoubted(ctx, pieces));
    if (isDeclared && !isAsDeclared(transfer!, textsOf(hashes))) await hashPieces(ctx, pieces, await listDoubted(ctx, pieces));
    return hashes;
  } finally {
    turn.leave();
  }
}

interface Hashes {
  readonly md5: Hash;
  readonly sha256: Hash;
}

const textsOf = ({ md5, sha256 }: Hashes) => ({ md5: md5.copy().digest('hex'), sha256: sha256.copy().digest('hex') });

/**
 * What tells whether a piece is as it came: its own hash, a third more to compute; what is encrypted is sealed. Where the sender has declared
 * a hash of the file it is asked only of what has another: whether that is the sender's fault or the store's.
 */
function listDoubted({ db }: BrokerContext, pieces: readonly Piece[]): Promise<ReadonlyMap<BlobKey, string>> {
  return listPlainHashes(
    db,
    pieces.map(({ key }) => key),
  );
}

async function hashPieces({ blobs }: BrokerContext, pieces: readonly Piece[], expected: ReadonlyMap<BlobKey, string>): Promise<Hashes> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  for (const [i, { key, sizeBytes }] of pieces.entries()) {
    const asItCame = expected.get(key);
    const own = asItCame === undefined || i === 0 ? undefined : createHash('sha256');
    let left = sizeBytes;
    for await (const chunk of (await blobs.read(key)) as AsyncIterable<Buffer>) {
      left -= chunk.length;
      md5.update(chunk);
      sha256.update(chunk);
      own?.update(chunk);
      letGo(chunk);
    }
    if (left !== 0) throw new BlobDamaged(`a piece of an upload has ${sizeBytes - left} bytes in place of ${sizeBytes}`);
    const isAsItCame = asItCame === undefined || (own ?? sha256.copy()).digest('hex') === asItCame;
    if (!isAsItCame) throw new BlobDamaged('a piece of an upload has other bytes than came');
  }
  return { md5, sha256 };
}

interface Becoming {
  readonly upload: TusUpload;
  readonly pieces: readonly Piece[];
  /** Or why it could not be read. */
  readonly whole: StoredBlob | { readonly fault: unknown };
  readonly told: boolean;
}

/**
 * In one transaction: parts that were not used go, and all of them when the bytes are refused. What was given up meanwhile, or has lost
 * some of its bytes, is no file any more: it ends, and what is left of it may be made one anew.
 */
function become(ctx: BrokerContext, { upload, pieces, whole, told }: Becoming): Promise<ErrorRow | undefined> {
  const { id, transferId, uploadId, who, parts } = upload;
  return ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, transferId);
    const now = await lockUpload(tx, id);
    if (!now) return refusalOfNone(transfer);
    if (now.isFinished) return undefined;
    if (!(await areHere(tx, upload, pieces))) {
      await giveUp(tx, transferId, [id]);
      ctx.log.warn({ transfer: transferId }, 'an upload was given up: some of its bytes went before it was a file');
      return brokerErrors.transferNotFound;
    }
    if ('fault' in whole) throw whole.fault;
    if (pieces.length > 0) joinBlobs(tx, whole, pieces);
    const refusal = await storeBytes(tx, ctx, { who, id: transferId, uploadId, sha256: null, blob: whole, told });
    const used = new Set<TusUploadId>(refusal ? [] : [id, ...(parts ?? [])]);
    if (refusal) releaseBlobs(tx, [whole.key]);
    saveFinished(tx, [...used]);
    await dropUploads(
      tx,
      (await listUploadIds(tx, transferId)).filter((one) => !used.has(one)),
    );
    forgetHash(id);
    return refusal;
  });
}

/** Whether nobody has given up any of the bytes meanwhile. Nobody can until the transaction ends. */
async function areHere(tx: Tx, { id, parts, lengthBytes }: TusUpload, pieces: readonly Piece[]): Promise<boolean> {
  await lockUploads(tx, parts ?? [id]);
  const now = await listPieces(tx, parts ?? [id]);
  const sizeBytes = now.reduce((sum, piece) => sum + piece.sizeBytes, 0);
  return sizeBytes === lengthBytes && now.length === pieces.length && now.every(({ key }, i) => key === pieces[i]!.key);
}
