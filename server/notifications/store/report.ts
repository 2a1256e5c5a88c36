import { type Sql, sql, type Tx } from '#kernel/database.ts';
import type { RefusedReason } from '../ports.ts';
import type { ClaimedNotice } from './delivery.ts';

/** What a carrier says later of a notice that it took: named by our id, or by its Message-ID. */
export interface DeliveryReport {
  readonly notice: string | null;
  readonly messageId: string | null;
  readonly outcome: 'delivered' | 'failed';
  /** Why it failed. */
  readonly reason: RefusedReason | null;
  readonly answer: string | null;
}

/** A report without whom it is about: as it is kept with a notice. */
export type Word = Omit<DeliveryReport, 'notice' | 'messageId'>;

/** A notice that was handed over, and what a carrier has said of it since. */
export interface ReportedNotice
  extends Omit<ClaimedNotice, 'subject' | 'body' | 'html' | 'orderedFor' | 'anyHour' | 'neededBy' | 'isReported'>,
    Word {}

/** What one server has delivered another may give back: a list, an address that forwards, a handset. Source: RFC 3464 §2.3.3. */
const isTaken = (outcome: Sql): Sql => sql`(n.state = 'handed-over' or n.state = 'delivered' and ${outcome} = 'failed')`;
const isTakenOf = isTaken(sql`r.outcome`);
/** A carrier was asked, and whether it took the notice is not noted: it is being asked, or its answer was lost. */
const isUnderWay = sql`(n.state = 'handing-over' or n.state = 'due' and n.attempts > 0)`;

function named(reports: readonly DeliveryReport[], state: Sql): Sql {
  const given = sql`json_to_recordset(${JSON.stringify(reports)}) as r(notice uuid, "messageId" text, outcome text, reason text, answer text)`;
  return sql`
    select distinct on (f.id) f.*
      from (select n.id, r.outcome, r.reason, r.answer from ${given} join notifications.notice n on n.id = r.notice where ${state}
             union all
            select n.id, r.outcome, r.reason, r.answer from ${given} join notifications.notice n on n.message_id = r."messageId" where ${state}) f
     order by f.id`;
}

/**
 * Locks the notices that reports speak of, by their id or Message-ID: whoever notes that one was handed over has done so, or will see
 * what is written here. In the order of ids, so that two who bring the same never wait for each other. index: notice_pkey, notice_message_id_key
 */
export function lockReported(tx: Tx, reports: readonly DeliveryReport[]): Promise<number> {
  return tx.run(sql`
    select from notifications.notice
     where id in (select named.id from (${named(reports, sql`(${isTakenOf} or ${isUnderWay})`)}) named) order by id for update`);
}

/**
 * Settles notices that the next server had taken; what is settled otherwise, or is nobody's, is passed over. The first word stands, but that
 * what was delivered came back.
 * index: notice_pkey, notice_message_id_key
 */
export function settleReported(tx: Tx, reports: readonly DeliveryReport[]): Promise<ReportedNotice[]> {
  return tx.all<ReportedNotice>(sql`
    with named as materialized (${named(reports, isTakenOf)})
    update notifications.notice n
       set state = case named.outcome when 'delivered' then 'delivered' else 'failed' end, failure = case named.outcome when 'failed' then coalesce(named.reason, 'carrier-refused') end,
           carrier_answer = coalesce(named.answer, n.carrier_answer), reported = null, changed_at = clock.now()
      from named
     where n.id = named.id and ${isTaken(sql`named.outcome`)}
    returning n.id, n.about, n.party_id as party, n.to_id as "to", n.step_id as step, n.shipment_id as shipment, n.purpose, n.channel, n.address,
              n.message_id as "messageId", n.attempts, named.outcome, named.reason, named.answer`);
}

/**
 * Keeps what is said of notices that are not noted as handed over, for whoever settles their attempt, and says of how many. One that waits for its
 * next attempt is due at once: it is settled, and not sent again. The first word stands. index: notice_pkey, notice_message_id_key
 */
export function keepEarly(tx: Tx, reports: readonly DeliveryReport[]): Promise<number> {
  return tx.run(sql`
    with named as materialized (${named(reports, isUnderWay)})
    update notifications.notice n
       set reported = jsonb_build_object('outcome', named.outcome, 'reason', named.reason, 'answer', named.answer),
           due_at = case when n.state = 'due' then least(n.due_at, clock.now()) else n.due_at end
      from named
     where n.id = named.id and ${isUnderWay} and n.reported is null`);
}
