import { sql, type Tx } from '#kernel/database.ts';

/** Takes the gateway's next turn; the one after it comes so many seconds later. Answers in how many milliseconds it is. Real time. */
export async function takeTurn(tx: Tx, channel: 'email' | 'sms', seconds: number): Promise<number> {
  const { wait } = await tx.one<{ wait: number }>(sql`
    update notifications.pace
       set free_at = greatest(free_at, clock_timestamp()) + make_interval(secs => ${seconds}::double precision)
     where channel = ${channel}
    returning extract(epoch from free_at - clock_timestamp())::double precision - ${seconds}::double precision as wait`);
  return Math.max(0, Math.ceil(wait * 1000));
}
