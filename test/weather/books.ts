import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What stands in the database, read by somebody who is no part of the program; and its clock, which it moves. */
export interface Books {
  ask<T>(query: string, values?: readonly unknown[]): Promise<T[]>;
  now(): Promise<Date>;
  /** Domain time jumps: all that has fallen due meanwhile is due at once. */
  jump(hours: number): Promise<void>;
  /** Waits until none of that is left. Throws what is left after so many seconds. */
  until(what: string, of: keyof typeof leftovers, seconds: number): Promise<void>;
  /** How many steps were taken since, of those that fell due since, and how late the last of them was. */
  lateness(since: Date): Promise<{ readonly steps: number; readonly seconds: number }>;
  close(): Promise<void>;
}

const leftovers = {
  late: `select about::text as what from watch.item where settled_at is null and next_action_at < clock.now() - interval '1 second'`,
  due: `select 'step ' || name as what from watch.step where state = 'due' and due_at <= clock.now()
         union all select 'notice ' || purpose || ' ' || state from notifications.notice
                    where state in ('due', 'handing-over') and due_at <= clock.now() and cancelled_at is null
         union all select 'mail' from unread.mail where state = 'due' and due_at <= clock.now()`,
} as const;

export function openBooks(url: string): Books {
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'weather' });
  pool.on('error', () => {}); // the database is restarted
  /** A question that the database did not outlive is asked again. */
  const ask = async <T>(query: string, values: readonly unknown[] = []): Promise<T[]> => {
    for (const until = Date.now() + 60_000; ; await sleep(100)) {
      try {
        return (await pool.query(query, [...values])).rows as T[];
      } catch (error) {
        const isAnswer = error instanceof pg.DatabaseError && !/^(57P|08)/.test(error.code ?? '');
        if (isAnswer || Date.now() > until) throw error;
      }
    }
  };
  return {
    ask,
    now: async () => (await ask<{ at: Date }>('select clock.now() as at'))[0]!.at,
    async jump(hours) {
      // To a time and not by one: asked again, it is where it was.
      const [to] = await ask<{ by: string }>(`select (by + make_interval(hours => $1))::text as by from clock.shift`, [hours]);
      await ask('update clock.shift set by = $1::interval', [to!.by]);
    },
    async until(what, of, seconds) {
      for (const end = Date.now() + seconds * 1000; ; await sleep(150)) {
        const left = await ask<{ what: string }>(`select * from (${leftovers[of]}) l limit 5`);
        if (left.length === 0) return;
        if (Date.now() > end) throw new Error(`After ${seconds} s it is not so that ${what}: ${left.map((one) => one.what).join(', ')}`);
      }
    },
    async lateness(since) {
      const [late] = await ask<{ steps: number; seconds: number }>(
        `select count(*)::integer as steps, coalesce(max(extract(epoch from changed_at - due_at)), 0)::float8 as seconds
           from watch.step where state in ('done', 'skipped') and due_at > $1`,
        [since],
      );
      return late!;
    },
    close: () => pool.end(),
  };
}
