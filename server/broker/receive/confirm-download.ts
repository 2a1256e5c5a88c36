import { findResource } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { despiteWatch, type Noting } from '#watch/index.ts';
import { type Dispute, disputeHash } from '../custody/dispute-hash.ts';
import { custodyOf } from '../custody/show-custody.ts';
import { brokerErrors as e } from '../errors.ts';
import { recipientIs, senderIs, transferEvent } from '../events.ts';
import { carriageOf } from '../resources/carriage.ts';
import { movedTransfer, transferTexts } from '../states.ts';
import { findHashes, saveConfirmedHash } from '../store/custody.ts';
import { listRecipients, saveStandings } from '../store/recipient.ts';
import { findBrokerResource } from '../store/resource.ts';
import { lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { whatIsHeld } from '../what.ts';
import { asRecipient } from './begin-download.ts';
import { decideConfirmation } from './decide.ts';

export interface Confirming {
  readonly id: FileTransferId;
  /** Of the file that the recipient holds, lower-case hex, where it says so. */
  readonly sha256: string | null;
}

/** Of every operation by which a recipient confirms, with what its hash is refused for. */
export const confirmRefusals = [
  e.transferNotFound,
  e.noAccess,
  e.nothingUploaded,
  e.confirmUnpublished,
  e.confirmBeforeDownload,
  e.digestUnreadable,
  e.holdsOther,
  e.holdsOtherConfirmed,
] as const;

/**
 * A recipient says that it has the file: its watch ends. When all have, the transfer is complete and is purged after a grace period,
 * where its resource says so. Of two last recipients at once exactly one completes it: the transfer is locked. Again is as once, and adds
 * the hash that was not said before. A recipient that says that it holds other bytes than were sent has confirmed nothing: that is recorded and told, and its watch stays open;
 * of one that has confirmed before, the dispute is recorded.
 *
 * Refuses transferNotFound, noAccess, nothingUploaded, confirmUnpublished, confirmBeforeDownload with nothing written, holdsOther,
 * holdsOtherConfirmed.
 * Source: compatibility.md, broker, §1.5, §6.2.
 */
export async function confirmDownload(ctx: Context, caller: Caller, confirming: Confirming): Promise<void> {
  const refusal = await despiteWatch(ctx, (tx, noting) => confirm(ctx, { tx, noting }, caller, confirming));
  if (refusal) throw refuse(refusal, { id: confirming.id });
}

async function confirm(
  ctx: Context,
  { tx, noting }: { tx: Tx; noting: Noting },
  caller: Caller,
  { id, sha256 }: Confirming,
): Promise<ErrorRow | undefined> {
  const transfer = await lockTransfer(tx, id);
  const { party, right } = await asRecipient(tx, caller, transfer);
  const { state, blobKey, senderId } = transfer!;
  const recipients = await listRecipients(tx, [id]);
  const statusesOf = (mine: boolean) => recipients.filter(({ partyId }) => (partyId === party) === mine).map(({ status }) => status);
  const decision = decideConfirmation({
    state,
    isUploaded: blobKey !== null,
    hasHash: sha256 !== null,
    mine: statusesOf(true)[0]!,
    others: statusesOf(false),
  });
  const at = ctx.now();
  const actor = actorOf(caller, right.path);
  if (sha256 !== null && sha256 !== transfer!.sha256) {
    await disputeHash(ctx, tx, { transfer: transfer!, party, sha256, actor, at });
    return decision === 'repeat' ? e.holdsOtherConfirmed : e.holdsOther;
  }
  if (decision === 'repeat') {
    if (sha256 !== null) await addHash(tx, { transfer: transfer!, party, sha256, actor, at });
    return undefined;
  }

  const by = caller.subject ?? caller.party;
  const parties = await findParties(tx, [senderId, party]);
  const sender = senderIs(parties.get(senderId)!);
  recordEvidence(tx, [
    {
      event: 'ConsignmentAcceptance',
      about: id,
      recipient: party,
      at,
      proves: 'confirmed',
      core: { mode: 'basic', reason: reasonUri('confirmed-after-opening') },
      who: actor,
      what: whatIsHeld(transfer!, sha256),
    },
  ]);
  const attempt = { attemptId: newId(), id, party, status: 'DownloadConfirmed' as const, at, by: caller.party, vendor: caller.consumer };
  saveStandings(tx, [attempt]);
  if (sha256 !== null) saveConfirmedHash(tx, { id, party, sha256, at });
  publishEvents(tx, [
    transferEvent('downloadconfirmed', transfer!, sender, at),
    transferEvent('downloadconfirmed', transfer!, recipientIs(parties.get(party)!), at),
  ]);
  if (decision === 'confirm-and-complete') {
    const purgeAt = await purgeTimeOf(tx, transfer!, at);
    saveMoves(tx, [{ id, state: movedTransfer(state, 'confirmAll'), text: transferTexts.AllConfirmedDownloaded, at, purgeAt }]);
    publishEvents(tx, [transferEvent('allconfirmeddownloaded', transfer!, sender, at)]);
  }
  // Whoever says that it has the file was handed it, also in parts, which alone hand nothing over.
  const kind = caller.kind === 'person' ? ('person' as const) : ('system' as const);
  await noting.opened(tx, [{ about: id, party, at, by, kind }]);
  await noting.confirmed(tx, [{ about: id, party, at, by }]);
  return undefined;
}

/** A recipient that has confirmed says now what it holds. The same again changes nothing, unless it has said otherwise meanwhile. */
async function addHash(tx: Tx, { transfer, party, sha256, actor, at }: Dispute): Promise<void> {
  const known = (await findHashes(tx, transfer.id, [party]))[0]!;
  if (known.confirmedSha256 === sha256 && custodyOf(known, transfer.sha256) === 'whole') return;
  recordEvidence(tx, [
    {
      event: 'ConsignmentAcceptance',
      about: transfer.id,
      recipient: party,
      at,
      proves: 'confirmed',
      core: { mode: 'basic', reason: reasonUri('confirmed-after-opening') },
      who: actor,
      what: whatIsHeld(transfer, sha256),
    },
  ]);
  saveConfirmedHash(tx, { id: transfer.id, party, sha256, at });
}

/** After the grace period, or at its expiry where the resource keeps files that all have confirmed. */
async function purgeTimeOf(tx: Tx, { resourceId, expiresAt }: Transfer, at: Date): Promise<Date> {
  const resource = await findResource(tx, resourceId);
  const carriage = resource && carriageOf(resource, await findBrokerResource(tx, resourceId));
  if (!carriage?.purgeAfterAllConfirmed) return expiresAt;
  return new Date(at.getTime() + carriage.graceSeconds * 1000);
}
