import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParty, type Party } from '#register/index.ts';
import type { Cause } from '#watch/index.ts';

export interface Routine {
  readonly sender: PartyId;
  readonly days: readonly number[];
  readonly hour: number;
  readonly causes: readonly Cause[];
  readonly resources: readonly string[];
  readonly recipients: readonly PartyId[];
  readonly olderThanDays: number | null;
  readonly sendAs: 'link' | 'attachment';
  readonly sendEmpty: boolean;
  readonly isOn: boolean;
  readonly nextAt: Date;
}

const columns = sql`r.sender_id as sender, r.days, r.hour, r.causes, r.resources, r.recipients, (extract(epoch from r.older_than) / 86400)::integer as "olderThanDays",
       r.send_as as "sendAs", r.send_empty as "sendEmpty", r.is_on as "isOn", r.next_at as "nextAt"`;

/** -- index: the primary key */
export function findRoutine(reader: Reader, sender: PartyId): Promise<Routine | undefined> {
  return reader.maybe<Routine>(sql`select ${columns} from unread.routine r where r.sender_id = ${sender}`);
}

/** An extract that is due by now, and not made yet, stays due: it is made with what is set anew. */
export function saveRoutine(tx: Tx, r: Routine, at: Date): void {
  tx.send(sql`
    insert into unread.routine as r (sender_id, days, hour, causes, resources, recipients, older_than, send_as, send_empty, is_on, next_at, changed_at)
    values (${r.sender}, ${r.days}, ${r.hour}, ${r.causes}, ${r.resources}, ${r.recipients}::uuid[], make_interval(days => ${r.olderThanDays}::integer), ${r.sendAs}, ${r.sendEmpty}, ${r.isOn},
            ${r.nextAt}, ${at})
    on conflict (sender_id) do update
       set days = excluded.days, hour = excluded.hour, causes = excluded.causes, resources = excluded.resources, recipients = excluded.recipients, older_than = excluded.older_than,
           send_as = excluded.send_as, send_empty = excluded.send_empty, is_on = excluded.is_on,
           next_at = case when r.is_on and excluded.is_on and r.next_at <= excluded.changed_at then r.next_at else excluded.next_at end, changed_at = excluded.changed_at`);
}

/** One routine that is due, locked; what another worker has is left to it. -- index: routine_due */
export function claimRoutine(tx: Tx, now: Date): Promise<Routine | undefined> {
  return tx.maybe<Routine>(sql`
    select ${columns} from unread.routine r where r.is_on and r.next_at <= ${now} and (r.retry_at is null or r.retry_at <= ${now})
     order by r.next_at limit 1 for update skip locked`);
}

export function saveNextAt(tx: Tx, sender: PartyId, nextAt: Date): void {
  tx.send(sql`update unread.routine set next_at = ${nextAt}, retry_at = null where sender_id = ${sender}`);
}

/** Whose extract could not be made waits, and holds up nobody else. */
export function putOffRoutine(tx: Tx, sender: PartyId, until: Date): void {
  tx.send(sql`update unread.routine set retry_at = ${until} where sender_id = ${sender}`);
}

export interface Address {
  readonly email: string;
  /** When somebody there has pressed the button behind the link. */
  readonly confirmedAt: Date | null;
  /** Until when the link of its mail confirms it; null where no mail was sent, or it was given up or has come back. */
  readonly linkUntil: Date | null;
}

/** -- index: the primary keys */
export function listAddresses(reader: Reader, sender: PartyId): Promise<Address[]> {
  return reader.all<Address>(sql`
    select a.email, a.confirmed_at as "confirmedAt",
           case when a.token_sha256 is not null and m.state is distinct from 'failed' then a.asked_at + interval '7 days' end as "linkUntil"
      from unread.address a left join unread.mail m on m.id = a.asked_by
     where a.sender_id = ${sender} order by a.email limit 100`);
}

/**
 * Which of these may be asked on this day: nobody twice, and so many by one sender. Those are asked from now on, whatever becomes of
 * their sender's routine; who was asked on a day that is over is forgotten. -- index: the primary key, asking_sender
 */
export async function takeAskings(
  tx: Tx,
  sender: PartyId,
  emails: readonly string[],
  { day, most }: { day: string; most: number },
): Promise<string[]> {
  if (emails.length === 0) return [];
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${sender}, 49))`);
  await tx.run(sql`delete from unread.asking where sender_id = ${sender} and on_day < ${day}::date`);
  const rows = await tx.all<{ email: string }>(sql`
    insert into unread.asking (email, on_day, sender_id)
    select email, ${day}::date, ${sender}
      from unnest(${emails}::text[]) with ordinality as e(email, n)
     where not exists (select from unread.asking a where a.email = e.email and a.on_day = ${day}::date)
     order by n
     limit greatest(0, ${most} - (select count(*) from unread.asking a where a.sender_id = ${sender} and a.on_day = ${day}::date))
    on conflict do nothing
    returning email`);
  return rows.map(({ email }) => email);
}

/**
 * The addresses of a sender are these from now on; one that was there keeps its confirmation, and its link where it gets no other. Whether
 * one is the sender's own is not kept: it is asked of the register whenever it matters.
 */
export function replaceAddresses(
  tx: Tx,
  sender: PartyId,
  rows: readonly { readonly email: string; readonly asked: { readonly tokenSha256: string; readonly by: string } | null }[],
  at: Date,
): void {
  tx.send(sql`delete from unread.address where sender_id = ${sender} and email <> all(${rows.map(({ email }) => email)}::text[])`);
  tx.send(sql`
    insert into unread.address (sender_id, email, token_sha256, asked_at, asked_by)
    select ${sender}, r.email, r.asked ->> 'tokenSha256', ${at}, (r.asked ->> 'by')::uuid
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(email text, asked jsonb)
    on conflict (sender_id, email) do update
       set token_sha256 = coalesce(excluded.token_sha256, address.token_sha256),
           asked_at = case when excluded.token_sha256 is null then address.asked_at else excluded.asked_at end,
           asked_by = case when excluded.token_sha256 is null then address.asked_by else excluded.asked_by end`);
}

/** The language of the sender that has asked by the secret of a link; undefined where no address may be confirmed by it. -- index: address_token */
export async function findLanguageOfLink(reader: Reader, tokenSha256: string, at: Date): Promise<Party['language'] | undefined> {
  const row = await reader.maybe<{ sender: PartyId }>(sql`
    select sender_id as sender from unread.address
     where token_sha256 = ${tokenSha256} and asked_at > ${at}::timestamptz - interval '7 days' limit 1`);
  return row && ((await findParty(reader, row.sender))?.language ?? 'nb');
}

/** Confirms an address by the secret of its link, which is good for a week. Again changes nothing. -- index: address_token */
export async function confirmAddressOf(tx: Tx, tokenSha256: string, at: Date): Promise<boolean> {
  const rows = await tx.run(sql`
    update unread.address set confirmed_at = coalesce(confirmed_at, ${at})
     where token_sha256 = ${tokenSha256} and asked_at > ${at}::timestamptz - interval '7 days'`);
  return rows > 0;
}

export interface ExtractRow {
  readonly id: string;
  readonly dueAt: Date;
  readonly madeAt: Date;
  readonly items: number;
  /** How many of them are files. */
  readonly files: number;
  /** `stopped`: the sender is gone, and nobody in its place is to be written to. */
  readonly sentAs: 'link' | 'attachment' | 'nothing' | 'stopped';
  readonly addresses: number;
  /** The sender is gone, and this one got it in its place. */
  readonly standIn: PartyId | null;
}

/** An extract as it is shown: who stood in by its number. */
export type ShownExtract = Omit<ExtractRow, 'standIn' | 'files'> & {
  readonly standIn: string | null;
  /** At how many of the addresses its mail was refused, or has come back. */
  readonly failed: number;
};

export function saveExtract(tx: Tx, sender: PartyId, row: ExtractRow): void {
  tx.send(sql`
    insert into unread.extract (id, sender_id, due_at, made_at, items, files, sent_as, addresses, stand_in_id)
    values (${row.id}, ${sender}, ${row.dueAt}, ${row.madeAt}, ${row.items}, ${row.files}, ${row.sentAs}, ${row.addresses}, ${row.standIn})`);
}

/** The latest, newest first. -- index: extract_sender_id_due_at_key, mail_extract */
export function listExtracts(reader: Reader, sender: PartyId, limit: number): Promise<ShownExtract[]> {
  return reader.all<ShownExtract>(sql`
    select e.id, e.due_at as "dueAt", e.made_at as "madeAt", e.items, e.sent_as as "sentAs", e.addresses, p.number as "standIn",
           (select count(*)::integer from unread.mail m where m.extract_id = e.id and m.state = 'failed') as failed
      from unread.extract e left join register.party_face p on p.id = e.stand_in_id
     where e.sender_id = ${sender} order by e.due_at desc limit ${limit}`);
}
