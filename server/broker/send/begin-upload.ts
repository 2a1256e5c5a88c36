import { findResources, type Resource } from '#access/index.ts';
import { announceBlobs, announceMeant, listAwaiting, listKnown } from '#blobs/index.ts';
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
import { type LockedTransfers, lockTransfers, saveMoves, type Transfer } from '../store/transfer.ts';
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
  /** So few bytes that they are here before a claim is: it is made with them, where nobody has begun before. */
  readonly isBrief?: boolean;
}

/** An upload that has the transfer to itself, or will have it with its bytes. */
export interface Begun extends Pick<Beginning, 'id' | 'uploadId' | 'sha256'> {
  /** Of a brief one, which has claimed nothing yet: when it began, and the key that it has announced. */
  readonly unclaimed?: { readonly since: Date; readonly blobKey: BlobKey };
  readonly maxBytes: number;
  /** For whom the caller acts, and when that was asked: real time. */
  readonly acting: Acting;
  readonly askedAt: number;
}

/**
 * Claims a transfer for an upload, so that a second one is refused before its bytes are read; the key of its bytes becomes known with
 * it. A brief one is judged alike, and claims its transfer when its bytes are here: of several whoever is first has it, and one that is not
 * brief is refused while they come. Callers who come at the same time share a transaction.
 *
 * Refuses transferNotFound, noAccess, alreadyUploaded, resourceNotConfigured, fileTooLarge, checksumMismatch.
 */
export const beginUpload = joinCallers<Beginning, Begun>({
  run: beginUploads,
  async findWritten(reader, begun) {
    const [rows, keys] = await Promise.all([
      listUploads(
        reader,
        begun.map(({ id }) => id),
      ),
      listKnown(
        reader,
        begun.flatMap(({ unclaimed }) => unclaimed?.blobKey ?? []),
      ),
    ]);
    const claimed = new Set(rows.map(({ uploadId }) => uploadId));
    return new Set(begun.filter(({ uploadId, unclaimed }) => (unclaimed ? keys.has(unclaimed.blobKey) : claimed.has(uploadId))));
  },
});

async function beginUploads(tx: Tx, asked: readonly Beginning[], waits: boolean): Promise<(Answer<Begun> | typeof busy)[]> {
  const ids = asked.map(({ id }) => id);
  const { transfers, isHeld } = await lockAndFind(tx, asked, waits);
  // Where another has begun, whether it is seen to yet is asked of what is locked, and what is not is claimed.
  const isBrief = (one: Beginning) => isUnclaimed(one) && !(waits && transfers.get(one.id)?.state === 'UploadStarted');
  /** It was written by a commit that was lost, and came to its end when nobody found it yet. */
  const hasClaimed = ({ id, uploadId }: Beginning) => transfers.get(id)?.uploadId === uploadId;
  const found = [...transfers.values()];
  const started = found.filter(({ state }) => state === 'UploadStarted');
  const unannounced = asked.filter((one) => one.isBrief !== true).map(({ id }) => id);
  const [acting, uploading, withBytes, awaiting, resources, configured] = await Promise.all([
    senders(tx, asked, transfers),
    started.length > 0 ? listUploading(tx, ids, leaseSeconds) : noneOfThem,
    started.length > 0 ? listWithBytes(tx, started) : noneOfThem,
    unannounced.length > 0 ? listAwaiting(tx, unannounced, leaseSeconds) : noneOfThem,
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
    if (isBrief(beginning) && transfer?.state === 'UploadStarted') return busy;
    const isOthers = uploading.has(id) || withBytes.has(id) || (beginning.isBrief !== true && awaiting.has(id));
    const isTaken = isOthers && !hasClaimed(beginning);
    const carriage = transfer && carriageFor(resources.get(transfer.resourceId));
    return answered(() =>
      decideBeginning(beginning, { transfer, acting: acting[i], isTaken, carriage: carriage || undefined }, isBrief(beginning)),
    );
  });

  const begun = asked.filter((_, i) => answers[i] !== busy && 'value' in (answers[i] as Answer<Begun>));
  const claiming = begun.filter((one) => !isBrief(one) && !hasClaimed(one));
  announceMeant(
    tx,
    begun.filter(isBrief).map(({ id, blobKey }) => ({ key: blobKey!, meantFor: id })),
  );
  announceBlobs(
    tx,
    claiming.flatMap(({ blobKey }) => blobKey ?? []),
  );
  saveUploadsBegun(
    tx,
    claiming.map(({ id, uploadId, ctx }) => ({ id, uploadId, at: ctx.now() })),
  );
  saveMoves(
    tx,
    claiming.map(({ id, ctx }) => ({
      id,
      state: movedTransfer(transfers.get(id)!.state, 'startUpload'),
      text: transferTexts.UploadStarted,
      at: ctx.now(),
    })),
  );
  return answers;
}

/** Pure. A brief one that does not come to claim its transfer after all. */
function isUnclaimed({ isBrief, blobKey }: Beginning): boolean {
  return isBrief === true && blobKey !== null;
}

/** The transfers, locked. Of brief ones several may hold one; whoever claims it waits, and sees what they have announced. */
async function lockAndFind(tx: Tx, asked: readonly Beginning[], waits: boolean): Promise<LockedTransfers> {
  const ids = (some: readonly Beginning[]) => some.map(({ id }) => id);
  const brief = waits ? [] : ids(asked.filter(isUnclaimed));
  const claimed = ids(waits ? asked : asked.filter((one) => !isUnclaimed(one)));
  const [locked, shared] = await Promise.all([
    claimed.length > 0 ? lockTransfers(tx, claimed, { waits }) : undefined,
    brief.length > 0 ? lockTransfers(tx, brief, { waits, shared: true }) : undefined,
  ]);
  return {
    transfers: new Map([...(shared?.transfers ?? []), ...(locked?.transfers ?? [])]),
    isHeld: (id) => (locked?.isHeld(id) || shared?.isHeld(id)) ?? false,
  };
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

const noneOfThem: ReadonlySet<FileTransferId> = new Set();
const nobody = { parties: [], on: { resourceId: '' as Transfer['resourceId'] } };

interface Facts {
  readonly transfer: Transfer | undefined;
  readonly acting: Acting | undefined;
  readonly isTaken: boolean;
  readonly carriage: Carriage | undefined;
}

/** Pure. Refuses in this order: transferNotFound, noAccess, alreadyUploaded, resourceNotConfigured, fileTooLarge, checksumMismatch. */
function decideBeginning(beginning: Beginning, { transfer, acting, isTaken, carriage }: Facts, isBrief: boolean): Begun {
  const { ctx, id, uploadId, blobKey, announced, sha256 } = beginning;
  if (!transfer) throw refuse(e.transferNotFound);
  if (!acting) throw refuse(e.noAccess, { id });
  const { state, resourceId, useVirusScan, declaredSha256 } = transfer;
  if (!uploadable.has(state) || isTaken) throw refuse(e.alreadyUploaded, { id });
  if (!carriage) throw refuse(e.resourceNotConfigured, { resource: resourceId });
  const maxBytes = mostBytes(carriage, useVirusScan, ctx.scanner);
  if ((announced ?? 0) > maxBytes) throw refuse(e.fileTooLarge, { id });
  if (sha256 !== null && declaredSha256 !== null && sha256 !== declaredSha256) throw refuse(e.checksumMismatch, { id });
  return {
    id,
    uploadId,
    maxBytes,
    sha256,
    acting,
    askedAt: Date.now(),
    ...(isBrief ? { unclaimed: { since: ctx.now(), blobKey: blobKey! } } : {}),
  };
}
