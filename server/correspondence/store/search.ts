import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { MessageStatus } from '../states.ts';

/** What a search asks for. At least one of the two sides is given. */
export interface Search {
  readonly resource: ResourceId;
  /** Messages to this party. */
  readonly recipient: PartyId | null;
  /** Messages from this party. */
  readonly sender: PartyId | null;
  /** That a message has, or ever had. */
  readonly status: MessageStatus | null;
  /** Of the time of publishing that was asked for; both ends are left out. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly sendersReference: string | null;
}

/** As many as a list holds. Source: compatibility.md, correspondence, §5.2. */
const mostIds = 1000;

/**
 * Messages of one resource, latest first, 1000 at most. A recipient finds what has been published to it, purged or not; a
 * sender everything. index: message_inbox, message_sent
 */
export async function searchMessages(reader: Reader, search: Search): Promise<CorrespondenceId[]> {
  const branch = (side: Sql): Sql => sql`
    (select m.id, m.requested_publish_at
       from correspondence.message m
      where ${side} and m.resource_id = ${search.resource}
        and (${search.from}::timestamptz is null or m.requested_publish_at > ${search.from})
        and (${search.to}::timestamptz is null or m.requested_publish_at < ${search.to})
        and (${search.status}::text is null
             or exists (select from correspondence.status s where s.message_id = m.id and s.status = ${search.status}))
        and (${search.sendersReference}::text is null
             or coalesce(m.own ->> 'sendersReference', (select u.senders_reference from correspondence.submission u where u.id = m.submission_id))
                = ${search.sendersReference})
      order by m.requested_publish_at desc, m.id
      limit ${mostIds})`;
  const received = branch(sql`m.recipient_id = ${search.recipient} and m.published_at is not null`);
  const sent = branch(sql`m.owner_id = ${search.sender}`);
  const found = search.recipient && search.sender ? sql`${received} union ${sent}` : search.recipient ? received : sent;
  const rows = await reader.all<{ id: CorrespondenceId }>(sql`
    select f.id from (${found}) f order by f.requested_publish_at desc, f.id limit ${mostIds}`);
  return rows.map((row) => row.id);
}

export interface Sent {
  readonly id: CorrespondenceId;
  readonly resourceId: ResourceId;
}

/** What an owner sent under its own reference, in any resource, latest first. index: submission_reference, message_own_reference */
export function listByReference(reader: Reader, owner: PartyId, reference: string): Promise<Sent[]> {
  return reader.all<Sent>(sql`
    select f.id, f."resourceId"
      from (select m.id, m.resource_id as "resourceId", m.requested_publish_at
              from correspondence.submission s
              join correspondence.message m on m.submission_id = s.id
             where s.owner_id = ${owner} and s.senders_reference = ${reference} and m.own ->> 'sendersReference' is null
             union all
            select m.id, m.resource_id, m.requested_publish_at
              from correspondence.message m
             where m.owner_id = ${owner} and m.own ->> 'sendersReference' = ${reference}) f
     order by f.requested_publish_at desc, f.id
     limit ${mostIds}`);
}

/** What an owner sent with this key. index: submission_once */
export function listByKey(reader: Reader, owner: PartyId, key: string): Promise<Sent[]> {
  return reader.all<Sent>(sql`
    select m.id, m.resource_id as "resourceId"
      from correspondence.submission s
      join correspondence.message m on m.submission_id = s.id
     where s.owner_id = ${owner} and s.idempotent_key = ${key}
     order by m.id`);
}
