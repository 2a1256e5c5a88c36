import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinBlobs, releaseBlobs, type StoredBlob } from '#blobs/index.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { type BlobKey, type FileTransferId, newId } from '#kernel/ids.ts';
import { letGo } from '#kernel/lent-bytes.ts';
import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { storeBytes } from '../send/store-bytes.ts';
import { lockTransfer } from '../store/transfer.ts';
import { keepClaim } from './keep-claim.ts';
import { forgetHash, hashUpTo } from './running-hashes.ts';
import {
  dropUploads,
  listPieces,
  listUploadIds,
  lockUpload,
  lockUploads,
  type Piece,
  releaseClaim,
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
 * Refuses checksumMismatch, alreadyUploaded. Source: compatibility.md, broker, §4.4.
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
  if (running) return how.held ? releaseClaim(ctx.db, complete.id, how.held.claimId).then(() => running) : running;
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
  const kept = keepClaim(ctx, complete.id, claimId);
  let isOver = false;
  try {
    const pieces = await listPieces(ctx.db, claimed.parts ?? [claimed.id]);
    const whole = await wholeOf(ctx, claimed, pieces);
    const refused = await become(ctx, { upload: claimed, pieces, whole, told });
    isOver = true; // and its claim with it
    return refused;
  } finally {
    kept.stop();
    if (!isOver) await releaseClaim(ctx.db, complete.id, claimId);
  }
}

/** Waits for another process that is at it, which may die. */
async function claim(ctx: BrokerContext, { id, transferId }: Complete, claimId: string): Promise<TusUpload | 'finished'> {
  for (;;) {
    const claimed = await ctx.db.transaction(async (tx) => {
      await lockTransfer(tx, transferId);
      const upload = await lockUpload(tx, id);
      if (!upload || upload.isFinished) return 'finished' as const;
      if (upload.isClaimed) return 'claimed' as const;
      saveClaim(tx, id, claimId);
      return upload;
    });
    if (claimed !== 'claimed') return claimed;
    await sleep(askAgainMillis);
  }
}

/** Hashes of the whole: as they ran while its bytes came here, else read from the store. What has no bytes is stored as that. */
async function wholeOf(ctx: BrokerContext, upload: TusUpload, pieces: readonly Piece[]): Promise<StoredBlob> {
  if (pieces.length === 0) return ctx.blobs.receive(Readable.from([]), { maxBytes: 0 });
  const known = upload.kind === 'whole' ? hashUpTo(upload.id, upload.lengthBytes) : undefined;
  const { md5, sha256 } = known ?? { md5: createHash('md5'), sha256: createHash('sha256') };
  if (!known) {
    for (const { key } of pieces) {
      for await (const chunk of (await ctx.blobs.read(key)) as AsyncIterable<Buffer>) {
        md5.update(chunk);
        sha256.update(chunk);
        letGo(chunk);
      }
    }
  }
  return { key: newId<BlobKey>(), sizeBytes: upload.lengthBytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

interface Becoming {
  readonly upload: TusUpload;
  readonly pieces: readonly Piece[];
  readonly whole: StoredBlob;
  readonly told: boolean;
}

/** In one transaction: parts that were not used go, and all of them when the bytes are refused. */
function become(ctx: BrokerContext, { upload, pieces, whole, told }: Becoming): Promise<ErrorRow | undefined> {
  const { id, transferId, uploadId, who, parts } = upload;
  return ctx.db.transaction(async (tx) => {
    await lockTransfer(tx, transferId);
    const now = await lockUpload(tx, id);
    if (!now || now.isFinished) return undefined;
    if (!(await areHere(tx, upload, pieces))) throw new Error('bytes of an upload went while it was finished');
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
