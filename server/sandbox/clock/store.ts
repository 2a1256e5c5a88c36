import { type Reader, sql, type Tx } from '#kernel/database.ts';

/** Advisory lock of whoever moves the clock; beside those of db and jobs. */
const clockLock = 7075;

/** Others who move the clock wait until the transaction ends, in whatever process; it may take as long as it must. */
export async function lockClock(tx: Tx): Promise<void> {
  tx.send(sql`select set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`);
  await tx.one(sql`select pg_advisory_xact_lock(${clockLock}::bigint)`);
}

export interface ClockRow {
  readonly now: Date;
  /** Microseconds by which domain time is ahead of real time. */
  readonly shift: number;
}

export function readClock(reader: Reader): Promise<ClockRow> {
  return reader.one<ClockRow>(sql`select clock.now() as now, (extract(epoch from by) * 1000000)::float8 as shift from clock.shift`);
}

/**
 * Moves domain time to `dueAt`, but no farther than the shift `goal` (microseconds) and never back. Tells the new shift and by
 * how much it moved. The shift is kept in microseconds alone: days in it would follow daylight saving time of a session.
 */
export function moveShift(tx: Tx, dueAt: Date | null, goal: number): Promise<{ shift: number; moved: number }> {
  return tx.one<{ shift: number; moved: number }>(sql`
    with old as materialized (select (extract(epoch from by) * 1000000)::bigint as shift from clock.shift for update),
         new as (select shift as was,
                        greatest(shift, least(${goal}::bigint,
                          (extract(epoch from ${dueAt}::timestamptz - statement_timestamp()) * 1000000)::bigint)) as shift
                   from old)
    update clock.shift set by = new.shift * interval '1 microsecond'
      from new
    returning new.shift::float8 as shift, (new.shift - new.was)::float8 as moved`);
}
