import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';

/** What was not sent, since its address hears the same already. */
export interface Suppressed {
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId | null;
  readonly step: string;
  /** Planned, and called off when it was due; or told after all, since the one who was told for all was not. */
  readonly notice: string | null;
  readonly purpose: string;
  readonly channel: 'email' | 'sms';
  readonly address: string;
}

export function saveSuppressed(tx: Tx, rows: readonly Suppressed[], at: Date): void {
  if (rows.length === 0) return;
  const given = rows.map(({ about, party, to, step, notice, purpose, channel, address }) => ({
    ...{ id: newId(), about, party, to, step, notice, purpose, channel, address },
  }));
  tx.send(sql`
    insert into notifications.suppressed (id, about, party_id, to_id, step_id, notice_id, purpose, channel, address, at)
    select id, about, party, "to", step, notice, purpose, channel, address, ${at}
      from json_to_recordset(${JSON.stringify(given)}) as r(id uuid, about uuid, party uuid, "to" uuid, step uuid, notice uuid, purpose text, channel text, address text)
    on conflict do nothing`);
}

/** Of these notices those whose address was told the same since, or is just being told by one that was claimed before. -- index: notice_pkey, notice_about */
export function listTwins(reader: Reader, ids: readonly string[], since: Date): Promise<{ id: string; isSent: boolean }[]> {
  return reader.all(sql`
    select n.id, bool_or(t.state <> 'handing-over') as "isSent"
      from notifications.notice n
      join notifications.notice t on t.about = n.about and t.party_id = n.party_id and t.id <> n.id and t.channel = n.channel
                                 and t.purpose = n.purpose and lower(t.address) = lower(n.address)
     where n.id = any(${ids}::uuid[])
       and ((t.state in ('handed-over', 'delivered') and t.changed_at > ${since}) or (t.state = 'handing-over' and (t.changed_at, t.id) < (n.changed_at, n.id) and t.cancelled_at is null))
     group by n.id`);
}

/**
 * Of each of these notices that has failed, or moved to another address, and told an address for several people or instead of another step, the next of them: a notice
 * of its own, due now, in the words that the address was told for all, or in those of the other step. One that was called off has none.
 * index: notice_pkey, suppressed_step_id_channel_to_id_address_key, suppressed_about
 */
export async function planNextTwins(tx: Tx, failed: readonly string[], at: Date): Promise<void> {
  if (failed.length === 0) return;
  await tx.run(sql`
    with failed as (
      select * from notifications.notice where id = any(${failed}::uuid[])
         and (state = 'failed' and cancelled_at is null or state = 'cancelled' and failure = 'address-gone')),
    twin as (
      select n.id as failed, s.id as suppressed, s.to_id, s.address, n.id as worded
        from failed n
        join notifications.suppressed s on s.step_id = n.step_id and s.channel = n.channel and lower(s.address) = lower(n.address) and s.notice_id is null
       union all
      select n.id, s.id, s.to_id, s.address, c.id
        from failed n
        join notifications.suppressed s on s.about = n.about and s.party_id = n.party_id and s.purpose = n.purpose and s.channel = n.channel
                                       and lower(s.address) = lower(n.address) and s.step_id <> n.step_id
        join notifications.notice c on c.id = s.notice_id and c.state = 'cancelled'),
    next as (
      select distinct on (failed) * from twin order by failed, suppressed),
    planned as (
      insert into notifications.notice (id, about, party_id, to_id, step_id, shipment_id, purpose, tells, channel, address, subject, body,
             encrypted_text, html, due_at, any_hour, needed_by, changed_at, twin)
      select next.suppressed, w.about, w.party_id, next.to_id, w.step_id, w.shipment_id, w.purpose, w.tells, w.channel, next.address, w.subject, w.body,
             w.encrypted_text, w.html, ${at}::timestamptz, w.any_hour, w.needed_by, ${at}::timestamptz, w.twin + 1
        from next join notifications.notice w on w.id = next.worded
      on conflict do nothing
      returning id)
    update notifications.suppressed s set notice_id = planned.id from planned where s.id = planned.id`);
}
