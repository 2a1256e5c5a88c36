-- feature: notifications
-- why:     what is to be sent is a row before it is sent, with a Message-ID that never changes once it was tried
-- locks:   none
create schema notifications;

-- The wording and channel that a sender ordered; shared by all recipients of one request.
create table notifications.sender_order (
  id             uuid        primary key,
  sender_id      uuid        not null,
  template       text        not null check (template in ('CustomMessage', 'GenericAltinnMessage')),
  channel        text        not null check (channel in ('Email', 'Sms', 'EmailPreferred', 'SmsPreferred', 'EmailAndSms')),
  email_subject  text,
  email_body     text,
  email_html     boolean     not null default false,
  sms_body       text,
  created_at     timestamptz not null
);

create table notifications.notice (
  id             uuid        primary key,
  about          uuid,                              -- null: about several, to a sender
  party_id       uuid,                              -- the recipient of the post that it speaks of
  to_id          uuid        not null,              -- who is told
  step_id        uuid        not null,              -- what ordered it
  purpose        text        not null check (purpose in ('new-mail', 'reminder', 'reminder-confirm', 'sealed', 'sealed-attachment',
                   'sender-unread', 'sender-decision')),
  channel        text        not null check (channel in ('email', 'sms')),
  address        text        not null,
  subject        text,
  body           text        not null,
  html           boolean     not null default false,
  message_id     text        unique,                -- given by the first attempt
  state          text        not null default 'due' check (state in ('due', 'handing-over', 'handed-over', 'delivered', 'failed', 'cancelled')),
  due_at         timestamptz not null,
  attempts       smallint    not null default 0,
  leased_until   timestamptz,                       -- real time: after it an attempt counts as broken off
  cancelled_at   timestamptz,                       -- an attempt that is under way is not tried again
  carrier_answer text,
  changed_at     timestamptz not null,
  unique (step_id, channel, address),
  check ((about is null) = (party_id is null)),
  check ((state = 'handing-over') = (leased_until is not null)),
  check (state in ('due', 'cancelled') or message_id is not null),
  check (state <> 'cancelled' or cancelled_at is not null)
);
create index notice_due on notifications.notice (due_at) where state in ('due', 'handing-over');
create index notice_about on notifications.notice (about) where about is not null;

-- Published: what became of the notices of a thing, without address and wording.
create view notifications.notice_face as
  select id, about, party_id, step_id, purpose, channel, state, due_at, attempts, cancelled_at, changed_at from notifications.notice;
