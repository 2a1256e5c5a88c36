import type { EventRow } from '#events/index.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';

/** Bytes whose time is over on the wire, while somebody has not opened or fetched them. */
export interface GoingBytes {
  /** Of the attachment or the file transfer. */
  readonly id: string;
  readonly kind: 'attachment' | 'file';
  readonly resource: ResourceId;
  readonly sender: Party;
  readonly goesAt: Date;
  /** None are left: they have gone. */
  readonly daysLeft: number;
}

/**
 * What the sender hears of them: `expiring-unread` when their time on the wire is over, and 7 days and 1 day before they go;
 * `expired-unread` when they have gone undecided. Whoever has not read is for the board to show.
 */
export function unreadBytesEvent({ id, kind, resource, sender, goesAt, daysLeft }: GoingBytes, at: Date): EventRow {
  return {
    type: `no.budstikke.watch.${daysLeft > 0 ? 'expiring-unread' : 'expired-unread'}`,
    source: '/budstikke/v1/watch',
    subject: partyUrn(sender),
    alternativeSubject: sender.kind === 'organization' ? `/organisation/${sender.number}` : null,
    resource,
    resourceInstance: id,
    at,
    data: { kind, daysLeft, goesAt: goesAt.toISOString() },
  };
}
