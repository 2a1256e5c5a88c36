import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { staleAfter } from './contact-point.ts';

/** An address as its owner sees it. */
export interface OwnAddress {
  readonly id: string;
  readonly party: PartyId;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  /** Who says so: the register here, the Contact and Reservation Register, or its owner, who has proved it. */
  readonly source: 'register' | 'krr' | 'own';
  readonly at: PartyId | null;
  readonly resources: readonly string[] | null;
  /** Confirmed or used last. */
  readonly freshAt: Date;
  readonly staleAt: Date;
  readonly isStale: boolean;
}

const face = sql`
  c.id, c.party_id as party, c.channel, c.address, c.source, c.at_id as at, c.resources, c.fresh_at as "freshAt",
  c.fresh_at + ${staleAfter} as "staleAt", c.fresh_at <= clock.now() - ${staleAfter} as "isStale"`;

/** 200 at most. index: contact_point_pkey */
export function listOwnAddresses(reader: Reader, party: PartyId): Promise<OwnAddress[]> {
  return reader.all<OwnAddress>(sql`
    select ${face} from register.contact_point c where c.party_id = ${party} order by c.at_id nulls first, c.source, c.ordinal limit 200`);
}

/** index: contact_point_id */
export function findOwnAddress(reader: Reader, id: string): Promise<OwnAddress | undefined> {
  return reader.maybe<OwnAddress>(sql`select ${face} from register.contact_point c where c.id = ${id}`);
}

/** Of several who change a party's addresses one at a time does. */
export async function lockAddresses(tx: Tx, party: PartyId): Promise<void> {
  await tx.run(sql`select from register.party where id = ${party} for no key update`);
}

export interface ProvedAddress {
  readonly id: string;
  readonly party: PartyId;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly at: PartyId | null;
  readonly resources: readonly string[] | null;
}

/** Keeps an address that its owner has proved; one that stands is fresh again. Answers its id. The party's addresses are held. */
export async function saveProvedAddress(tx: Tx, row: ProvedAddress, at: Date): Promise<string> {
  const { id } = await tx.one<{ id: string }>(sql`
    insert into register.contact_point as c (id, party_id, source, ordinal, channel, address, at_id, resources, fresh_at)
    select ${row.id}, ${row.party}, 'own', 1 + coalesce((select max(ordinal) from register.contact_point where party_id = ${row.party} and source = 'own'), -1),
           ${row.channel}::text, ${row.address}::text, ${row.at}::uuid, ${row.resources}::text[], ${at}::timestamptz
    on conflict (party_id, channel, lower(address), at_id) where source = 'own'
       do update set address = excluded.address, resources = excluded.resources, fresh_at = excluded.fresh_at, asked_at = null
    returning c.id`);
  return id;
}

/** It is its owner's still, where it is this one: a register may have put another in its place. */
export async function confirmAddress(
  tx: Tx,
  { id, channel, address }: Pick<ProvedAddress, 'id' | 'channel' | 'address'>,
  at: Date,
): Promise<boolean> {
  const confirmed = await tx.run(sql`
    update register.contact_point set fresh_at = ${at}, asked_at = null
     where id = ${id} and channel = ${channel} and lower(address) = lower(${address})`);
  return confirmed > 0;
}

export async function removeAddress(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`delete from register.contact_point where id = ${id}`);
}

export interface AgingAddress {
  readonly id: string;
  readonly party: PartyId;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly language: 'nb' | 'nn' | 'en';
}

/**
 * Addresses that are stale within a month, or have been for a year at most, and whose owners were not asked for three months; they count
 * as asked now. What the Contact and Reservation Register says is for it to ask. -- index: contact_point_fresh
 */
export function takeAging(tx: Tx, at: Date, limit: number): Promise<AgingAddress[]> {
  return tx.all<AgingAddress>(sql`
    with aging as (
      select c.id from register.contact_point c
       where c.fresh_at between ${at}::timestamptz - ${staleAfter} - interval '1 year' and ${at}::timestamptz - ${staleAfter} + interval '1 month'
         and c.source <> 'krr' and (c.asked_at is null or c.asked_at < ${at}::timestamptz - interval '3 months')
       order by c.fresh_at limit ${limit} for update skip locked)
    update register.contact_point c set asked_at = ${at}
      from aging, register.party p
     where c.id = aging.id and p.id = c.party_id and p.died_on is null and p.deleted_at is null
    returning c.id, c.party_id as party, c.channel, c.address, p.language`);
}
