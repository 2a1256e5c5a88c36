import type { Db } from './database.ts';

/** What an answer needs at least: whose database, and what time it is there. */
export interface Asked {
  readonly db: Db;
  now(): Date;
}

/**
 * Makes a dear answer at most once in so many milliseconds of domain time for one database, however many ask; those who ask while it is
 * made wait for the same one. What fails is not kept. `at` is when it was made.
 */
export function recent<C extends Asked, T>(
  millis: number,
  make: (ctx: C) => Promise<T>,
): (ctx: C) => Promise<{ readonly at: Date; readonly answer: T }> {
  const kept = new WeakMap<Db, { readonly at: Date; readonly answer: Promise<T> }>();
  return async (ctx) => {
    const now = ctx.now();
    const last = kept.get(ctx.db);
    const age = last ? now.getTime() - last.at.getTime() : Number.POSITIVE_INFINITY;
    if (last && age >= 0 && age < millis) return { at: last.at, answer: await last.answer };
    const one = { at: now, answer: make(ctx) };
    kept.set(ctx.db, one);
    one.answer.catch(() => {
      if (kept.get(ctx.db) === one) kept.delete(ctx.db);
    });
    return { at: now, answer: await one.answer };
  };
}
