import { type Db, sql } from '#kernel/database.ts';

/** One more call, in a window that is a minute old at most; how many that makes, and for how long the window stands. index: call_window_pkey */
export function countCall(db: Db, operation: string, client: string): Promise<{ calls: number; secondsLeft: number }> {
  return db.transaction((tx) =>
    tx.one(sql`
      insert into db.call_window as w (operation, client, began_at, calls) values (${operation}, ${client}, clock_timestamp(), 1)
          on conflict (operation, client) do update
         set calls = case when w.began_at > clock_timestamp() - interval '1 minute' then w.calls + 1 else 1 end,
             began_at = case when w.began_at > clock_timestamp() - interval '1 minute' then w.began_at else clock_timestamp() end
      returning calls, extract(epoch from began_at + interval '1 minute' - clock_timestamp())::float8 as "secondsLeft"`),
  );
}

/** Forgets windows that are long over. index: call_window_began */
export function clearWindows(db: Db): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run(sql`
      delete from db.call_window
       where (operation, client) in (select operation, client from db.call_window where began_at < statement_timestamp() - interval '1 hour'
                                      order by began_at limit 1000 for update skip locked)`);
  });
}
