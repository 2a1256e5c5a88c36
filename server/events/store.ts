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
