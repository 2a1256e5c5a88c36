import type { Openability } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { budstikkeItself, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId, ResourceId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import { correspondenceEvent } from '../events.ts';
import { saveStatuses } from '../store/status.ts';

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

/**
 * Evidence, history and event of messages that are published in this transaction. The evidence says `available` only where
 * somebody can open at this moment; otherwise the message is deposited, and why. Joined writing.
 */
export function announcePublications(tx: Tx, publications: readonly Publication[]): void {
  recordEvidence(tx, publications.map(consignmentOf));
  saveStatuses(
    tx,
    publications.map(({ id, at }) => ({ messageId: id, status: 'Published' as const, text: 'Published', at, party: null })),
  );
  publishEvents(
    tx,
    publications.map((p) => correspondenceEvent('correspondencepublished', p, p.recipient, p.at)),
  );
}

function consignmentOf({ id, recipient, openability, what, at }: Publication): EvidenceRow {
  const { class: reach, openers, grantors } = openability;
  const reason = reach === 'UNREACHABLE' ? reasonUri('no-opener') : reach === 'GRANTABLE' ? reasonUri('grant-needed') : undefined;
  return {
    event: 'ContentConsignment',
    about: id,
    recipient: recipient.id,
    at,
    proves: openers.length > 0 ? 'available' : 'deposited',
    core: { class: reach, openers: openers.length, grantors: grantors.length, reason },
    who: budstikkeItself,
    what,
  };
}
