import type { EventRow } from '#events/index.ts';
import type { Sql, Tx } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';
import { tellExpiring } from './decide-step.ts';
import { saveNewSteps } from './store/begin.ts';
import { refreshNextActions } from './store/item.ts';
import { saveBytesUntil } from './store/told.ts';

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

/**
 * Unread bytes go, and the sender is told by mail, with all else that it hears that day: a step of the watches that wait for them, so that it
 * is not lost where nobody can be told now. `going`: rows of `thing`, `about`, `party_id` and `until`, one for each watch of each thing
 * whose bytes go.
 */
export async function noteBytesGoing(tx: Tx, going: Sql, at: Date): Promise<void> {
  const telling = await saveBytesUntil(tx, going, at);
  saveNewSteps(
    tx,
    telling.map((key) => ({ ...key, spec: tellExpiring, source: 'policy', orderId: null, dueAt: at, rank: null })),
    at,
  );
  refreshNextActions(tx, telling);
}
