import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { OrderChannel } from '../channels.ts';

export interface StoredOrder {
  readonly id: string;
  readonly sender: PartyId;
  readonly template: 'CustomMessage' | 'GenericAltinnMessage';
  readonly channel: OrderChannel;
  readonly emailSubject: string | null;
  readonly emailBody: string | null;
  readonly emailHtml: boolean;
  readonly smsBody: string | null;
  readonly at: Date;
}

export function saveOrderRows(tx: Tx, rows: readonly StoredOrder[]): void {
  tx.send(sql`
    insert into notifications.sender_order (id, sender_id, template, channel, email_subject, email_body, email_html, sms_body, created_at)
    select id, sender, template, channel, "emailSubject", "emailBody", "emailHtml", "smsBody", at
      from json_to_recordset(${JSON.stringify(rows)}) as r(id uuid, sender uuid, template text, channel text, "emailSubject" text,
           "emailBody" text, "emailHtml" boolean, "smsBody" text, at timestamptz)`);
}

export function findOrderRows(reader: Reader, ids: readonly string[]): Promise<StoredOrder[]> {
  return reader.all<StoredOrder>(sql`
    select id, sender_id as sender, template, channel, email_subject as "emailSubject", email_body as "emailBody", email_html as "emailHtml",
           sms_body as "smsBody", created_at as at
      from notifications.sender_order where id = any(${ids}::uuid[])`);
}
