import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { refuse } from '#kernel/refusal.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors } from '../errors.ts';
import { findTransfer } from '../store/transfer.ts';
import { type Cut, cutIntoPieces, pieceBytes } from './cut-into-pieces.ts';
import { tusErrors as e } from './errors.ts';
import { keepClaim } from './keep-claim.ts';
import type { Checksum } from './protocol.ts';
import { hashUpTo, keepHash, type RunningHash } from './running-hashes.ts';
import { type Piece, saveAdvance, type TusUpload } from './store.ts';

/** Bytes for an upload that this request alone writes to. */
export interface Receiving {
  readonly upload: TusUpload;
  readonly claimId: string;
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
 * process died, need not come again. Bytes with a checksum count together or not at all. Whoever was taken over writes nothing.
 *
 * Refuses fileTooLarge, checksum, offset, alreadyUploaded, inUse; throws what broke the stream off, after what had come is kept.
 */
export async function receiveBytes(ctx: BrokerContext, receiving: Receiving): Promise<Reached> {
  const { upload, claimId, checksum, isChecked } = receiving;
  const cut = cutIntoPieces(receiving.stream);
  let isStoring = false;
  const kept = keepClaim(ctx, upload.id, claimId, () => isStoring || Date.now() - cut.lastCame() < silenceMillis);
  const counted = meter(receiving);
  let pending: Piece[] = [];
  let reached: Reached = { offset: upload.offsetBytes, expiresAt: upload.expiresAt };
  const advance = async (): Promise<void> => {
    if (pending.length === 0) return;
    const { id, transferId, uploadId } = upload;
    const from = reached.offset;
    const expiresAt = await ctx.db.transaction((tx) => saveAdvance(tx, { id, transferId, uploadId, claimId, from, pieces: pending }));
    if (!expiresAt) throw await refusalOf(ctx, upload);
    reached = { offset: pending.reduce((end, { sizeBytes }) => end + sizeBytes, from), expiresAt };
    pending = [];
    counted.keep(reached.offset);
  };
  try {
    while (await cut.hasMore()) {
      pending.push(
        await storePiece(ctx, cut, counted, (storing) => {
          isStoring = storing;
        }),
      );
      isStoring = true;
      if (!isChecked) await advance();
      isStoring = false;
    }
    if (isChecked && cut.fault === undefined) {
      if (!counted.isAsSaid(checksum())) throw refuse(e.checksum);
      await advance();
    }
    if (cut.fault !== undefined) throw cut.fault;
    return reached;
  } finally {
    kept.stop();
    await Promise.allSettled(pending.map(({ key }) => ctx.blobs.remove(key)));
  }
}

/** Nothing more is written: the transfer takes no more bytes of this upload, or another request has taken the claim over. */
async function refusalOf({ db }: BrokerContext, { transferId: id, uploadId }: TusUpload): Promise<Error> {
  const transfer = await findTransfer(db, id);
  const isOver = transfer?.state !== 'UploadStarted' || transfer.uploadId !== uploadId;
  return isOver ? refuse(brokerErrors.alreadyUploaded, { id }) : refuse(e.inUse, { id });
}

async function storePiece(
  ctx: BrokerContext,
  cut: Cut,
  { onBytes, takeSha256 }: Meter,
  onStoring: (storing: boolean) => void,
): Promise<Piece> {
  async function* bytes(): AsyncGenerator<Buffer> {
    onStoring(false);
    yield* cut.piece(onBytes);
    onStoring(true);
  }
  const sha256 = takeSha256();
  return ctx.blobs.receiveSegment(Readable.from(bytes(), { objectMode: false }), { maxBytes: pieceBytes, ...(sha256 ? { sha256 } : {}) });
}

interface Meter {
  onBytes(chunk: Buffer): void;
  /** All bytes before the offset are durable. */
  keep(offset: number): void;
  isAsSaid(checksum: Checksum | undefined): boolean;
  /** Of the first piece, when a hash runs that began with it: what tells its SHA-256. Undefined for those behind it. */
  takeSha256(): (() => string) | undefined;
}

/** Counts, and hashes what is needed: all of it for the file as a whole, and what comes now for its checksum. */
function meter({ upload, checksum, isChecked, behind }: Receiving): Meter {
  const running = upload.kind === 'whole' ? hashUpTo(upload.id, upload.offsetBytes) : undefined;
  const said = checksum();
  const algorithms = isChecked ? (said ? [said.algorithm] : behind) : [];
  const hashes = new Map(algorithms.map((name) => [name, createHash(name)]));
  let first = upload.offsetBytes === 0 && running ? running.sha256 : hashes.get('sha256');
  let left = upload.lengthBytes - upload.offsetBytes;
  return {
    onBytes(chunk) {
      left -= chunk.length;
      if (left < 0) throw refuse(brokerErrors.fileTooLarge, { id: upload.transferId });
      running?.md5.update(chunk);
      running?.sha256.update(chunk);
      for (const hash of hashes.values()) hash.update(chunk);
    },
    keep(offset) {
      if (running) keepHash(upload.id, copied(running, offset));
    },
    isAsSaid(checksum) {
      return checksum !== undefined && hashes.get(checksum.algorithm)?.digest().equals(checksum.digest) === true;
    },
    takeSha256() {
      const begun = first;
      first = undefined;
      return begun && (() => begun.copy().digest('hex'));
    },
  };
}

function copied({ md5, sha256 }: RunningHash, offset: number): RunningHash {
  return { offset, md5: md5.copy(), sha256: sha256.copy() };
}
