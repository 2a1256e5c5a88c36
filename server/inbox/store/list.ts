import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

export type Folder = 'inbox' | 'archive' | 'bin';
export type Order = 'newest' | 'oldest' | 'due';

/** An entry as lists are chosen by it. */
export interface EntryRow {
  readonly id: string;
  readonly party: PartyId;
  readonly kind: 'message' | 'file';
  readonly resource: ResourceId;
  readonly dialog: string;
  readonly folder: Folder;
  readonly isConfidential: boolean;
  readonly isUnread: boolean;
  /** Its place in the order, text in microseconds. */
  readonly place: string;
}

/** After which entry a list goes on. */
export interface Place {
  readonly at: string;
  readonly id: string;
  readonly party: string;
}

export interface Wanted {
  readonly parties: readonly PartyId[];
  readonly folder: Folder;
  readonly order: Order;
  readonly unread: boolean;
  readonly due: boolean;
  readonly confirm: boolean;
  readonly confidential: boolean;
  readonly label: string | null;
  /** What is looked for, and the same as beginnings of words. */
  readonly search: { readonly text: string; readonly beginnings: string | null } | null;
  /** Of messages only what lies there is looked at, or is one of these; null: all. */
  readonly within: Within | null;
  readonly after: Place | null;
  readonly limit: number;
}

export interface Within {
  readonly places: readonly { readonly party: PartyId; readonly resource: ResourceId }[];
  readonly ids: readonly string[];
}

function lyingIn({ places, ids }: Within): Sql {
  return sql`and (e.kind = 'file' or e.id = any(${ids}::uuid[])
                  or (e.party_id, e.resource_id) in (select * from unnest(${places.map(({ party }) => party)}::uuid[], ${places.map(({ resource }) => resource)}::text[])))`;
}

const columns = (time: Sql): Sql => sql`
  e.id, e.party_id as party, e.kind, e.resource_id as resource, e.dialog_id as dialog, e.folder, e.is_confidential as "isConfidential",
  e.is_unread as "isUnread", to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place`;

/**
 * Entries in their order, from a place on; whoever asks may not read all of them. Of each party no more are looked at than the list
 * holds. A search begins with the words of the parties themselves, however much others have.
 * index: entry_folder, entry_open, entry_due; words_words, entry_shared, content_pkey
 */
export function listEntries(reader: Reader, wanted: Wanted): Promise<EntryRow[]> {
  const { parties, order, after, limit, search } = wanted;
  const time = order === 'due' ? sql`e.due_at` : sql`e.at`;
  const [direction, beyond] = order === 'newest' ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`];
  const chosen = sql`
    e.folder = ${wanted.folder}
    ${order === 'due' || wanted.due ? sql`and e.due_at is not null` : sql``}
    ${wanted.unread ? sql`and e.is_unread` : sql``}
    ${wanted.confirm ? sql`and e.awaits_confirmation` : sql``}
    ${wanted.unread || wanted.confirm ? sql`and (e.is_unread or e.awaits_confirmation)` : sql``}
    ${wanted.confidential ? sql`and e.is_confidential` : sql``}
    ${wanted.within === null ? sql`` : lyingIn(wanted.within)}
    ${wanted.label === null ? sql`` : sql`and exists (select from inbox.label l where l.id = e.id and l.party_id = e.party_id and l.word = ${wanted.label})`}
    ${after ? sql`and (${time}, e.id, e.party_id) ${beyond} (${after.at}::timestamptz, ${after.id}::uuid, ${after.party}::uuid)` : sql``}`;
  const inOrder = sql`order by ${time} ${direction}, e.id ${direction}, e.party_id ${direction} limit ${limit}`;
  if (search) {
    return reader.all<EntryRow>(sql`
      with asked as (select inbox.query_of(${search.text}, ${search.beginnings}) as words),
      own as (select string_agg(inbox.word_of(p.id), ' | ')::tsquery as words from unnest(${parties}::uuid[]) as p (id)),
      hit as (
        select w.id from asked, own, inbox.words w where numnode(asked.words) > 0 and w.words @@ (own.words && asked.words)
        union all
        select e.id from asked, inbox.entry e join inbox.content c on c.submission_id = e.submission_id
         where e.party_id = any(${parties}::uuid[]) and e.is_shared and c.words @@ asked.words)
      select ${columns(time)}
        from hit join inbox.entry e on e.id = hit.id and e.party_id = any(${parties}::uuid[])
       where ${chosen} ${inOrder}`);
  }
  return reader.all<EntryRow>(sql`
    select ${columns(time)}
      from unnest(${parties}::uuid[]) as p (id)
      cross join lateral (select * from inbox.entry e where e.party_id = p.id and ${chosen} ${inOrder}) e
     ${inOrder}`);
}

/** index: entry_pkey */
export function findEntries(reader: Reader, id: string): Promise<EntryRow[]> {
  return reader.all<EntryRow>(sql`select ${columns(sql`e.at`)} from inbox.entry e where e.id = ${id} order by e.party_id`);
}

/** What a line of a list shows beside its title, as it stands now. */
export interface Line {
  readonly id: string;
  readonly party: PartyId;
  readonly sender: PartyId;
  readonly fileName: string | null;
  readonly publishedAt: Date;
  readonly dueAt: Date | null;
  readonly openedAt: Date | null;
  /** Marked as unread by a reader. */
  readonly isMarked: boolean;
  readonly isConfirmationNeeded: boolean;
  readonly confirmedAt: Date | null;
  readonly words: readonly string[];
}

/** index: message_pkey, submission_pkey, file_transfer_pkey, label_pkey */
export function listLines(reader: Reader, rows: readonly Pick<EntryRow, 'id' | 'party'>[]): Promise<Line[]> {
  const words = sql`coalesce((select array_agg(l.word order by l.word) from inbox.label l where l.id = n.id and l.party_id = n.party), '{}') as words`;
  return reader.all<Line>(sql`
    with n as (select * from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ party }) => party)}::uuid[]) as n (id, party))
    select n.id, n.party, f.owner_id as sender, null as "fileName", f.published_at as "publishedAt", f.due_at as "dueAt",
           f.opened_at as "openedAt", coalesce(k.is_marked_unopened, false) as "isMarked",
           f.is_confirmation_needed as "isConfirmationNeeded", f.confirmed_at as "confirmedAt", ${words}
      from n
      join correspondence.inbox_face f on f.id = n.id and f.recipient_id = n.party
      left join dialogs.label_face k on k.message_id = f.dialog_id
    union all
    select n.id, n.party, f.sender_id, f.file_name, f.published_at, null, f.opened_at, false, true, f.confirmed_at, ${words}
      from n join broker.inbox_face f on f.id = n.id and f.recipient_id = n.party`);
}

export interface CountRow {
  readonly party: PartyId;
  readonly resource: ResourceId;
  readonly unread: number;
  readonly due: number;
  readonly confirm: number;
  readonly confidential: number;
  readonly archive: number;
  readonly bin: number;
}

/** What is counted of one party at most: nobody reads a larger number. */
export const countedAtMost = 10_000;

/** What wants something of a reader, by party and resource. index: entry_open */
export function countOpen(reader: Reader, parties: readonly PartyId[]): Promise<CountRow[]> {
  return reader.all<CountRow>(sql`
    select e.party_id as party, e.resource_id as resource, count(*) filter (where e.is_unread)::int as unread,
           count(*) filter (where e.due_at is not null)::int as due, count(*) filter (where e.awaits_confirmation)::int as confirm,
           count(*) filter (where e.is_confidential)::int as confidential, 0 as archive, 0 as bin
      from unnest(${parties}::uuid[]) as p (id)
      cross join lateral (select * from inbox.entry e where e.party_id = p.id and e.folder = 'inbox' and (e.is_unread or e.awaits_confirmation)
                           order by e.at desc, e.id desc limit ${countedAtMost}) e
     group by 1, 2`);
}

/** index: entry_folder */
export function countPutAway(reader: Reader, party: PartyId): Promise<CountRow[]> {
  return reader.all<CountRow>(sql`
    select e.party_id as party, e.resource_id as resource, 0 as unread, 0 as due, 0 as confirm, 0 as confidential,
           count(*) filter (where e.folder = 'archive')::int as archive, count(*) filter (where e.folder = 'bin')::int as bin
      from unnest(array['archive', 'bin']) as f (folder)
      cross join lateral (select * from inbox.entry e where e.party_id = ${party} and e.folder = f.folder
                           order by e.at desc, e.id desc limit ${countedAtMost}) e
     group by 1, 2`);
}
