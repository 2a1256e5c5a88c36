import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, FileTransferId, PartyId } from '#kernel/ids.ts';

/** The message that was sent in the place of this one. -- index: the primary key */
export async function findResent(reader: Reader, id: CorrespondenceId): Promise<CorrespondenceId | null> {
  const row = await reader.maybe<{ id: CorrespondenceId }>(sql`select new_id as id from unread.resending where old_id = ${id}`);
  return row?.id ?? null;
}

/** To whom a message or a file was sent that took the place of another; each has one recipient. -- index: the primary key of watches */
export async function findRecipientOfResent(reader: Reader, id: CorrespondenceId | FileTransferId): Promise<PartyId | undefined> {
  const row = await reader.maybe<{ party: PartyId }>(sql`select party_id as party from watch.board_item where about = ${id} limit 1`);
  return row?.party;
}

/** The message in whose place this one was sent. -- index: resending_new_id_key */
export async function findResentFrom(reader: Reader, id: CorrespondenceId): Promise<CorrespondenceId | null> {
  const row = await reader.maybe<{ id: CorrespondenceId }>(sql`select old_id as id from unread.resending where new_id = ${id}`);
  return row?.id ?? null;
}

/** The message that was written first, of those of which each was sent in the place of another; itself where it was sent in nobody's. -- index: resending_new_id_key */
export async function findFirst(reader: Reader, id: CorrespondenceId): Promise<CorrespondenceId> {
  const row = await reader.maybe<{ id: CorrespondenceId }>(sql`
    with recursive before (id, steps) as (
      select ${id}::uuid, 0
       union all
      select r.old_id, b.steps + 1 from before b join unread.resending r on r.new_id = b.id)
    select id from before order by steps desc limit 1`);
  return row!.id;
}

export function saveResending(tx: Tx, oldId: CorrespondenceId, newId: CorrespondenceId, at: Date): void {
  tx.send(sql`insert into unread.resending (old_id, new_id, at) values (${oldId}, ${newId}, ${at})`);
}

/** The file transfer that was sent in the place of this one to a recipient. -- index: the primary key */
export async function findFileResent(reader: Reader, id: FileTransferId, party: PartyId): Promise<FileTransferId | null> {
  const row = await reader.maybe<{ id: FileTransferId }>(
    sql`select new_id as id from unread.file_resending where old_id = ${id} and party_id = ${party}`,
  );
  return row?.id ?? null;
}

export function saveFileResending(
  tx: Tx,
  {
    oldId,
    party,
    newId,
    at,
  }: { readonly oldId: FileTransferId; readonly party: PartyId; readonly newId: FileTransferId; readonly at: Date },
): void {
  tx.send(sql`insert into unread.file_resending (old_id, party_id, new_id, at) values (${oldId}, ${party}, ${newId}, ${at})`);
}
