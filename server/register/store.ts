import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import type { Party, SaveParty } from './party.ts';

const face: Sql = sql`
  p.id, p.party_id as "partyId", p.kind, p.number, p.name, p.org_code as "orgCode", p.unit_type as "unitType",
  p.parent_id as "parentId", p.successor_id as "successorId", p.language, p.reserved, p.died_on is null and p.deleted_at is null as alive`;

/** index: party_pkey */
export async function findParties(reader: Reader, ids: readonly PartyId[]): Promise<Map<PartyId, Party>> {
  if (ids.length === 0) return new Map();
  const rows = await reader.all<Party>(sql`select ${face} from register.party p where p.id = any(${ids}::uuid[])`);
  return new Map(rows.map((party) => [party.id, party]));
}

/** index: party_pkey */
export function findParty(reader: Reader, id: PartyId): Promise<Party | undefined> {
  return reader.maybe<Party>(sql`select ${face} from register.party p where p.id = ${id}`);
}

/** The parties that have these numbers, by number; numbers that nobody has are left out. index: party_number_key */
export async function partiesByNumber(reader: Reader, numbers: readonly string[]): Promise<Map<string, Party>> {
  if (numbers.length === 0) return new Map();
  const rows = await reader.all<Party & { number: string }>(
    sql`select ${face} from register.party p where p.number = any(${numbers}::text[])`,
  );
  return new Map(rows.map((party) => [party.number, party]));
}

/**
 * Stores parties: those that are new, then what is said of those that are known, then who belongs to which main unit or went
 * into which other one. Saving the same again changes nothing. A parent's or successor's number that nobody has is an error. Joined writing.
 */
export function saveParties(tx: Tx, rows: readonly SaveParty[]): void {
  if (rows.length === 0) return;
  const given = JSON.stringify(rows.map((row) => ({ ...row, id: row.id ?? newId<PartyId>() })));
  tx.send(sql`
    insert into register.party (id, kind, number, name, org_code, unit_type, parent_id, language, reserved, last_login_on, died_on, deleted_at, implicit)
    select g.id, g.kind, g.number, g.name, g."orgCode", g."unitType", g."parentId", coalesce(g.language, 'nb'), coalesce(g.reserved, false),
           g."lastLoginOn", g."diedOn", g."deletedAt", coalesce(g.implicit, false)
      from jsonb_to_recordset(${given}::jsonb) as g (id uuid, kind text, number text, name text, "orgCode" text, "unitType" text,
           "parentId" uuid, language text, reserved boolean, "lastLoginOn" date, "diedOn" date, "deletedAt" timestamptz, implicit boolean)
     where not exists (select from register.party p where p.id = g.id)
    on conflict (number) do nothing`);
  tx.send(sql`
    with given as (
      select p.id, g.said ->> 'name' as name,
             case when g.said ? 'orgCode' then g.said ->> 'orgCode' else p.org_code end as org_code,
             case when g.said ? 'unitType' then g.said ->> 'unitType' else p.unit_type end as unit_type,
             case when g.said ? 'parentId' then (g.said ->> 'parentId')::uuid
                  when g.said -> 'parentNumber' = 'null'::jsonb then null else p.parent_id end as parent_id,
             case when g.said -> 'successorNumber' = 'null'::jsonb then null else p.successor_id end as successor_id,
             coalesce(g.said ->> 'language', p.language) as language,
             coalesce((g.said ->> 'reserved')::boolean, p.reserved) as reserved,
             case when g.said ? 'lastLoginOn' then (g.said ->> 'lastLoginOn')::date else p.last_login_on end as last_login_on,
             case when g.said ? 'diedOn' then (g.said ->> 'diedOn')::date else p.died_on end as died_on,
             case when g.said ? 'deletedAt' then (g.said ->> 'deletedAt')::timestamptz else p.deleted_at end as deleted_at,
             coalesce((g.said ->> 'implicit')::boolean, p.implicit) as implicit
        from jsonb_array_elements(${given}::jsonb) as g (said)
        join register.party p on p.number = g.said ->> 'number' or (g.said -> 'number' = 'null'::jsonb and p.id = (g.said ->> 'id')::uuid))
    update register.party p
       set (name, org_code, unit_type, parent_id, successor_id, language, reserved, last_login_on, died_on, deleted_at, implicit)
         = (g.name, g.org_code, g.unit_type, g.parent_id, g.successor_id, g.language, g.reserved, g.last_login_on, g.died_on, g.deleted_at, g.implicit)
      from given g
     where p.id = g.id
       and (p.name, p.org_code, p.unit_type, p.parent_id, p.successor_id, p.language, p.reserved, p.last_login_on, p.died_on, p.deleted_at, p.implicit)
           is distinct from (g.name, g.org_code, g.unit_type, g.parent_id, g.successor_id, g.language, g.reserved, g.last_login_on, g.died_on, g.deleted_at, g.implicit)`);
  const children = rows.flatMap((row) => (row.number && row.parentNumber ? [{ child: row.number, parent: row.parentNumber }] : []));
  if (children.length > 0) sendParents(tx, children);
  const merged = rows.flatMap((row) => (row.number && row.successorNumber ? [{ number: row.number, into: row.successorNumber }] : []));
  if (merged.length > 0) sendSuccessors(tx, merged);
}

function sendSuccessors(tx: Tx, merged: readonly { number: string; into: string }[]): void {
  tx.send(sql`
    update register.party p set successor_id = register.party_of(g.successor)
      from unnest(${merged.map((m) => m.number)}::text[], ${merged.map((m) => m.into)}::text[]) as g (number, successor)
     where p.number = g.number and p.successor_id is distinct from register.party_of(g.successor)`);
}

function sendParents(tx: Tx, children: readonly { child: string; parent: string }[]): void {
  tx.send(sql`
    update register.party p set parent_id = register.party_of(g.parent)
      from unnest(${children.map((c) => c.child)}::text[], ${children.map((c) => c.parent)}::text[]) as g (child, parent)
     where p.number = g.child and p.parent_id is distinct from register.party_of(g.parent)`);
}
