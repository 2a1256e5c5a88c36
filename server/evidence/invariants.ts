import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. Only recent transactions are looked at: the standing query must stay cheap. */
export const evidenceInvariants: readonly Invariant[] = [
  {
    name: 'no transaction has marked another number of evidence rows than it holds',
    find: sql`
      select f.xact
        from (select xact, lo, hi, n from evidence.log_feed where xact < pg_snapshot_xmin(pg_current_snapshot()) order by xact desc limit 1000) f
       where f.n <> (select count(*) from evidence.evidence e where e.id between f.lo and f.hi and e.xact = f.xact)
       limit 100`,
  },
];
