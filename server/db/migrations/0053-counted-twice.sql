-- feature: broker, correspondence, watch
-- why:     a statement counts files a second time too, tells those who send on services of others what became of that, and how long it took
--          until a sender's post was opened is read from that sender's post alone
-- locks:   watch.item, share, while an index is built

-- Published by broker: what was accepted, a row for each recipient, as its own tables have it.
create view broker.accepted_file as
  select r.file_transfer_id as id, t.sender_id as owner_id, r.party_id as recipient_id, r.resource_id, t.created_at
    from broker.file_transfer t
    join broker.recipient r on r.file_transfer_id = t.id;

-- Published by correspondence: what somebody has sent on another's service, and when.
create or replace view correspondence.sent_for_another as
  select m.id as about, s.created_by, s.owner_id, m.recipient_id, s.created_at
    from correspondence.submission s
    join correspondence.message m on m.submission_id = s.id
   where s.created_by <> s.owner_id;

-- What has ended of a sender's, by when it was published: a row is written to it once, when it ends.
create index item_ended_sender on watch.item (sender_id, published_at) where settled_at is not null;
