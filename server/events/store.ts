import { prepared, type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';

export interface OutboxRow {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly alternativeSubject: string | null;
  readonly resource: string;
  readonly resourceInstance: string;
  readonly at: Date;
  readonly data: object | null;
}

/** An event with the number that says when it became known; numbers run in the order in which readers see them. */
export interface NumberedRow extends OutboxRow {
  readonly position: number;
}

export function saveEvents(tx: Tx, rows: readonly OutboxRow[]): void {
  tx.send(
    prepared(sql`
    insert into events.outbox (id, type, source, subject, alternative_subject, resource, resource_instance, at, data)
    select * from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.type)}::text[], ${rows.map((r) => r.source)}::text[],
                         ${rows.map((r) => r.subject)}::text[], ${rows.map((r) => r.alternativeSubject)}::text[],
                         ${rows.map((r) => r.resource)}::text[], ${rows.map((r) => r.resourceInstance)}::text[],
                         ${rows.map((r) => r.at)}::timestamptz[],
                         ${rows.map((r) => (r.data === null ? null : JSON.stringify(r.data)))}::jsonb[])`),
  );
}

/** One event for each thing; `rows` holds columns as texts of arrays. */
export function saveAlikeEvents(
  tx: Tx,
  alike: { readonly type: string; readonly source: string; readonly resource: string; readonly at: Date },
  rows: { readonly ids: string; readonly instances: string; readonly subjects: string; readonly alternativeSubjects: string },
): void {
  tx.send(sql`
    insert into events.outbox (id, type, source, subject, alternative_subject, resource, resource_instance, at)
    select r.id, ${alike.type}, ${alike.source}, r.subject, r.alternative, ${alike.resource}, r.instance, ${alike.at}::timestamptz
      from unnest(${rows.ids}::uuid[], ${rows.instances}::text[], ${rows.subjects}::text[], ${rows.alternativeSubjects}::text[])
           as r (id, instance, subject, alternative)`);
}

const columns: Sql = sql`id, type, source, subject, alternative_subject as "alternativeSubject", resource,
       resource_instance as "resourceInstance", at, data`;

/** -- index: the primary key */
export function listRows(reader: Reader, after: string | null, limit: number): Promise<OutboxRow[]> {
  return reader.all<OutboxRow>(sql`
    select ${columns} from events.outbox where ${after}::uuid is null or id > ${after}::uuid order by id limit ${limit}`);
}

/** -- index: outbox_instance */
export function listRowsOfInstances(reader: Reader, instances: readonly string[], limit: number): Promise<OutboxRow[]> {
  return reader.all<OutboxRow>(sql`
    select ${columns} from events.outbox where resource_instance = any(${instances}) order by id limit ${limit}`);
}

/** Others who number wait until the transaction ends. */
export async function lockCounter(tx: Tx): Promise<number> {
  const { last } = await tx.one<{ last: string }>(sql`select last from events.counter for update`);
  return Number(last);
}

/** -- index: outbox_untold */
export async function numberRows(tx: Tx, last: number, limit: number): Promise<NumberedRow[]> {
  const rows = await tx.all<OutboxRow & { position: string }>(sql`
    with fresh as materialized (
           select f.id, ${last}::bigint + row_number() over (order by f.id) as position
             from (select id from events.outbox where told_at is null order by id limit ${limit}) f),
         counted as (update events.counter set last = ${last}::bigint + (select count(*) from fresh)),
         told as (
           update events.outbox o set told_at = clock.now(), position = f.position from fresh f where o.id = f.id
           returning o.*)
    select ${columns}, position from told order by position`);
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}

/** So many are looked at behind whoever follows: it is the first ones that say how late it is. */
const mostBehind = 10_000;

/** The first events after a number, each with the instant at which it became known. -- index: outbox_position */
export function eventsAfter(number: Sql): Sql {
  return sql`select id, told_at as at from events.outbox where position > ${number} order by position limit ${mostBehind}`;
}

/** A page of one resource's events. -- index: outbox_resource */
export async function listRowsOfResource(
  reader: Reader,
  of: {
    readonly resource: string;
    readonly after: number;
    readonly subjects: readonly string[] | null;
    readonly types: readonly string[] | null;
  },
  limit: number,
): Promise<NumberedRow[]> {
  const rows = await reader.all<OutboxRow & { position: string }>(sql`
    select ${columns}, position from events.outbox
     where resource = ${of.resource} and position > ${of.after}
       and (${of.subjects}::text[] is null or subject = any(${of.subjects}) or alternative_subject = any(${of.subjects}))
       and (${of.types}::text[] is null or type = any(${of.types}))
     order by position limit ${limit}`);
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}

/** Numbered events of a resource within a time, in their order. -- index: outbox_resource or outbox_at */
export async function listRowsBetween(
  reader: Reader,
  of: { readonly resource: string; readonly from: Date; readonly to: Date },
  limit: number,
): Promise<NumberedRow[]> {
  const rows = await reader.all<OutboxRow & { position: string }>(sql`
    select ${columns}, position from events.outbox
     where resource = ${of.resource} and position is not null and at >= ${of.from}::timestamptz and at <= ${of.to}::timestamptz
     order by position limit ${limit}`);
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}

/** -- index: the primary key */
export function listRowsById(reader: Reader, ids: readonly string[]): Promise<OutboxRow[]> {
  return reader.all<OutboxRow>(sql`select ${columns} from events.outbox where id = any(${ids}::uuid[])`);
}

/** Numbered events of every kind, in their order. -- index: outbox_position */
export async function listRowsAfter(
  reader: Reader,
  after: number,
  limit: number,
): Promise<Pick<NumberedRow, 'type' | 'resourceInstance' | 'position'>[]> {
  const rows = await reader.all<{ type: string; resourceInstance: string; position: string }>(sql`
    select type, resource_instance as "resourceInstance", position from events.outbox
     where position is not null and position > ${after}::bigint order by position limit ${limit}`);
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}

/** The number of the event, or of the last one before an id that is no longer known. -- index: the primary key */
export async function findPosition(reader: Reader, id: string): Promise<number> {
  const row = await reader.maybe<{ position: string }>(sql`
    select case when id = ${id}::uuid then position else position - 1 end as position from events.outbox
     where id >= ${id}::uuid and position is not null order by id limit 1`);
  if (row) return Number(row.position);
  const { last } = await reader.one<{ last: string }>(sql`select last from events.counter`);
  return Number(last);
}

/** Deletes told events that are older, from the first on; tells how many. -- index: outbox_position */
export function deleteRowsBefore(tx: Tx, at: Date, limit: number): Promise<number> {
  return tx.run(sql`
    delete from events.outbox o using (select id, at from events.outbox where position is not null order by position limit ${limit}) f
     where o.id = f.id and f.at < ${at}::timestamptz`);
}

/** Whether an event waits for its number. -- index: outbox_untold */
export async function isAnyUntold(reader: Reader): Promise<boolean> {
  return (await reader.maybe(sql`select 1 from events.outbox where told_at is null limit 1`)) !== undefined;
}
