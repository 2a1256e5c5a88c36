import { sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';

/** A message with a dialog of its own, into which others may come. */
export interface DialogMessage {
  readonly id: CorrespondenceId;
  readonly ownerId: PartyId;
  readonly recipientId: PartyId;
}

/**
 * Of these messages, those that have a dialog: neither purged nor failed nor in the dialog of another. Held until the transaction
 * ends, so that none is deleted while something comes into it. Two statements: the second sees what was waited for. index: message_pkey
 */
export async function holdDialogMessages(tx: Tx, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, DialogMessage>> {
  if (ids.length === 0) return new Map();
  await tx.all(sql`select id from correspondence.message where id = any(${ids}::uuid[]) order by id for update`);
  const rows = await tx.all<DialogMessage>(sql`
    select id, owner_id as "ownerId", recipient_id as "recipientId"
      from correspondence.message
     where id = any(${ids}::uuid[]) and transmission_of is null and purged_at is null and state not in ('Failed', 'Reserved')`);
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Something came into the dialogs of these messages: each is among the newest again. Locked in the order of their ids. Joined writing.
 * index: message_pkey
 */
export function noteTransmissions(tx: Tx, dialogs: readonly CorrespondenceId[], at: Date): void {
  if (dialogs.length === 0) return;
  tx.send(sql`
    with locked as (select id from correspondence.message where id = any(${[...new Set(dialogs)]}::uuid[]) order by id for update)
    update correspondence.message m set transmitted_at = greatest(m.transmitted_at, ${at}::timestamptz) from locked where m.id = locked.id`);
}

/**
 * The messages of these dialogs, which the transaction has locked, go or fail: what else stood in the dialogs has one of its own from
 * then on, so that nothing unread goes with them. Joined writing. index: message_transmission
 */
export function releaseTransmissions(tx: Tx, dialogs: readonly CorrespondenceId[]): void {
  if (dialogs.length === 0) return;
  tx.send(sql`update correspondence.message set transmission_of = null where transmission_of = any(${dialogs}::uuid[])`);
}
