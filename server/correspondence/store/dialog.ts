import { type Reader, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import type { MessageStatus } from '../states.ts';
import type { StoredLetter } from './letter.ts';

/** All of a letter but its body, which a dialog never shows. index: submission_pkey */
export async function listHeads(reader: Reader, submissions: readonly string[]): Promise<Map<string, StoredLetter>> {
  const rows = await reader.all<StoredLetter>(sql`
    select id as "submissionId", senders_reference as "sendersReference", message_sender as "messageSender", language, title, summary,
           '' as body, allow_forwarding as "allowForwarding", property_list as "propertyList", reply_options as "replyOptions",
           notification_order_id as "notificationOrderId", reminder_order_id as "reminderOrderId"
      from correspondence.submission
     where id = any(${submissions}::uuid[])`);
  return new Map(rows.map((row) => [row.submissionId, row]));
}

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

/** As many transmissions of a dialog as are shown. */
const mostTransmissions = 1000;

/** The messages that stand in these dialogs and are published, oldest first. index: message_transmission */
export async function listTransmissions(
  reader: Reader,
  dialogs: readonly CorrespondenceId[],
): Promise<{ readonly id: CorrespondenceId; readonly of: CorrespondenceId; readonly isOpened: boolean }[]> {
  return reader.all(sql`
    select t.id, t.of, t."isOpened"
      from unnest(${dialogs}::uuid[]) as d (id)
      cross join lateral (
           select m.id, m.transmission_of as of, m.opened_at is not null as "isOpened", m.published_at
             from correspondence.message m
            where m.transmission_of = d.id and m.published_at is not null and m.purged_at is null
            order by m.published_at, m.id
            limit ${mostTransmissions}) t
     order by t.published_at, t.id`);
}

/** How many files of each of these messages are there to be fetched. index: submission_attachment_pkey */
export async function listFileCounts(reader: Reader, messages: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, number>> {
  const rows = await reader.all<{ id: CorrespondenceId; n: number }>(sql`
    select m.id, count(*)::integer as n
      from correspondence.message m
      join correspondence.submission_attachment l on l.submission_id = m.submission_id
      join correspondence.attachment a on a.id = l.attachment_id
     where m.id = any(${messages}::uuid[]) and a.state = 'Published' and (l.expires_at is null or l.expires_at > clock.now())
     group by m.id`);
  return new Map(rows.map(({ id, n }) => [id, n]));
}
