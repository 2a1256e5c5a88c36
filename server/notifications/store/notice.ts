import { type EncryptedText, encryptedAt, keepText } from '#kernel/contents.ts';
import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { NoticeRow } from '../compose/notice-row.ts';
import type { FailureReason } from '../deliver/decide-delivery.ts';
import type { NoticeState } from '../states.ts';
import type { Purpose } from '../texts.ts';

export interface StoredNotice {
  readonly id: string;
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId | null;
  readonly step: string;
  readonly shipment: string | null;
  readonly purpose: Purpose;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly state: NoticeState;
  /** Why it failed. */
  readonly failure: FailureReason | null;
  readonly dueAt: Date;
  readonly attempts: number;
  readonly changedAt: Date;
}

type Addressed = Pick<NoticeRow, 'step' | 'channel'>;

/** Where the wording of a notice is kept. A step says much the same to all its addresses, which are named nowhere. */
const placeOfText = ({ step, channel }: Addressed): string => `${channel} of step ${step}`;

/** The wording of a notice as it is encrypted; null where it stands as it is. */
export function encryptedTextOf(notice: Addressed & { readonly encryptedText: Buffer | null }): EncryptedText | null {
  return encryptedAt(notice.encryptedText, placeOfText(notice));
}

export type NoticeText = Pick<NoticeRow, 'subject' | 'body'>;

function kept(tx: Tx, row: NoticeRow & { readonly id: string }) {
  const text: NoticeText = { subject: row.subject, body: row.body };
  const { encrypted } = keepText(tx, JSON.stringify(text), placeOfText(row));
  return { ...row, ...(encrypted === null ? {} : { subject: null, body: '' }), encryptedText: encrypted };
}

export function saveNoticeRows(tx: Tx, rows: readonly (NoticeRow & { readonly id: string })[]): void {
  tx.send(sql`
    insert into notifications.notice as n (id, about, party_id, to_id, step_id, shipment_id, purpose, tells, channel, address, subject, body,
           encrypted_text, html, due_at, any_hour, needed_by, changed_at)
    select id, about, party, "to", step, shipment, purpose, tells, channel, address, subject, body, "encryptedText", html, "dueAt",
           coalesce("anyHour", false), "neededBy", at
      from json_to_recordset(${JSON.stringify(rows.map((row) => kept(tx, row)))}) as r(id uuid, about uuid, party uuid, "to" uuid, step uuid,
           shipment uuid, purpose text, tells text[], channel text, address text, subject text, body text, "encryptedText" bytea, html boolean,
           "dueAt" timestamptz, "anyHour" boolean, "neededBy" timestamptz, at timestamptz)
    on conflict (step_id, channel, address, twin) do update
       set tells = excluded.tells, subject = excluded.subject, body = excluded.body, encrypted_text = excluded.encrypted_text, html = excluded.html,
           changed_at = excluded.changed_at
     where n.state = 'due' and n.attempts = 0`);
}

/** One that is just being handed over may still arrive, and is not tried again. */
const calledOff = sql`
  state = case when n.state = 'due' then 'cancelled' else n.state end, cancelled_at = clock.now(), changed_at = clock.now()`;
const canBeCalledOff = sql`n.state in ('due', 'handing-over') and n.cancelled_at is null and n.reported is null`;

export function cancelNoticeRows(
  tx: Tx,
  of: readonly { readonly about: string; readonly party: PartyId }[],
  purposes: readonly Purpose[],
): void {
  tx.send(sql`
    update notifications.notice n
       set ${calledOff}
      from unnest(${of.map((o) => o.about)}::uuid[], ${of.map((o) => o.party)}::uuid[]) as o(about, party_id)
     where n.about = o.about and n.party_id = o.party_id and ${canBeCalledOff}
       and n.purpose = any(${purposes})`);
}

/** Notices about a thing, for these purposes, that are called off but for these people. */
export interface LeftToTell {
  readonly about: string;
  readonly party: PartyId;
  readonly purposes: readonly Purpose[];
  readonly people: readonly PartyId[];
}

/**
 * The recipient's own addresses, those whom a sender named, and an address at which others are told too stay.
 * index: notice_about, suppressed_step_id_channel_to_id_address_key, shipment_pkey
 */
export function cancelNoticeRowsToOthers(tx: Tx, rows: readonly LeftToTell[]): void {
  tx.send(sql`
    update notifications.notice n
       set ${calledOff}, access_lost = true
      from json_to_recordset(${JSON.stringify(rows)}) as o(about uuid, party uuid, purposes text[], people uuid[])
     where n.about = o.about and n.party_id = o.party and ${canBeCalledOff}
       and n.purpose = any(o.purposes) and n.to_id <> o.party and n.to_id <> all(o.people)
       and not exists (select from notifications.shipment h where h.id = n.shipment_id and h.custom is not null)
       and not exists (select from notifications.suppressed s
                        where s.step_id = n.step_id and s.channel = n.channel and lower(s.address) = lower(n.address) and s.notice_id is null)`);
}

/** What was called off about a thing, for these purposes, since its addressees had lost access. */
export interface GivenBack extends LeftToTell {
  /** These people's goes after all; else it does not, since they are told anew. */
  readonly goes: boolean;
}

/** Within a day: access was taken away by mistake. Later, what has come since is more than these notices say. -- index: notice_about */
export function resumeNoticeRows(tx: Tx, rows: readonly GivenBack[]): void {
  tx.send(sql`
    update notifications.notice n
       set access_lost = false, changed_at = clock.now(),
           state = case when o.goes and n.state = 'cancelled' then 'due' else n.state end,
           cancelled_at = case when not o.goes then n.cancelled_at end
      from json_to_recordset(${JSON.stringify(rows)}) as o(about uuid, party uuid, purposes text[], people uuid[], goes boolean)
     where n.about = o.about and n.party_id = o.party and n.access_lost and n.state in ('cancelled', 'handing-over') and n.failure is null
       and n.cancelled_at > clock.now() - interval '1 day' and n.purpose = any(o.purposes) and n.to_id = any(o.people)`);
}

export function cancelNoticesOfSteps(tx: Tx, steps: Sql, purposes: readonly Purpose[]): void {
  tx.send(sql`
    update notifications.notice n
       set ${calledOff}
     where n.step_id in (${steps}) and n.about is null and ${canBeCalledOff}
       and n.purpose = any(${purposes})`);
}

/** Steps that have a notice which was tried, sent or called off. */
export function listStepStates(reader: Reader, steps: readonly string[]): Promise<{ step: string }[]> {
  return reader.all(sql`
    select distinct step_id as step from notifications.notice
     where step_id = any(${steps}::uuid[]) and (state <> 'due' or attempts > 0)`);
}

/**
 * The steps of mails for these purposes that are due by then, of nothing by itself, and that no server was asked to take: 1000, those that go
 * last first. -- index: notice_due
 */
export async function listWaitingMails(reader: Reader, purposes: readonly Purpose[], by: Date): Promise<string[]> {
  const rows = await reader.all<{ step: string }>(sql`
    select step_id as step from notifications.notice
     where channel = any(array['email', 'sms']) and state = 'due' and attempts = 0 and cancelled_at is null and about is null
       and purpose = any(${purposes}) and due_at <= ${by}
     group by step_id
     order by max(due_at) desc
     limit 1000`);
  return rows.map(({ step }) => step);
}

export function listWaitingSteps(reader: Reader, steps: readonly string[]): Promise<{ step: string; dueAt: Date }[]> {
  return reader.all(sql`
    select step_id as step, min(due_at) as "dueAt" from notifications.notice
     where step_id = any(${steps}::uuid[]) and state in ('due', 'handing-over') and cancelled_at is null
     group by step_id`);
}

/** All notices about these things, oldest first, 1000 at most. -- index: notice_about */
export function listNoticeRows(reader: Reader, about: readonly string[]): Promise<StoredNotice[]> {
  return reader.all<StoredNotice>(sql`
    select id, about, party_id as party, to_id as "to", step_id as step, shipment_id as shipment, purpose, channel, address,
           state, failure, due_at as "dueAt", attempts, changed_at as "changedAt"
      from notifications.notice
     where about = any(${about}::uuid[])
     order by id
     limit 1000`);
}

export interface NoticeCount {
  readonly about: string;
  readonly party: PartyId;
  readonly sent: number;
  readonly failed: number;
  readonly due: number;
  readonly dueAt: Date | null;
}

/** -- index: the unique key of step, channel, address and twin */
export function listNoticesOfSteps(
  reader: Reader,
  steps: readonly string[],
): Promise<{ step: string; address: string; state: NoticeState }[]> {
  return reader.all(sql`
    select step_id as step, address, case when cancelled_at is null then state else 'cancelled' end as state
      from notifications.notice where step_id = any(${steps}::uuid[])`);
}

/** -- index: notice_about */
export function countNotices(
  reader: Reader,
  of: readonly { readonly about: string; readonly party: PartyId }[],
  purposes: readonly Purpose[],
): Promise<NoticeCount[]> {
  return reader.all<NoticeCount>(sql`
    select n.about, n.party_id as party,
           count(*) filter (where state in ('handed-over', 'delivered'))::integer as sent,
           count(*) filter (where state = 'failed')::integer as failed,
           count(*) filter (where state in ('due', 'handing-over'))::integer as due,
           min(due_at) filter (where state in ('due', 'handing-over')) as "dueAt"
      from notifications.notice n
      join unnest(${of.map((o) => o.about)}::uuid[], ${of.map((o) => o.party)}::uuid[]) as o(about, party_id)
        on n.about = o.about and n.party_id = o.party_id
     where n.purpose = any(${purposes})
     group by n.about, n.party_id`);
}
