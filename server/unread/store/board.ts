import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Cause } from '#watch/index.ts';
import type { Age } from '../ages.ts';
import type { PostKind } from '../policies.ts';

/** What a caller may look at as a sender. */
export interface OwnPost {
  /** Its own services, and those of senders that are gone and for which it stands in. */
  readonly own: readonly { readonly sender: PartyId; readonly resources: readonly ResourceId[] }[];
  readonly kinds: readonly PostKind[];
  /** Messages that it has sent on services of others, in which it may still send; null where there are none. */
  readonly forAnother: { readonly senders: readonly PartyId[]; readonly resources: readonly ResourceId[] } | null;
}

export interface BoardFilter {
  readonly causes?: readonly Cause[] | undefined;
  readonly olderThanDays?: number | undefined;
  readonly recipients?: readonly PartyId[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly confidential?: boolean | undefined;
  readonly isFile?: boolean | undefined;
  readonly isAsked?: boolean | undefined;
}

export const boardSorts = ['oldest', 'newest', 'next'] as const;
/** By when it was sent, or by when something happens next. */
export type BoardSort = (typeof boardSorts)[number];

export interface BoardPlace {
  readonly about: string;
  readonly party: string;
  /** When something happens next, to the microsecond: of a board that is sorted by it. */
  readonly nextAt: string | null;
}

export interface BoardRow {
  readonly about: string;
  readonly party: PartyId;
  readonly recipientName: string;
  readonly recipientKind: 'organization' | 'person' | 'system-user';
  readonly recipientNumber: string | null;
  readonly resource: ResourceId;
  readonly confidential: boolean;
  readonly isFile: boolean;
  readonly begunAt: Date;
  readonly publishedAt: Date | null;
  readonly openedAt: Date | null;
  /** A system at the recipient has taken it, and it waits for a person. */
  readonly fetchedBySystemAt: Date | null;
  readonly dueAt: Date | null;
  readonly cause: Cause;
  readonly class: string;
  readonly openers: number;
  readonly grantors: number;
  readonly nextAction: string;
  readonly nextActionAt: Date;
  /** The same to the microsecond. */
  readonly nextAt: string;
  readonly lastStep: string | null;
  readonly lastStepState: string | null;
  readonly lastStepReason: string | null;
  readonly lastStepAt: Date | null;
  readonly failed: boolean;
  /** It failed for its content, which fails whoever it is sent to; not so what failed for its recipient. */
  readonly cannotGoAnew: boolean;
  readonly asked: boolean;
  /** Of a file that is purged, or a message whose attachments have expired: until when unread bytes are there at most; null when they are gone. */
  readonly keptUntil: Date | null;
  /** Nobody can fetch the file any more; of a message: an attachment. */
  readonly isOver: boolean;
}

/** In which resources senders have post that is open. -- index: item_open_sender */
export function listOpenResources(reader: Reader, senders: readonly PartyId[]): Promise<{ resource: ResourceId; owner: PartyId }[]> {
  return reader.all<{ resource: ResourceId; owner: PartyId }>(sql`
    select distinct resource_id as resource, sender_id as owner
      from watch.board_item where sender_id = any(${senders}::uuid[]) and settled_at is null`);
}

/** In whose services these have sent for another, and what of it is open. -- index: submission_for_another, message_submission */
export function listOpenForAnother(reader: Reader, senders: readonly PartyId[]): Promise<{ resource: ResourceId; owner: PartyId }[]> {
  return reader.all<{ resource: ResourceId; owner: PartyId }>(sql`
    select distinct i.resource_id as resource, i.sender_id as owner
      from correspondence.sent_for_another a
      join watch.board_item i on i.about = a.about and i.settled_at is null
     where a.created_by = any(${senders}::uuid[])`);
}

/** Whose post: of the sender's own services first, and of each whose place it has taken; then what was sent on those of others, where there is any. */
function branches({ own, forAnother }: OwnPost): readonly Sql[] {
  const theirs = own.map(
    ({ sender, resources }) => sql`watch.board_item i where i.sender_id = ${sender} and i.resource_id = any(${resources})`,
  );
  if (!forAnother) return theirs;
  const sent = sql`(select a.about from correspondence.sent_for_another a where a.created_by = any(${forAnother.senders}::uuid[]))`;
  const owners = own.map(({ sender }) => sender);
  return [
    ...theirs,
    sql`watch.board_item i where i.about in ${sent} and i.sender_id <> all(${owners}::uuid[]) and i.resource_id = any(${forAnother.resources})`,
  ];
}

/**
 * Pure. The sender has been asked to decide, by a mail that went, or, where it has no address, by the event alone: then the end of the
 * ladder tells it. Of what somebody has opened since it is only told, as its mails say it too.
 */
const waits = (of: Sql): Sql =>
  sql`((${of}.asked_at is not null or ${of}.next_action = 'await-decision') and (${of}.opened_at is null or ${of}.is_file))`;

/** Which of it. What a filter leaves out is not asked about. */
function wanted({ kinds }: OwnPost, filter: BoardFilter, now: Date): Sql {
  const files = kinds.map((kind) => kind === 'file');
  const before = filter.olderThanDays === undefined ? null : new Date(now.getTime() - filter.olderThanDays * 86_400_000);
  return sql`i.settled_at is null and i.is_file = any(${files}::boolean[])
       and (${filter.recipients ?? null}::uuid[] is null or i.party_id = any(${filter.recipients ?? null}))
       and (${filter.resources ?? null}::text[] is null or i.resource_id = any(${filter.resources ?? null}))
       and (${filter.confidential ?? null}::boolean is null or i.confidential = ${filter.confidential ?? null})
       and (${filter.isFile ?? null}::boolean is null or i.is_file = ${filter.isFile ?? null})
       and (${filter.isAsked ?? null}::boolean is null or ${waits(sql`i`)} = ${filter.isAsked ?? null})
       and (${before}::timestamptz is null or coalesce(i.published_at, i.begun_at) <= ${before})
       and (${filter.causes ?? null}::text[] is null
            or i.cause = any(${filter.causes ?? null})
            or (i.cause is null and (select c.cause from watch.open_cause c where c.about = i.about and c.party_id = i.party_id) = any(${filter.causes ?? null})))`;
}

const columnsOf = { oldest: ['about', 'party_id'], newest: ['about', 'party_id'], next: ['next_action_at', 'about', 'party_id'] } as const;

/** The order of a board, and what comes after a place in it. Ids lie in the order of time. */
function ordered(sort: BoardSort, after: BoardPlace | null, of: Sql): { readonly behind: Sql; readonly order: Sql } {
  const list = (items: readonly Sql[]): Sql => items.reduce((all, one) => sql`${all}, ${one}`);
  const name = { about: sql`${of}.about`, party_id: sql`${of}.party_id`, next_action_at: sql`${of}.next_action_at` };
  const columns = columnsOf[sort].map((column) => name[column]);
  const place = {
    about: sql`${after?.about}::uuid`,
    party_id: sql`${after?.party}::uuid`,
    next_action_at: sql`${after?.nextAt}::timestamptz`,
  };
  const there = list(columnsOf[sort].map((column) => place[column]));
  const behind = sort === 'newest' ? sql`(${list(columns)}) < (${there})` : sql`(${list(columns)}) > (${there})`;
  return {
    behind: after === null ? sql`true` : behind,
    order: sql`order by ${list(columns.map((column) => (sort === 'newest' ? sql`${column} desc` : column)))}`,
  };
}

/** What a person is called is told when something has come to it: who types a number is told no name by it. */
const shownName = (hasCome: Sql): Sql => sql`case when r.kind <> 'person' or ${hasCome} then r.name else left(r.number, 6) || ' *****' end`;

/** A page of the board. -- index: item_open_sender; by what happens next also item_open_next */
export function listBoard(
  reader: Reader,
  own: OwnPost,
  filter: BoardFilter,
  page: { readonly sort: BoardSort; readonly after: BoardPlace | null; readonly limit: number; readonly now: Date },
): Promise<BoardRow[]> {
  const { behind, order: orderOfItems } = ordered(page.sort, page.after, sql`i`);
  const { order } = ordered(page.sort, null, sql`p`);
  const [mine, ...others] = branches(own).map(
    (of) => sql`(select i.* from ${of} and ${wanted(own, filter, page.now)} and ${behind} ${orderOfItems} limit ${page.limit})`,
  );
  return reader.all<BoardRow>(sql`
    with page as materialized (
      select p.* from (${others.reduce((all, other) => sql`${all} union all ${other}`, mine!)}) p ${order} limit ${page.limit})
    select p.about, p.party_id as party, ${shownName(sql`p.published_at is not null`)} as "recipientName", r.kind as "recipientKind", r.number as "recipientNumber",
           p.resource_id as resource, p.confidential, p.is_file as "isFile", p.begun_at as "begunAt", p.published_at as "publishedAt",
           p.opened_at as "openedAt", p.fetched_by_system_at as "fetchedBySystemAt", p.due_at as "dueAt", c.cause, p.class, p.openers, p.grantors, p.next_action as "nextAction",
           p.next_action_at as "nextActionAt", to_char(p.next_action_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "nextAt",
           s.name as "lastStep", s.state as "lastStepState", s.reason as "lastStepReason",
           s.changed_at as "lastStepAt", p.failed_at is not null as failed,
           p.failed_at is not null and p.failure is distinct from 'reserved' as "cannotGoAnew", ${waits(sql`p`)} as asked,
           case when p.is_file then f.kept_until when p.bytes_until > ${page.now} then p.bytes_until end as "keptUntil",
           case when p.is_file then f.state is not distinct from 'Purged' else p.bytes_until is not null end as "isOver"
      from page p
      join register.party_face r on r.id = p.party_id
      join watch.open_cause c on c.about = p.about and c.party_id = p.party_id
      left join broker.file_face f on p.is_file and f.id = p.about
      left join lateral (select s.name, s.state, s.reason, s.changed_at from watch.step_face s
                          where s.about = p.about and s.party_id = p.party_id and s.state in ('done', 'skipped')
                          order by s.changed_at desc, s.due_at desc, s.id desc limit 1) s on true
     ${order}`);
}

export interface BoardSummary {
  readonly total: number;
  /** How much of it is files. */
  readonly files: number;
  /** Of how much of it the sender has been asked to decide. */
  readonly asked: number;
  readonly groups: readonly {
    readonly cause: Cause;
    readonly age: Age;
    readonly resource: ResourceId;
    readonly count: number;
    readonly oldest: string;
  }[];
  readonly recipients: readonly {
    readonly party: PartyId;
    readonly name: string;
    readonly kind: string;
    readonly number: string | null;
    readonly count: number;
    readonly oldest: string;
  }[];
}

/** By cause, age and resource, and who has most unread; all of one moment. -- index: item_open_sender */
export async function summarizeBoard(
  reader: Reader,
  own: OwnPost,
  filter: BoardFilter,
  { now, recipients }: { readonly now: Date; readonly recipients: number },
): Promise<BoardSummary> {
  return reader.one<BoardSummary>(sql`
    with open_post as (${branches(own)
      .map((of) => sql`select i.* from ${of} and ${wanted(own, filter, now)}`)
      .reduce((all, other) => sql`${all} union all ${other}`)}),
    lying as materialized (
      select i.resource_id, i.party_id, i.is_file, ${waits(sql`i`)} as is_asked, i.published_at is not null as has_come, coalesce(i.published_at, i.begun_at) as since,
             coalesce(i.cause, (select c.cause from watch.open_cause c where c.about = i.about and c.party_id = i.party_id)) as cause,
             unread.age_band(${now}::timestamptz - coalesce(i.published_at, i.begun_at)) as age
        from open_post i),
    groups as (select cause, age, resource_id, count(*)::integer as n, min(since) as oldest from lying group by cause, age, resource_id),
    most as (select party_id, count(*)::integer as n, min(since) as oldest, bool_or(has_come) as has_come from lying
              group by party_id order by count(*) desc, min(since), party_id limit ${recipients})
    select (select count(*)::integer from lying) as total, (select count(*)::integer from lying where is_file) as files,
           (select count(*)::integer from lying where is_asked) as asked,
           coalesce((select jsonb_agg(jsonb_build_object('cause', g.cause, 'age', g.age, 'resource', g.resource_id, 'count', g.n, 'oldest', unread.instant(g.oldest))
                            order by g.cause, g.age, g.resource_id) from groups g), '[]') as groups,
           coalesce((select jsonb_agg(jsonb_build_object('party', m.party_id, 'name', ${shownName(sql`m.has_come`)}, 'kind', r.kind, 'number', r.number, 'count', m.n,
                                                         'oldest', unread.instant(m.oldest)) order by m.n desc, m.oldest, m.party_id)
                       from most m join register.party_face r on r.id = m.party_id), '[]') as recipients`);
}
