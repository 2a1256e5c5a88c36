-- feature: notifications
-- why:     what is to be sent is a row before it is sent, with a Message-ID that never changes
-- locks:   none
create schema notifications;

-- The wording and channel that a sender ordered; shared by all recipients of one request.
create table notifications.sender_order (
  id             uuid        primary key,
  sender_id      uuid        not null,
  template       text        not null,
  channel        text        not null check (channel in ('Email', 'Sms', 'EmailPreferred', 'SmsPreferred', 'EmailAndSms')),
  email_subject  text,
  email_body     text,
  email_html     boolean     not null default false,
  sms_body       text,
  created_at     timestamptz not null
);

create table notifications.notice (
  id             uuid        primary key,
  about          uuid        not null,
  party_id       uuid        not null,              -- the recipient of the post that it speaks of
  to_id          uuid        not null,              -- who is told
  step_id        uuid        not null,              -- what ordered it
  purpose        text        not null,
  channel        text        not null check (channel in ('email', 'sms')),
  address        text        not null,
  subject        text,
  body           text        not null,
  html           boolean     not null default false,
  message_id     text        not null unique,
  state          text        not null default 'due' check (state in ('due', 'handing-over', 'handed-over', 'delivered', 'failed', 'cancelled')),
  due_at         timestamptz not null,
  attempts       smallint    not null default 0,
  carrier_answer text,
  changed_at     timestamptz not null,
  unique (step_id, channel, address)
);
create index notice_due on notifications.notice (due_at) where state in ('due', 'handing-over');
create index notice_about on notifications.notice (about);
