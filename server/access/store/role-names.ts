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
