import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** Where somebody besides a sender's own addresses hears of its unread post. At least one of the two. */
export interface SecondContact {
  readonly email: string | null;
  readonly sms: string | null;
}

/** index: the primary key */
export async function findSecondContacts(reader: Reader, senders: readonly PartyId[]): Promise<Map<PartyId, SecondContact>> {
  if (senders.length === 0) return new Map();
  const rows = await reader.all<SecondContact & { sender: PartyId }>(
    sql`select sender_id as sender, email, sms from watch.second_contact where sender_id = any(${senders}::uuid[])`,
  );
  return new Map(rows.map(({ sender, email, sms }) => [sender, { email, sms }]));
}

/** With neither address the sender has none any more. */
export async function saveSecondContact(tx: Tx, sender: PartyId, { email, sms }: SecondContact, at: Date): Promise<void> {
  if (email === null && sms === null) {
    await tx.run(sql`delete from watch.second_contact where sender_id = ${sender}`);
    return;
  }
  await tx.run(sql`
    insert into watch.second_contact (sender_id, email, sms, changed_at) values (${sender}, ${email}, ${sms}, ${at})
    on conflict (sender_id) do update set email = excluded.email, sms = excluded.sms, changed_at = excluded.changed_at`);
}
