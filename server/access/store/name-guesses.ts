import { sql, type Tx } from '#kernel/database.ts';

/** How often somebody failed, or was failed about, since the hour began; real time. */
export interface NameGuesses {
  readonly failures: number;
  readonly secondsLeft: number;
}

/** Locks a count until the end of the transaction, and begins it anew where its hour is over. index: name_guess_pkey */
export function lockGuesses(tx: Tx, about: string): Promise<NameGuesses> {
  return tx.one<NameGuesses>(sql`
    insert into access.name_guess as g (about, since, failures) values (${about}, clock_timestamp(), 0)
    on conflict (about) do update
       set since = case when g.since <= clock_timestamp() - interval '1 hour' then clock_timestamp() else g.since end,
           failures = case when g.since <= clock_timestamp() - interval '1 hour' then 0 else g.failures end
    returning failures, ceil(extract(epoch from since + interval '1 hour' - clock_timestamp()))::int as "secondsLeft"`);
}

/** Counts one failure for each, and clears away what is over. Joined writing, the counts being locked. index: name_guess_pkey, name_guess_since */
export function countFailure(tx: Tx, about: readonly string[]): void {
  tx.send(sql`update access.name_guess set failures = failures + 1 where about = any (${about}::text[])`);
  tx.send(sql`
    delete from access.name_guess where about in (
      select about from access.name_guess where since < clock_timestamp() - interval '2 hours' order by since limit 50 for update skip locked)`);
}

/** Leaves no row of those about whom there is nothing to count. Joined writing. index: name_guess_pkey */
export function forgetEmptyCounts(tx: Tx, about: readonly string[]): void {
  tx.send(sql`delete from access.name_guess where about = any (${about}::text[]) and failures = 0`);
}
