import { sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';

/** A message with a dialog of its own, into which others may come. */
export interface DialogMessage {
  readonly id: CorrespondenceId;
  readonly ownerId: PartyId;
  readonly recipientId: PartyId;
  readonly resourceId: ResourceId;
  readonly isPublished: boolean;
  /** As many as may come into it still. */
  readonly room: number;
}

/** As many as stand in the dialog of one message, so that each of them can be shown; what is sent after has a dialog of its own. */
export const mostTransmissions = 1000;

/**
 * Of these messages, those that have a dialog: neither purged nor failed nor in the dialog of another. Held until the transaction
 * ends, so that none is deleted while something comes into it. Two statements: the second sees what was waited for. index: message_pkey, message_transmission
 */
export async function holdDialogMessages(tx: Tx, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, DialogMessage>> {
  if (ids.length === 0) return new Map();
  await tx.all(sql`select id from correspondence.message where id = any(${ids}::uuid[]) order by id for update`);
  const rows = await tx.all<DialogMessage>(sql`
    select m.id, m.owner_id as "ownerId", m.recipient_id as "recipientId", m.resource_id as "resourceId",
           m.published_at is not null as "isPublished",
           ${mostTransmissions} - (select count(*)::integer from correspondence.message t where t.transmission_of = m.id) as room
      from correspondence.message m
     where m.id = any(${ids}::uuid[]) and m.transmission_of is null and m.purged_at is null and m.state not in ('Failed', 'Reserved')`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** That something came into the dialog of a message. */
export interface Arrival {
  readonly dialog: CorrespondenceId;
  readonly at: Date;
}

/**
 * Something came into these dialogs: each is among the newest again. Locked in the order of their ids. Joined writing.
 * index: message_pkey
 */
export function noteTransmissions(tx: Tx, arrivals: readonly Arrival[]): void {
  if (arrivals.length === 0) return;
  const dialogs = arrivals.map(({ dialog }) => dialog);
  tx.send(sql`select id from correspondence.message where id = any(${dialogs}::uuid[]) order by id for update`);
  tx.send(sql`
    update correspondence.message m set transmitted_at = greatest(m.transmitted_at, a.at)
      from (select dialog, max(at) as at from unnest(${dialogs}::uuid[], ${arrivals.map(({ at }) => at)}::timestamptz[]) as n (dialog, at)
             group by dialog) a
     where m.id = a.dialog and m.published_at is not null`);
}

/**
 * These messages are published now. Those whose dialog is published come into it; a dialog that is not there yet would hide them, and
 * they get one of their own. Joined writing. index: message_pkey
 */
export function publishIntoDialogs(
  tx: Tx,
  messages: readonly { readonly id: CorrespondenceId; readonly transmissionOf: CorrespondenceId | null }[],
  at: Date,
): void {
  const transmissions = messages.filter(({ transmissionOf }) => transmissionOf !== null);
  if (transmissions.length === 0) return;
  noteTransmissions(
    tx,
    transmissions.map(({ transmissionOf }) => ({ dialog: transmissionOf!, at })),
  );
  tx.send(sql`
    update correspondence.message t set transmission_of = null
      from correspondence.message d
     where t.id = any(${transmissions.map(({ id }) => id)}::uuid[]) and d.id = t.transmission_of and d.published_at is null`);
}

/**
 * The messages of these dialogs, which the transaction has locked, go or fail: what else stood in the dialogs has one of its own from
 * then on, new at this time, so that nothing unread goes with them and whoever follows the list learns of it. Joined writing.
 * index: message_transmission
 */
export function releaseTransmissions(tx: Tx, dialogs: readonly CorrespondenceId[], at: Date): void {
  if (dialogs.length === 0) return;
  tx.send(sql`
    update correspondence.message
       set transmission_of = null, transmitted_at = case when published_at is not null then ${at}::timestamptz end
     where transmission_of = any(${dialogs}::uuid[])`);
}
