import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { HandOver } from '../ports.ts';

export function saveAttempts(tx: Tx, rows: readonly (HandOver & { readonly notice: string; readonly attempt: number })[], at: Date): void {
  if (rows.length === 0) return;
  const given = rows.map((row) => ({ ...row, reason: row.kind === 'refused' ? row.reason : null }));
  tx.send(sql`
    insert into notifications.attempt (notice_id, attempt, at, outcome, reason, answer)
    select notice, attempt, ${at}, kind, reason, answer
      from json_to_recordset(${JSON.stringify(given)}) as r(notice uuid, attempt smallint, kind text, reason text, answer text)
    on conflict (notice_id, attempt) do nothing`);
}

/** A notice with every attempt to hand it over; or one that was not sent because its address had heard the same. */
export interface AttemptedNotice {
  readonly id: string;
  readonly party: PartyId | null;
  readonly to: PartyId | null;
  readonly purpose: string;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  /** As the notice has it; `suppressed`, and `quiet` of nothing else than waiting. */
  readonly state: string;
  readonly failure: string | null;
  readonly dueAt: Date | null;
  readonly changedAt: Date;
  readonly orderedBySender: boolean;
  readonly attempts: readonly { readonly attempt: number; readonly at: string; readonly outcome: string; readonly reason: string | null }[];
}

/** Oldest first, by their ids. index: notice_about, suppressed_about, attempt_pkey */
export function listAttempted(reader: Reader, about: string, page: { after: string | null; limit: number }): Promise<AttemptedNotice[]> {
  return reader.all<AttemptedNotice>(sql`
    select * from (
      select n.id, n.party_id as party, n.to_id as "to", n.purpose, n.channel, n.address,
             case when s.id is not null and n.state = 'cancelled' then 'suppressed' else n.state end as state, n.failure,
             case when n.state in ('due', 'handing-over') then n.due_at end as "dueAt", n.changed_at as "changedAt",
             n.shipment_id is not null as "orderedBySender",
             coalesce((select json_agg(json_build_object('attempt', a.attempt, 'at', a.at, 'outcome', a.outcome, 'reason', a.reason) order by a.attempt)
                         from notifications.attempt a where a.notice_id = n.id), '[]') as attempts
        from notifications.notice n
        left join notifications.suppressed s on s.about = n.about and s.notice_id = n.id
       where n.about = ${about}
       union all
      select s.id, s.party_id, s.to_id, s.purpose, s.channel, s.address, 'suppressed', null, null, s.at, false, '[]'
        from notifications.suppressed s where s.about = ${about} and s.notice_id is null) each
     where ${page.after}::uuid is null or id > ${page.after}::uuid
     order by id limit ${page.limit}`);
}
