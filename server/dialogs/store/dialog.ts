import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';

/** A party and a resource in which it has post. */
export interface Place {
  readonly party: PartyId;
  readonly resource: ResourceId;
}

/** The resources in which these parties have dialogs: one look into the index for each, however many dialogs there are. index: message_dialog */
export function listPlaces(reader: Reader, parties: readonly PartyId[]): Promise<Place[]> {
  return reader.all<Place>(sql`
    select p.id as party, r.resource
      from unnest(${parties}::uuid[]) as p (id)
      cross join lateral (
           with recursive found as (
             (select k.resource_id as resource from correspondence.dialog_key k where k.recipient_id = p.id and k.transmission_of is null
               order by k.resource_id limit 1)
             union all
             select (select k.resource_id from correspondence.dialog_key k
                      where k.recipient_id = p.id and k.transmission_of is null and k.resource_id > found.resource order by k.resource_id limit 1)
               from found where found.resource is not null)
           select resource from found where resource is not null) r
     order by p.id, r.resource`);
}

/** Where a list goes on. The time is text in microseconds, as the database has it. */
export interface Position {
  readonly at: string;
  readonly id: CorrespondenceId;
}

export interface Span {
  readonly places: readonly Place[];
  /** Messages elsewhere that are read one by one: each is a dialog by itself. */
  readonly singles: readonly CorrespondenceId[];
  /** Of the time when the content changed last, both included. */
  readonly after: Date | null;
  readonly before: Date | null;
  /** Newest first, or oldest. */
  readonly newestFirst: boolean;
  /** The last one that was looked at; null at the beginning. */
  readonly from: Position | null;
  readonly limit: number;
}

/** What dialogs are chosen by. */
export interface DialogFacts {
  readonly id: CorrespondenceId;
  /** The message in whose dialog it stands. */
  readonly transmissionOf: CorrespondenceId | null;
  /** To this reader it is a dialog by itself: no transmission is told, by no time and no count. */
  readonly isAlone: boolean;
  readonly ownerId: PartyId;
  readonly recipientId: PartyId;
  readonly resourceId: ResourceId;
  /** Its place in the list. */
  readonly position: string;
  readonly contentAt: Date;
  readonly updatedAt: Date;
  readonly createdAt: Date;
  readonly dueAt: Date | null;
  readonly awaitsConfirmation: boolean;
  readonly sendersReference: string;
  readonly externalReferences: readonly { readonly referenceType: string; readonly referenceValue: string }[];
  /** Null where nobody has touched it. */
  readonly revision: string | null;
  readonly folder: 'Default' | 'Bin' | 'Archive';
  readonly isMarkedUnopened: boolean;
  readonly seenAt: Date | null;
}

/** Of a face `f` and of `a`, which says whether the message is shown by itself and where it stands in the list then. */
const facts = sql`
  f.id, f.transmission_of as "transmissionOf", a.alone as "isAlone", f.owner_id as "ownerId", f.recipient_id as "recipientId",
  f.resource_id as "resourceId", to_char(a.content_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position,
  a.content_at as "contentAt", case when a.alone then f.own_updated_at else f.updated_at end as "updatedAt",
  f.created_at as "createdAt", f.due_at as "dueAt", f.awaits_confirmation as "awaitsConfirmation",
  f.senders_reference as "sendersReference", f.external_references as "externalReferences",
  c.revision, case when c.folder is null or a.content_at > c.folder_at then 'Default' else c.folder end as folder,
  coalesce(c.is_marked_unopened, false) as "isMarkedUnopened", c.seen_at as "seenAt"`;

/**
 * The dialogs at these places in their order, from a position on: of each place no more are looked at than the list holds.
 * index: message_dialog, message_pkey, submission_pkey, context_pkey
 */
export function listDialogFacts(
  reader: Reader,
  { places, singles, after, before, newestFirst, from, limit }: Span,
): Promise<DialogFacts[]> {
  const order = newestFirst ? sql`desc` : sql`asc`;
  const beyond = newestFirst ? sql`<` : sql`>`;
  const within = (time: Sql) => sql`
    ${from ? sql`and (${time}, k.id) ${beyond} (${from.at}::timestamptz, ${from.id}::uuid)` : sql``}
    ${after ? sql`and ${time} >= ${after}::timestamptz` : sql``}
    ${before ? sql`and ${time} <= ${before}::timestamptz` : sql``}`;
  return reader.all<DialogFacts>(sql`
    with a as (
      select k.id, k.content_at, false as alone
        from unnest(${places.map(({ party }) => party)}::uuid[], ${places.map(({ resource }) => resource)}::text[]) as p (party, resource)
        cross join lateral (
             select k.id, k.content_at
               from correspondence.dialog_key k
              where k.recipient_id = p.party and k.resource_id = p.resource and k.transmission_of is null ${within(sql`k.content_at`)}
              order by k.content_at ${order}, k.id ${order}
              limit ${limit}) k
      union all
      select k.id, k.own_content_at, true
        from correspondence.dialog_key k
       where k.id = any(${singles}::uuid[]) ${within(sql`k.own_content_at`)}
       order by content_at ${order}, id ${order}
       limit ${limit})
    select ${facts}
      from a
      join correspondence.dialog_face f on f.id = a.id
      left join dialogs.context c on c.message_id = f.id
     order by a.content_at ${order}, f.id ${order}`);
}

/** A message as the dialog that it is to a reader. */
export interface ShownMessage {
  readonly id: CorrespondenceId;
  readonly isAlone: boolean;
}

/** One dialog, or several; those that nobody knows are left out. index: message_pkey, submission_pkey, context_pkey */
export function findDialogFacts(reader: Reader, shown: readonly ShownMessage[]): Promise<DialogFacts[]> {
  return reader.all<DialogFacts>(sql`
    with a as (
      select k.id, case when n.alone then k.own_content_at else k.content_at end as content_at, n.alone
        from unnest(${shown.map(({ id }) => id)}::uuid[], ${shown.map(({ isAlone }) => isAlone)}::boolean[]) as n (id, alone)
        join correspondence.dialog_key k on k.id = n.id)
    select ${facts}
      from a
      join correspondence.dialog_face f on f.id = a.id
      left join dialogs.context c on c.message_id = f.id
     order by f.id`);
}

/** Where a message lies that may be shown as a dialog. */
export interface DialogPlace {
  readonly id: CorrespondenceId;
  readonly transmissionOf: CorrespondenceId | null;
  readonly recipientId: PartyId;
  readonly resourceId: ResourceId;
}

/** Those that nobody knows are left out. index: message_pkey */
export function findDialogPlaces(reader: Reader, ids: readonly CorrespondenceId[]): Promise<DialogPlace[]> {
  return reader.all<DialogPlace>(sql`
    select k.id, k.transmission_of as "transmissionOf", k.recipient_id as "recipientId", k.resource_id as "resourceId"
      from correspondence.dialog_key k
     where k.id = any(${ids}::uuid[])`);
}
