-- feature: dialogs, correspondence, identity
-- why:     recipients' systems read post as dialogs: what is shown is computed from messages, and only what readers add is stored;
--          a message may stand in the dialog of another; dialog tokens are signed with keys of this installation
-- locks:   correspondence.message, access exclusive, milliseconds: no row is rewritten; then share, while its indexes are made
alter table correspondence.message
  add column transmission_of uuid references correspondence.message,     -- the message in whose dialog this one stands
  add column transmitted_at  timestamptz;                                -- when another came into its dialog last, or it got one of its own
create index message_transmission on correspondence.message (transmission_of) where transmission_of is not null;

-- The dialogs of a party in a resource, by when what they show changed last.
create index message_dialog on correspondence.message (recipient_id, resource_id, (greatest(transmitted_at, published_at)), id)
 where published_at is not null and purged_at is null and transmission_of is null;

-- Published: by what dialogs are listed. To those who were given a message alone it is a dialog by itself, with times of its own.
create view correspondence.dialog_key as
  select m.id, m.recipient_id, m.resource_id, m.transmission_of, greatest(m.transmitted_at, m.published_at) as content_at,
         m.published_at as own_content_at
    from correspondence.message m
   where m.published_at is not null and m.purged_at is null;

-- Published: what dialogs are chosen by. No text of a letter is in it.
create view correspondence.dialog_face as
  select m.id, m.owner_id, m.recipient_id, m.resource_id, m.transmission_of, greatest(m.transmitted_at, m.published_at) as content_at,
         m.published_at as own_content_at,
         greatest(m.transmitted_at, m.published_at, m.opened_at, m.confirmed_at,
                  (select max(t.opened_at) from correspondence.message t where t.transmission_of = m.id)) as updated_at,
         greatest(m.published_at, m.opened_at, m.confirmed_at) as own_updated_at, s.created_at, s.due_at,
         s.is_confirmation_needed and m.confirmed_at is null as awaits_confirmation,
         coalesce(m.own ->> 'sendersReference', s.senders_reference) as senders_reference,
         coalesce(m.own -> 'externalReferences', s.external_references) as external_references
    from correspondence.message m join correspondence.submission s on s.id = m.submission_id
   where m.published_at is not null and m.purged_at is null;

create schema dialogs;

-- What readers made of a dialog. No row: it lies in the inbox, and nobody has looked.
create table dialogs.context (
  message_id         uuid        primary key references correspondence.message,
  revision           uuid        not null,                               -- changes with every change of a label
  folder             text        not null default 'Default' check (folder in ('Default', 'Bin', 'Archive')),
  folder_at          timestamptz,                                        -- what comes in later takes the dialog back to the inbox
  is_marked_unopened boolean     not null default false,
  seen_at            timestamptz                                         -- when anybody looked last
);

-- Published: the label that the sender's details tell.
create view dialogs.label_face as
  select c.message_id, c.folder, c.folder_at, c.is_marked_unopened from dialogs.context c;

create table dialogs.label_change (
  id         uuid        primary key,
  message_id uuid        not null references dialogs.context,
  label      text        not null check (label in ('Default', 'Bin', 'Archive', 'MarkedAsUnopened')),
  action     text        not null check (action in ('set', 'remove')),
  at         timestamptz not null,
  party_id   uuid        not null
);
create index label_change_message on dialogs.label_change (message_id);

-- Who looked at a dialog, once for each of its contents.
create table dialogs.seen (
  id         uuid        primary key,
  message_id uuid        not null references dialogs.context,
  party_id   uuid        not null,
  at         timestamptz not null
);
create index seen_message on dialogs.seen (message_id);

-- Keys (Ed25519) that dialog tokens are signed with: the first signs, the second is known before it is needed.
create table identity.dialog_key (
  kid         text        primary key,
  private_jwk jsonb       not null,
  public_jwk  jsonb       not null,
  created_at  timestamptz not null                                       -- real time, as all that is secret
);
