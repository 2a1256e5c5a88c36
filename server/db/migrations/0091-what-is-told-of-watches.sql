-- feature: watch, notifications, unread
-- why:     what a process cannot work on is known to all; a reader's act is kept where its watch cannot take it; a sender sees its own mails
-- locks:   watch.said, access exclusive, milliseconds

-- Watches that a round could not work on, and that are let be until then. One that is not tried in vain again counts no more.
create table watch.left_out (
  about    uuid        not null,
  party_id uuid        not null,
  error    text        not null,   -- the code or the name of what went wrong; never its words, which may quote
  since    timestamptz not null,
  until    timestamptz not null,
  primary key (about, party_id)
);
create index left_out_until on watch.left_out (until);

-- What readers have done by their right and their watch could not take up: it is taken up when the watch is mended.
create table watch.owed_act (
  about    uuid        not null,
  party_id uuid        not null,
  act      text        not null check (act in ('opened', 'handed-over', 'confirmed')),
  at       timestamptz not null,
  by_id    uuid,
  error    text        not null,
  primary key (about, party_id, act)
);
create index owed_act_at on watch.owed_act (at);

-- Mails about the post of a sender that went to somebody else, who hears for it.
create table watch.told_elsewhere (
  reader_id uuid not null,
  step_id   uuid not null,
  primary key (reader_id, step_id)
);

-- Since when no mail that was to say it has got through: a later one that is under way ends it only when it has.
alter table watch.said add column silent_since timestamptz;
update watch.said set silent_since = missed_at where missed_at is not null;
create index said_silent on watch.said (reader_id) where silent_since is not null;

create view watch.said_in_vain as
  select reader_id, is_second, purpose, step_id, silent_since, missed_at from watch.said where silent_since is not null;

create view watch.told_elsewhere_face as select reader_id, step_id from watch.told_elsewhere;

-- Addresses of senders where the last mail about their post has failed, and none has gone since.
create view notifications.failing_to_sender as
  select to_id, channel, address, changed_at
    from (select distinct on (n.to_id, n.channel, lower(n.address)) n.to_id, n.channel, n.address, n.changed_at, n.state
            from notifications.notice n
           where n.about is null and n.purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'files-unread',
                 'files-decision', 'files-failed', 'files-expiring', 'paper-returned')
             and n.state in ('handed-over', 'delivered', 'failed')
           order by n.to_id, n.channel, lower(n.address), n.changed_at desc) last
   where state = 'failed';

-- What was sent to senders about their post, as they may see it.
create view notifications.mail_to_sender as
  select n.id, n.to_id, n.step_id, n.purpose, n.channel, n.address, n.state, n.due_at, n.changed_at, n.failure, n.carrier_answer,
         coalesce((select json_agg(json_build_object('at', a.at, 'outcome', a.outcome, 'reason', a.reason, 'answer', a.answer) order by a.attempt)
                     from notifications.attempt a where a.notice_id = n.id), '[]') as attempts
    from notifications.notice n
   where n.about is null and n.purpose in ('sender-unread', 'sender-decision', 'sender-failed', 'sender-expiring', 'files-unread', 'files-decision',
         'files-failed', 'files-expiring', 'paper-returned');
