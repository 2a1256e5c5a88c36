import { type Reader, sql } from '#kernel/database.ts';

export interface StatementState {
  /** The last day of which senders have statements: `2026-11-29`. */
  readonly lastDay: string | null;
  /** Of the last week, those that do not add up. */
  readonly broken: number;
}

export interface Alarm {
  readonly rule: string;
  readonly since: Date;
}

/** -- index: statement_day_pkey, statement_pkey */
export function readStatementState(reader: Reader): Promise<StatementState> {
  return reader.one<StatementState>(sql`
    select (select max(day)::text from unread.statement_day) as "lastDay",
           (select count(*)::integer from unread.statement where day > (clock.now() at time zone 'Europe/Oslo')::date - 7 and broken <> '{}') as broken`);
}

/** Rules that did not hold when they were last asked. */
export function readAlarms(reader: Reader): Promise<Alarm[]> {
  return reader.all<Alarm>(sql`select rule, since from unread.alarm order by since, rule limit 1000`);
}
