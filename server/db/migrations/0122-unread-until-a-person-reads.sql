-- feature: correspondence, inbox
-- why:     a letter that a system has fetched, and that a person must open, stood as read in the inbox of that person
-- locks:   correspondence.message, access exclusive, for milliseconds: a column with a default that is not written to each row
alter table correspondence.message add column awaits_person boolean not null default false;
comment on column correspondence.message.awaits_person is 'a system has fetched it or marked it as read, and its service demands a person: only a person''s opening counts';
create or replace view correspondence.inbox_face as
 select m.id,
    m.recipient_id,
    m.owner_id,
    m.resource_id,
    m.submission_id,
    m.transmission_of,
    coalesce(m.transmission_of, m.id) as dialog_id,
    m.published_at,
    greatest(m.transmitted_at, m.published_at) as content_at,
    case when m.awaits_person then m.opened_at else coalesce(m.read_at, m.opened_at) end as opened_at,
    m.confirmed_at,
    s.title,
    s.summary,
    s.body,
    s.message_sender,
    s.due_at,
    s.is_confirmation_needed,
    s.is_confidential,
    s.is_confirmation_needed and m.confirmed_at is null as awaits_confirmation,
    m.own
   from correspondence.message m
     join correspondence.submission s on s.id = m.submission_id
  where m.published_at is not null and m.purged_at is null;
