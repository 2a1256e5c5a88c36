import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';

/** A message with a dialog of its own, into which others may come. */
export interface DialogMessage {
  readonly id: CorrespondenceId;
  readonly ownerId: PartyId;
  readonly recipientId: PartyId;
}

/** Of these messages, those that have a dialog: neither purged nor failed nor in the dialog of another. index: message_pkey */
export async function findDialogMessages(reader: Reader, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, DialogMessage>> {
  if (ids.length === 0) return new Map();
  const rows = await reader.all<DialogMessage>(sql`
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
