import { keepText } from '#kernel/contents.ts';
import { prepared, type Reader, sql, type Tx } from '#kernel/database.ts';
import type { AttachmentId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { Wording } from '../send/content-hash.ts';

/** What one request sent, stored once for all of its recipients. */
export interface SubmissionRow {
  readonly id: string;
  readonly resourceId: ResourceId;
  readonly ownerId: PartyId;
  readonly sendersReference: string;
  readonly messageSender: string | null;
  readonly language: string;
  readonly title: string;
  readonly summary: string | null;
  readonly body: string;
  readonly translations: readonly Wording[];
  readonly requestedPublishAt: Date;
  readonly dueAt: Date | null;
  readonly isConfirmationNeeded: boolean;
  readonly isConfidential: boolean;
  readonly ignoreReservation: boolean;
  readonly allowForwarding: boolean;
  readonly propertyList: Readonly<Record<string, string>>;
  readonly replyOptions: readonly { readonly linkURL: string; readonly linkText: string | null }[];
  readonly externalReferences: readonly { readonly referenceType: string; readonly referenceValue: string }[];
  readonly notificationOrderId: string | null;
  readonly reminderOrderId: string | null;
  readonly idempotentKey: string | null;
  readonly contentSha256: string;
  readonly createdBy: PartyId;
  readonly createdAt: Date;
}

/** Refused by the index `submission_once` when one of the owner's keys is used already. */
export function saveSubmissions(tx: Tx, rows: readonly SubmissionRow[]): void {
  if (rows.length === 0) return;
  tx.send(
    prepared(sql`
    insert into correspondence.submission
           (id, resource_id, owner_id, senders_reference, message_sender, language, title, summary, body, encrypted_body, encrypted_summary,
            encrypted_reply_options, translations, encrypted_translations, translated_to, requested_publish_at, due_at, is_confirmation_needed, is_confidential, ignore_reservation, allow_forwarding, property_list, reply_options,
            external_references, notification_order_id, reminder_order_id, idempotent_key, content_sha256, created_by, created_at)
    select id, "resourceId", "ownerId", "sendersReference", "messageSender", language, title, summary, body, "encryptedBody", "encryptedSummary",
           "encryptedReplyOptions", translations, "encryptedTranslations", "translatedTo", "requestedPublishAt", "dueAt", "isConfirmationNeeded", "isConfidential", "ignoreReservation", "allowForwarding", "propertyList", "replyOptions",
           "externalReferences", "notificationOrderId", "reminderOrderId", "idempotentKey", "contentSha256", "createdBy", "createdAt"
      from jsonb_to_recordset(${JSON.stringify(rows.map((row) => kept(tx, row)))}::jsonb) as r (
           id uuid, "resourceId" text, "ownerId" uuid, "sendersReference" text, "messageSender" text, language text, title text, summary text,
           body text, "encryptedBody" bytea, "encryptedSummary" bytea, "encryptedReplyOptions" bytea, translations text, "encryptedTranslations" bytea, "translatedTo" text[], "requestedPublishAt" timestamptz, "dueAt" timestamptz, "isConfirmationNeeded" boolean, "isConfidential" boolean,
           "ignoreReservation" boolean, "allowForwarding" boolean, "propertyList" jsonb, "replyOptions" jsonb, "externalReferences" jsonb,
           "notificationOrderId" uuid, "reminderOrderId" uuid, "idempotentKey" uuid, "contentSha256" text, "createdBy" uuid,
           "createdAt" timestamptz)
     order by "idempotentKey"`),
  );
}

/** Where the texts of a submission are kept: what they are encrypted for. */
export const placeIn = (submission: string, column: 'body' | 'summary' | 'reply options' | 'translations'): string =>
  `${column} of submission ${submission}`;

function kept(tx: Tx, row: SubmissionRow) {
  const body = keepText(tx, row.body, placeIn(row.id, 'body'));
  const summary = keepText(tx, row.summary, placeIn(row.id, 'summary'));
  const { replyOptions: given } = row;
  const options = keepText(tx, given.length === 0 ? null : JSON.stringify(given), placeIn(row.id, 'reply options'));
  const { translations: others } = row;
  const translations = keepText(tx, others.length === 0 ? null : JSON.stringify(others), placeIn(row.id, 'translations'));
  return {
    ...row,
    body: body.plain ?? '',
    summary: summary.plain,
    replyOptions: options.encrypted ? [] : given,
    encryptedBody: body.encrypted,
    encryptedSummary: summary.encrypted,
    encryptedReplyOptions: options.encrypted,
    translations: translations.plain,
    encryptedTranslations: translations.encrypted,
    translatedTo: others.length === 0 ? null : others.map(({ language }) => language),
  };
}

/** An owner's key, as `findUsedKeys` answers it. */
export const keyOf = (owner: PartyId, key: string): string => `${owner} ${key.toLowerCase()}`;

/** Which of these keys their owners have used before, and by which submission. index: submission_once */
export async function findUsedKeys(
  reader: Reader,
  uses: readonly { readonly owner: PartyId; readonly key: string }[],
): Promise<Map<string, string>> {
  if (uses.length === 0) return new Map();
  const rows = await reader.all<{ owner: PartyId; key: string; id: string }>(sql`
    select s.owner_id as owner, s.idempotent_key as key, s.id
      from unnest(${uses.map((u) => u.owner)}::uuid[], ${uses.map((u) => u.key)}::uuid[]) as u (owner, key)
      join correspondence.submission s on s.owner_id = u.owner and s.idempotent_key = u.key`);
  return new Map(rows.map(({ owner, key, id }) => [keyOf(owner, key), id]));
}

/** Which of these submissions are stored. index: submission_pkey */
export async function findStoredSubmissions(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
  const rows = await reader.all<{ id: string }>(sql`select id from correspondence.submission where id = any(${ids}::uuid[])`);
  return new Set(rows.map(({ id }) => id));
}

export interface LinkRow {
  readonly submissionId: string;
  readonly ordinal: number;
  readonly attachmentId: AttachmentId;
  readonly expiresAt: Date | null;
}

/** Which attachments a submission carries, in the order in which they show. */
export function saveLinks(tx: Tx, rows: readonly LinkRow[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into correspondence.submission_attachment (submission_id, ordinal, attachment_id, expires_at)
    select * from unnest(${rows.map((r) => r.submissionId)}::uuid[], ${rows.map((r) => r.ordinal)}::smallint[],
                         ${rows.map((r) => r.attachmentId)}::uuid[], ${rows.map((r) => r.expiresAt)}::timestamptz[])`);
}

/** Other writers that touch these submissions' attachments wait until the transaction ends. Taken before any lock on an attachment. */
export async function lockSubmissionsWith(tx: Tx, attachment: AttachmentId): Promise<string[]> {
  const rows = await tx.all<{ id: string }>(sql`
    select s.id
      from correspondence.submission s
     where s.id in (select submission_id from correspondence.submission_attachment where attachment_id = ${attachment})
     order by s.id
       for no key update`);
  return rows.map((r) => r.id);
}
