-- feature: unread, watch
-- why:     a board goes by the cause that a watch has stored, a statement tells of its day's end, and nobody is written to without bound
-- locks:   routine and statement_day, milliseconds

-- Published by watch: every watch, for boards and statements; with the cause as it is stored, which is null of what is younger than a day, and
-- when the class was computed last.
create or replace view watch.board_item as
  select about, party_id, sender_id, resource_id, confidential, confirm_needed, is_file, begun_at, due_at, published_at, opened_at, confirmed_at,
         class, openers, grantors, attachment_locked, told_at, asked_at, failed_at, next_action, next_action_at, settled_at, outcome, settled_name,
         cause, computed_at
    from watch.item;

-- Who was asked on which day, in Norway, whether a sender's extracts may come: nobody is asked twice a day, whoever asks and however often.
create table unread.asking (
  email     text not null,
  on_day    date not null,
  sender_id uuid not null,
  primary key (email, on_day)
);
create index asking_sender on unread.asking (sender_id, on_day);
insert into unread.asking (email, on_day, sender_id)
select email, (asked_at at time zone 'Europe/Oslo')::date, sender_id from unread.address where token_sha256 is not null
on conflict do nothing;

-- A routine or a statement that fails does not hold up the others.
alter table unread.routine add column retry_at timestamptz;                        -- its extract could not be made: not tried again before
alter table unread.statement_day add column failed uuid[] not null default '{}';   -- senders whose statement could not be made
