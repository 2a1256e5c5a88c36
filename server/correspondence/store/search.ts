import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { MessageStatus } from '../states.ts';

/** What somebody has sent: all that an owner's resources sent or, of another's resource, what was sent by one of these parties. */
export interface SenderSide {
  readonly owner: PartyId;
  readonly by: readonly PartyId[] | null;
}

/** What a search asks for. At least one of the two sides is given. */
export interface Search {
  readonly resource: ResourceId;
  /** Messages to this party. */
  readonly recipient: PartyId | null;
  readonly sender: SenderSide | null;
  /** That a message has, or ever had. */
  readonly status: MessageStatus | null;
  /** Of the time of publishing that was asked for; both ends are left out. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly sendersReference: string | null;
  /** The last message of the page before. */
  readonly after: CorrespondenceId | null;
}

/** As many as a list holds. Source: compatibility.md, correspondence, §5.2. */
const mostIds = 1000;

/**
 * Messages of one resource, latest first, 1000 at most, from the one after `after` on. A recipient finds what has been published to it,
 * purged or not; a sender everything. index: message_inbox, message_sent; for a reference submission_reference and
 * message_own_reference; of another's resource submission_for_another; for what seldom happens status_rare
 */
export async function searchMessages(reader: Reader, search: Search): Promise<CorrespondenceId[]> {
  const { recipient, sender } = search;
  const sides: Sql[] = [];
  if (recipient) {
    const reference = search.sendersReference === null ? sql`` : sql`and ${referenceOf} = ${search.sendersReference}`;
    sides.push(sql`m.recipient_id = ${recipient} and m.published_at is not null ${reference}`);
  }
  if (sender) sides.push(sql`m.owner_id = ${sender.owner} ${sentBy(sender)} ${referredTo(sender, search.sendersReference)}`);
  const branches = sides.map((side) => branchOf(search, side));
  const found = branches.length === 2 ? sql`${branches[0]} union ${branches[1]}` : branches[0];
  const rows = await reader.all<{ id: CorrespondenceId }>(sql`
    select f.id from (${found}) f order by f.requested_publish_at desc, f.id limit ${mostIds}`);
  return rows.map((row) => row.id);
}

const referenceOf = sql`
  coalesce(m.own ->> 'sendersReference', (select u.senders_reference from correspondence.submission u where u.id = m.submission_id))`;

function branchOf({ resource, from, to, status, after }: Search, side: Sql): Sql {
  return sql`
    (select m.id, m.requested_publish_at
       from correspondence.message m
      where ${side} and m.resource_id = ${resource}
        ${from ? sql`and m.requested_publish_at > ${from}` : sql``}
        ${to ? sql`and m.requested_publish_at < ${to}` : sql``}
        ${status ? everHad(status) : sql``}
        ${after ? sql`and ${isAfter(after)}` : sql``}
      order by m.requested_publish_at desc, m.id
      limit ${mostIds})`;
}

/** Nothing comes after a message that is not there. */
function isAfter(after: CorrespondenceId): Sql {
  const place = sql`(select p.requested_publish_at from correspondence.message p where p.id = ${after})`;
  return sql`m.requested_publish_at <= ${place} and (m.requested_publish_at < ${place} or m.id > ${after})`;
}

const standsAsTime: Readonly<Partial<Record<MessageStatus, Sql>>> = {
  Published: sql`m.published_at`,
  Fetched: sql`m.fetched_at`,
  Read: sql`m.read_at`,
  Confirmed: sql`m.confirmed_at`,
};

function everHad(status: MessageStatus): Sql {
  const time = standsAsTime[status];
  if (time) return sql`and ${time} is not null`;
  return sql`and exists (select from correspondence.status s where s.message_id = m.id and s.status = ${status})`;
}

function sentBy({ by }: SenderSide): Sql {
  if (by === null) return sql``;
  return sql`and m.submission_id in (select u.id from correspondence.submission u where u.created_by = any(${by}::uuid[]) and u.created_by <> u.owner_id)`;
}

function referredTo({ owner }: SenderSide, reference: string | null): Sql {
  if (reference === null) return sql``;
  return sql`
    and m.id in (select r.id
                   from correspondence.submission u
                   join correspondence.message r on r.submission_id = u.id
                  where u.owner_id = ${owner} and u.senders_reference = ${reference} and r.own ->> 'sendersReference' is null
                  union all
                 select r.id from correspondence.message r where r.owner_id = ${owner} and r.own ->> 'sendersReference' = ${reference})`;
}

export interface Sent {
  readonly id: CorrespondenceId;
  readonly resourceId: ResourceId;
  readonly ownerId: PartyId;
}

/**
 * What an owner sent under its own reference, in any resource, and what these parties sent under theirs in resources of others, latest
 * first. index: submission_reference, message_own_reference, submission_for_another
 */
export function listByReference(
  reader: Reader,
  { owner, by }: { owner: PartyId; by: readonly PartyId[] },
  reference: string,
): Promise<Sent[]> {
  return reader.all<Sent>(sql`
    select f.id, f."resourceId", f."ownerId"
      from (select m.id, m.resource_id as "resourceId", m.owner_id as "ownerId", m.requested_publish_at
              from correspondence.submission s
              join correspondence.message m on m.submission_id = s.id
             where s.owner_id = ${owner} and s.senders_reference = ${reference} and m.own ->> 'sendersReference' is null
             union
            select m.id, m.resource_id, m.owner_id, m.requested_publish_at
              from correspondence.message m
             where m.owner_id = ${owner} and m.own ->> 'sendersReference' = ${reference}
             union
            select m.id, m.resource_id, m.owner_id, m.requested_publish_at
              from correspondence.submission s
              join correspondence.message m on m.submission_id = s.id
             where s.created_by = any(${by}::uuid[]) and s.created_by <> s.owner_id and s.senders_reference = ${reference}
               and m.own ->> 'sendersReference' is null) f
     order by f.requested_publish_at desc, f.id
     limit ${mostIds}`);
}

/** What was sent with an owner's key, and by whom. index: submission_once */
export function listByKey(reader: Reader, owner: PartyId, key: string): Promise<(Sent & { readonly createdBy: PartyId })[]> {
  return reader.all(sql`
    select m.id, m.resource_id as "resourceId", m.owner_id as "ownerId", s.created_by as "createdBy"
      from correspondence.submission s
      join correspondence.message m on m.submission_id = s.id
     where s.owner_id = ${owner} and s.idempotent_key = ${key}
     order by m.id`);
}
