import { sql, type Tx } from '#kernel/database.ts';
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

/** A notice that was handed over, and what a carrier has said of it since. */
export interface ReportedNotice extends Omit<ClaimedNotice, 'subject' | 'body' | 'html' | 'orderedFor' | 'anyHour' | 'neededBy'> {
  readonly outcome: DeliveryReport['outcome'];
  readonly reason: DeliveryReport['reason'];
  readonly answer: string | null;
}

/**
 * Settles notices that the next server had taken, by their id or Message-ID; what is settled otherwise, or is nobody's, is passed over.
 * The first word stands. In the order of ids, so that two who bring the same never wait for each other.
 * index: notice_pkey, notice_message_id_key
 */
export async function settleReported(tx: Tx, reports: readonly DeliveryReport[]): Promise<ReportedNotice[]> {
  const given = sql`json_to_recordset(${JSON.stringify(reports)}) as r(notice uuid, "messageId" text, outcome text, reason text, answer text)`;
  const named = sql`
    select distinct on (f.id) f.*
      from (select n.id, r.outcome, r.reason, r.answer from ${given} join notifications.notice n on n.id = r.notice where n.state = 'handed-over'
             union all
            select n.id, r.outcome, r.reason, r.answer from ${given} join notifications.notice n on n.message_id = r."messageId" where n.state = 'handed-over') f
     order by f.id`;
  await tx.run(sql`
    select from notifications.notice where id in (select named.id from (${named}) named) order by id for update`);
  return tx.all<ReportedNotice>(sql`
    with named as materialized (${named})
    update notifications.notice n
       set state = case named.outcome when 'delivered' then 'delivered' else 'failed' end, failure = case named.outcome when 'failed' then coalesce(named.reason, 'carrier-refused') end,
           carrier_answer = coalesce(named.answer, n.carrier_answer), changed_at = clock.now()
      from named
     where n.id = named.id and n.state = 'handed-over'
    returning n.id, n.about, n.party_id as party, n.to_id as "to", n.step_id as step, n.shipment_id as shipment, n.purpose, n.channel, n.address,
              n.message_id as "messageId", n.attempts, named.outcome, named.reason, named.answer`);
}
