import { type CopyTx, copyText } from '#db/index.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Role } from '../read-roles.ts';
import type { Address, Unit, UnitKind } from '../read-unit.ts';

/** Throws away what other files have left. */
export async function emptyStaging(tx: Tx): Promise<void> {
  await tx.run(sql`truncate enhetsregister.staged_unit, enhetsregister.staged_role`);
}

const line = (values: readonly (string | null)[]): string => `${values.map(copyText).join('\t')}\n`;
const json = (address: Address | null): string | null => address && JSON.stringify(address);

export function copyUnits(tx: CopyTx, units: readonly Unit[]): Promise<void> {
  const lines = units.map((u) =>
    line([u.number, u.kind, u.name, u.unitType, u.parentNumber, u.language, u.deletedOn, json(u.businessAddress), json(u.postalAddress)]),
  );
  return tx.copy('copy enhetsregister.staged_unit from stdin', lines.join(''));
}

export function copyRoles(tx: CopyTx, roles: readonly Role[]): Promise<void> {
  const lines = roles.map(({ at, role, holder }) =>
    line([at, role, holder.number, holder.kind, ...(holder.kind === 'person' ? [holder.name, holder.born] : [null, null])]),
  );
  return tx.copy('copy enhetsregister.staged_role from stdin', lines.join(''));
}

/** Millions of rows that nobody has counted would be looked for in the wrong way. */
export async function analyzeStaging(tx: Tx): Promise<void> {
  await tx.run(sql`analyze enhetsregister.staged_unit, enhetsregister.staged_role`);
}

/** How many rows were taken in, by kind. */
export interface Staged {
  readonly main: number;
  readonly sub: number;
  readonly roles: number;
}

export function countStaged(reader: Reader): Promise<Staged> {
  return reader.one<Staged>(sql`
    select (select count(*)::int from enhetsregister.staged_unit where kind = 'main') as main,
           (select count(*)::int from enhetsregister.staged_unit where kind = 'sub') as sub,
           (select count(*)::int from enhetsregister.staged_role) as roles`);
}

/** Up to which number the next rows of a kind go, and how many they are; undefined when there are no more. index: staged_unit_number */
export async function findEndOfNext(
  reader: Reader,
  kind: UnitKind,
  after: string,
  limit: number,
): Promise<{ last: string; rows: number } | undefined> {
  const { last, rows } = await reader.one<{ last: string | null; rows: number }>(sql`
    select max(number) as last, count(*)::int as rows from (
      select distinct number from enhetsregister.staged_unit where kind = ${kind} and number > ${after} order by number limit ${limit}) s`);
  return last === null ? undefined : { last, rows };
}

/** A row whose party is new, or is not what the register says. */
export interface Difference {
  readonly number: string;
  readonly name: string;
  readonly unitType: string | null;
  readonly language: 'nb' | 'nn' | null;
  readonly deletedOn: string | null;
  readonly hasParent: boolean;
  readonly parentId: PartyId | null;
  readonly isNew: boolean;
  readonly wasAlive: boolean | null;
}

/** index: staged_unit_number, party_number_key */
export function listDifferences(reader: Reader, kind: UnitKind, after: string, last: string): Promise<Difference[]> {
  return reader.all<Difference>(sql`
    with said as materialized (
      select distinct on (number) * from enhetsregister.staged_unit where kind = ${kind} and number > ${after} and number <= ${last} order by number)
    select s.number, s.name, s.unit_type as "unitType", s.language, s.deleted_on::text as "deletedOn", s.parent_number is not null as "hasParent",
           m.id as "parentId", p.id is null as "isNew", p.alive as "wasAlive"
      from said s
      left join register.party_face p on p.number = s.number
      left join register.party_face m on m.number = s.parent_number
     where p.id is null or p.name <> s.name or p.unit_type is distinct from s.unit_type or p.language <> s.language
        or p.alive is distinct from (s.deleted_on is null)
        or (p.parent_id is distinct from m.id and (m.id is not null or s.parent_number is null))`);
}

/** Rows whose main unit nobody knows. */
export async function countOrphans(reader: Reader): Promise<number> {
  const { n } = await reader.one<{ n: number }>(sql`
    select count(*)::int as n from enhetsregister.staged_unit s
     where s.parent_number is not null and not exists (select from register.party_face p where p.number = s.parent_number)`);
  return n;
}

/** Codes of all roles that were taken in. */
export async function listRoleCodes(reader: Reader): Promise<string[]> {
  const rows = await reader.all<{ role: string }>(sql`select distinct role from enhetsregister.staged_role order by role`);
  return rows.map(({ role }) => role);
}

export interface StagedRole {
  readonly at: string;
  readonly role: string;
  readonly holderNumber: string | null;
  readonly holderKind: 'organization' | 'person';
  readonly holderName: string | null;
  readonly born: string | null;
}

/** All roles at these organizations, but those of unknown kinds. index: staged_role_at */
export function listStagedRoles(reader: Reader, at: readonly string[], unknown: readonly string[]): Promise<StagedRole[]> {
  return reader.all<StagedRole>(sql`
    select at_number as at, role, holder_number as "holderNumber", holder_kind as "holderKind", holder_name as "holderName", born
      from enhetsregister.staged_role where at_number = any (${at}::text[]) and role <> all (${unknown}::text[])`);
}

/** How many roles are of kinds that nobody knows. */
export async function countRolesOf(reader: Reader, codes: readonly string[]): Promise<number> {
  const { n } = await reader.one<{ n: number }>(
    sql`select count(*)::int as n from enhetsregister.staged_role where role = any (${codes}::text[])`,
  );
  return n;
}
