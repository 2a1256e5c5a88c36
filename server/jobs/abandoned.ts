import type pg from 'pg';

/** First half of the advisory locks that living workers hold; the second is the hash of the worker's name in the queue. */
const aliveLock = 7074;

/**
 * Says that the worker of this name lives, for as long as the connection does. Without it the jobs of a process that
 * was killed would stay locked for four hours, which is what the queue itself waits.
 */
export async function sayAlive(client: pg.ClientBase, worker: string): Promise<void> {
  await client.query('select pg_advisory_lock($1, hashtext($2))', [aliveLock, worker]);
}

/**
 * Frees the jobs that dead workers had begun; they run again. A moment's grace, since a worker fetches its first job
 * before it could say that it lives. Returns how many workers were dead.
 */
export async function freeAbandoned(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ dead: string[] | null }>(
    `select array_agg(distinct j.locked_by) as dead
       from graphile_worker._private_jobs j
      where j.locked_at < statement_timestamp() - interval '5 seconds'
        and not exists (
          select from pg_locks l
           where l.locktype = 'advisory' and l.objsubid = 2 and l.classid = $1 and l.objid = (hashtext(j.locked_by)::bigint & 4294967295)::oid
             and l.database = (select oid from pg_database where datname = current_database()) and l.granted)`,
    [aliveLock],
  );
  const dead = rows[0]?.dead ?? [];
  if (dead.length > 0) await pool.query('select graphile_worker.force_unlock_workers($1)', [dead]);
  return dead.length;
}
