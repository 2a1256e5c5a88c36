-- feature: correspondence, relay
-- why:     until when the bytes of an attachment are there was written to the watches of all letters that carry it in one transaction,
--          however many they are; and bytes went while a letter that carries them was on paper, where none were kept for what is unread
-- locks:   correspondence.submission_attachment, share, while the index is built

-- Attachments whose bytes go: their letters' watches are being told until when, so many at a time.
create table correspondence.going (
  attachment_id uuid        primary key references correspondence.attachment (id),
  until         timestamptz not null,
  since         timestamptz not null,
  after         uuid,                               -- submissions up to this one have been told
  telling       jsonb       not null default '[]'   -- watches by which its senders will hear, when all have been
);

drop index correspondence.submission_attachment_attachment;
create index submission_attachment_attachment on correspondence.submission_attachment (attachment_id, submission_id);

-- Letters that a print house has, or is to have, and has not posted.
create view relay.on_its_way as
  select about, party_id from relay.shipment where state in ('accepted', 'dropped', 'printed');
