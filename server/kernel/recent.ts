import type { Db } from './database.ts';

/** What an answer needs at least: whose database, and what time it is there. */
export interface Asked {
  readonly db: Db;
  now(): Date;
}

interface Kept<T> {
  readonly at: Date;
  readonly answer: Promise<T>;
  /** For how long it is good, once it is known what it cost. */
  goodMillis: number;
}

/**
 * Gives an answer that is dear to make, however many ask: those who ask while it is made wait for the same one, and it is kept for twenty
 * times as long as it took, a minute of domain time at most. So it is fresh where it costs nothing, and a twentieth of one connection is
 * all that asking can cost. What fails is not kept. `at` is when it was made.
 */
export function recent<C extends Asked, T>(
  make: (ctx: C) => Promise<T>,
  clock: () => number = () => performance.now(),
): (ctx: C) => Promise<{ readonly at: Date; readonly answer: T }> {
  const lastOf = new WeakMap<Db, Kept<T>>();
  return async (ctx) => {
    const now = ctx.now();
    const last = lastOf.get(ctx.db);
    const age = last ? now.getTime() - last.at.getTime() : -1;
    if (last && age >= 0 && age < last.goodMillis) return { at: last.at, answer: await last.answer };
    const begun = clock();
    const one: Kept<T> = { at: now, answer: make(ctx), goodMillis: mostMillis };
    lastOf.set(ctx.db, one);
    try {
      const answer = await one.answer;
      one.goodMillis = Math.min(mostMillis, 20 * (clock() - begun));
      return { at: now, answer };
    } catch (error) {
      if (lastOf.get(ctx.db) === one) lastOf.delete(ctx.db);
      throw error;
    }
  };
}

const mostMillis = 60_000;
