import { sql, type Tx } from '#kernel/database.ts';

/** Others who count for the address wait until the transaction ends. */
export async function lockCaller(tx: Tx, bucket: string, address: string): Promise<void> {
  await tx.one(sql`select pg_advisory_xact_lock(hashtextextended(${`statistics ${bucket} ${address}`}, 7024))`);
}

/** Calls of an address within the last `seconds`, in real time, and when the first of them was made. -- index: call_address */
export function countCalls(
  tx: Tx,
  bucket: string,
  address: string,
  seconds: number,
): Promise<{ count: number; first: Date | null; now: Date }> {
  return tx.one(sql`
    select count(*)::int as count, min(called_at) as first, statement_timestamp() as now from statistics.call
     where bucket = ${bucket} and address = ${address}
       and called_at > statement_timestamp() - make_interval(secs => ${seconds}::double precision)`);
}

/** Keeps this call and forgets those that no longer count. -- index: call_time */
export function saveCall(tx: Tx, bucket: string, address: string, seconds: number): void {
  tx.send(sql`delete from statistics.call where called_at < statement_timestamp() - make_interval(secs => ${seconds}::double precision)`);
  tx.send(sql`insert into statistics.call (bucket, address, called_at) values (${bucket}, ${address}, statement_timestamp())`);
}
