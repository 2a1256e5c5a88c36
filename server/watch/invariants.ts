import { type Invariant, sql } from '#kernel/database.ts';
import { isLost, lostWatch } from './store/left-out.ts';

/**
 * Each query must return no rows. Run after every journey and by the sweeper each minute; a row raises an alarm. They look at
 * what began within the hour and at what falls due within the next, so that they stay cheap with millions of open watches;
 * whatever slips by them is caught as late when its time comes.
 */
export const watchInvariants: readonly Invariant[] = [
  {
    name: 'no open watch is a minute late with its next action',
    find: sql`
      select about, next_action from watch.item
       where settled_at is null
         and next_action_at < clock.now() - case next_action when 'publish' then interval '16 minutes' else interval '1 minute' end
       limit 100`,
  },
  {
    name: 'every open watch has a step to come, and its next action is not later than that',
    find: sql`
      select i.about from watch.item i
        left join lateral (select min(s.due_at) as due_at from watch.step s
                            where s.about = i.about and s.party_id = i.party_id and s.state = 'due') s on true
       where i.settled_at is null and (i.about >= clock.first_id('1 hour') or i.next_action_at < clock.now() + interval '1 hour')
         and (s.due_at is null or i.next_action_at > s.due_at) limit 100`,
  },
  {
    // A round over all open watches finds them, within an hour of a million; the two rules about the last hour find what is young at once.
    name: 'every open watch that a round has seen has a step to come, a next action in time, and what opening takes',
    find: sql`
      select f.about, f.fault from watch.fault_found n join watch.faulty f on f.about = n.about and f.party_id = n.party_id limit 100`,
  },
  {
    // Tried again each five minutes, and each time noted anew; one that is missing altogether stays noted.
    name: 'no watch is left out since it cannot be worked on',
    find: sql`
      select about, error, since from watch.left_out
       where until > clock.now() - interval '3 minutes' and error <> ${lostWatch} or ${isLost} limit 100`,
  },
  {
    name: 'no watch has failed to take up what its reader did',
    find: sql`select about, act, at, error from watch.owed_act order by at limit 100`,
  },
  {
    name: 'no step is due of a thing that nobody watches',
    find: sql`
      select s.id from watch.step s
       where s.state = 'due' and s.due_at < clock.now() + interval '1 hour'
         and not exists (select from watch.item i where i.about = s.about and i.party_id = s.party_id) limit 100`,
  },
  {
    name: 'no settled watch has a step that is due',
    find: sql`
      select s.id from watch.step s join watch.item i on i.about = s.about and i.party_id = s.party_id
       where s.state = 'due' and s.due_at < clock.now() + interval '1 hour' and i.settled_at is not null limit 100`,
  },
  {
    name: 'no notice is due about a settled watch',
    find: sql`
      select n.id from notifications.notice_face n join watch.item i on i.about = n.about and i.party_id = n.party_id
       where n.state = 'due' and n.cancelled_at is null and i.settled_at is not null limit 100`,
  },
  {
    name: 'no failure is closed before a mail server has taken the word to its sender',
    find: sql`
      select i.about from watch.item i
       where i.settled_at > clock.now() - interval '2 days' and i.outcome = 'failed' and i.failed_at is not null
         and not exists (select from notifications.notice_face n
                          where n.step_id = i.failure_notice_step and n.state in ('handed-over', 'delivered')) limit 100`,
  },
  {
    // The mail of the day tells it, the next morning at the latest, and is tried for two days.
    name: 'what a recipient deleted unopened is told to its sender by a mail that was taken, within three days',
    find: sql`select about from watch.deleted_unread where at < clock.now() - interval '3 days' limit 100`,
  },
  {
    name: 'every open watch knows what opening takes',
    find: sql`
      select about from watch.item i
       where settled_at is null and about >= clock.first_id('1 hour')
         and not exists (select from watch.need n where n.about = i.about and n.party_id = i.party_id) limit 100`,
  },
  {
    name: 'no open watch older than a day is late with its cause',
    find: sql`
      select about from watch.item
       where settled_at is null and cause is null and begun_at < clock.now() - interval '1 day 2 minutes' limit 100`,
  },
  {
    // Whether there was an address, and whether a notice is still to come, may have changed within the minute.
    name: 'the cause of an open watch is the one that the facts give',
    find: sql`
      with near as materialized (
        select i.about, i.party_id, i.cause from watch.item i
         where i.settled_at is null and i.cause is not null and i.next_action_at < clock.now() + interval '1 hour'
           and i.access_version >= coalesce((select v.version from access.current_version v where v.party_id = i.party_id), 0)
         order by i.next_action_at limit 5000)
      select n.about, n.cause as stored, f.cause as "byFacts"
        from near n
       cross join lateral (select c.cause from watch.cause_by_facts c where c.about = n.about and c.party_id = n.party_id) f
       where n.cause <> f.cause
         and not (n.cause in ('no-contact-point', 'not-notified', 'waiting') and f.cause in ('no-contact-point', 'not-notified', 'waiting'))
       limit 100`,
  },
];
