-- feature: blobs, correspondence, notifications, mailings; watch
-- why:     what letters say may lie encrypted in their rows, so that whoever has the database and not the keys reads none of it; and drafts of ladders by the law of others
-- locks:   the tables below, access exclusive, milliseconds: no row is read or rewritten, rules count for what is new

-- What texts are encrypted by: one key for the texts of a day, wrapped by one of the operator's. A text names its key; the key stays.
create table blobs.content_key (
  id          uuid        primary key,
  key_id      text        not null references blobs.encryption_key,
  wrapped_key bytea       not null,
  made_at     timestamptz not null           -- in real time
);
create index content_key_wrapped on blobs.content_key (key_id, id);

-- A text stands in its column or, encrypted, in the one beside it, and never in both.
alter table correspondence.submission
  add column encrypted_body          bytea,
  add column encrypted_summary       bytea,
  add column encrypted_reply_options bytea,
  add constraint body_once check (encrypted_body is null or body = '') not valid,
  add constraint summary_once check (encrypted_summary is null or summary is null) not valid,
  add constraint reply_options_once check (encrypted_reply_options is null or reply_options = '[]') not valid;

alter table correspondence.message
  add column encrypted_fields bytea,
  add constraint fields_once check (encrypted_fields is null or not own ? 'fields') not valid;

alter table correspondence.forwarding
  add column encrypted_words bytea,
  add constraint words_once check (encrypted_words is null or words is null) not valid;

alter table notifications.sender_order
  add column encrypted_texts bytea,
  add constraint texts_once check (encrypted_texts is null or coalesce(email_subject, email_body, sms_body) is null) not valid;

alter table notifications.notice
  add column encrypted_text bytea,
  add constraint text_once check (encrypted_text is null or (subject is null and body = '')) not valid;

alter table mailings.mailing
  add column encrypted_letter bytea,
  add constraint letter_once check (encrypted_letter is null or letter = '{}') not valid;

alter table mailings.recipient
  add column encrypted_own bytea,
  add constraint own_once check (encrypted_own is null or own is null) not valid;

-- An encrypted text is 45 bytes longer than the text: the length is what it was.
create or replace view correspondence.counted_message as
  select m.id, s.id as submission_id, s.created_at, m.owner_id, m.resource_id, s.message_sender, s.property_list ->> 'senderOrgNumber' as sender_number,
         p.kind as recipient_kind,
         octet_length(s.title) + coalesce(octet_length(s.encrypted_body) - 45, octet_length(s.body))
           + coalesce(octet_length(s.encrypted_summary) - 45, octet_length(s.summary), 0) as content_bytes
    from correspondence.submission s
    join correspondence.message m on m.submission_id = s.id
    join register.party p on p.id = m.recipient_id;

-- Drafts from the law of others, off as all drafts: only what an act says by number of days. They are nobody's advice on that law.
insert into watch.ladder (id, version, steps, is_draft, fact, fact_from) values
('cz-data-box', 1, '[
    {"name": "notify",          "after": "PT0S", "when": [], "who": "openers",  "channel": "preferred", "text": "new-mail"},
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed", "attachment-locked"], "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "tell-sender",     "after": "P10D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P14D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]'::jsonb, true,
  'A document in a data box to which nobody entitled has logged in within ten days from its delivery there counts as served on the last of them, unless another law excludes that.',
  'Czechia: Act No. 300/2008 Coll. (zákon o elektronických úkonech), section 17 (3) and (4)'),
('de-retrieval', 1, '[
    {"name": "notify",          "after": "PT0S", "when": [], "who": "openers",  "channel": "preferred", "text": "new-mail"},
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed", "attachment-locked"], "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "print",           "after": "P10D", "when": [], "who": "print",    "channel": "event",     "text": "print"},
    {"name": "tell-sender",     "after": "P11D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P18D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]'::jsonb, true,
  'A decision that is provided for retrieval and not retrieved within ten days after the notice of it was sent has not been made known: its provision ends, and it may be provided anew or made known in another way. That this is paper, and when its sender hears, is ours.',
  'Germany: Verwaltungsverfahrensgesetz (federal), section 41 (2a)'),
('it-platform', 1, '[
    {"name": "notify",          "after": "PT0S", "when": [], "who": "openers",  "channel": "preferred", "text": "new-mail"},
    {"name": "notify-grantors", "after": "PT0S", "when": ["grant-needed", "attachment-locked"], "who": "grantors", "channel": "preferred", "text": "sealed"},
    {"name": "remind",          "after": "P7D",  "when": ["notification-failed"], "who": "openers", "channel": "preferred", "text": "reminder"},
    {"name": "print",           "after": "P8D",  "when": ["notification-failed", "no-contact-point"], "who": "print", "channel": "event", "text": "print"},
    {"name": "tell-sender",     "after": "P9D",  "when": [], "who": "sender",   "channel": "preferred", "text": "sender-unread"},
    {"name": "ask-sender",      "after": "P15D", "when": [], "who": "sender",   "channel": "preferred", "text": "sender-decision"}
  ]'::jsonb, true,
  'Where a digital domicile is full, the notice is delivered a second time after at least seven days; if that fails too, or the address is not valid, a notice of failed delivery is deposited and the addressee written to by post. The days of the print step and after are ours.',
  'Italy: Decreto-legge 16 July 2020 No. 76, article 26 (platform for notification of acts)');
