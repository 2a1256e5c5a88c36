-- feature: evidence
-- why:     every step that matters to a court is a row that nobody can change, and the sequencer that comes later
--          can order the rows by committed transaction without an index on the send path (compatibility.md, evidence, §5.1)
-- locks:   none
create schema evidence;

create table evidence.event (
  code  smallint primary key,
  name  text     not null unique,
  uri   text     not null unique
);

create table evidence.evidence (
  id        uuid        primary key,
  about     uuid        not null,
  recipient uuid,
  event     smallint    not null references evidence.event,
  at        timestamptz not null,
  proves    text        not null check (proves in ('nothing', 'recorded', 'accepted', 'deposited', 'available', 'notice-handed-over',
              'notice-delivered', 'notice-seen', 'opened', 'handed-over', 'confirmed', 'integrity-confirmed', 'relayed',
              'reported-opened', 'failed', 'closed-by-sender')),
  core      text        not null,  -- canonical JSON (RFC 8785) as text: jsonb would reorder and re-render it
  who       text        not null,
  what      text        not null,
  xact      xid8        not null default pg_current_xact_id()
);
create index evidence_about on evidence.evidence (about);

create table evidence.log_feed (
  xact xid8    primary key default pg_current_xact_id(),
  lo   uuid    not null,
  hi   uuid    not null,
  n    integer not null check (n > 0)
);

create function evidence.refuse_change() returns trigger language plpgsql as
  $$ begin raise exception 'evidence is never changed or deleted' using errcode = 'BS004'; end $$;
create trigger evidence_is_final before update or delete on evidence.evidence
  for each statement execute function evidence.refuse_change();
create trigger evidence_is_kept before truncate on evidence.evidence
  for each statement execute function evidence.refuse_change();

insert into evidence.event (code, name, uri)
select code, name, 'http://uri.etsi.org/19522/Event/' || name
  from (values (1, 'SubmissionAcceptance'), (2, 'SubmissionRejection'), (3, 'RelayAcceptance'), (4, 'RelayRejection'), (5, 'RelayFailure'),
               (6, 'NotificationForAcceptance'), (7, 'NotificationForAcceptanceFailure'), (8, 'ConsignmentAcceptance'),
               (9, 'ConsignmentRejection'), (10, 'AcceptanceRejectionExpiry'), (11, 'ContentConsignment'),
               (12, 'ContentConsignmentFailure'), (13, 'ConsignmentNotification'), (14, 'ConsignmentNotificationFailure'),
               (15, 'NotificationDelivered'), (16, 'NotificationAccessTracking'), (17, 'ContentAccessTracking'),
               (18, 'ContentHandover'), (19, 'ContentHandoverFailure'), (20, 'RelayToNonERDS'), (21, 'RelayToNonERDSFailure'),
               (22, 'ReceivedFromNonERDS')) as etsi (code, name)
union all
select code, name, 'urn:budstikke:event:' || name
  from (values (101, 'SubmissionOpened'), (102, 'OverviewFetched'), (103, 'SenderViewed'), (104, 'HandoverInterrupted'), (105, 'Replied'),
               (106, 'Forwarded'), (107, 'Recalled'), (108, 'ReadElsewhere'), (109, 'AcceptedUnread'), (110, 'AccessLost'),
               (111, 'AccessRegained'), (112, 'AccessGranted'), (113, 'LadderStep'), (114, 'BytesReceived'), (115, 'Scanned'),
               (116, 'ScanDeferred'), (117, 'ContentPurged'), (118, 'DeletedByRecipient'), (119, 'AccessRevoked')) as own (code, name);
