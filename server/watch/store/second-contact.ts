import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { contactPoints } from '#register/index.ts';

/** Where somebody besides a sender's own addresses hears of its unread post. */
export interface SecondContact {
  readonly email: string | null;
  readonly sms: string | null;
}

/**
 * Of each sender the addresses that have been confirmed, or are its own in the register at this moment; a sender that has none is not
 * among them. -- index: the primary keys
 */
export async function findSecondContacts(reader: Reader, senders: readonly PartyId[]): Promise<Map<PartyId, SecondContact>> {
  if (senders.length === 0) return new Map();
  const rows = await reader.all<SecondContact & { sender: PartyId; confirmed: readonly string[] }>(sql`
    select c.sender_id as sender, c.email, c.sms,
           array(select a.address from watch.second_address a
                  where a.sender_id = c.sender_id and a.address in (c.email, c.sms) and a.confirmed_at is not null) as confirmed
      from watch.second_contact c where c.sender_id = any(${senders}::uuid[])`);
  const open = rows.filter(({ email, sms, confirmed }) => [email, sms].some((one) => one !== null && !confirmed.includes(one)));
  const own = await listOwnAddresses(
    reader,
    open.map(({ sender }) => sender),
  );
  return new Map(
    rows.flatMap(({ sender, confirmed, ...named }): [PartyId, SecondContact][] => {
      const good = (one: string | null) => (one !== null && (confirmed.includes(one) || own.get(sender)?.has(one)) ? one : null);
      const [email, sms] = [good(named.email), good(named.sms)];
      return email === null && sms === null ? [] : [[sender, { email, sms }]];
    }),
  );
}

/** What each has in the register at this moment, in small letters. */
export async function listOwnAddresses(reader: Reader, senders: readonly PartyId[]): Promise<Map<PartyId, ReadonlySet<string>>> {
  const points = senders.length === 0 ? undefined : await contactPoints(reader, senders);
  return new Map(senders.map((id) => [id, new Set((points?.get(id) ?? []).map(({ address }) => address.toLowerCase()))]));
}

/** As the sender has named it. -- index: the primary key */
export function findSecondContact(reader: Reader, sender: PartyId): Promise<SecondContact | undefined> {
  return reader.maybe<SecondContact>(sql`select email, sms from watch.second_contact where sender_id = ${sender}`);
}

/** With neither address the sender has none any more. Holds the sender's contact until the transaction ends. */
export async function saveSecondContact(tx: Tx, sender: PartyId, { email, sms }: SecondContact, at: Date): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended('watch second contact ' || ${sender}::text, 0))`);
  if (email === null && sms === null) {
    await tx.run(sql`delete from watch.second_contact where sender_id = ${sender}`);
    return;
  }
  await tx.run(sql`
    insert into watch.second_contact (sender_id, email, sms, changed_at) values (${sender}, ${email}, ${sms}, ${at})
    on conflict (sender_id) do update set email = excluded.email, sms = excluded.sms, changed_at = excluded.changed_at`);
}

export interface SecondAddress {
  readonly address: string;
  readonly askedAt: Date;
  readonly confirmedAt: Date | null;
}

/** Every address at which the sender has had somebody asked. -- index: the primary key */
export function listSecondAddresses(reader: Reader, sender: PartyId): Promise<SecondAddress[]> {
  return reader.all<SecondAddress>(sql`
    select address, asked_at as "askedAt", confirmed_at as "confirmedAt" from watch.second_address where sender_id = ${sender}
     order by asked_at desc limit 1000`);
}

export async function countAsked(reader: Reader, sender: PartyId, after: Date): Promise<number> {
  const { n } = await reader.one<{ n: number }>(sql`
    select count(*)::integer as n from watch.second_address where sender_id = ${sender} and asked_at > ${after} and token_sha256 is not null`);
  return n;
}

/** Those that are asked. */
export async function saveSecondAddresses(
  tx: Tx,
  sender: PartyId,
  rows: readonly { readonly address: string; readonly tokenSha256: string }[],
  at: Date,
): Promise<void> {
  await tx.run(sql`
    insert into watch.second_address as a (sender_id, address, token_sha256, asked_at)
    select ${sender}, r.address, r."tokenSha256", ${at}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(address text, "tokenSha256" text)
    on conflict (sender_id, address) do update set token_sha256 = excluded.token_sha256, asked_at = excluded.asked_at
     where a.confirmed_at is null`);
}

/** Which sender has asked by the secret of a link, where it belongs to an address that may be confirmed. -- index: second_address_token_sha256_key */
export function findAsking(reader: Reader, tokenSha256: string, askedAfter: Date): Promise<{ readonly sender: PartyId } | undefined> {
  return reader.maybe(
    sql`select sender_id as sender from watch.second_address where token_sha256 = ${tokenSha256} and asked_at > ${askedAfter}`,
  );
}

/** -- index: second_address_token_sha256_key */
export async function confirmSecondAddress(
  tx: Tx,
  tokenSha256: string,
  { at, askedAfter }: { readonly at: Date; readonly askedAfter: Date },
): Promise<boolean> {
  const rows = await tx.run(sql`
    update watch.second_address set confirmed_at = coalesce(confirmed_at, ${at})
     where token_sha256 = ${tokenSha256} and asked_at > ${askedAfter}`);
  return rows > 0;
}
