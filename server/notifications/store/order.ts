import { encryptedAt, keepText, openRows } from '#kernel/contents.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { OrderChannel } from '../channels.ts';
import type { Language } from '../texts.ts';

/** Somebody beside the recipient whom a sender wants notified. `party` is null where the register did not know the number. */
export type CustomRecipient =
  | { readonly kind: 'email' | 'sms'; readonly address: string }
  | { readonly kind: 'organization' | 'person'; readonly party: PartyId | null };

export interface StoredOrder {
  readonly id: string;
  readonly sender: PartyId;
  readonly template: 'CustomMessage' | 'GenericAltinnMessage';
  readonly language: Language;
  readonly channel: OrderChannel;
  readonly emailSubject: string | null;
  readonly emailBody: string | null;
  readonly emailHtml: boolean;
  readonly smsBody: string | null;
  readonly custom: readonly CustomRecipient[];
  /** The custom recipients alone, and not those who can open. */
  readonly override: boolean;
  readonly ignoreReservation: boolean;
  readonly at: Date;
}

const placeOfTexts = (order: string): string => `texts of order ${order}`;

export function saveOrderRows(tx: Tx, rows: readonly StoredOrder[]): void {
  tx.send(sql`
    insert into notifications.sender_order (id, sender_id, template, language, channel, email_subject, email_body, email_html, sms_body,
           encrypted_texts, custom, override, ignore_reservation, created_at)
    select id, sender, template, language, channel, "emailSubject", "emailBody", "emailHtml", "smsBody", "encryptedTexts", custom, override,
           "ignoreReservation", at
      from json_to_recordset(${JSON.stringify(rows.map((row) => kept(tx, row)))}) as r(id uuid, sender uuid, template text, language text,
           channel text, "emailSubject" text, "emailBody" text, "emailHtml" boolean, "smsBody" text, "encryptedTexts" bytea, custom jsonb,
           override boolean, "ignoreReservation" boolean, at timestamptz)`);
}

function kept(tx: Tx, row: StoredOrder): StoredOrder & { readonly encryptedTexts: string | null } {
  const { emailSubject, emailBody, smsBody } = row;
  const { encrypted } = keepText(tx, JSON.stringify([emailSubject, emailBody, smsBody]), placeOfTexts(row.id));
  const inTheClear = encrypted === null ? {} : { emailSubject: null, emailBody: null, smsBody: null };
  return { ...row, ...inTheClear, encryptedTexts: encrypted };
}

export async function findOrderRows(reader: Reader, ids: readonly string[]): Promise<StoredOrder[]> {
  const rows = await reader.all<StoredOrder & { readonly encryptedTexts: Buffer | null }>(sql`
    select id, sender_id as sender, template, language, channel, email_subject as "emailSubject", email_body as "emailBody",
           email_html as "emailHtml", sms_body as "smsBody", encrypted_texts as "encryptedTexts", custom, override,
           ignore_reservation as "ignoreReservation", created_at as at
      from notifications.sender_order where id = any(${ids}::uuid[])`);
  return openRows(
    reader,
    rows,
    ({ id, encryptedTexts }) => [encryptedAt(encryptedTexts, placeOfTexts(id))],
    ({ encryptedTexts: _, ...row }, [texts]) => {
      if (!texts) return row;
      const [emailSubject, emailBody, smsBody] = JSON.parse(texts) as (string | null)[];
      return { ...row, emailSubject: emailSubject!, emailBody: emailBody!, smsBody: smsBody! };
    },
  );
}
