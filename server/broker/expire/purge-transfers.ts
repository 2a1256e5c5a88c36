import { findKeepUnreadDays } from '#access/index.ts';
import { releaseBlobs } from '#blobs/index.ts';
import { type EventRow, publishEvents } from '#events/index.ts';
import { budstikkeItself, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party } from '#register/index.ts';
import { beginKeeping, failWatches, type GoingBytes, noteFilesOver, unreadBytesEvent } from '#watch/index.ts';
import { recipientIs, senderIs, transferEvent } from '../events.ts';
import { movedTransfer, transferTexts } from '../states.ts';
import { goingWith, listAwaited, listShared, lockDuePurges, saveKeeping, saveUnreadUntil } from '../store/expiry.ts';
import { listRecipients, type Recipient } from '../store/recipient.ts';
import { saveMoves, type Transfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';

const batch = 100;

/**
 * Transfers whose time is over are purged: nobody fetches them any more, and sender and whoever has not confirmed are told. Their
 * bytes go at once only when nobody is watched to fetch them: what somebody has not fetched keeps them (`lookAfterKept`). What was
 * never published fails on the watch, which tells its sender. `more` when there may be another batch; safe to run twice and in
 * several processes. Source: compatibility.md, broker, §6.4.
 */
export async function purgeTransfers(ctx: Context): Promise<Swept> {
  const looked = await ctx.db.transaction(async (tx) => {
    const due = await lockDuePurges(tx, batch);
    if (due.length > 0) await purge(tx, due, ctx.now());
    return due.length;
  });
  return looked === batch ? 'more' : undefined;
}

async function purge(tx: Tx, due: readonly Transfer[], at: Date): Promise<void> {
  const ids = due.map(({ id }) => id);
  const recipients = Map.groupBy(await listRecipients(tx, ids), ({ transferId }) => transferId);
  const unconfirmedOf = ({ id, publishedAt }: Transfer): Recipient[] =>
    publishedAt === null ? [] : (recipients.get(id) ?? []).filter(({ status }) => status !== 'DownloadConfirmed');
  const parties = await findParties(tx, [
    ...new Set(due.flatMap((one) => [one.senderId, ...unconfirmedOf(one).map(({ partyId }) => partyId)])),
  ]);
  const awaited = await listAwaited(tx, ids);
  const keepDays = await findKeepUnreadDays(tx, [...new Set(due.map(({ resourceId }) => resourceId))]);
  const keepingOf = ({ resourceId }: Transfer) => beginKeeping(at, keepDays.get(resourceId));
  const unfetched = due.filter(({ id, publishedAt }) => publishedAt !== null && awaited.has(id));
  const kept = new Set(unfetched);

  recordEvidence(
    tx,
    due.flatMap((transfer) => expiriesOf(transfer, unconfirmedOf(transfer), at)),
  );
  await releaseBytes(
    tx,
    due.filter((transfer) => !kept.has(transfer)),
    at,
    'purged',
  );
  saveMoves(
    tx,
    due.map(({ id, state }) => ({ id, state: movedTransfer(state, 'purge'), text: transferTexts.Purged, at, purgeAt: null })),
  );
  publishEvents(
    tx,
    due.flatMap((transfer) => eventsOf(transfer, unconfirmedOf(transfer), parties, at)),
  );
  failWatches(
    tx,
    due
      .filter(({ publishedAt }) => publishedAt === null)
      .flatMap(({ id }) => (recipients.get(id) ?? []).map(({ partyId }) => ({ about: id, party: partyId, at, reason: 'expired' }))),
  );
  publishEvents(
    tx,
    unfetched.map((transfer) => unreadBytesEvent(goingOf(transfer, parties.get(transfer.senderId)!, keepingOf(transfer)), at)),
  );
  saveUnreadUntil(
    tx,
    due.map((transfer) => ({ id: transfer.id, until: keepingOf(transfer).until })),
  );
  const keeping = [...kept].map((transfer) => ({ id: transfer.id, ...keepingOf(transfer) }));
  saveKeeping(tx, keeping);
  if (keeping.length > 0) await noteFilesOver(tx, goingWith(keeping), at);
}

/** Bytes that somebody has not fetched, and for how long they are there yet. */
export function goingOf(
  { id, resourceId }: Transfer,
  sender: Party,
  { days, until }: { readonly days: number; readonly until: Date },
): GoingBytes {
  return { id, kind: 'file', resource: resourceId, sender, goesAt: until, daysLeft: days };
}

/** Of each recipient that did not confirm in time; of what was never published once. */
function expiriesOf(transfer: Transfer, unconfirmed: readonly Recipient[], at: Date): EvidenceRow[] {
  const expired = {
    event: 'AcceptanceRejectionExpiry',
    about: transfer.id,
    at,
    proves: 'recorded',
    core: { reason: reasonUri('expired') },
    who: budstikkeItself,
    what: whatOf(transfer),
  } as const;
  if (unconfirmed.length === 0) return transfer.publishedAt === null ? [expired] : [];
  return unconfirmed.map(({ partyId }) => ({ ...expired, recipient: partyId }));
}

function eventsOf(transfer: Transfer, unconfirmed: readonly Recipient[], parties: ReadonlyMap<PartyId, Party>, at: Date): EventRow[] {
  const sender = senderIs(parties.get(transfer.senderId)!);
  const purged = transferEvent('filepurged', transfer, sender, at);
  if (unconfirmed.length === 0) return [purged];
  const never = [sender, ...unconfirmed.map(({ partyId }) => recipientIs(parties.get(partyId)!))];
  return [purged, ...never.map((to) => transferEvent('fileneverconfirmeddownloaded', transfer, to, at))];
}

/** The bytes of transfers that this transaction has locked go. One that has none, or lost them when it failed, is recorded all the same. */
export async function releaseBytes(tx: Tx, transfers: readonly Transfer[], at: Date, because: string): Promise<void> {
  recordEvidence(
    tx,
    transfers.map((transfer) => ({
      event: 'ContentPurged',
      about: transfer.id,
      at,
      proves: 'recorded',
      core: { with: because },
      who: budstikkeItself,
      what: whatOf(transfer),
    })),
  );
  await releaseShared(tx, transfers);
}

/** Bytes go with the last transfer that has them: one that was sent anew shares them with the old one. */
export async function releaseShared(tx: Tx, transfers: readonly Transfer[]): Promise<void> {
  const keys = [...new Set(transfers.flatMap(({ blobKey }) => blobKey ?? []))];
  if (keys.length === 0) return;
  const shared = await listShared(
    tx,
    keys,
    transfers.map(({ id }) => id),
  );
  releaseBlobs(
    tx,
    keys.filter((key) => !shared.has(key)),
  );
}
