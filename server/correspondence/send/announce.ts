import type { Openability } from '#access/index.ts';
import { type EventRow, publishEvents } from '#events/index.ts';
import { budstikkeItself, type EvidenceKind, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId, ResourceId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import { correspondenceEvent } from '../events.ts';
import { type StatusOf, saveStatuses } from '../store/status.ts';

/** A message that becomes visible to its recipient. */
export interface Publication {
  readonly id: CorrespondenceId;
  readonly resourceId: ResourceId;
  readonly recipient: Party;
  readonly openability: Openability;
  /** The `what` of its evidence. */
  readonly what: object;
  readonly at: Date;
}

/** Evidence, history and event of messages that are published in this transaction. Joined writing. */
export function announcePublications(tx: Tx, publications: readonly Publication[]): void {
  recordEvidence(tx, publications.map(consignmentOf));
  saveStatuses(tx, publications.map(publishedStatusOf));
  publishEvents(tx, publications.map(publishedEventOf));
}

export function consignmentOf({ id, recipient, openability, what, at }: Publication): EvidenceRow {
  const { class: reach, openers, grantors } = openability;
  return {
    ...consignmentKind({ class: reach, openers: openers.length, grantors: grantors.length }, what, at),
    about: id,
    recipient: recipient.id,
  };
}

/** The evidence says `available` only where somebody can open at this moment; otherwise the message is deposited, and why. */
export function consignmentKind(
  { class: reach, openers, grantors }: { readonly class: Openability['class']; readonly openers: number; readonly grantors: number },
  what: object,
  at: Date,
): EvidenceKind {
  const reason = reach === 'UNREACHABLE' ? reasonUri('no-opener') : reach === 'GRANTABLE' ? reasonUri('grant-needed') : undefined;
  return {
    event: 'ContentConsignment',
    at,
    proves: openers > 0 ? 'available' : 'deposited',
    core: { class: reach, openers, grantors, reason },
    who: budstikkeItself,
    what,
  };
}

export function publishedStatusOf({ id, at }: Publication): StatusOf {
  return { messageId: id, status: 'Published', text: 'Published', at, party: null };
}

export function publishedEventOf(publication: Publication): EventRow {
  return correspondenceEvent('correspondencepublished', publication, publication.recipient, publication.at);
}
