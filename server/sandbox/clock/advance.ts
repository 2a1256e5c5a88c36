import { setTimeout as sleep } from 'node:timers/promises';
import { type AnySweeper, moveSleepingJobs } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { readDuration } from './duration.ts';
import { clockErrors } from './errors.ts';
import { type Due, findNextDue } from './next-due.ts';
import { type ClockRow, lockClock, moveShift, readClock } from './store.ts';

/** What the clock needs of the process around it. */
export interface TimeKeeping {
  /** Lets `ctx.now()` follow the row of the database. */
  readonly refresh: () => Promise<void>;
  /** Do what is due, in this order, as the workers do it. Their context is the routes'. */
  readonly sweepers: readonly AnySweeper[];
  /**
   * How long, in real time, one due time may be held by other work. 20 seconds when left out: a worker that hands over
   * mail has it for as long as the carrier takes.
   */
  readonly patienceMillis?: number;
  /** Before the clock goes: what clients have been given, and is not recorded yet, was given before. */
  readonly untilRecorded?: () => Promise<void>;
}

export interface Advanced extends ClockRow {
  /** Due times on the way at which the clock stopped, in order. */
  readonly stops: readonly Due[];
}

const pauseMillis = 25;
const mostStops = 10_000;

/**
 * Moves domain time forward by a duration, as it would have passed: from due time to due time, at each of which everything
 * that is due is done before the clock goes on; answers when the time is reached and nothing is due. What other workers
 * hold is waited for. Several at once go one after the other, in all processes, and add up.
 *
 * Refuses notDuration, calendarDuration, notForward and tooFar before anything has moved; heldUp and tooManyStops where it stands.
 */
export async function advance(ctx: Context, time: TimeKeeping, duration: string): Promise<Advanced> {
  const micros = readDuration(duration);
  return oneAtATime(() =>
    ctx.db.transaction(async (lock) => {
      await lockClock(lock);
      await time.refresh();
      return goTo(ctx, time, (await readClock(ctx.db)).shift + micros);
    }),
  );
}

let last: Promise<unknown> = Promise.resolve();

/** Who waits in this process holds no connection: the one that goes needs them. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work);
  last = mine.catch(() => {});
  return mine;
}

async function goTo(ctx: Context, time: TimeKeeping, goal: number): Promise<Advanced> {
  const stops: Due[] = [];
  for (;;) {
    const next = await drain(ctx, time);
    const shift = await move(ctx, time, next, goal);
    if (shift >= goal) break;
    stops.push(next!);
    if (stops.length > mostStops) throw refuse(clockErrors.tooManyStops, { stops: mostStops, now: ctx.now().toISOString() });
  }
  await drain(ctx, time);
  return { ...(await readClock(ctx.db)), stops };
}

/** Does what is due until nothing is, and tells what comes next. */
async function drain(ctx: Context, { sweepers, patienceMillis = 20_000 }: TimeKeeping): Promise<Due | null> {
  const until = Date.now() + patienceMillis;
  for (;;) {
    for (const sweeper of sweepers) {
      while ((await sweeper.run(ctx)) === 'more');
    }
    const next = await findNextDue(ctx.db);
    if (!next || next.at > ctx.now()) return next;
    if (Date.now() > until) {
      throw refuse(clockErrors.heldUp, { due: next.kind, dueAt: next.at.toISOString(), now: ctx.now().toISOString() });
    }
    await sleep(pauseMillis);
  }
}

/** To the next due time or to the goal, whichever comes first; what sleeps in the queue comes along. */
async function move(ctx: Context, { refresh }: TimeKeeping, next: Due | null, goal: number): Promise<number> {
  const dueAt = next && new Date(next.at.getTime() + 1); // its microseconds were cut
  const shift = await ctx.db.transaction(async (tx) => {
    const { shift, moved } = await moveShift(tx, dueAt, goal);
    if (moved > 0) moveSleepingJobs(tx, `${moved} microseconds`);
    return shift;
  });
  await refresh();
  return shift;
}
