import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { mayComeBackDays } from '#watch/index.ts';
import { type ExistingAttachment, listWithLife } from './attachment.ts';

/**
 * Attachments that were to expire for some message by now, each with the end of its longest life; locked, and what another
 * worker or a sender holds is left for later. Those whose bytes are still to come or to be scanned wait until they are.
 * index: submission_attachment_expiring
 */
export async function lockExpiring(tx: Tx, limit: number): Promise<ExistingAttachment[]> {
  const rows = await tx.all<{ id: AttachmentId }>(sql`
    select a.id
      from correspondence.attachment a
     where a.id in (
           select l.attachment_id
             from correspondence.submission_attachment l
             join correspondence.attachment w on w.id = l.attachment_id
            where l.expires_at is not null and not l.expiry_seen and l.expires_at <= clock.now()
              and w.state not in ('Initialized', 'UploadProcessing')
            order by l.expires_at
            limit ${limit})
     order by a.id
       for update skip locked`);
  return listWithLife(
    tx,
    rows.map((row) => row.id),
  );
}

/** The times of these attachments that have passed were heeded. */
export function markExpirySeen(tx: Tx, attachments: readonly AttachmentId[]): void {
  if (attachments.length === 0) return;
  tx.send(sql`
    update correspondence.submission_attachment
       set expiry_seen = true
     where attachment_id = any(${attachments}::uuid[]) and expires_at <= clock.now() and not expiry_seen`);
}

/** When the next attachment expires for some message, or kept bytes are to be looked at; null when none. index: submission_attachment_expiring, attachment_kept */
export async function findNextExpiry(reader: Reader): Promise<Date | null> {
  const row = await reader.one<{ at: Date | null }>(sql`
    select least(
      (select l.expires_at
         from correspondence.submission_attachment l
         join correspondence.attachment a on a.id = l.attachment_id
        where l.expires_at is not null and not l.expiry_seen and a.state not in ('Initialized', 'UploadProcessing')
        order by l.expires_at limit 1),
      (select keep_look_at from correspondence.attachment where keep_look_at is not null order by keep_look_at limit 1),
      (select min(since) from correspondence.going)) as at`);
  return row.at;
}

/**
 * Which of these attachments a message carries whose watch is open, or that nobody has opened and that may come back from paper yet.
 * index: submission_attachment_attachment, message_submission
 */
export async function listUnread(reader: Reader, attachments: readonly AttachmentId[]): Promise<Set<AttachmentId>> {
  if (attachments.length === 0) return new Set();
  const rows = await reader.all<{ id: AttachmentId }>(sql`
    select a.id
      from unnest(${attachments}::uuid[]) as a (id)
     where exists (
           select from correspondence.submission_attachment l
             join correspondence.message m on m.submission_id = l.submission_id
             join watch.item_face w on w.about = m.id and w.party_id = m.recipient_id
            where l.attachment_id = a.id and m.purged_at is null
              and (w.settled_at is null
                   or (w.outcome = 'relayed' and w.opened_at is null
                       and w.settled_at > clock.now() - make_interval(days => ${mayComeBackDays}::integer))))`);
  return new Set(rows.map((row) => row.id));
}

/**
 * Which of these attachments a message carries that nobody has opened and a print house has, or may send back yet.
 * index: shipment_open, submission_attachment_attachment, message_submission
 */
export async function listOnPaper(reader: Reader, attachments: readonly AttachmentId[]): Promise<Set<AttachmentId>> {
  if (attachments.length === 0) return new Set();
  const rows = await reader.all<{ id: AttachmentId }>(sql`
    select a.id
      from unnest(${attachments}::uuid[]) as a (id)
     where exists (
           select from relay.on_its_way p
             join correspondence.message m on m.id = p.about and m.recipient_id = p.party_id and m.purged_at is null
             join correspondence.submission_attachment l on l.submission_id = m.submission_id and l.attachment_id = a.id
             join watch.item_face w on w.about = m.id and w.party_id = m.recipient_id and w.settled_at is null and w.opened_at is null)
        or exists (
           select from correspondence.submission_attachment l
             join correspondence.message m on m.submission_id = l.submission_id and m.purged_at is null
             join watch.item_face w on w.about = m.id and w.party_id = m.recipient_id
            where l.attachment_id = a.id and w.outcome = 'relayed' and w.opened_at is null
              and w.settled_at > clock.now() - make_interval(days => ${mayComeBackDays}::integer))`);
  return new Set(rows.map((row) => row.id));
}

/** Of attachments that expire, locked: until when bytes that somebody has not opened are to stay. Never taken back, but where malware is in them; the database holds it. */
export function saveUnreadUntil(tx: Tx, rows: readonly { readonly id: AttachmentId; readonly until: Date }[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update correspondence.attachment a set unread_until = r.until
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.until)}::timestamptz[]) as r (id, until)
     where a.id = r.id`);
}

/** Bytes that stay although their attachment has expired. */
export interface Keeping {
  readonly id: AttachmentId;
  readonly until: Date | null;
  readonly lookAt: Date | null;
  readonly warned: number;
}

/** For attachments that the transaction has locked. Null: they are kept no longer. */
export function saveKeeping(tx: Tx, rows: readonly Keeping[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update correspondence.attachment a
       set kept_until = r.until, keep_look_at = r.look_at, keep_warned = r.warned
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.until)}::timestamptz[], ${rows.map((r) => r.lookAt)}::timestamptz[],
                  ${rows.map((r) => r.warned)}::smallint[]) as r (id, until, look_at, warned)
     where a.id = r.id`);
}

/** Of these attachments, locked and expired, those whose bytes are there yet. */
export async function listKept(reader: Reader, ids: readonly AttachmentId[]): Promise<Set<AttachmentId>> {
  if (ids.length === 0) return new Set();
  const rows = await reader.all<{ id: AttachmentId }>(
    sql`select id from correspondence.attachment where id = any(${ids}::uuid[]) and kept_until is not null`,
  );
  return new Set(rows.map((row) => row.id));
}

export type KeptAttachment = ExistingAttachment & { readonly keptUntil: Date; readonly warned: number };

/** Kept bytes that are to be looked at, locked; what another worker holds is left to it. index: attachment_kept */
export async function lockKept(tx: Tx, limit: number): Promise<KeptAttachment[]> {
  const rows = await tx.all<{ id: AttachmentId; keptUntil: Date; warned: number }>(sql`
    select id, kept_until as "keptUntil", keep_warned as warned
      from correspondence.attachment
     where keep_look_at <= clock.now()
     order by keep_look_at
     limit ${limit}
       for update skip locked`);
  const kept = new Map(rows.map((row) => [row.id, row]));
  const attachments = await listWithLife(
    tx,
    rows.map((row) => row.id),
  );
  return attachments.map((attachment) => ({ ...attachment, ...kept.get(attachment.id)! }));
}
