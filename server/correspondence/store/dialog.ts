import { type Reader, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import type { MessageStatus } from '../states.ts';
import { mostTransmissions } from './transmission.ts';

/** Something that somebody did with a message, as its history has it. */
export interface ActRow {
  readonly id: string;
  readonly messageId: CorrespondenceId;
  readonly status: MessageStatus;
  readonly text: string;
  readonly at: Date;
  readonly partyId: PartyId | null;
}

/**
 * What readers did with these messages, oldest first: who opened first, and each confirmation, forwarding and first download of a
 * file. Looks that opened nothing are left out, of which a system makes thousands. index: status_message
 */
export function listActs(reader: Reader, messages: readonly CorrespondenceId[]): Promise<ActRow[]> {
  return reader.all<ActRow>(sql`
    select a.id, a.message_id as "messageId", a.status, a.text, a.at, a.party_id as "partyId"
      from (select distinct on (s.message_id, s.status, case when s.status = 'Forwarded' then s.id::text else s.text end)
                   s.*
              from correspondence.status s
              join correspondence.message m on m.id = s.message_id
             where s.message_id = any(${messages}::uuid[])
               and (s.status in ('Confirmed', 'Forwarded', 'AttachmentsDownloaded') or (s.status in ('Fetched', 'Read') and s.at = m.opened_at))
             order by s.message_id, s.status, case when s.status = 'Forwarded' then s.id::text else s.text end, s.at, s.id) a
     order by a.at, a.id`);
}

/** The transmissions of a dialog: published, in its resource, so that who reads the dialog may read them. Newest first. index: message_transmission */
export async function listTransmissions(reader: Reader, dialog: CorrespondenceId): Promise<CorrespondenceId[]> {
  const rows = await reader.all<{ id: CorrespondenceId }>(sql`
    select t.id
      from correspondence.message t
      join correspondence.message d on d.id = t.transmission_of and d.resource_id = t.resource_id
     where t.transmission_of = ${dialog} and t.published_at is not null and t.purged_at is null
     order by t.published_at desc, t.id desc
     limit ${mostTransmissions}`);
  return rows.map(({ id }) => id);
}

/** How many transmissions a dialog has, and how many of them nobody has opened. */
export interface TransmissionCount {
  readonly all: number;
  readonly unopened: number;
}

/** Of these dialogs, those that have transmissions. index: message_transmission */
export async function countTransmissions(
  reader: Reader,
  dialogs: readonly CorrespondenceId[],
): Promise<Map<CorrespondenceId, TransmissionCount>> {
  const rows = await reader.all<TransmissionCount & { id: CorrespondenceId }>(sql`
    select d.id, count(*)::integer as all, count(*) filter (where t.opened_at is null)::integer as unopened
      from correspondence.message t
      join correspondence.message d on d.id = t.transmission_of and d.resource_id = t.resource_id
     where t.transmission_of = any(${dialogs}::uuid[]) and t.published_at is not null and t.purged_at is null
     group by d.id`);
  return new Map(rows.map(({ id, all, unopened }) => [id, { all, unopened }]));
}

/** As many transmissions of a dialog as are looked at for what happened last. */
const mostRecent = 5;

/** Of each of these dialogs the transmissions that were published or opened last. index: message_transmission */
export function listRecentTransmissions(
  reader: Reader,
  dialogs: readonly CorrespondenceId[],
): Promise<{ readonly id: CorrespondenceId; readonly of: CorrespondenceId }[]> {
  return reader.all(sql`
    select t.id, d.id as of
      from correspondence.message d
      cross join lateral (
           select t.id
             from correspondence.message t
            where t.transmission_of = d.id and t.resource_id = d.resource_id and t.published_at is not null and t.purged_at is null
            order by greatest(t.published_at, t.opened_at) desc, t.id desc
            limit ${mostRecent}) t
     where d.id = any(${dialogs}::uuid[])`);
}

/** A file of a message in a dialog. */
export interface FileRow {
  readonly messageId: CorrespondenceId;
  readonly id: string;
  readonly fileName: string;
  readonly displayName: string | null;
  readonly sizeBytes: number;
  readonly expiresAt: Date | null;
}

/** The files of these messages that can be fetched at this time, in the order in which they show. index: submission_attachment_pkey */
export function listFiles(reader: Reader, messages: readonly CorrespondenceId[], at: Date): Promise<FileRow[]> {
  return reader.all<FileRow>(sql`
    select m.id as "messageId", a.id, a.file_name as "fileName", a.display_name as "displayName",
           coalesce(a.size_bytes, 0)::float8 as "sizeBytes", l.expires_at as "expiresAt"
      from correspondence.message m
      join correspondence.submission_attachment l on l.submission_id = m.submission_id
      join correspondence.attachment a on a.id = l.attachment_id
     where m.id = any(${messages}::uuid[]) and a.state = 'Published' and (l.expires_at is null or l.expires_at > ${at}::timestamptz)
     order by m.id, l.ordinal`);
}
