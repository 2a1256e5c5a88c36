import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Runner, run, type WorkerPool } from 'graphile-worker';
import type pg from 'pg';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import { freeAbandoned, sayAlive } from './abandoned.ts';
import type { AnyJob } from './job.ts';
import { queueLog } from './queue-log.ts';
import { taskOf } from './run-job.ts';
import { createPulse, isStalled } from './stalls.ts';

export interface JobsOptions {
  readonly pool: pg.Pool;
  readonly jobs: readonly AnyJob[];
  /** Everything that the jobs ask for. */
  readonly ctx: Context;
  readonly log: Log;
  /** How many run at once in this process. */
  readonly concurrency?: number;
  /** How long jobs may be due while places are free before the queue counts as stalled. */
  readonly patienceMillis?: number;
}

const restartAfterMillis = 1_000;
const freeEveryMillis = 10_000;

/**
 * Runs jobs until `stop`, which waits for those that have begun. A queue that fell over (its database went away) is
 * started again, and so is one that takes nothing any more: what it has under way goes on beside its successor.
 */
export async function startJobs(options: JobsOptions): Promise<{ stop(): Promise<void> }> {
  const { log } = options;
  if (options.jobs.length === 0) return { stop: async () => {} };
  const stopping = new AbortController();
  let worker = await startWorker(options);
  const left = new Set<Promise<void>>();

  const supervise = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const became = await Promise.race([worker.ended.then(() => 'ended' as const), worker.stalled.then(() => 'stalled' as const)]);
      if (stopping.signal.aborted) return;
      if (became === 'ended') log.warn({}, 'the job queue stopped; starting it again');
      else {
        log.error({}, 'the job queue takes nothing though jobs are due; starting another');
        const rest = worker.leave().finally(() => left.delete(rest));
        left.add(rest);
      }
      worker = await startAgain(options, stopping.signal, worker);
    }
  };
  const supervised = supervise();

  return {
    async stop() {
      if (stopping.signal.aborted) return supervised;
      stopping.abort();
      await Promise.all([worker.stop(), ...left]);
      await supervised;
    },
  };
}

interface Worker {
  /** Resolves when it is over, however it ended. */
  readonly ended: Promise<void>;
  /** Resolves when it takes nothing any more though it should, and never while it does. */
  readonly stalled: Promise<void>;
  stop(): Promise<void>;
  /** Has it take nothing more; resolves when what it has under way is over. */
  leave(): Promise<void>;
}

async function startAgain(options: JobsOptions, signal: AbortSignal, former: Worker): Promise<Worker> {
  while (!signal.aborted) {
    try {
      await sleep(restartAfterMillis, undefined, { signal });
      return await startWorker(options);
    } catch (error) {
      if (!signal.aborted) options.log.warn(describeFault(error), 'the job queue does not start; trying again');
    }
  }
  return former;
}

async function startWorker({ pool, jobs, ctx, log, concurrency = 4, patienceMillis = 30_000 }: JobsOptions): Promise<Worker> {
  const pulse = createPulse();
  const stalled = Promise.withResolvers<void>();
  const events = new EventEmitter();
  const life = holdLife(pool, events, log);
  const free = async (): Promise<void> => {
    const dead = await freeAbandoned(pool).catch(() => 0);
    if (dead > 0) log.warn({ workers: dead }, 'jobs of workers that were killed will run again');
  };
  const names = jobs.map(({ name }) => name);
  const look = async (): Promise<void> => {
    if (await isStalled(pool, pulse, { names, concurrency, patienceMillis }).catch(() => false)) stalled.resolve();
  };
  const timers = [setInterval(free, freeEveryMillis), setInterval(look, patienceMillis / 3)];
  const over = (): void => {
    for (const timer of timers) clearInterval(timer);
    life.end();
  };
  let runner: Runner;
  try {
    await free();
    runner = await run({
      pgPool: pool,
      schema: 'graphile_worker',
      taskList: Object.fromEntries(jobs.map((each) => [each.name, taskOf(each, ctx, pool, pulse)])),
      parsedCronItems: [],
      noHandleSignals: true,
      logger: queueLog(log),
      events,
      // Batches of no delay: without one, a failure to note a job as done is a rejection that nobody handles.
      preset: { worker: { concurrentJobs: concurrency, pollInterval: 2_000, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    });
  } catch (error) {
    over();
    throw error;
  }
  const ended = runner.promise.then(over, over);
  const stop = async (): Promise<void> => {
    await runner.stop().catch(() => {});
    await ended;
  };
  const leave = async (): Promise<void> => {
    for (const timer of timers) clearInterval(timer);
    runner.stop().catch(() => {});
    await Promise.race([ended, pulse.idle()]);
    over(); // Nobody holds its lock any more, so that what it could not note as done or failed is freed.
  };
  return { ended, stalled: stalled.promise, stop, leave };
}

/** Holds the worker's lock on a connection of its own, and takes it again on another when that one is lost. */
function holdLife(pool: pg.Pool, events: EventEmitter, log: Log): { end(): void } {
  let client: pg.PoolClient | undefined;
  let over = false;

  const hold = async (name: string): Promise<void> => {
    try {
      const mine = await pool.connect();
      if (over) return mine.release();
      client = mine;
      mine.once('end', () => {
        if (client !== mine) return;
        client = undefined;
        mine.release(true);
        if (!over) setTimeout(() => hold(name), restartAfterMillis);
      });
      await sayAlive(mine, name);
    } catch (error) {
      log.debug(describeFault(error), 'the worker cannot say that it lives; trying again');
      if (!over && !client) setTimeout(() => hold(name), restartAfterMillis);
    }
  };

  events.once('pool:create', ({ workerPool }: { workerPool: WorkerPool }) => void hold(workerPool.id));
  return {
    end() {
      over = true;
      const mine = client;
      client = undefined;
      mine?.release(true);
    },
  };
}
