-- feature: inbox, correspondence, broker
-- why:     a person's inbox over all that they may act for: folders, filters, counts and search, whatever the number of messages;
--          filled after commit from the numbered events, so that sending writes nothing more than before
-- locks:   correspondence.message, share, while the index on what lies in a dialog is looked for; nothing is rewritten
create schema inbox;

-- Published: a message as an inbox lists it. Gone once it is deleted.
create view correspondence.inbox_face as
  select m.id, m.recipient_id, m.owner_id, m.resource_id, m.submission_id, m.transmission_of, coalesce(m.transmission_of, m.id) as dialog_id,
         m.published_at, greatest(m.transmitted_at, m.published_at) as content_at,
         coalesce(m.read_at, m.opened_at) as opened_at, m.confirmed_at,
         s.title, s.summary, s.body, s.message_sender, s.due_at, s.is_confirmation_needed, s.is_confidential,
         s.is_confirmation_needed and m.confirmed_at is null as awaits_confirmation, m.own
    from correspondence.message m join correspondence.submission s on s.id = m.submission_id
   where m.published_at is not null and m.purged_at is null;

-- Published: a file as the inbox of one of its recipients lists it, while it can be fetched.
create view broker.inbox_face as
  select t.id, r.party_id as recipient_id, t.sender_id, t.resource_id, t.published_at, t.file_name, t.expires_at,
         case when r.status <> 'Initialized' then r.changed_at end as opened_at,
         case when r.status = 'DownloadConfirmed' then r.changed_at end as confirmed_at,
         r.status <> 'DownloadConfirmed' as awaits_confirmation
    from broker.file_transfer t join broker.recipient r on r.file_transfer_id = t.id
   where t.published_at is not null and t.state in ('Published', 'AllConfirmedDownloaded');

-- What lists are chosen by; what they show is read where it stands. One row for each recipient.
create table inbox.entry (
  id                  uuid        not null,            -- of the message or the file
  party_id            uuid        not null,
  kind                text        not null check (kind in ('message', 'file')),
  resource_id         text        not null,
  dialog_id           uuid        not null,            -- the message that readers' labels lie with; of a file itself
  submission_id       uuid,                            -- of a message
  at                  timestamptz not null,            -- when it was published
  due_at              timestamptz,
  is_confidential     boolean     not null,
  is_shared           boolean     not null,            -- its words are those of others too, and stand in `content`
  folder              text        not null check (folder in ('inbox', 'archive', 'bin')),
  is_unread           boolean     not null,
  awaits_confirmation boolean     not null,
  primary key (id, party_id)
);
create index entry_folder on inbox.entry (party_id, folder, at desc, id desc);
create index entry_open on inbox.entry (party_id, at desc, id desc) where folder = 'inbox' and (is_unread or awaits_confirmation);
create index entry_due on inbox.entry (party_id, due_at, id) where due_at is not null;
create index entry_shared on inbox.entry (party_id) where is_shared;
create index entry_dialog on inbox.entry (dialog_id);

-- The words of a letter that only one party got, and whose it is as one more word, so that a search begins with the party's own.
create table inbox.words (
  id    uuid     primary key,
  words tsvector not null
);
create index words_words on inbox.words using gin (words);

-- The words of a letter that many got, once.
create table inbox.content (
  submission_id uuid     primary key,
  words         tsvector not null
);

-- Words that a party's people have put on an entry.
create table inbox.label (
  id       uuid not null,
  party_id uuid not null,
  word     text not null check (length(word) between 1 and 40),
  primary key (id, party_id, word)
);
create index label_word on inbox.label (party_id, word, id);

-- What was changed by readers and is to be looked at again.
create table inbox.touched (
  id uuid primary key
);

-- How far events have been followed, and how far older messages have been taken in: a single row.
create table inbox.progress (
  is_one       boolean primary key default true check (is_one),
  number       bigint  not null,
  taken_until  uuid,                                    -- older messages up to this one are in
  taken_to     uuid                                     -- the last one that was there when this table was made; null when all are in
);
insert into inbox.progress (number, taken_until, taken_to)
select c.last, '00000000-0000-0000-0000-000000000000', (select id from correspondence.message order by id desc limit 1) from events.counter c;

-- Published: by which number an inbox stands.
create view inbox.followed as select number from inbox.progress;

-- Norwegian and English at once, and as written, so that the beginning of a word finds it. What a title says counts most. Of a very
-- long letter the first part is searched.
create function inbox.words_of(title text, sender text, body text) returns tsvector language sql immutable parallel safe as $$
  select setweight(to_tsvector('pg_catalog.simple', left(title, 1000)) || to_tsvector('pg_catalog.norwegian', left(title, 1000))
                   || to_tsvector('pg_catalog.english', left(title, 1000)), 'A')
      || setweight(to_tsvector('pg_catalog.simple', left(sender, 1000)), 'B')
      || setweight(to_tsvector('pg_catalog.norwegian', left(body, 50000)) || to_tsvector('pg_catalog.english', left(body, 50000)), 'C')
$$;

-- The word that stands for a party.
create function inbox.word_of(party uuid) returns text language sql immutable parallel safe as $$
  select 'p' || replace(party::text, '-', '') $$;

-- What is looked for: the words in either language, or as beginnings of words. `beginnings` is `tax:* & form:*`, null for none.
create function inbox.query_of(looked_for text, beginnings text) returns tsquery language sql immutable parallel safe as $$
  select websearch_to_tsquery('pg_catalog.norwegian', looked_for) || websearch_to_tsquery('pg_catalog.english', looked_for)
      || coalesce(to_tsquery('pg_catalog.simple', beginnings), ''::tsquery)
$$;
