-- feature: correspondence
-- why:     a sender may give the same letter in more than one language
-- locks:   correspondence.submission, access exclusive, milliseconds: no row is read or rewritten, rules count for what is new

-- What the letter says in other languages, as JSON, or the same encrypted; and in which languages, which is no secret.
alter table correspondence.submission
  add column translations           text,
  add column encrypted_translations bytea,
  add column translated_to          text[],
  add constraint translations_once check (encrypted_translations is null or translations is null) not valid,
  add constraint translations_named check ((translations is null and encrypted_translations is null) = (translated_to is null)) not valid;

-- Translations count as they are kept.
create or replace view correspondence.counted_message as
  select m.id, s.id as submission_id, s.created_at, m.owner_id, m.resource_id, s.message_sender, s.property_list ->> 'senderOrgNumber' as sender_number,
         p.kind as recipient_kind,
         octet_length(s.title) + coalesce(octet_length(s.encrypted_body) - 45, octet_length(s.body))
           + coalesce(octet_length(s.encrypted_summary) - 45, octet_length(s.summary), 0)
           + coalesce(octet_length(s.encrypted_translations) - 45, octet_length(s.translations), 0) as content_bytes
    from correspondence.submission s
    join correspondence.message m on m.submission_id = s.id
    join register.party p on p.id = m.recipient_id;
