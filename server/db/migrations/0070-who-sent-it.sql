-- feature: correspondence
-- why:     what somebody has sent on another's service is counted twice, and the second count must not read the view of the first
-- locks:   none
create or replace view correspondence.accepted_message as
  select m.id, m.owner_id, m.recipient_id, m.resource_id, m.state, m.published_at, m.opened_at, least(m.read_at, m.opened_at) as read_at,
         m.confirmed_at, m.purged_at, s.created_at, s.created_by
    from correspondence.message m
    join correspondence.submission s on s.id = m.submission_id;
