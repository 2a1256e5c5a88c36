import type { Reader } from '#kernel/database.ts';
import { sql } from '#kernel/database.ts';

/** Domain time in Node: the machine's clock plus the shift that one row of the database holds. */
export interface Clock {
  now(): Date;
  /** Reads the shift. Other processes may have moved it: call it at start, after an advance, and now and then. */
  refresh(): Promise<void>;
}

/** Until the first `refresh` it tells the machine's time. */
export function createClock(db: Reader): Clock {
  let shiftMillis = 0;
  return {
    now: () => new Date(Date.now() + shiftMillis),
    async refresh() {
      const { millis } = await db.one<{ millis: number }>(sql`
        select (extract(epoch from clock.now() - statement_timestamp()) * 1000)::float8 as millis`);
      shiftMillis = millis;
    },
  };
}
