import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { PostKind } from '../policies.ts';

export interface SenderMail {
  readonly id: string;
  /** Whose address it is. */
  readonly to: PartyId;
  readonly toName: string | null;
  /** What it tells of this sender. */
  readonly tells: readonly string[];
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly state: string;
  readonly failure: string | null;
  readonly dueAt: Date | null;
  readonly changedAt: Date;
  /** What the next server has said last, also when it sent it back. */
  readonly answer: string | null;
  readonly tries: number;
  readonly attempts: readonly {
    readonly at: string;
    readonly outcome: string;
    readonly reason: string | null;
    readonly answer: string | null;
  }[];
}

interface Asked {
  readonly sender: PartyId;
  /** What it hears in the place of these, which are gone. */
  readonly gone: readonly PartyId[];
  /** Mails that tell one of these. */
  readonly tells: readonly string[];
  /** Extracts of which something is of one of these kinds. */
  readonly kinds: readonly PostKind[];
  readonly before: string | null;
  readonly limit: number;
}

/** Those of a page that are notices. */
const shownOf = (mails: Sql): Sql => sql`
    select m.id, m.to_id as "to", o.name as "toName", p.tells, m.channel, m.address, m.state, m.failure,
           case when m.state in ('due', 'handing-over') then m.due_at end as "dueAt", m.changed_at as "changedAt", m.carrier_answer as answer,
           json_array_length(m.attempts) as tries, m.attempts
      from page p join ${mails} m on m.id = p.id
      left join register.party_face o on o.id = m.to_id and o.kind = 'organization'`;

/**
 * Mails to a sender about its post, to itself or to who hears for it, about its paused webhooks, and the extracts that it has set, of what is
 * asked for; latest first.
 * What a mail from before was to tell is known of its first section alone, and what an extract from before held not at all. Of an extract only
 * the last attempt is kept. -- index: notice_mail_to_sender, notice_mail_to_subscriber, the keys of told_elsewhere and of notices by step, extract_sender_id_due_at_key, mail_extract
 */
export function listSenderMails(reader: Reader, { sender, gone, tells, kinds, before, limit }: Asked): Promise<SenderMail[]> {
  const [messages, files] = [kinds.includes('message'), kinds.includes('file')];
  return reader.all<SenderMail>(sql`
    with page as materialized (
      select id, tells from (
        select n.id, coalesce(n.tells, array[n.purpose]) as tells from notifications.notice_to_sender n where n.to_id = ${sender}
         union all
        select n.id, coalesce(e.purposes, n.tells, array[n.purpose])
          from watch.told_elsewhere_face e join notifications.notice_to_sender n on n.step_id = e.step_id
         where e.reader_id = ${sender} and n.to_id is distinct from ${sender}
         union all
        select n.id, array[n.purpose] from notifications.mail_to_subscriber n where n.to_id = ${sender}
         union all
        select m.id, null from unread.extract e join unread.mail m on m.extract_id = e.id
         where e.sender_id = any(${[sender, ...gone]}::uuid[]) and coalesce(e.stand_in_id, e.sender_id) = ${sender}
           and (${messages}::boolean and ${files}::boolean or e.items = 0 or ${files} and e.files > 0 or ${messages} and e.files < e.items)) each
       where (tells is null or tells && ${tells}::text[]) and (${before}::uuid is null or id < ${before}::uuid)
       order by id desc limit ${limit})
    ${shownOf(sql`notifications.mail_to_sender`)}
     union all
    ${shownOf(sql`notifications.mail_to_subscriber`)}
     union all
    select m.id, ${sender}::uuid, null, array['extract'], 'email', m.address, m.state, null, case when m.state = 'due' then m.due_at end, m.changed_at,
           m.answer, m.attempts,
           case when m.attempts = 0 then json_build_array()
                else json_build_array(json_build_object('at', m.changed_at, 'reason', null, 'answer', m.answer, 'outcome',
                       case m.state when 'due' then 'later' when 'failed' then 'refused' else 'handed-over' end)) end
      from page p join unread.mail m on m.id = p.id
     order by id desc`);
}
