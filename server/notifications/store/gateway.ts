import { type Reader, sql } from '#kernel/database.ts';

export interface Gateway {
  readonly channel: 'email' | 'sms';
  /** `failing`: something waits that it did not take, and it has taken nothing for ten minutes. */
  readonly state: 'idle' | 'working' | 'failing';
  readonly handedOverLastHour: number;
  readonly failedLastHour: number;
  readonly retried: number;
  readonly lastTakenAt: Date | null;
}

const channels = ['email', 'sms'] as const;

/** How the gateways have done in the last hour. -- index: attempt_at, notice_due */
export async function readGateways(reader: Reader): Promise<Gateway[]> {
  const rows = await reader.all<Omit<Gateway, 'state'> & { silent: boolean }>(sql`
    with tried as (
      select n.channel, a.outcome, a.at
        from notifications.attempt a join notifications.notice n on n.id = a.notice_id
       where a.at > clock.now() - interval '1 hour'),
    waiting as (
      select channel, count(*) filter (where attempts > 0)::integer as retried
        from notifications.notice where state in ('due', 'handing-over') group by channel)
    select c.channel, coalesce(w.retried, 0) as retried,
           count(*) filter (where t.outcome = 'handed-over')::integer as "handedOverLastHour",
           count(*) filter (where t.outcome = 'refused')::integer as "failedLastHour",
           max(t.at) filter (where t.outcome = 'handed-over') as "lastTakenAt",
           coalesce(max(t.at) filter (where t.outcome <> 'later') < clock.now() - interval '10 minutes', true) as silent
      from unnest(${channels}::text[]) c (channel)
      left join tried t on t.channel = c.channel
      left join waiting w on w.channel = c.channel
     group by c.channel, w.retried`);
  return channels.map((channel) => {
    const { silent, ...row } = rows.find((each) => each.channel === channel)!;
    const state =
      row.retried > 0 && silent ? 'failing' : row.handedOverLastHour + row.failedLastHour + row.retried > 0 ? 'working' : 'idle';
    return { ...row, state };
  });
}
