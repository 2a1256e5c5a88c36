import { findResource } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { noteConfirmed, noteOpened } from '#watch/index.ts';
import { recipientIs, senderIs, transferEvent } from '../events.ts';
import { carriageOf } from '../resources/carriage.ts';
import { movedTransfer, transferTexts } from '../states.ts';
import { listRecipients, saveStanding } from '../store/recipient.ts';
import { findBrokerResource } from '../store/resource.ts';
import { lockTransfer, saveMoves, type Transfer } from '../store/transfer.ts';
import { decideConfirmation } from './decide.ts';
import { asRecipient } from './download-transfer.ts';

/**
 * A recipient says that it has the file: its watch ends. When all have, the transfer is complete and is purged after a grace period,
 * where its resource says so. Of two last recipients at once exactly one completes it: the transfer is locked. Again is as once.
 *
 * Refuses transferNotFound, noAccess, nothingUploaded, confirmUnpublished, confirmBeforeDownload.
 * Source: compatibility.md, broker, §1.5, §6.2.
 */
export function confirmDownload(ctx: Context, caller: Caller, id: FileTransferId): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const transfer = await lockTransfer(tx, id);
    const { party, right } = await asRecipient(tx, caller, transfer);
    const { state, blobKey, senderId } = transfer!;
    const recipients = await listRecipients(tx, [id]);
    const statusesOf = (mine: boolean) => recipients.filter(({ partyId }) => (partyId === party) === mine).map(({ status }) => status);
    const decision = decideConfirmation({ state, isUploaded: blobKey !== null, mine: statusesOf(true)[0]!, others: statusesOf(false) });
    if (decision === 'repeat') return;

    const at = ctx.now();
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
        who: actorOf(caller, right.path),
      },
    ]);
    saveStanding(tx, { id, party, status: 'DownloadConfirmed', at, by: caller.party });
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
    await noteOpened(tx, [{ about: id, party, at, by, kind }]);
    await noteConfirmed(tx, [{ about: id, party, at, by }]);
  });
}

/** After the grace period, or at its expiry where the resource keeps files that all have confirmed. */
async function purgeTimeOf(tx: Tx, { resourceId, expiresAt }: Transfer, at: Date): Promise<Date> {
  const resource = await findResource(tx, resourceId);
  const carriage = resource && carriageOf(resource, await findBrokerResource(tx, resourceId));
  if (!carriage?.purgeAfterAllConfirmed) return expiresAt;
  return new Date(at.getTime() + carriage.graceSeconds * 1000);
}
