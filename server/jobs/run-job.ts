import type { JobHelpers, Task } from 'graphile-worker';
import type pg from 'pg';
import { Value } from 'typebox/value';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import { GiveUp } from '#kernel/refusal.ts';
import type { AnyJob } from './job.ts';
import type { Pulse } from './stalls.ts';

/** One job as the queue runs it: shape checked, one line in the log, parked when trying again will not help. */
export function taskOf(job: AnyJob, ctx: Context, pool: pg.Pool, pulse: Pulse): Task {
  const run: Task = async (payload, helpers) => {
    const started = performance.now();
    ctx.log.debug({ job: job.name, id: helpers.job.id, attempt: helpers.job.attempts }, 'job claimed');
    try {
      if (!Value.Check(job.payload, payload)) throw new GiveUp(`the payload of ${job.name} does not fit its schema`);
      await job.run(ctx, payload, { isLast: helpers.job.attempts >= helpers.job.max_attempts });
    } catch (error) {
      await failed(job, error, factsOf(helpers, started), ctx, pool, helpers);
      throw storable(error);
    }
    ctx.log.info({ job: job.name, ...factsOf(helpers, started) }, 'job done');
  };
  return (payload, helpers) => pulse.during(async () => run(payload, helpers));
}

/**
 * The queue writes why a job failed into the database, and stops altogether when PostgreSQL takes no such text: U+0000 and
 * half surrogate pairs, which a scanner or a mail server may have sent.
 */
function storable(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(message.replaceAll('\0', '').toWellFormed(), { cause: error });
}

interface Facts {
  readonly id: string;
  readonly attempt: number;
  readonly ms: number;
}

const factsOf = ({ job }: JobHelpers, started: number): Facts => ({
  id: job.id,
  attempt: job.attempts,
  ms: Math.round(performance.now() - started),
});

async function failed(job: AnyJob, error: unknown, facts: Facts, ctx: Context, pool: pg.Pool, { job: row }: JobHelpers): Promise<void> {
  const about = { job: job.name, ...facts, of: row.max_attempts, ...describeFault(error) };
  if (error instanceof GiveUp) {
    // The queue tries again while attempts are left: leave none.
    await pool.query('update graphile_worker._private_jobs set max_attempts = attempts where id = $1', [row.id]);
    ctx.log.error(about, 'job parked: it gave up');
    return;
  }
  if (row.attempts >= row.max_attempts) ctx.log.error(about, 'job parked: its last attempt failed');
  else ctx.log.warn(about, 'job failed; it will be tried again');
}
