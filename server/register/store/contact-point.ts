import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { ContactPoint, SaveContactPoints } from '../party.ts';

/** An address that nobody has confirmed or used for so long is stale. Source: eForvaltningsforskriften § 32. */
export const staleAfter = sql`interval '18 months'`;
const order = sql`case c.source when 'krr' then 0 when 'register' then 1 else 2 end, c.ordinal`;

/** An address as it stands, whatever may be done with it. */
export interface KeptAddress extends ContactPoint {
  readonly party: PartyId;
  /** Of a person, for post to this organization alone; null: for its own. */
  readonly at: PartyId | null;
  /** For post of these resources alone; null: all. */
  readonly resources: readonly string[] | null;
  /** A person's, and so old that it counts as none. */
  readonly isStale: boolean;
  /** Confirmed or used last. */
  readonly freshAt: Date;
}

/** Each party's addresses in the order in which they are tried, those for other organizations' post and stale ones among them. index: contact_point_pkey */
export async function listAddresses(reader: Reader, ids: readonly PartyId[]): Promise<KeptAddress[]> {
  if (ids.length === 0) return [];
  const rows = await reader.all<KeptAddress>(sql`
    select c.party_id as party, c.channel, c.address, c.at_id as at, c.resources, c.fresh_at as "freshAt",
           p.kind = 'person' and c.fresh_at <= clock.now() - ${staleAfter} as "isStale"
      from register.contact_point c join register.party p on p.id = c.party_id
     where c.party_id = any(${ids}::uuid[]) order by c.party_id, ${order}`);
  return firstOfEach(rows);
}

/** An address at which somebody is to be told. */
export interface UsedAddress {
  readonly id: string;
  readonly party: PartyId;
  readonly channel: 'email' | 'sms';
  readonly address: string;
}

/** Which of these nobody keeps any more: neither whom it is for nor, for a subunit, its main unit. Stale ones are kept. index: contact_point_pkey */
export async function listUnkept(reader: Reader, used: readonly UsedAddress[]): Promise<Set<string>> {
  if (used.length === 0) return new Set();
  const rows = await reader.all<{ id: string }>(sql`
    select u.id
      from unnest(${used.map((u) => u.id)}::uuid[], ${used.map((u) => u.party)}::uuid[], ${used.map((u) => u.channel)}::text[],
                  ${used.map((u) => u.address)}::text[]) as u(id, party_id, channel, address)
      join register.party p on p.id = u.party_id
     where not exists (select from register.contact_point c
                        where c.party_id in (p.id, p.parent_id) and c.channel = u.channel and lower(c.address) = lower(u.address))`);
  return new Set(rows.map(({ id }) => id));
}

/** The same address from two sources is one, and fresh where either is. */
function firstOfEach(rows: readonly KeptAddress[]): KeptAddress[] {
  const found = new Map<string, KeptAddress>();
  for (const row of rows) {
    const key = `${row.party} ${row.at} ${row.channel} ${row.address.toLowerCase()}`;
    const first = found.get(key);
    if (!first || (first.isStale && !row.isStale)) found.set(key, row);
  }
  return [...found.values()];
}

/**
 * Each party's contact points in the order in which they are tried; a party without any is left out, and so is what a person has not
 * confirmed for 18 months. An organization's are old at most.
 */
export async function contactPoints(reader: Reader, ids: readonly PartyId[]): Promise<Map<PartyId, ContactPoint[]>> {
  const found = new Map<PartyId, ContactPoint[]>();
  for (const { party, channel, address, at, isStale } of await listAddresses(reader, ids)) {
    if (at !== null || isStale) continue;
    const points = found.get(party);
    if (points) points.push({ channel, address });
    else found.set(party, [{ channel, address }]);
  }
  return found;
}

/**
 * Replaces what a source says of each party's contact points by those given; what they have proved themselves stays. Saving the same
 * again changes nothing, and one that is new or different counts from now where nobody says since when. What has been confirmed or used
 * here since the contact register heard of it stays as fresh as it is. Joined writing.
 */
export function saveContactPoints(tx: Tx, rows: readonly SaveContactPoints[], source: 'register' | 'krr' = 'register'): void {
  if (rows.length === 0) return;
  const points = rows.flatMap(({ party, points }) => points.map((point, ordinal) => ({ party, ordinal, ...point })));
  const given = sql`jsonb_to_recordset(${JSON.stringify(points)}::jsonb) as g (party uuid, ordinal smallint, channel text, address text, "confirmedAt" timestamptz)`;
  tx.send(sql`
    delete from register.contact_point c
     where c.party_id = any(${rows.map((row) => row.party)}::uuid[]) and c.source = ${source}
       and not exists (select from ${given} where g.party = c.party_id and g.ordinal = c.ordinal)`);
  tx.send(sql`
    insert into register.contact_point as c (party_id, source, ordinal, channel, address, fresh_at)
    select g.party, ${source}, g.ordinal, g.channel, g.address, coalesce(g."confirmedAt", clock.now()) from ${given}
    on conflict (party_id, source, ordinal) do update
       set channel = excluded.channel, address = excluded.address, asked_at = null,
           fresh_at = case when (c.channel, c.address) is distinct from (excluded.channel, excluded.address) then excluded.fresh_at
                           when ${source} = 'krr' then greatest(c.fresh_at, excluded.fresh_at) else excluded.fresh_at end
     where (c.channel, c.address) is distinct from (excluded.channel, excluded.address)
        or exists (select from ${given}
                    where g.party = c.party_id and g.ordinal = c.ordinal and g."confirmedAt" <> c.fresh_at
                      and (${source} <> 'krr' or g."confirmedAt" > c.fresh_at))`);
}
