import { type Reader, sql } from '#kernel/database.ts';
import type { Subject } from '../decide/facts.ts';
import type { Name } from './read-attributes.ts';

export const nameKey = ({ by, value }: Name): string => `${by === 'user-id' ? 'party-id' : by} ${value}`;

/** Everybody who goes by one of these names. index: party_number_key, party_pkey, party_party_id_key, party_org_code_key */
export async function findNamed(reader: Reader, names: readonly Name[]): Promise<Map<string, Subject>> {
  if (names.length === 0) return new Map();
  const of = (...by: Name['by'][]) => [...new Set(names.filter((name) => by.includes(name.by)).map(({ value }) => value))];
  const rows = await reader.all<Subject>(sql`
    select p.id, p.kind, p.number, p.org_code as "orgCode", p.party_id as "partyId" from register.party_face p
     where p.number = any(${of('number')}::text[])
    union select p.id, p.kind, p.number, p.org_code, p.party_id from register.party_face p where p.id = any(${of('id')}::uuid[])
    union select p.id, p.kind, p.number, p.org_code, p.party_id from register.party_face p
     where p.party_id = any(${of('party-id', 'user-id').map(Number)}::integer[])
    union select p.id, p.kind, p.number, p.org_code, p.party_id from register.party_face p where p.org_code = any(${of('code')}::text[])`);
  const found = new Map<string, Subject>();
  for (const row of rows) {
    found.set(`id ${row.id}`, row);
    found.set(`party-id ${row.partyId}`, row);
    if (row.number !== null) found.set(`number ${row.number}`, row);
    if (row.orgCode !== null) found.set(`code ${row.orgCode}`, row);
  }
  return found;
}
