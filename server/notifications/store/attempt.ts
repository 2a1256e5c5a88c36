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
  /** It told of others too. */
  readonly together: boolean;
  readonly attempts: readonly { readonly attempt: number; readonly at: string; readonly outcome: string; readonly reason: string | null }[];
}

/** Oldest first, by their ids. index: notice_about, suppressed_about, attempt_pkey */
export function listAttempted(reader: Reader, about: string, page: { after: string | null; limit: number }): Promise<AttemptedNotice[]> {
  return listAttemptedWith(reader, about, [], page);
}

/** The same, with the notices of these steps, which told of it together with others. index: step_id of the unique key of notices */
export function listAttemptedWith(
  reader: Reader,
  about: string,
  together: readonly { readonly step: string; readonly party: PartyId }[],
  page: { after: string | null; limit: number },
): Promise<AttemptedNotice[]> {
  return reader.all<AttemptedNotice>(sql`
    with of as (
      select n.id, n.party_id from notifications.notice n where n.about = ${about}
       union
      select n.id, t.party_id
        from (select distinct * from unnest(${together.map(({ step }) => step)}::uuid[], ${together.map(({ party }) => party)}::uuid[])) as t(step_id, party_id)
        join notifications.notice n on n.step_id = t.step_id and n.about is null)
    select * from (
      select n.id, o.party_id as party, n.to_id as "to", n.purpose, n.channel, n.address,
             case when s.id is not null and n.state = 'cancelled' then 'suppressed' else n.state end as state, n.failure,
             case when n.state in ('due', 'handing-over') then n.due_at end as "dueAt", n.changed_at as "changedAt",
             n.shipment_id is not null as "orderedBySender", n.about is null as together,
             coalesce((select json_agg(json_build_object('attempt', a.attempt, 'at', a.at, 'outcome', a.outcome, 'reason', a.reason) order by a.attempt)
                         from notifications.attempt a where a.notice_id = n.id), '[]') as attempts
        from of o
        join notifications.notice n on n.id = o.id
        left join notifications.suppressed s on s.about = n.about and s.notice_id = n.id
       union all
      select s.id, s.party_id, s.to_id, s.purpose, s.channel, s.address, 'suppressed', null, null, s.at, false, false, '[]'
        from notifications.suppressed s where s.about = ${about} and s.notice_id is null) each
     where ${page.after}::uuid is null or id > ${page.after}::uuid
     order by id limit ${page.limit}`);
}
