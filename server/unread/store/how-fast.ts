import { sql } from '#kernel/database.ts';

/** How long it took until post was opened. A share within so many days is of what has had as many (`aged`). */
export interface HowFast {
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

/** The columns of `HowFast`, over rows `p` with the intervals `took` (null: not opened) and `age`. */
export const howFast = sql`
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
           count(*) filter (where p.age >= interval '30 days')::integer as aged30`;

/** Whether a watch `i` that is a week old was open a week after its publication. */
export const wasOpenAfterWeek = sql`
             (i.opened_at is null or i.opened_at > i.published_at + interval '7 days')
             and (i.settled_at is null or i.settled_at > i.published_at + interval '7 days')
             and i.published_at + interval '7 days' <= clock.now()`;

/** Why it was open then; null where nobody knows. */
export const causeAfterWeek = sql`
             (select s.cause from watch.cause_span s
               where s.about = i.about and s.party_id = i.party_id and s.from_at <= i.published_at + interval '7 days'
                 and (s.to_at is null or s.to_at > i.published_at + interval '7 days')
               order by s.from_at desc limit 1)`;
