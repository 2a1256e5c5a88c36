import type pg from 'pg';

/** What a worker of this process is at. */
export interface Pulse {
  /** Jobs under way. */
  readonly running: number;
  /** When it last took a job, by `performance.now()`. */
  readonly tookAt: number;
  /** Counts what `run` does as a job under way. */
  during<T>(run: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createPulse(): Pulse {
  let running = 0;
  let tookAt = performance.now();
  let waiting: (() => void)[] = [];
  return {
    get running() {
      return running;
    },
    get tookAt() {
      return tookAt;
    },
    async during(run) {
      running++;
      tookAt = performance.now();
      try {
        return await run();
      } finally {
        running--;
        if (running === 0) for (const tell of waiting.splice(0)) tell();
      }
    },
    idle() {
      if (running === 0) return Promise.resolve();
      return new Promise((resolve) => (waiting = [...waiting, resolve]));
    },
  };
}

/**
 * A worker with places free that took nothing for `patienceMillis`, though jobs that it knows have been due for as long. The
 * queue may end up so without a word: while it stops it waits for the jobs under way, and two failures to note a failed job at
 * once stop it for good.
 */
export async function isStalled(
  pool: pg.Pool,
  pulse: Pulse,
  {
    names,
    concurrency,
    patienceMillis,
  }: { readonly names: readonly string[]; readonly concurrency: number; readonly patienceMillis: number },
): Promise<boolean> {
  const isQuiet = (): boolean => pulse.running < concurrency && performance.now() - pulse.tookAt > patienceMillis;
  if (!isQuiet()) return false;
  const { rows } = await pool.query(
    `select from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = any($1) and j.locked_at is null and j.attempts < j.max_attempts
        and greatest(j.run_at, j.updated_at) < statement_timestamp() - make_interval(secs => $2::float8 / 1000)
      limit 1`,
    [names, patienceMillis],
  );
  return rows.length > 0 && isQuiet();
}
