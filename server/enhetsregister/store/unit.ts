import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { Address, UnitKind } from '../read-unit.ts';

/** Keeps what the register says of these rows and what does not stand with the party. index: staged_unit_number */
export async function saveUnits(tx: Tx, kind: UnitKind, after: string, last: string): Promise<void> {
  await tx.run(sql`
    insert into enhetsregister.unit as u (number, kind, business_address, postal_address)
    select distinct on (number) number, kind, business_address, postal_address
      from enhetsregister.staged_unit where kind = ${kind} and number > ${after} and number <= ${last} order by number
    on conflict (number) do update set kind = excluded.kind, business_address = excluded.business_address, postal_address = excluded.postal_address
     where (u.kind, u.business_address, u.postal_address) is distinct from (excluded.kind, excluded.business_address, excluded.postal_address)`);
}

/** The next numbers that were ever read in. Order: number. index: unit_pkey */
export async function listUnits(reader: Reader, after: string, limit: number): Promise<string[]> {
  const rows = await reader.all<{ number: string }>(
    sql`select number from enhetsregister.unit where number > ${after} order by number limit ${limit}`,
  );
  return rows.map(({ number }) => number);
}

/** Of these kinds, how many were ever read in and are alive, and how many of those the files no longer have. */
export function countGone(reader: Reader, kinds: readonly UnitKind[]): Promise<{ known: number; gone: number }> {
  return reader.one(sql`
    select count(*)::int as known,
           (count(*) filter (where not exists (select from enhetsregister.staged_unit s where s.number = u.number)))::int as gone
      from enhetsregister.unit u join register.party_face p on p.number = u.number and p.alive
     where u.kind = any (${kinds}::text[])`);
}

/** The next ones that the files no longer have. Order: number. index: unit_pkey, staged_unit_any */
export function listGone(
  reader: Reader,
  kinds: readonly UnitKind[],
  after: string,
  limit: number,
): Promise<{ number: string; name: string }[]> {
  return reader.all(sql`
    select u.number, p.name from enhetsregister.unit u join register.party_face p on p.number = u.number and p.alive
     where u.number > ${after} and u.kind = any (${kinds}::text[])
       and not exists (select from enhetsregister.staged_unit s where s.number = u.number)
     order by u.number limit ${limit}`);
}

/** Where an organization can be written to. */
export interface Addresses {
  readonly business: Address | null;
  readonly postal: Address | null;
}

/** What the register says of where these organizations are; one that was never read in is left out. index: unit_pkey */
export async function findAddresses(reader: Reader, numbers: readonly string[]): Promise<Map<string, Addresses>> {
  const rows = await reader.all<Addresses & { number: string }>(sql`
    select number, business_address as business, postal_address as postal from enhetsregister.unit where number = any (${numbers}::text[])`);
  return new Map(rows.map(({ number, ...addresses }) => [number, addresses]));
}
