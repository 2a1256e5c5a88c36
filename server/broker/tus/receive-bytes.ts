import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { announceBlobs, releaseUnbound, type StoredSegment, StoreUnavailable } from '#blobs/index.ts';
import { type BlobKey, newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors } from '../errors.ts';
import { findTransfer } from '../store/transfer.ts';
import { type Cut, cutIntoPieces, pieceBytes } from './cut-into-pieces.ts';
import { tusErrors as e } from './errors.ts';
import { keepClaim } from './keep-claim.ts';
import type { Checksum } from './protocol.ts';
import { copyOf, hashUpTo, keepHash } from './running-hashes.ts';
import { type Claim, saveAdvance, type TusUpload } from './store.ts';

/** Bytes for an upload that this request alone writes to. */
export interface Receiving {
  readonly upload: TusUpload;
  readonly claim: Claim;
  readonly stream: Readable;
  /** Known from the start, or once the last byte has come. */
  readonly checksum: () => Checksum | undefined;
  readonly isChecked: boolean;
  /** By which it may turn out to be, when it is not known from the start. */
  readonly behind: readonly Checksum['algorithm'][];
}

/** How far the upload has come. */
export interface Reached {
  readonly offset: number;
  readonly expiresAt: Date;
}

/** After so long without a byte the claim is let go of: the client may have come again over another connection. */
const silenceMillis = 3000;

/**
 * Takes bytes piece by piece, each durable before the upload stands behind it: what had come when the connection broke off, or the
 * process died, need not come again. Bytes with a checksum count together or not at all. The last piece counts when
 * nothing comes behind it: an upload of more than was announced never becomes a file. Whoever was taken over writes nothing.
 *
 * Refuses fileTooLarge, checksum, offset, alreadyUploaded, inUse; throws what broke the stream off, after what had come is kept.
 */
export async function receiveBytes(ctx: BrokerContext, receiving: Receiving): Promise<Reached> {
  const { upload, claim, checksum, isChecked } = receiving;
  const cut = cutIntoPieces(receiving.stream);
  let storing = 0;
  const kept = keepClaim(ctx, {
    id: upload.id,
    claimId: claim.id,
    isAlive: () => storing > 0 || Date.now() - cut.lastCame() < silenceMillis,
  });
  const counted = meter(receiving);
  /** Announced, and without bytes. */
  const unused = [claim.firstKey];
  const pending = new Set<Promise<Stored>>();
  let reached: Reached = { offset: upload.offsetBytes, expiresAt: upload.expiresAt };
  const advance = async (stored: readonly Stored[]): Promise<void> => {
    if (stored.length === 0) return;
    const { id, transferId, uploadId } = upload;
    const from = reached.offset;
    const pieces = stored.map(({ piece }) => piece);
    const offset = pieces.reduce((end, { sizeBytes }) => end + sizeBytes, from);
    const expiresAt = await ctx.db.transaction((tx) => saveAdvance(tx, { id, transferId, uploadId, claimId: claim.id, from, pieces }));
    if (!expiresAt) throw await refusalOf(ctx, upload);
    reached = { offset, expiresAt };
    stored.at(-1)!.keep(offset);
  };
  /** What came before, on its way: a piece is made durable while the next one comes. */
  let former: Promise<void> = Promise.resolve();
  let isAway = false;
  try {
    while (await cut.hasMore()) {
      const { taken, stored } = storePiece(ctx, { cut, counted, announced: unused.pop() ?? (await announceKey(ctx)) });
      pending.add(stored);
      await taken;
      storing += 1;
      await former;
      former = stored
        .then(async (one) => {
          const isLast = reached.offset + one.piece.sizeBytes === upload.lengthBytes;
          if (isChecked || isLast) return;
          await advance([one]);
          pending.delete(stored);
        })
        .finally(() => {
          storing -= 1;
        });
      former.catch(() => {}); // thrown where it is waited for
    }
    await former;
    if (!isChecked || cut.fault === undefined) {
      if (isChecked && !counted.isAsSaid(checksum())) throw refuse(e.checksum);
      await advance(await Promise.all(pending));
      pending.clear();
    }
    if (cut.fault !== undefined) throw cut.fault;
    return reached;
  } catch (error) {
    isAway = error instanceof StoreUnavailable;
    throw error;
  } finally {
    await former.catch(() => {});
    kept.stop();
    const left = await Promise.allSettled(pending);
    const keys = [...unused, ...left.flatMap((one) => (one.status === 'fulfilled' ? [one.value.piece.key] : []))];
    // A store that does not answer is not asked again while somebody waits to be told: the sweeper takes them.
    await Promise.allSettled(keys.map((key) => (isAway ? releaseUnbound(ctx.db, key) : ctx.blobs.remove(key))));
  }
}

async function announceKey({ db }: BrokerContext): Promise<BlobKey> {
  const key = newId<BlobKey>();
  await db.transaction(async (tx) => announceBlobs(tx, [key]));
  return key;
}

/** Nothing more is written: the transfer takes no more bytes of this upload, or another request has taken the claim over. */
async function refusalOf({ db }: BrokerContext, { transferId: id, uploadId }: TusUpload): Promise<Error> {
  const transfer = await findTransfer(db, id);
  const isOver = transfer?.state !== 'UploadStarted' || transfer.uploadId !== uploadId;
  return isOver ? refuse(brokerErrors.alreadyUploaded, { id }) : refuse(e.inUse, { id });
}

/** A piece that lies durable, and what to do once the upload stands behind it. */
interface Stored {
  readonly piece: StoredSegment;
  keep(offset: number): void;
}

/** `taken` resolves when all bytes of the piece have passed, so that the next ones may come, and with `stored` where that fails. */
function storePiece(
  { blobs }: BrokerContext,
  { cut, counted: { onBytes, pieceEnds }, announced }: { readonly cut: Cut; readonly counted: Meter; readonly announced: BlobKey },
): { readonly taken: Promise<unknown>; readonly stored: Promise<Stored> } {
  const passed = Promise.withResolvers<void>();
  let ended: PieceEnd | undefined;
  async function* bytes(): AsyncGenerator<Buffer> {
    yield* cut.piece(onBytes);
    ended = pieceEnds();
    passed.resolve();
  }
  const sha256 = pieceEnds.isHashed() ? () => ended!.sha256!() : undefined;
  const chunks = bytes();
  const stream = Readable.from(chunks, { objectMode: false });
  stream[Symbol.asyncIterator] = () => chunks; // past its buffer, which would hold as much again
  const stored = blobs
    .receiveSegment(stream, { maxBytes: pieceBytes, announced, ...(sha256 ? { sha256 } : {}) })
    .then((piece): Stored => ({ piece, keep: (offset) => ended!.keep(offset) }));
  stored.catch(() => {}); // thrown where it is waited for
  return { taken: Promise.race([passed.promise, stored]), stored };
}

/** What is known when all bytes of a piece have passed, whatever comes behind them. */
interface PieceEnd {
  /** All bytes before the offset are durable. */
  keep(offset: number): void;
  /** Of a first piece, when a hash runs that began with it. */
  readonly sha256: (() => string) | undefined;
}

interface Meter {
  onBytes(chunk: Buffer): void;
  readonly pieceEnds: { (): PieceEnd; isHashed(): boolean };
  isAsSaid(checksum: Checksum | undefined): boolean;
}

/** Counts, and hashes what is needed: all of it for the file as a whole, and what comes now for its checksum. */
function meter({ upload, checksum, isChecked, behind }: Receiving): Meter {
  const running = upload.kind === 'whole' ? hashUpTo(upload.id, upload.offsetBytes) : undefined;
  const said = checksum();
  const algorithms = isChecked ? (said ? [said.algorithm] : behind) : [];
  const hashes = new Map(algorithms.map((name) => [name, createHash(name)]));
  /** Of the first piece. */
  let first = upload.offsetBytes === 0 && running ? running.sha256 : hashes.get('sha256');
  let left = upload.lengthBytes - upload.offsetBytes;
  const pieceEnds = (): PieceEnd => {
    const sha256 = first?.copy();
    first = undefined;
    const sofar = running && copyOf(running);
    return {
      keep(offset) {
        if (sofar) keepHash(upload.id, { ...sofar, offset });
      },
      sha256: sha256 && (() => sha256.digest('hex')),
    };
  };
  return {
    onBytes(chunk) {
      left -= chunk.length;
      if (left < 0) throw refuse(brokerErrors.fileTooLarge, { id: upload.transferId });
      running?.md5.update(chunk);
      running?.sha256.update(chunk);
      for (const hash of hashes.values()) hash.update(chunk);
    },
    pieceEnds: Object.assign(pieceEnds, { isHashed: () => first !== undefined }),
    isAsSaid(checksum) {
      return checksum !== undefined && hashes.get(checksum.algorithm)?.digest().equals(checksum.digest) === true;
    },
  };
}
