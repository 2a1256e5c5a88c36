import { type Reader, sql } from '#kernel/database.ts';

export interface RoleName {
  readonly nb: string;
  readonly nn: string;
  readonly en: string;
}

/** Names of roles and access packages by their codes; codes that nobody knows are left out. index: role_pkey, package_pkey */
export async function listRoleNames(reader: Reader, codes: readonly string[]): Promise<Map<string, RoleName>> {
  if (codes.length === 0) return new Map();
  const rows = await reader.all<{ code: string; name: RoleName }>(sql`
    select code, name from access.role where code = any(${codes}::text[])
    union all
    select code, name from access.package where code = any(${codes}::text[])`);
  return new Map(rows.map(({ code, name }) => [code, name]));
}

/** The same by a code in either spelling, in lower case as it was asked. Some hundreds of roles: the tables are read whole. */
export async function listRoleNamesByAnyCode(reader: Reader, codes: readonly string[]): Promise<Map<string, RoleName>> {
  if (codes.length === 0) return new Map();
  const rows = await reader.all<{ asked: string; name: RoleName }>(sql`
    select w.asked, r.name
      from unnest(${codes}::text[]) as w (asked)
      join access.role r on lower(r.code) = w.asked or lower(r.legacy_code) = w.asked
    union all
    select code, name from access.package where code = any(${codes}::text[])`);
  return new Map(rows.map(({ asked, name }) => [asked, name]));
}
