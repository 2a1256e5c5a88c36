import { type Reader, sql } from '#kernel/database.ts';
import { causeAfterWeek, type HowFast, howFast, wasOpenAfterWeek } from './how-fast.ts';
import { type Published, publishedBy } from './time-to-open.ts';

export interface FigureRow extends HowFast {
  /** What it is counted by; `total` has no key. */
  readonly part: 'total' | 'week' | 'resource' | 'kind' | 'cause';
  readonly key: string;
  readonly published: number;
  readonly opened: number;
  readonly endedUnopened: number;
  readonly unread: number;
}

/**
 * What became of what was published in a period, in one reading: all of it, by week in Norway, by resource, by kind of recipient, and by
 * the cause a week on. Weeks and resources are bounded by the period and by 500.
 */
export function measureFigures(reader: Reader, { sender, kinds, from, to }: Published): Promise<FigureRow[]> {
  return reader.all<FigureRow>(sql`
    with published as (
      select i.resource_id as resource, r.kind, i.settled_at, i.opened_at - i.published_at as took, clock.now() - i.published_at as age,
             to_char(date_trunc('week', i.published_at at time zone 'Europe/Oslo'), 'YYYY-MM-DD') as week,
             case when ${wasOpenAfterWeek} then coalesce(${causeAfterWeek}, 'unknown') end as cause
        from ${publishedBy([sender], kinds, sql`${from}`, sql`${to}`)} i
        join register.party_face r on r.id = i.party_id),
    counted as (
    select case when grouping(p.week) = 0 then 'week' when grouping(p.resource) = 0 then 'resource' when grouping(p.kind) = 0 then 'kind'
                when grouping(p.cause) = 0 then 'cause' else 'total' end as part,
           coalesce(p.week, p.resource, p.kind, p.cause, '') as key, count(*)::integer as published, count(p.took)::integer as opened,
           count(*) filter (where p.took is null and p.settled_at is not null)::integer as "endedUnopened",
           count(*) filter (where p.took is null and p.settled_at is null)::integer as unread,
           ${howFast}
      from published p
     group by grouping sets ((), (p.week), (p.resource), (p.kind), (p.cause))
    having grouping(p.cause) = 1 or p.cause is not null)
    select * from (select c.*, row_number() over (partition by c.part order by c.published desc, c.key) as place from counted c) c
     where c.place <= 500
     order by c.part, case when c.part = 'week' then c.key end, c.place`);
}
