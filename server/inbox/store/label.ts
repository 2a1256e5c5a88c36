import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Folder } from './list.ts';

/** The words on an entry; whoever changes them waits. index: entry_pkey, label_pkey */
export async function lockWords(tx: Tx, id: string, party: PartyId): Promise<string[]> {
  await tx.all(sql`select 1 from inbox.entry where id = ${id} and party_id = ${party} for update`);
  return listWords(tx, id, party);
}

export async function listWords(reader: Reader, id: string, party: PartyId): Promise<string[]> {
  const rows = await reader.all<{ word: string }>(sql`select word from inbox.label where id = ${id} and party_id = ${party} order by word`);
  return rows.map(({ word }) => word);
}

/** Joined writing. */
export function saveWords(
  tx: Tx,
  id: string,
  party: PartyId,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): void {
  if (remove.length > 0) tx.send(sql`delete from inbox.label where id = ${id} and party_id = ${party} and word = any(${remove}::text[])`);
  if (add.length > 0) {
    tx.send(sql`
      insert into inbox.label (id, party_id, word) select ${id}, ${party}, w from unnest(${add}::text[]) as w on conflict do nothing`);
  }
}

/** Of a file, whose folder stands here. Joined writing. */
export function saveFolderOfFile(tx: Tx, id: string, party: PartyId, folder: Folder): void {
  tx.send(sql`
    update inbox.entry set folder = ${folder} where id = ${id} and party_id = ${party} and kind = 'file'`);
}

export interface PartyRow {
  readonly id: PartyId;
  readonly kind: 'person' | 'organization';
  readonly number: string | null;
  readonly name: string;
  readonly parent: PartyId | null;
}

/**
 * A page of these parties by name, those whose name or number holds what is looked for. Closed and dead ones are not among them.
 * index: party_pkey
 */
export function listPartyRows(
  reader: Reader,
  ids: readonly PartyId[],
  {
    first,
    lookedFor,
    number,
    after,
    limit,
  }: {
    readonly first: PartyId;
    readonly lookedFor: string | null;
    readonly number: string | null;
    readonly after: PartyId | null;
    readonly limit: number;
  },
): Promise<PartyRow[]> {
  return reader.all<PartyRow>(sql`
    with mine as (
      select p.id, p.kind, p.number, p.name, p.parent_id as parent, (p.id <> ${first}) as later, p.name collate "nb-NO-x-icu" as sorted
        from register.party_face p
       where p.id = any(${ids}::uuid[]) and p.kind <> 'system-user' and p.alive
         and (${number}::text is null or (p.kind = 'organization' and p.number = ${number}))
         and (${lookedFor}::text is null or position(lower(${lookedFor}) in lower(p.name)) > 0
              or (p.kind = 'organization' and starts_with(p.number, ${lookedFor}))))
    select id, kind, number, name, parent
      from mine
     where ${after}::uuid is null or (later, sorted, id) > (select a.later, a.sorted, a.id from mine a where a.id = ${after})
     order by later, sorted, id
     limit ${limit}`);
}

export interface WordRow {
  readonly word: string;
  readonly resource: ResourceId;
  readonly count: number;
}

/** The words on what came to a party, and on how much of each service: of so many, those that are on most. index: label_word, entry_pkey */
export function countWords(reader: Reader, party: PartyId): Promise<WordRow[]> {
  return reader.all<WordRow>(sql`
    select l.word, e.resource_id as resource, count(*)::integer as count
      from inbox.label l
      join inbox.entry e on e.id = l.id and e.party_id = l.party_id
     where l.party_id = ${party}
     group by l.word, e.resource_id
     order by count(*) desc, l.word, e.resource_id
     limit 1000`);
}
