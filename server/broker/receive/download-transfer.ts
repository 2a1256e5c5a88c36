import { finished, type Readable } from 'node:stream';
import { findResource, recordOpening } from '#access/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import { type Chosen, chosenBytes, type RangeAsked } from '#kernel/byte-range.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { noteOpened } from '#watch/index.ts';
import { type Acting, actingFor } from '../acting-for.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { saveFetched, saveFetchedPart } from '../store/custody.ts';
import { hasBegunSince, listRecipients, lockRecipient, saveStanding } from '../store/recipient.ts';
import { findTransfer, holdTransfer, type Transfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';
import { refuseUnlessReady } from './decide.ts';

/** What the answer says of a file. */
export interface File {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** A strong one, with its quotes. */
  readonly entityTag: string;
  /** lower-case hex */
  readonly sha256: string;
}

export interface Download extends File {
  readonly bytes: Chosen | 'whole';
  readonly stream: Readable;
  /** Resolves when what became of the download is recorded. */
  readonly recorded: Promise<void>;
}

/** A recipient's parts of one file within this time count as one download. */
const oneDownloadMillis = 5 * 60 * 1000;

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
  const { transfer, acting, bytes } = await ctx.db.transaction(async (tx) => {
    const found = await receivable(tx, caller, await holdTransfer(tx, id), ctx.now());
    const file = fileOf(found.transfer);
    const bytes = chosenBytes(part, file.sizeBytes, file.entityTag);
    if (bytes === 'unsatisfiable') throw refuse(e.rangeNotSatisfiable, { id });
    const { party } = found.acting;
    const at = ctx.now();
    await lockRecipient(tx, id, party);
    const attempt = { id, party, status: 'DownloadStarted' as const, at, by: caller.party, vendor: caller.consumer };
    const isOneOfParts = bytes !== 'whole' && (await hasBegunSince(tx, attempt, new Date(at.getTime() - oneDownloadMillis)));
    if (!isOneOfParts) saveStanding(tx, attempt);
    return { ...found, bytes };
  });
  const stream = await ctx.blobs.read(transfer.blobKey!, bytes === 'whole' ? undefined : bytes);
  return { ...fileOf(transfer), bytes, stream, recorded: recordEnd(ctx, { transfer, acting, caller, bytes }, stream) };
}

/** What a download would be; nothing is read and no trace is left. Refuses as a download. */
export async function inspectTransfer(ctx: Context, caller: Caller, id: FileTransferId): Promise<File> {
  return fileOf((await receivable(ctx.db, caller, await findTransfer(ctx.db, id), ctx.now())).transfer);
}

interface Receivable {
  readonly transfer: Transfer;
  readonly acting: Acting;
}

async function receivable(reader: Reader, caller: Caller, transfer: Transfer | undefined, at: Date): Promise<Receivable> {
  const acting = await asRecipient(reader, caller, transfer);
  refuseUnlessReady(transfer!, at);
  if (!(await findResource(reader, transfer!.resourceId))) throw refuse(e.resourceNotConfigured);
  return { transfer: transfer!, acting };
}

/** For which recipient the caller acts. Refuses transferNotFound, noAccess. */
export async function asRecipient(reader: Reader, caller: Caller, transfer: Transfer | undefined): Promise<Acting> {
  if (!transfer) throw refuse(e.transferNotFound);
  const parties = (await listRecipients(reader, [transfer.id])).map(({ partyId }) => partyId);
  const acting = await actingFor(reader, caller, { action: 'read', parties, on: transfer });
  if (!acting) throw refuse(e.noAccess, { id: transfer.id });
  return acting;
}

function fileOf({ fileName, sizeBytes, sha256 }: Transfer): File {
  return { fileName, sizeBytes: sizeBytes ?? 0, entityTag: `"${sha256}"`, sha256: sha256 ?? '' };
}

interface Sending extends Receivable {
  readonly caller: Caller;
  readonly bytes: Chosen | 'whole';
}

function recordEnd(ctx: Context, sending: Sending, stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    finished(stream, { writable: false }, (error) => {
      recordHandover(ctx, sending, !error)
        .catch((fault: unknown) =>
          ctx.log.error({ transfer: sending.transfer.id, ...describeFault(fault) }, 'a hand-over was not recorded'),
        )
        .finally(resolve);
    });
  });
}

/**
 * The watch stays open until the recipient has confirmed; it knows from here on that the file was fetched: as a whole, or in parts that
 * together are the whole, which the evidence of the last of them says. A part that is not the last is recorded as a part.
 */
function recordHandover(ctx: Context, { transfer, acting, caller, bytes }: Sending, toTheEnd: boolean): Promise<void> {
  const sizeBytes = transfer.sizeBytes ?? 0;
  const isPart = bytes !== 'whole' && bytes.end - bytes.start + 1 < sizeBytes;
  const { id } = transfer;
  const { party } = acting;
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now();
    const hasWhole = toTheEnd && (!isPart || (await saveFetchedPart(tx, { id, party, ...bytes, sizeBytes })));
    recordEvidence(tx, [
      {
        event: !toTheEnd ? 'HandoverInterrupted' : hasWhole ? 'ContentHandover' : 'PartHandedOver',
        about: id,
        recipient: party,
        at,
        proves: hasWhole ? 'handed-over' : 'nothing',
        who: actorOf(caller, acting.right.path),
        ...(bytes === 'whole' ? {} : { core: { firstByte: bytes.start, lastByte: bytes.end } }),
        what: whatOf(transfer),
      },
    ]);
    if (!hasWhole) return;
    saveFetched(tx, id, party, at);
    recordOpening(tx, [{ party, resource: transfer.resourceId, at }]);
    const kind = caller.kind === 'person' ? 'person' : 'system';
    await noteOpened(tx, [{ about: id, party, at, by: caller.subject ?? caller.party, kind }]);
  });
}
