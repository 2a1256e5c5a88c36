import { openRows } from '#kernel/contents.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { FailureReason } from '../deliver/decide-delivery.ts';
import type { Purpose } from '../texts.ts';
import { encryptedTextOf, type NoticeText } from './notice.ts';
import type { Word } from './report.ts';

/** A notice with its claim: who settles it must name the attempt that it claimed. */
export interface ClaimedNotice {
  readonly id: string;
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId | null;
  readonly step: string;
  readonly shipment: string | null;
  readonly purpose: Purpose;
  readonly orderedFor: 'recipient' | 'custom' | null;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly subject: string | null;
  readonly body: string;
  /** In place of subject and body. */
  readonly encryptedText: Buffer | null;
  readonly html: boolean;
  readonly messageId: string;
  readonly attempts: number;
  readonly anyHour: boolean;
  readonly neededBy: Date | null;
  /** Its carrier has said already what became of it: it is settled by that, and not sent again. */
  readonly isReported: boolean;
  /** Domain time of the claim, by the database. */
  readonly claimedAt: Date;
}

/** An attempt that broke off after its notice had been called off: nobody tries it again. */
export function endCalledOff(tx: Tx): void {
  tx.send(sql`
    update notifications.notice
       set state = 'cancelled', leased_until = null, changed_at = clock.now()
     where state = 'handing-over' and cancelled_at is not null and reported is null and leased_until < statement_timestamp()`);
}

/**
 * Takes due notices of a channel, and those whose attempt was never settled within its lease. Each gets its Message-ID with its
 * first attempt and keeps it. Rows that others hold are passed over. The lease is real time. -- index: notice_due, shipment_pkey
 */
export function claimNotices(
  tx: Tx,
  claim: {
    readonly channel: 'email' | 'sms';
    readonly limit: number;
    readonly leaseSeconds: number;
    readonly mailDomain: string;
    /** Outside of the channel's hours: what goes at any hour alone. */
    readonly isClosed?: boolean;
  },
): Promise<ClaimedNotice[]> {
  return tx.all<ClaimedNotice>(sql`
    with due as (
      select id from notifications.notice
       where channel = ${claim.channel} and state in ('due', 'handing-over') and due_at <= clock.now() and (cancelled_at is null or reported is not null)
         and (leased_until is null or leased_until < statement_timestamp()) and (any_hour or reported is not null or not ${claim.isClosed ?? false})
       order by due_at
       limit ${claim.limit}
         for update skip locked)
    update notifications.notice n
       set state = 'handing-over', attempts = n.attempts + 1, changed_at = clock.now(),
           message_id = coalesce(n.message_id, '<' || n.id || '@' || ${claim.mailDomain}::text || '>'),
           leased_until = statement_timestamp() + make_interval(secs => ${claim.leaseSeconds}::double precision)
      from due
     where n.id = due.id
    returning n.id, n.about, n.party_id as party, n.to_id as "to", n.step_id as step,
              n.shipment_id as shipment, n.purpose, n.channel, n.address, n.subject, n.body,
              n.encrypted_text as "encryptedText", n.html, n.message_id as "messageId", n.attempts,
              n.any_hour as "anyHour", n.needed_by as "neededBy", n.reported is not null as "isReported", clock.now() as "claimedAt",
              (select case when s.custom is null then 'recipient' else 'custom' end
                 from notifications.shipment s where s.id = n.shipment_id) as "orderedFor"`);
}

/** What a notice says. Asked right before it is sent, so that one that cannot be opened holds up no other. */
export async function textOf(reader: Reader, claimed: ClaimedNotice): Promise<NoticeText> {
  const [text] = await openRows(
    reader,
    [claimed],
    (notice) => [encryptedTextOf(notice)],
    ({ subject, body }, [opened]) => (opened ? (JSON.parse(opened) as NoticeText) : { subject, body }),
  );
  return text!;
}

/** What is due of a channel, and in nobody's hands, is due later, but for what goes at any hour. -- index: notice_due */
export function putOff(tx: Tx, channel: 'email' | 'sms', until: Date): void {
  tx.send(sql`
    update notifications.notice
       set state = 'due', leased_until = null, due_at = ${until}, changed_at = clock.now()
     where id in (
           select id from notifications.notice
            where channel = ${channel} and state in ('due', 'handing-over') and due_at <= clock.now() and cancelled_at is null
              and (leased_until is null or leased_until < statement_timestamp()) and not any_hour and reported is null
              for update skip locked)`);
}

/** Which of these claims are still their holders', now for longer. The lease is real time. */
export async function renewLeases(
  tx: Tx,
  held: readonly { readonly id: string; readonly attempts: number }[],
  leaseSeconds: number,
): Promise<Set<string>> {
  const renewed = await tx.all<{ id: string }>(sql`
    update notifications.notice n set leased_until = statement_timestamp() + make_interval(secs => ${leaseSeconds}::double precision)
      from unnest(${held.map((h) => h.id)}::uuid[], ${held.map((h) => h.attempts)}::smallint[]) as h(id, attempts)
     where n.id = h.id and n.state = 'handing-over' and n.attempts = h.attempts
    returning n.id`);
  return new Set(renewed.map((row) => row.id));
}

export interface SettledNotice {
  readonly id: string;
  readonly attempts: number;
  /** `unattempted`: given back as it was. `cancelled`: it had become pointless or, with a failure, others are written in its place. */
  readonly state: 'handed-over' | 'due' | 'failed' | 'unattempted' | 'cancelled';
  readonly dueAt: Date | null;
  readonly answer: string | null;
  readonly failure: FailureReason | null;
}

/** What was written of a claim: how often its notice was tried, and what its carrier has said before that was written. */
export interface Written {
  readonly attempts: number;
  readonly word: Word | null;
  /** It was called off for one in its place, and by nobody before. */
  readonly isMoved: boolean;
}

/**
 * Writes what became of claimed notices and tells which of them it settled: a claim that others have taken over since is
 * no longer ours to settle. What was called off meanwhile is not due again. Where the carrier has said already what became of the notice, it has had
 * it, whatever it answered, and whatever there was against another attempt: it is handed over, and `word` is to be settled next. But for a
 * refusal that says the same as the word, and what was never handed to anybody.
 */
export async function settleNotices(tx: Tx, rows: readonly SettledNotice[]): Promise<Map<string, Written>> {
  const isTaken = sql`(n.reported is not null and case
    when r.state = 'failed' and r.failure <> 'carrier-timeout' then n.reported ->> 'outcome' = 'delivered'
    when r.state in ('unattempted', 'cancelled') then n.attempts > 1 else true end)`;
  const written = await tx.all<Written & { id: string }>(sql`
    update notifications.notice n
       set state = case when ${isTaken} then 'handed-over'
                        when r.state in ('due', 'unattempted') then case when n.cancelled_at is null then 'due' else 'cancelled' end else r.state end,
           attempts = case when r.state in ('unattempted', 'cancelled') then n.attempts - 1 else n.attempts end,
           cancelled_at = case when r.state = 'cancelled' and not ${isTaken} then coalesce(n.cancelled_at, clock.now()) else n.cancelled_at end,
           message_id = case when r.state in ('unattempted', 'cancelled') and n.attempts = 1 then null else n.message_id end,
           due_at = coalesce(r."dueAt", n.due_at), carrier_answer = coalesce(r.answer, n.carrier_answer),
           failure = case when ${isTaken} or (r.state = 'cancelled' and n.cancelled_at is not null) then null else r.failure end, reported = case when ${isTaken} then n.reported end,
           leased_until = null, changed_at = clock.now()
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.attempts)}::integer[], ${rows.map((r) => r.state)}::text[],
                  ${rows.map((r) => r.dueAt)}::timestamptz[], ${rows.map((r) => r.answer)}::text[], ${rows.map((r) => r.failure)}::text[])
           as r(id, attempts, state, "dueAt", answer, failure)
     where n.id = r.id and n.state = 'handing-over' and n.attempts = r.attempts
    returning n.id, n.attempts, n.reported as word, n.state = 'cancelled' and n.failure is not null as "isMoved"`);
  return new Map(written.map(({ id, ...row }) => [id, row]));
}

/** When the next notice of one of these channels is to be tried; null when none is. -- index: notice_due */
export async function findNextDue(reader: Reader, channels: readonly ('email' | 'sms')[]): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`
    select min(n.due_at) as at
      from unnest(${channels}::text[]) c (channel)
     cross join lateral (
           select due_at from notifications.notice
            where channel = c.channel and state in ('due', 'handing-over') and cancelled_at is null order by due_at limit 1) n`);
  return row?.at ?? null;
}
