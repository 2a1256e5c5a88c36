import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { TownList } from './schema.ts';

/** An item that a document has said, by digest. */
export interface TownItem {
  readonly list: TownList;
  readonly key: string;
  readonly content: string;
}

/** Others who set up a town or let somebody come to be wait until the transaction ends. Read what is known after this, not before. */
export async function lockTown(tx: Tx): Promise<void> {
  await tx.run(sql`lock table sandbox.town_item in share row exclusive mode`);
}

/** Whether any document was loaded before. */
export async function isSetUp(reader: Reader): Promise<boolean> {
  return (await reader.maybe(sql`select from sandbox.town_item limit 1`)) !== undefined;
}

/** Those of the items that were loaded before, with the content that they had. index: town_item_pkey */
export function findTownItems(reader: Reader, items: readonly Omit<TownItem, 'content'>[]): Promise<TownItem[]> {
  return reader.all<TownItem>(sql`
    select t.list, t.key, t.content
      from unnest(${items.map((i) => i.list)}::text[], ${items.map((i) => i.key)}::text[]) as g (list, key)
      join sandbox.town_item t on t.list = g.list and t.key = g.key`);
}

export function saveTownItems(tx: Tx, items: readonly TownItem[]): void {
  if (items.length === 0) return;
  tx.send(sql`
    insert into sandbox.town_item (list, key, content)
    select * from unnest(${items.map((i) => i.list)}::text[], ${items.map((i) => i.key)}::text[], ${items.map((i) => i.content)}::text[])
        on conflict (list, key) do update set content = excluded.content`);
}

/** The numbers of organizations that have these codes. */
export async function holdersOfCodes(reader: Reader, codes: readonly string[]): Promise<Map<string, string>> {
  if (codes.length === 0) return new Map();
  const rows = await reader.all<{ code: string; number: string }>(sql`
    select org_code as code, number from register.party_face where org_code = any(${codes}::text[])`);
  return new Map(rows.map(({ code, number }) => [code, number]));
}

/** Those of these organizations that are their own main unit, at whatever distance. */
export async function listAboveThemselves(reader: Reader, numbers: readonly string[]): Promise<string[]> {
  if (numbers.length === 0) return [];
  const rows = await reader.all<{ number: string }>(sql`
    with recursive above (number, id, parent_id) as (
      select number, id, parent_id from register.party_face where number = any(${numbers}::text[])
      union
      select a.number, a.id, p.parent_id from above a join register.party_face p on p.id = a.parent_id)
    select number from above where parent_id = id`);
  return rows.map((row) => row.number);
}
