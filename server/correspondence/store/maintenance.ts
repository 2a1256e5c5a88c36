import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId, ResourceId } from '#kernel/ids.ts';
import { listMessages, type Message } from './message.ts';

/** Messages of a resource made before a time that somebody could still see, after an id. -- index: message_sent, by its owner; one test resource only */
export async function listToClear(
  reader: Reader,
  of: { readonly resource: ResourceId; readonly before: Date; readonly after: string | null },
  limit: number,
): Promise<CorrespondenceId[]> {
  const rows = await reader.all<{ id: CorrespondenceId }>(sql`
    select m.id from correspondence.message m join correspondence.submission s on s.id = m.submission_id
     where m.owner_id = (select owner_id from correspondence.message where resource_id = ${of.resource} limit 1)
       and m.resource_id = ${of.resource} and m.state not in ('PurgedByRecipient', 'PurgedByAltinn', 'Reserved')
       and s.created_at <= ${of.before} and (${of.after}::uuid is null or m.id > ${of.after}::uuid)
     order by m.id limit ${limit}`);
  return rows.map(({ id }) => id);
}

/** Attachments of a resource that no message carries. */
export async function listUnheld(reader: Reader, resource: ResourceId, before: Date, limit: number): Promise<AttachmentId[]> {
  const rows = await reader.all<{ id: AttachmentId }>(sql`
    select a.id from correspondence.attachment a
     where a.resource_id = ${resource} and a.state not in ('Purged', 'Expired') and a.created_at <= ${before}
       and not exists (select from correspondence.submission_attachment l where l.attachment_id = a.id)
     order by a.id limit ${limit}`);
  return rows.map(({ id }) => id);
}

export function countToClear(reader: Reader, resource: ResourceId, before: Date): Promise<{ messages: number; attachments: number }> {
  return reader.one(sql`
    select (select count(*)::int from correspondence.message m join correspondence.submission s on s.id = m.submission_id
             where m.resource_id = ${resource} and m.state not in ('PurgedByRecipient', 'PurgedByAltinn', 'Reserved')
               and s.created_at <= ${before}) as messages,
           (select count(*)::int from correspondence.attachment a
             where a.resource_id = ${resource} and a.state not in ('Purged', 'Expired') and a.created_at <= ${before}) as attachments`);
}

/** Those of the messages that wait for nothing but to be published, locked in the order of ids. -- index: message_pkey */
export async function lockReady(tx: Tx, ids: readonly CorrespondenceId[]): Promise<Message[]> {
  const rows = await tx.all<{ id: CorrespondenceId }>(sql`
    select id from correspondence.message
     where id = any(${ids}::uuid[]) and state = 'ReadyForPublish' and requested_publish_at <= clock.now() order by id for update`);
  return rows.length === 0
    ? []
    : listMessages(
        tx,
        rows.map(({ id }) => id),
      );
}

/** Attachments that keep these messages from being complete, and wait for their scan. -- index: submission_attachment_pkey */
export async function listUnscanned(reader: Reader, ids: readonly CorrespondenceId[]): Promise<AttachmentId[]> {
  const rows = await reader.all<{ id: AttachmentId }>(sql`
    select distinct a.id from correspondence.message m
      join correspondence.submission_attachment l on l.submission_id = m.submission_id
      join correspondence.attachment a on a.id = l.attachment_id
     where m.id = any(${ids}::uuid[]) and m.state = 'Initialized' and a.state = 'UploadProcessing' and a.blob_key is not null
     order by a.id`);
  return rows.map(({ id }) => id);
}
