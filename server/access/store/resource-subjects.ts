import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';

/** Whom a resource's rules permit something to: `urn:value` in lower case, without repetition. */
export interface ResourceSubjects {
  readonly id: ResourceId;
  readonly subjects: readonly string[];
}

/** Stores whom resources speak of, whole; those that are gone stay as such for the feed. Joined writing; what is the same stays untouched. */
export function saveSubjects(tx: Tx, rows: readonly ResourceSubjects[]): void {
  const named = rows.flatMap(({ id, subjects }) => subjects.map((subject) => ({ id, subject })));
  const [ids, subjects] = [named.map(({ id }) => id), named.map(({ subject }) => subject)];
  tx.send(sql`
    update access.resource_subject s set gone = true, updated_at = clock.now(), touched_in = pg_current_xact_id()
     where s.resource_id = any(${rows.map(({ id }) => id)}::text[]) and not s.gone
       and not exists (select from unnest(${ids}::text[], ${subjects}::text[]) as g (id, subject) where g.id = s.resource_id and g.subject = s.subject)`);
  tx.send(sql`
    insert into access.resource_subject as s (resource_id, subject, updated_at)
    select g.id, g.subject, clock.now() from unnest(${ids}::text[], ${subjects}::text[]) as g (id, subject) order by g.id, g.subject
        on conflict (resource_id, subject) do update
       set gone = false, updated_at = excluded.updated_at, touched_in = excluded.touched_in where s.gone`);
}

export interface SubjectRow {
  readonly resource: ResourceId;
  readonly subject: string;
}

/** Which resources permit something to these subjects, a page in the order of subject and resource. index: resource_subject_subject */
export function listBySubjects(
  reader: Reader,
  subjects: readonly string[],
  page: { after: { readonly subject: string; readonly resource: string } | null; limit: number },
): Promise<SubjectRow[]> {
  const { subject = null, resource = null } = page.after ?? {};
  return reader.all<SubjectRow>(sql`
    select s.resource_id as resource, s.subject
      from access.resource_subject s join access.resource r on r.id = s.resource_id and r.deleted_at is null
     where s.subject = any(${subjects}::text[]) and not s.gone
       and (${subject}::text is null or (s.subject, s.resource_id) > (${subject}, ${resource}::text))
     order by s.subject, s.resource_id limit ${page.limit}`);
}

/** A row of the feed, and its place in it. */
export interface ChangedSubject extends SubjectRow {
  readonly gone: boolean;
  readonly updatedAt: Date;
  /** xid8 as text. */
  readonly touched: string;
}

export interface Place {
  readonly touched: string;
  readonly resource: string;
  readonly subject: string;
}

/**
 * What changed after this place, in the order of the transactions. Only of those that have all ended: one that began earlier
 * and is still writing would otherwise be passed by. index: resource_subject_touched
 */
export function listChangedSubjects(
  reader: Reader,
  { after, since, limit }: { readonly after: Place | null; readonly since: Date | null; readonly limit: number },
): Promise<ChangedSubject[]> {
  const place = after ?? { touched: '0', resource: '', subject: '' };
  return reader.all<ChangedSubject>(sql`
    select s.resource_id as resource, s.subject, s.gone, s.updated_at as "updatedAt", s.touched_in::text as touched
      from access.resource_subject s
     where (s.touched_in, s.resource_id, s.subject) > (${place.touched}::xid8, ${place.resource}::text, ${place.subject}::text)
       and s.touched_in < pg_snapshot_xmin(pg_current_snapshot())
       and (${since}::timestamptz is null or s.updated_at >= ${since}::timestamptz)
     order by s.touched_in, s.resource_id, s.subject limit ${limit}`);
}

/** The highest level of login that a resource asks for which one of these packages opens. index: resource_subject_subject, resource_pkey */
export async function findPackageLevels(reader: Reader, codes: readonly string[]): Promise<Map<string, number>> {
  if (codes.length === 0) return new Map();
  const rows = await reader.all<{ code: string; level: number }>(sql`
    select c.code, max(r.min_level) as level
      from unnest(${codes}::text[]) as c (code)
      join access.resource_subject s on s.subject = 'urn:altinn:accesspackage:' || c.code and not s.gone
      join access.resource r on r.id = s.resource_id and r.deleted_at is null
     group by c.code`);
  return new Map(rows.map(({ code, level }) => [code, level]));
}
