import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { lastDay } from './statement.ts';

export interface OpenCount {
  readonly cause: string;
  readonly age: string;
  readonly kind: 'message' | 'file';
  readonly n: number;
}

/** All that is open under watch, counted. -- index: item_open_sender, one look at what is open */
export function countOpen(reader: Reader): Promise<OpenCount[]> {
  return reader.all<OpenCount>(sql`
    select coalesce(i.cause, 'younger-than-a-day') as cause, unread.age_band(clock.now() - i.begun_at) as age,
           case when i.is_file then 'file' else 'message' end as kind, count(*)::integer as n
      from watch.board_item i
     where i.settled_at is null
     group by 1, 2, 3`);
}

export interface Health {
  /** Open watches whose next action is more than a minute late. */
  readonly late: number;
  readonly withoutAction: number;
  /** Seconds that the oldest has waited since it was due. */
  readonly oldestStep: number;
  readonly oldestNotice: number;
  readonly oldestEvent: number;
  readonly oldestMail: number;
  /** Notices that were tried at least once and wait to be tried again. */
  readonly retried: number;
  readonly failedLastHour: number;
  /** Days since the last day of which statements were made; counted from the first post when none were; null when there was no post either. */
  readonly statementDays: number | null;
  readonly brokenStatements: number;
}

/** -- index: item_open_next, step_due, notice_due, mail_due */
export function readHealth(reader: Reader): Promise<Health> {
  const waited = (oldest: ReturnType<typeof sql>) => sql`coalesce(greatest(extract(epoch from clock.now() - (${oldest})), 0), 0)::integer`;
  return reader.one<Health>(sql`
    select (select count(*)::integer from watch.board_item where settled_at is null and next_action_at < clock.now() - interval '1 minute') as late,
           (select count(*)::integer from watch.board_item where settled_at is null and next_action_at is null) as "withoutAction",
           ${waited(sql`select min(due_at) from watch.step_face where state = 'due'`)} as "oldestStep",
           ${waited(sql`select min(due_at) from notifications.notice_face where state in ('due', 'handing-over')`)} as "oldestNotice",
           ${waited(sql`select min(at) from events.untold`)} as "oldestEvent",
           ${waited(sql`select min(due_at) from unread.mail where state = 'due'`)} as "oldestMail",
           (select count(*)::integer from notifications.notice_face where state in ('due', 'handing-over') and attempts > 0) as retried,
           (select count(*)::integer from notifications.notice_face where state = 'failed' and changed_at > clock.now() - interval '1 hour') as "failedLastHour",
           ((clock.now() at time zone 'Europe/Oslo')::date - ${lastDay})::integer as "statementDays",
           (select count(*)::integer from unread.statement where day > (clock.now() at time zone 'Europe/Oslo')::date - 7 and broken <> '{}') as "brokenStatements"`);
}

/** Rules that are known to be broken. */
export async function listAlarms(tx: Tx): Promise<string[]> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended('unread alarms', 0))`);
  return (await tx.all<{ rule: string }>(sql`select rule from unread.alarm order by rule limit 1000`)).map(({ rule }) => rule);
}

export function saveAlarms(tx: Tx, begun: readonly string[], over: readonly string[], at: Date): void {
  if (over.length > 0) tx.send(sql`delete from unread.alarm where rule = any(${over}::text[])`);
  if (begun.length > 0) tx.send(sql`insert into unread.alarm (rule, since) select rule, ${at} from unnest(${begun}::text[]) rule`);
}
