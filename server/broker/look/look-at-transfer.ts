import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { type Acting, actingFor } from '../acting-for.ts';
import { brokerErrors as e } from '../errors.ts';
import { recipientTexts } from '../states.ts';
import { listAttempts, listRecipients, type Recipient } from '../store/recipient.ts';
import { findTransfer, listStatuses, type Transfer } from '../store/transfer.ts';
import { asOrganizationId } from '../wire.ts';
import type { TransferDetails, TransferOverview } from './wire.ts';

/**
 * A transfer and where it stands, for its sender and its recipients, who all see the same. Looking fetches nothing and stops no
 * reminder. Refuses transferNotFound, noAccess. Source: compatibility.md, broker, §1.5, §5.
 */
export async function getOverview(ctx: Context, caller: Caller, id: FileTransferId): Promise<TransferOverview> {
  const seen = await lookAt(ctx.db, caller, id);
  return { ...shownOf(seen), published: seen.transfer.publishedAt?.toISOString() ?? null };
}

/** The same with all that has happened to it. */
export async function getDetails(ctx: Context, caller: Caller, id: FileTransferId): Promise<TransferDetails> {
  const seen = await lookAt(ctx.db, caller, id);
  const [statuses, attempts] = await Promise.all([listStatuses(ctx.db, id), listAttempts(ctx.db, id)]);
  return {
    ...shownOf(seen),
    fileTransferStatusHistory: statuses.map(({ status, text, at }) => ({
      fileTransferStatus: status,
      fileTransferStatusText: text,
      fileTransferStatusChanged: at.toISOString(),
    })),
    recipientFileTransferStatusHistory: attempts.map(({ partyId, status, at }) => ({
      recipient: nameOf(seen.parties, partyId),
      recipientFileTransferStatusCode: status,
      recipientFileTransferStatusText: recipientTexts[status],
      recipientFileTransferStatusChanged: at.toISOString(),
    })),
  };
}

export interface Seen {
  readonly transfer: Transfer;
  /** As whom the caller looks; for whom is `acting.party`. */
  readonly side: 'sender' | 'recipient';
  readonly acting: Acting;
  readonly recipients: readonly Recipient[];
  readonly parties: ReadonlyMap<PartyId, Party>;
}

/** For the sender of a transfer, else for one of its recipients. Refuses transferNotFound, noAccess. */
export async function lookAt(reader: Reader, caller: Caller, id: FileTransferId): Promise<Seen> {
  const transfer = await findTransfer(reader, id);
  if (!transfer) throw refuse(e.transferNotFound);
  const recipients = await listRecipients(reader, [id]);
  const parties = recipients.map(({ partyId }) => partyId);
  const asSender = await actingFor(reader, caller, { action: 'write', parties: [transfer.senderId], on: transfer });
  const acting = asSender ?? (await actingFor(reader, caller, { action: 'read', parties, on: transfer }));
  if (!acting) throw refuse(e.noAccess, { id });
  return { transfer, side: asSender ? 'sender' : 'recipient', acting, recipients, parties: await findParties(reader, parties) };
}

function nameOf(parties: ReadonlyMap<PartyId, Party>, id: PartyId): string {
  return asOrganizationId(parties.get(id)?.number ?? null);
}

/** Pure. The sender as it wrote itself, recipients always in one form; of a transfer without a declared checksum the one of its bytes. */
function shownOf({ transfer: t, recipients, parties }: Seen): Omit<TransferOverview, 'published'> {
  const isSettled = t.state !== 'UploadStarted' && t.state !== 'UploadProcessing';
  return {
    fileTransferId: t.id,
    resourceId: t.resourceId,
    fileName: t.fileName,
    sendersFileTransferReference: t.sendersReference,
    checksum: t.declaredMd5 ?? (isSettled ? t.md5 : null),
    useVirusScan: t.useVirusScan,
    fileTransferSize: t.sizeBytes ?? 0,
    fileTransferStatus: t.state,
    fileTransferStatusText: t.stateText,
    fileTransferStatusChanged: t.inFull?.stateChangedAt ?? t.stateChangedAt.toISOString(),
    created: t.inFull?.createdAt ?? t.createdAt.toISOString(),
    expirationTime: t.expiresAt.toISOString(),
    sender: t.senderGiven,
    recipients: recipients.map(({ partyId, status, changedAt }) => ({
      recipient: nameOf(parties, partyId),
      currentRecipientFileTransferStatusCode: status,
      currentRecipientFileTransferStatusText: recipientTexts[status],
      currentRecipientFileTransferStatusChanged: changedAt.toISOString(),
    })),
    propertyList: { ...t.propertyList },
  };
}
