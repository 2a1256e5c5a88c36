import { type Invariant, type Sql, sql } from '#kernel/database.ts';
import { lastDay } from './store/statement.ts';

/** What a relay took it may still send back: it counts as arrived when it has stood for so long. */
const bouncesWithin = sql`interval '6 hours'`;

const hasStood = (mail: Sql): Sql =>
  sql`(${mail}.state = 'delivered' or ${mail}.state = 'handed-over' and ${mail}.changed_at < clock.now() - ${bouncesWithin})`;

/** The address of this mail has failed, and has taken none since that has stood. -- index: notice_mail_to_sender */
const isFailing = (mail: Sql): Sql => sql`exists (
  select from notifications.mail_to_sender f
   where f.to_id = ${mail}.to_id and f.channel = ${mail}.channel and lower(f.address) = lower(${mail}.address) and f.state = 'failed'
     and not exists (select from notifications.mail_to_sender g
                      where g.to_id = f.to_id and g.channel = f.channel and lower(g.address) = lower(f.address)
                        and g.changed_at > f.changed_at and ${hasStood(sql`g`)}))`;

/**
 * Zero silent messages: what this system is for, as one query over messages and files. What was accepted within two days is looked up among
 * the watches, and whatever is open and late by the index of next actions; for all the rest the database refuses the contrary.
 */
export const unreadInvariants: readonly Invariant[] = [
  {
    name: 'zero silent messages: everything accepted has ended, or is watched with a next action that is not late',
    find: sql`
      (select m.id from correspondence.accepted_message m
        where m.id >= clock.first_id('2 days')
          and not exists (select from watch.board_item w where w.about = m.id and w.party_id = m.recipient_id
                             and (w.settled_at is not null or w.next_action_at is not null))
        limit 100)
       union all
      (select f.id from broker.accepted_file f
        where f.id >= clock.first_id('2 days')
          and not exists (select from watch.board_item w where w.about = f.id and w.party_id = f.recipient_id
                             and (w.settled_at is not null or w.next_action_at is not null))
        limit 100)
       union all
      (select w.about from watch.board_item w where w.settled_at is null and w.next_action_at < clock.now() - interval '1 minute' limit 100)`,
  },
  {
    name: 'somebody can be told for every sender of open post',
    find: sql`select about from watch.sender_unheard limit 100`,
  },
  {
    // Mails of one step say the same to each address; what a later mail says too is no longer the former's to say (`watch.said`). It holds
    // again when a mail has got through, or is under way to an address that has not failed, or nothing of what was to be said is so any more.
    // What a server took for an address that has failed has got through when it has not come back for some hours.
    name: 'no mail to a sender about its unread post has reached nobody without another that says the same',
    find: sql`
      (select distinct on (n.step_id) n.id from notifications.notice_to_sender n
        where n.state = 'failed' and n.changed_at > clock.now() - interval '30 days'
          and not exists (select from notifications.notice_face o
                           where o.step_id = n.step_id and o.state in ('due', 'handing-over', 'handed-over', 'delivered'))
          and exists (select from watch.said_face s where s.step_id = n.step_id)
        limit 100)
       union
      (select m.id from watch.said_in_vain v
        cross join lateral (select n.id from notifications.notice_face n where n.step_id = v.step_id order by n.id limit 1) m
        where not exists (
                select from notifications.mail_to_sender o
                 where o.step_id = v.step_id
                   and (${hasStood(sql`o`)} or o.state in ('due', 'handing-over', 'handed-over') and not ${isFailing(sql`o`)}))
          and exists (select from notifications.notice_face o
                       where o.step_id = v.step_id and o.state <> 'cancelled')
        limit 100)`,
  },
  {
    // What a server took may come back within hours: until one has stood for so long, it would end with each and begin again.
    name: 'no extract has reached nobody without a later one of the same sender that has gone',
    find: sql`
      select distinct on (m.extract_id) m.extract_id from unread.mail m join unread.extract e on e.id = m.extract_id
       where m.state = 'failed' and m.changed_at > clock.now() - interval '30 days'
         and not exists (select from unread.mail o where o.extract_id = m.extract_id and o.state <> 'failed')
         and not exists (select from unread.extract l join unread.mail o on o.extract_id = l.id and ${hasStood(sql`o`)}
                          where l.sender_id = e.sender_id and l.due_at > e.due_at)
       limit 100`,
  },
  {
    // It holds again when an address is confirmed, or one is asked by a link that is good still, or the next extract has gone.
    name: 'no extract had something to tell and nobody to go to',
    find: sql`
      select r.sender_id from unread.routine r
       cross join lateral (select e.sent_as, e.items from unread.extract e where e.sender_id = r.sender_id order by e.due_at desc limit 1) last
       where r.is_on and last.sent_as = 'nothing' and last.items > 0
         and not exists (select from unread.address a left join unread.mail m on m.id = a.asked_by
                          where a.sender_id = r.sender_id
                            and (a.confirmed_at is not null
                                 or a.token_sha256 is not null and a.asked_at > clock.now() - interval '7 days' and m.state is distinct from 'failed'))
       limit 100`,
  },
  {
    name: 'no routine is an hour late',
    find: sql`select sender_id from unread.routine where is_on and next_at < clock.now() - interval '1 hour' limit 100`,
  },
  {
    name: 'no statement is a day late, and none could not be made',
    find: sql`
      (select to_char(l.day, 'YYYY-MM-DD') as day from (select ${lastDay} as day) l
        where l.day < ((clock.now() - interval '15 minutes') at time zone 'Europe/Oslo')::date - 2)
       union all
      (select to_char(day, 'YYYY-MM-DD') from unread.statement_day
        where failed <> '{}' and day > (clock.now() at time zone 'Europe/Oslo')::date - 8 limit 100)`,
  },
];
