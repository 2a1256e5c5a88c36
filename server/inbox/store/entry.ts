import { type Reader, sql, type Tx } from '#kernel/database.ts';

/** How far the inbox has followed what happened; whoever follows further waits, or goes on elsewhere when it is being followed. */
export interface Progress {
  readonly number: number;
  readonly takenUntil: string | null;
  readonly takenTo: string | null;
}

/** Undefined while another follows. */
export async function lockProgress(tx: Tx): Promise<Progress | undefined> {
  const row = await tx.maybe<{ number: string; takenUntil: string | null; takenTo: string | null }>(sql`
    select number, taken_until as "takenUntil", taken_to as "takenTo" from inbox.progress for update skip locked`);
  return row && { ...row, number: Number(row.number) };
}

/** The number of the last event that inboxes know of. */
export const followedTo = sql`(select number from inbox.progress)`;

/** Joined writing. */
export function saveProgress(tx: Tx, { number, takenUntil, takenTo }: Progress): void {
  tx.send(sql`update inbox.progress set number = ${number}, taken_until = ${takenUntil}, taken_to = ${takenTo}`);
}

export async function findFollowed(reader: Reader): Promise<number> {
  return Number((await reader.one<{ number: string }>(sql`select number from inbox.progress`)).number);
}

/** Older messages, in the order of their ids. index: message_pkey */
export async function listOlder(reader: Reader, after: string, to: string, limit: number): Promise<string[]> {
  const rows = await reader.all<{ id: string }>(sql`
    select m.id from correspondence.accepted_message m where m.id > ${after}::uuid and m.id <= ${to}::uuid order by m.id limit ${limit}`);
  return rows.map(({ id }) => id);
}

/** Joined writing. */
export function touch(tx: Tx, ids: readonly string[]): void {
  if (ids.length > 0) tx.send(sql`insert into inbox.touched (id) select distinct unnest(${ids}::uuid[]) on conflict do nothing`);
}

export async function takeTouched(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx.all<{ id: string }>(sql`
    delete from inbox.touched where id in (select id from inbox.touched order by id limit ${limit} for update skip locked) returning id`);
  return rows.map(({ id }) => id);
}

/** These with all that stand in the same dialogs. index: message_pkey, message_transmission */
async function withDialogs(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.all<{ id: string }>(sql`
    with asked as (select id, transmission_of from correspondence.dialog_key where id = any(${ids}::uuid[]))
    select unnest(${ids}::uuid[]) as id
    union select transmission_of from asked where transmission_of is not null
    union select k.id from asked a join correspondence.dialog_key k on k.transmission_of = coalesce(a.transmission_of, a.id)`);
  return rows.map(({ id }) => id);
}

/**
 * Brings the entries of these messages and files to what stands there now: makes, changes, removes. Doing it again changes nothing.
 * Those that are not `searched` are found by nothing that they say. Entries are locked first and what they follow is read after, so that
 * who changes a label at the same time is not overwritten.
 * index: entry_pkey, message_pkey, submission_pkey, context_pkey, file_transfer_pkey
 */
export async function refreshEntries(tx: Tx, asked: readonly string[], { searched = true } = {}): Promise<void> {
  if (asked.length === 0) return;
  const ids = await withDialogs(tx, asked);
  await tx.all(sql`select 1 from inbox.entry where id = any(${ids}::uuid[]) order by id, party_id for update`);
  await tx.run(sql`
    update inbox.entry e
       set folder = n.folder, is_unread = n.is_unread, awaits_confirmation = n.awaits_confirmation
      from (select f.id, f.recipient_id,
                   case when l.folder is null or l.folder = 'Default' or f.content_at > l.folder_at then 'inbox' else lower(l.folder) end as folder,
                   f.opened_at is null or coalesce(l.is_marked_unopened, false) as is_unread, f.awaits_confirmation
              from correspondence.inbox_face f left join dialogs.label_face l on l.message_id = f.dialog_id
             where f.id = any(${ids}::uuid[])) n
     where e.id = n.id and e.party_id = n.recipient_id
       and (e.folder, e.is_unread, e.awaits_confirmation) is distinct from (n.folder, n.is_unread, n.awaits_confirmation)`);
  await tx.run(sql`
    with fresh as materialized (
      select f.*, coalesce(f.message_sender, p.name) as sender,
             f.own is not null or exists (select from correspondence.inbox_face o where o.submission_id = f.submission_id and o.id <> f.id) as is_shared,
             case when l.folder is null or l.folder = 'Default' or f.content_at > l.folder_at then 'inbox' else lower(l.folder) end as folder,
             f.opened_at is null or coalesce(l.is_marked_unopened, false) as is_unread
        from correspondence.inbox_face f
        join register.party_face p on p.id = f.owner_id
        left join dialogs.label_face l on l.message_id = f.dialog_id
       where f.id = any(${ids}::uuid[]) and not exists (select from inbox.entry e where e.id = f.id)),
    shared as (
      insert into inbox.content (submission_id, words)
      select distinct on (submission_id) submission_id, case when ${searched} then inbox.words_of(title, sender, concat_ws(' ', summary, body)) else '' end from fresh
       where is_shared and not exists (select from inbox.content c where c.submission_id = fresh.submission_id) order by submission_id
          on conflict do nothing),
    single as (
      insert into inbox.words (id, words)
      select id, case when ${searched} then inbox.words_of(title, sender, concat_ws(' ', summary, body)) else '' end || array_to_tsvector(array[inbox.word_of(recipient_id)]) from fresh
       where not is_shared order by id
          on conflict do nothing)
    insert into inbox.entry (id, party_id, kind, resource_id, dialog_id, submission_id, at, due_at, is_confidential, is_shared, folder,
           is_unread, awaits_confirmation)
    select id, recipient_id, 'message', resource_id, dialog_id, submission_id, published_at, due_at, is_confidential, is_shared, folder,
           is_unread, awaits_confirmation from fresh order by id
        on conflict do nothing`);
  await tx.run(sql`
    with gone as (
      delete from inbox.entry e
       where e.id = any(${ids}::uuid[]) and e.kind = 'message' and not exists (select from correspondence.inbox_face f where f.id = e.id)
      returning e.id),
    unsaid as (delete from inbox.words w using gone where w.id = gone.id)
    delete from inbox.label l using gone where l.id = gone.id`);
  await refreshFiles(tx, asked, searched);
}

/** A reader's folder and mark of a file stand here and nowhere else. */
async function refreshFiles(tx: Tx, ids: readonly string[], searched: boolean): Promise<void> {
  await tx.run(sql`
    insert into inbox.entry as e (id, party_id, kind, resource_id, dialog_id, at, is_confidential, is_shared, folder, is_unread, awaits_confirmation)
    select f.id, f.recipient_id, 'file', f.resource_id, f.id, f.published_at, false, false, 'inbox', f.opened_at is null, f.awaits_confirmation
      from broker.inbox_face f where f.id = any(${ids}::uuid[]) order by f.id, f.recipient_id
        on conflict (id, party_id) do update
       set is_unread = e.is_unread and excluded.is_unread, awaits_confirmation = excluded.awaits_confirmation
     where (e.is_unread and excluded.is_unread, excluded.awaits_confirmation) is distinct from (e.is_unread, e.awaits_confirmation)`);
  await tx.run(sql`
    insert into inbox.words (id, words)
    select distinct on (f.id) f.id,
           case when ${searched} then inbox.words_of(f.file_name, p.name, '') else '' end
           || (select array_to_tsvector(array_agg(inbox.word_of(r.recipient_id))) from broker.inbox_face r where r.id = f.id)
      from broker.inbox_face f join register.party_face p on p.id = f.sender_id
     where f.id = any(${ids}::uuid[]) order by f.id
        on conflict do nothing`);
  await tx.run(sql`
    with gone as (
      delete from inbox.entry e
       where e.id = any(${ids}::uuid[]) and e.kind = 'file' and not exists (select from broker.inbox_face f where f.id = e.id)
      returning e.id),
    unsaid as (delete from inbox.words w using gone where w.id = gone.id)
    delete from inbox.label l using gone where l.id = gone.id`);
}
