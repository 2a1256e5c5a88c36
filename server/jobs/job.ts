import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Context } from '#kernel/context.ts';
import { type Sql, sql, type Tx } from '#kernel/database.ts';

/** Work for after commit, done at least once: it may run twice, and finds out for itself what is left to do. */
export interface Job<C extends Context = Context, S extends TSchema = TSchema> {
  /** `feature.verb-noun`. Rows in the queue carry it: renaming strands them. */
  readonly name: string;
  /** Ids only, never content or personal data. */
  readonly payload: S;
  /** Tries before the job is parked and an alarm is logged. The pause before the n-th next try is e^n seconds (n up to 10: six hours). */
  readonly attempts: number;
  readonly run: (ctx: C, payload: Static<S>, attempt?: Attempt) => Promise<void>;
}

/** Which try it is. */
export interface Attempt {
  /** Nothing comes after it, unless somebody enqueues again. */
  readonly isLast: boolean;
}

/** A row of the job table; keeps the types of payload and run together. */
export function job<C extends Context, S extends TSchema>(row: Job<C, S>): Job<C, S> {
  return row;
}

/** A job whose types no longer matter: what a worker runs. */
// biome-ignore lint/suspicious/noExplicitAny: jobs of different shapes stand in one list
export type AnyJob = Job<any, any>;

export interface When {
  /** Domain time. Without it: as soon as the transaction is committed. */
  readonly runAt?: Date;
  /** Of several jobs with one key that have not begun, only the last stays. */
  readonly key?: string;
}

/**
 * Puts a job into the queue when the transaction commits. Domain time becomes the queue's own, which is real, by the
 * shift of the clock. Not for the transaction that accepts messages: the queue notifies, and commits that notify wait for one another.
 */
export function enqueue<S extends TSchema>(
  tx: Tx,
  { name, payload: shape, attempts }: Job<never, S>,
  payload: Static<S>,
  when: When = {},
): void {
  if (!Value.Check(shape, payload)) throw new Error(`the payload of ${name} does not fit its schema`);
  tx.send(sql`
    select graphile_worker.add_job(
      identifier => ${name}, payload => ${JSON.stringify(payload)}::json, max_attempts => ${attempts}, job_key => ${when.key ?? null},
      run_at => ${when.runAt ?? null}::timestamptz - (select by from clock.shift))`);
}

/** Fragment: a job with this key, which is SQL, is under way or has attempts left. To enqueue it again would give it all of them. */
export function isQueued(key: Sql): Sql {
  return sql`exists (
    select from graphile_worker._private_jobs j where j.key = ${key} and (j.attempts < j.max_attempts or j.locked_at is not null))`;
}

/**
 * Moves what sleeps in the queue by as much as the clock is moved, in the same transaction: jobs for a later time and
 * pauses before a next try. Wakes the workers.
 */
export function moveSleepingJobs(tx: Tx, by: string): void {
  tx.send(sql`
    update graphile_worker._private_jobs set run_at = greatest(run_at - ${by}::interval, statement_timestamp())
     where locked_at is null and run_at > statement_timestamp()`);
  tx.send(sql`select pg_notify('jobs:insert', '{"count":1}')`);
}
