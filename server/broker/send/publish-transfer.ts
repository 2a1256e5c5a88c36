import { whoCanOpen } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { budstikkeItself, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party } from '#register/index.ts';
import { publishWatches, type WatchPublication } from '#watch/index.ts';
import { recipientIs, senderIs, transferEvent } from '../events.ts';
import { movedTransfer, transferTexts } from '../states.ts';
import { listRecipients } from '../store/recipient.ts';
import { saveMoves, type Transfer } from '../store/transfer.ts';
import { whatOf } from '../what.ts';

/** A transfer that is whole and free of what a scan looks for. */
export interface Publication {
  readonly transfer: Transfer;
  readonly at: Date;
}

/**
 * Transfers that this transaction has locked, whole and free of what a scan looks for, may be fetched: their senders and each
 * recipient are told, and their watches count from now. Who can open is asked again. Source: compatibility.md, broker, §3.2.
 */
export async function publishTransfers(tx: Tx, publications: readonly Publication[]): Promise<void> {
  tellPublished(tx, await findReached(tx, publications));
  saveMoves(
    tx,
    publications.map(({ transfer: { id, state }, at }) => ({
      id,
      state: movedTransfer(state, 'publish'),
      text: transferTexts.Published,
      at,
      publishedAt: at,
    })),
  );
}

/** Transfers that are published, and whom they reach. */
export interface Reach {
  readonly publications: readonly Publication[];
  readonly recipients: readonly Reached[];
  readonly parties: ReadonlyMap<PartyId, Party>;
}

/** Whom they reach, and who can open there now. */
export async function findReached(tx: Tx, publications: readonly Publication[]): Promise<Reach> {
  if (publications.length === 0) return { publications, recipients: [], parties: new Map() };
  const byId = new Map(publications.map((one) => [one.transfer.id, one]));
  const recipients = (await listRecipients(tx, [...byId.keys()])).map(({ transferId, partyId }) => ({
    ...byId.get(transferId)!,
    party: partyId,
  }));
  const [parties, openability] = await Promise.all([
    findParties(tx, [...new Set([...publications.map(({ transfer }) => transfer.senderId), ...recipients.map(({ party }) => party)])]),
    whoCanOpen(
      tx,
      recipients.map(({ transfer: { id, resourceId: resource }, party }) => ({
        party,
        needs: [{ resource, action: 'read', instance: id, what: 'message' as const }],
      })),
    ),
  ]);
  return { publications, recipients: recipients.map((one, i): Reached => ({ ...one, openability: openability[i]! })), parties };
}

/** What follows from it but for the move, which comes after it, with more in a statement of the caller's. Joined writing. */
export function tellPublished(tx: Tx, { publications, recipients, parties }: Reach): void {
  recordEvidence(tx, [...publications.map(acceptanceOf), ...recipients.map(consignmentOf)]);
  publishWatches(
    tx,
    recipients.map(({ transfer: { id, createdAt, expiresAt }, party, at, openability }) => ({
      about: id,
      party,
      at,
      openability,
      begunAt: createdAt,
      overAt: expiresAt,
    })),
  );
  publishEvents(tx, [
    ...publications.map(({ transfer, at }) => transferEvent('published', transfer, senderIs(parties.get(transfer.senderId)!), at)),
    ...recipients.map(({ transfer, party, at }) => transferEvent('published', transfer, recipientIs(parties.get(party)!), at)),
  ]);
}

function acceptanceOf({ transfer, at }: Publication): EvidenceRow {
  const { id, resourceId } = transfer;
  return {
    event: 'SubmissionAcceptance',
    about: id,
    at,
    proves: 'accepted',
    core: { resource: resourceId },
    who: budstikkeItself,
    what: whatOf(transfer),
  };
}

export interface Reached extends Publication, Pick<WatchPublication, 'party' | 'openability'> {}

function consignmentOf({ transfer, party, at, openability: { class: reach, openers, grantors } }: Reached): EvidenceRow {
  const reason = reach === 'UNREACHABLE' ? reasonUri('no-opener') : reach === 'GRANTABLE' ? reasonUri('grant-needed') : undefined;
  return {
    event: 'ContentConsignment',
    about: transfer.id,
    recipient: party,
    at,
    proves: openers.length > 0 ? 'available' : 'deposited',
    core: { class: reach, openers: openers.length, grantors: grantors.length, reason },
    who: budstikkeItself,
    what: whatOf(transfer),
  };
}
