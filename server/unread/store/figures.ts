import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { publishedBy } from './time-to-open.ts';

export interface FigureRow {
  /** What it is counted by; `total` has no key. */
  readonly part: 'total' | 'week' | 'resource' | 'kind' | 'cause';
  readonly key: string;
  readonly published: number;
  readonly opened: number;
  readonly ended: number;
  readonly unread: number;
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
  readonly within1: number;
  readonly aged1: number;
  readonly within3: number;
  readonly aged3: number;
  readonly within7: number;
  readonly aged7: number;
  readonly within14: number;
  readonly aged14: number;
  readonly within30: number;
  readonly aged30: number;
}

/**
 * What became of what was published in a period, in one reading: all of it, by week in Norway, by resource, by kind of recipient, and by
 * the cause a week on. Ended: settled without being opened. Weeks and resources are bounded by the period and by 500.
 */
export function measureFigures(reader: Reader, sender: PartyId, from: Date, to: Date): Promise<FigureRow[]> {
  return reader.all<FigureRow>(sql`
    with published as (
      select i.resource_id as resource, r.kind, i.settled_at, i.opened_at - i.published_at as took, clock.now() - i.published_at as age,
             to_char(date_trunc('week', i.published_at at time zone 'Europe/Oslo'), 'YYYY-MM-DD') as week,
             case when (i.opened_at is null or i.opened_at > i.published_at + interval '7 days')
                   and (i.settled_at is null or i.settled_at > i.published_at + interval '7 days')
                   and i.published_at + interval '7 days' <= clock.now() then
               coalesce((select s.cause from watch.cause_span s
                          where s.about = i.about and s.party_id = i.party_id and s.from_at <= i.published_at + interval '7 days'
                            and (s.to_at is null or s.to_at > i.published_at + interval '7 days')
                          order by s.from_at desc limit 1), 'unknown') end as cause
        from ${publishedBy([sender], sql`${from}`, sql`${to}`)} i
        join register.party_face r on r.id = i.party_id),
    counted as (
    select case when grouping(p.week) = 0 then 'week' when grouping(p.resource) = 0 then 'resource' when grouping(p.kind) = 0 then 'kind'
                when grouping(p.cause) = 0 then 'cause' else 'total' end as part,
           coalesce(p.week, p.resource, p.kind, p.cause, '') as key, count(*)::integer as published, count(p.took)::integer as opened,
           count(*) filter (where p.took is null and p.settled_at is not null)::integer as ended,
           count(*) filter (where p.took is null and p.settled_at is null)::integer as unread,
           extract(epoch from percentile_cont(0.5) within group (order by p.took))::float8 as "medianSeconds",
           extract(epoch from percentile_cont(0.9) within group (order by p.took))::float8 as "p90Seconds",
           count(*) filter (where p.took <= interval '1 day' and p.age >= interval '1 day')::integer as within1,
           count(*) filter (where p.age >= interval '1 day')::integer as aged1,
           count(*) filter (where p.took <= interval '3 days' and p.age >= interval '3 days')::integer as within3,
           count(*) filter (where p.age >= interval '3 days')::integer as aged3,
           count(*) filter (where p.took <= interval '7 days' and p.age >= interval '7 days')::integer as within7,
           count(*) filter (where p.age >= interval '7 days')::integer as aged7,
           count(*) filter (where p.took <= interval '14 days' and p.age >= interval '14 days')::integer as within14,
           count(*) filter (where p.age >= interval '14 days')::integer as aged14,
           count(*) filter (where p.took <= interval '30 days' and p.age >= interval '30 days')::integer as within30,
           count(*) filter (where p.age >= interval '30 days')::integer as aged30
      from published p
     group by grouping sets ((), (p.week), (p.resource), (p.kind), (p.cause))
    having grouping(p.cause) = 1 or p.cause is not null)
    select * from (select c.*, row_number() over (partition by c.part order by c.published desc, c.key) as place from counted c) c
     where c.place <= 500
     order by c.part, case when c.part = 'week' then c.key end, c.place`);
}
