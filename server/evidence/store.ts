import { prepared, type Reader, sql, type Tx } from '#kernel/database.ts';
import type { Proves } from './levels.ts';

export interface StoredEvidence {
  readonly id: string;
  readonly about: string;
  readonly recipient: string | null;
  readonly event: number;
  readonly at: Date;
  readonly proves: Proves;
  readonly core: string;
  readonly who: string;
  readonly what: string;
}

export function saveEvidence(tx: Tx, rows: readonly StoredEvidence[]): void {
  tx.send(
    prepared(sql`
    insert into evidence.evidence (id, about, recipient, event, at, proves, core, who, what)
    select * from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.recipient)}::uuid[],
                         ${rows.map((r) => r.event)}::smallint[], ${rows.map((r) => r.at)}::timestamptz[], ${rows.map((r) => r.proves)}::text[],
                         ${rows.map((r) => r.core)}::text[], ${rows.map((r) => r.who)}::text[], ${rows.map((r) => r.what)}::text[])`),
  );
}

/** Those whose evidence is recorded: what was done by a transaction of which nobody knows whether it was committed. */
export async function recordedOf<R extends { readonly evidenceId: string }>(reader: Reader, rows: readonly R[]): Promise<Set<R>> {
  const recorded = await findRecorded(
    reader,
    rows.map(({ evidenceId }) => evidenceId),
  );
  return new Set(rows.filter(({ evidenceId }) => recorded.has(evidenceId)));
}

/** Of these ids, those that are recorded. -- index: the primary key */
export async function findRecorded(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
  const rows = await reader.all<{ id: string }>(sql`select id from evidence.evidence where id = any(${ids}::uuid[])`);
  return new Set(rows.map(({ id }) => id));
}

/** Evidence of one kind: all that its rows share, and the text of `core` around what they do not. */
export interface EvidencePattern extends Pick<StoredEvidence, 'event' | 'at' | 'proves' | 'who' | 'what'> {
  readonly core: readonly [before: string, id: string, message: string, recipient: string];
}

/** Rows by their kinds; `rows` holds columns as texts of arrays, `kind` counted from 0. */
export function saveAlikeEvidence(
  tx: Tx,
  kinds: readonly EvidencePattern[],
  rows: { readonly ids: string; readonly about: string; readonly recipients: string; readonly kind: string },
): void {
  tx.send(sql`
    insert into evidence.evidence (id, about, recipient, event, at, proves, core, who, what)
    select r.id, r.about, r.recipient, k.event, k.at, k.proves,
           k.core ->> 0 || r.id || (k.core ->> 1) || r.about || (k.core ->> 2) || r.recipient || (k.core ->> 3), k.who, k.what
      from unnest(${rows.ids}::uuid[], ${rows.about}::uuid[], ${rows.recipients}::uuid[], ${rows.kind}::integer[]) as r (id, about, recipient, kind)
      join (select e.n - 1 as n, p.* from jsonb_array_elements(${JSON.stringify(kinds)}::jsonb) with ordinality as e (given, n),
                   jsonb_to_record(e.given) as p (event smallint, at timestamptz, proves text, core jsonb, who text, what text)) k on k.n = r.kind`);
}

/** The transaction's own row for the sequencer: one per transaction, widened by each further call. */
export function saveFeed(tx: Tx, feed: { readonly lo: string; readonly hi: string; readonly n: number }): void {
  tx.send(
    prepared(sql`
    insert into evidence.log_feed (lo, hi, n) values (${feed.lo}, ${feed.hi}, ${feed.n})
    on conflict (xact) do update
       set lo = least(log_feed.lo, excluded.lo), hi = greatest(log_feed.hi, excluded.hi), n = log_feed.n + excluded.n`),
  );
}

/** Which rows are asked for. */
export interface RowsWanted {
  /** The id of the last one seen. */
  readonly after: string | null;
  readonly limit: number;
  /** By its code; null: any. */
  readonly event: number | null;
}

/** Ids are made in time order, so they order the rows of one message. -- index: evidence_about */
export function listRows(reader: Reader, about: readonly string[], { after, limit, event }: RowsWanted): Promise<StoredEvidence[]> {
  return reader.all<StoredEvidence>(sql`
    select id, about, recipient, event, at, proves, core, who, what
      from evidence.evidence
     where about = any(${about}::uuid[]) and (${after}::uuid is null or id > ${after}::uuid)
       and (${event}::smallint is null or event = ${event}::smallint)
     order by id
     limit ${limit}`);
}

/** Which acts are asked for. */
export interface ActsWanted {
  /** The id of the last one seen. */
  readonly before: string | null;
  readonly limit: number;
  readonly about?: string | null;
  readonly resource?: string | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

/** Newest first. The list is that of the index. -- index: evidence_acts_at, evidence_about where one thing is asked about */
export function listActRows(reader: Reader, recipient: string, wanted: ActsWanted): Promise<StoredEvidence[]> {
  const { before, limit, about = null, resource = null, from = null, to = null } = wanted;
  return reader.all<StoredEvidence>(sql`
    select id, about, recipient, event, at, proves, core, who, what
      from evidence.evidence
     where recipient = ${recipient}::uuid and event in (8, 9, 17, 18, 102, 103, 104, 106, 108, 112, 118, 119)
       and (${before}::uuid is null or id < ${before}::uuid)
       and (${about}::uuid is null or about = ${about}::uuid)
       and (${from}::timestamptz is null or at >= ${from}) and (${to}::timestamptz is null or at < ${to})
       and (${resource}::text is null or core::jsonb ->> 'resource' = ${resource}
            or exists (select from correspondence.accepted_message m where m.id = about and m.resource_id = ${resource}))
     order by id desc
     limit ${limit}`);
}

export function listEventRows(reader: Reader): Promise<{ code: number; name: string; uri: string }[]> {
  return reader.all(sql`select code, name, uri from evidence.event order by code`);
}
