import { whoCanOpen } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { budstikkeItself, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import { findParties } from '#register/index.ts';
import { publishWatches } from '#watch/index.ts';
import { recipientIs, senderIs, transferEvent } from '../events.ts';
import { movedTransfer, transferTexts } from '../states.ts';
import { listRecipients } from '../store/recipient.ts';
import { saveMoves, type Transfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';

/**
 * A transfer that this transaction has locked, whole and free of what a scan looks for, may be fetched: its sender and each
 * recipient are told, and their watches count from now. Who can open is asked again. Source: compatibility.md, broker, §3.2.
 */
export async function publishTransfer(tx: Tx, transfer: Transfer, at: Date): Promise<void> {
  const { id, resourceId, senderId } = transfer;
  const recipients = (await listRecipients(tx, [id])).map(({ partyId }) => partyId);
  const parties = await findParties(tx, [senderId, ...recipients]);
  const openability = await whoCanOpen(
    tx,
    recipients.map((party) => ({ party, needs: [{ resource: resourceId, action: 'read', instance: id, what: 'message' as const }] })),
  );
  const what = whatOf(transfer);
  recordEvidence(tx, [
    { event: 'SubmissionAcceptance', about: id, at, proves: 'accepted', core: { resource: resourceId }, who: budstikkeItself, what },
    ...recipients.map((recipient, i): EvidenceRow => {
      const { class: reach, openers, grantors } = openability[i]!;
      const reason = reach === 'UNREACHABLE' ? reasonUri('no-opener') : reach === 'GRANTABLE' ? reasonUri('grant-needed') : undefined;
      return {
        event: 'ContentConsignment',
        about: id,
        recipient,
        at,
        proves: openers.length > 0 ? 'available' : 'deposited',
        core: { class: reach, openers: openers.length, grantors: grantors.length, reason },
        who: budstikkeItself,
        what,
      };
    }),
  ]);
  publishWatches(
    tx,
    recipients.map((party, i) => ({ about: id, party, at, openability: openability[i]! })),
  );
  saveMoves(tx, [{ id, state: movedTransfer(transfer.state, 'publish'), text: transferTexts.Published, at, publishedAt: at }]);
  publishEvents(tx, [
    transferEvent('published', transfer, senderIs(parties.get(senderId)!), at),
    ...recipients.map((party) => transferEvent('published', transfer, recipientIs(parties.get(party)!), at)),
  ]);
}
