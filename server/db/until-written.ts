import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#kernel/context.ts';
import { type Db, sql } from '#kernel/database.ts';
import { CommitUnknown, codeOf, isConnectionLoss, isContention } from './errors.ts';

/** What is kept in memory, of one database; more is not. */
const mostKept = 10_000;
const longestMillis = 60 * 60_000;
const pauseMillis = 500;
/** So many go at a time when it is back, so that they leave room for others. */
const atOnce = 8;

/** What waits for a database. */
interface Kept {
  count: number;
  turns: number;
  /** Settles when it answers, or is closed; one asks for all. */
  back: Promise<void> | undefined;
  readonly queue: (() => void)[];
}

const keptOf = new WeakMap<Db, Kept>();

/**
 * Writes what nobody would ask for again: while the database is away, has no room, or a commit was lost, it is kept in memory and tried
 * again, for an hour at most. `write` may run again after it was committed, and then must do nothing (`isAgain`). Throws what does not
 * pass, what more than ten thousand wait for, and when the database is closed meanwhile: then it was perhaps not written.
 */
export async function untilWritten({ db, log }: Pick<Context, 'db' | 'log'>, write: (isAgain: boolean) => Promise<void>): Promise<void> {
  const first = await tried(() => write(false));
  if (!first) return;
  const kept = keptOf.get(db) ?? { count: 0, turns: atOnce, back: undefined, queue: [] };
  keptOf.set(db, kept);
  if (!mayPass(first.error) || kept.count >= mostKept) throw first.error;
  if (kept.count === 0) log.warn({ code: codeOf(first.error) }, 'what must be written waits for the database');
  kept.count += 1;
  try {
    for (const until = performance.now() + longestMillis; ; ) {
      kept.back ??= untilBack(db).finally(() => {
        kept.back = undefined;
      });
      await kept.back;
      const failed = await inTurn(kept, () => tried(() => write(true)));
      if (!failed) return;
      if (!mayPass(failed.error) || performance.now() > until) throw failed.error;
    }
  } finally {
    kept.count -= 1;
  }
}

/** It cannot be reached, has lost a commit, was in its own way, had no room (class 53), or took too long (57014). */
function mayPass(error: unknown): boolean {
  const code = codeOf(error);
  return isConnectionLoss(error) || error instanceof CommitUnknown || isContention(error) || code.startsWith('53') || code === '57014';
}

async function tried(work: () => Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

async function untilBack(db: Db): Promise<void> {
  for (;;) {
    await sleep(pauseMillis);
    const failed = await tried(async () => void (await db.maybe(sql`select 1`)));
    if (!failed) return;
    if (!mayPass(failed.error)) throw failed.error;
  }
}

async function inTurn<T>(kept: Kept, work: () => Promise<T>): Promise<T> {
  if (kept.turns > 0) kept.turns -= 1;
  else await new Promise<void>((resolve) => kept.queue.push(resolve));
  try {
    return await work();
  } finally {
    const next = kept.queue.shift();
    if (next) next();
    else kept.turns += 1;
  }
}
