import { sql, type Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';

/**
 * In place of notices whose address is gone, and which were called off for that, the same at these, due now. An address that the step has told
 * already, or tells anyhow, is told once; one to which it was to go before it was gone for a while is told.
 * index: notice_pkey, notice_step_id_channel_address_twin_key
 */
export async function planInstead(tx: Tx, rows: readonly { readonly id: string; readonly address: string }[], at: Date): Promise<void> {
  if (rows.length === 0) return;
  await tx.run(sql`
    insert into notifications.notice (id, about, party_id, to_id, step_id, shipment_id, purpose, tells, channel, address, subject, body,
           encrypted_text, html, due_at, any_hour, needed_by, changed_at, twin)
    select distinct on (n.step_id, n.channel, lower(r.address))
           r."newId", n.about, n.party_id, n.to_id, n.step_id, n.shipment_id, n.purpose, n.tells, n.channel, r.address, n.subject, n.body,
           n.encrypted_text, n.html, ${at}::timestamptz, n.any_hour, n.needed_by, ${at}::timestamptz,
           coalesce((select max(o.twin) + 1 from notifications.notice o where o.step_id = n.step_id and o.channel = n.channel and o.address = r.address), 0)
      from json_to_recordset(${JSON.stringify(rows.map((row) => ({ ...row, newId: newId() })))}) as r(id uuid, address text, "newId" uuid)
      join notifications.notice n on n.id = r.id and n.state = 'cancelled' and n.failure = 'address-gone'
     where not exists (select from notifications.notice o
                        where o.step_id = n.step_id and o.channel = n.channel and lower(o.address) = lower(r.address)
                          and not (o.state = 'cancelled' and o.failure is not distinct from 'address-gone'))
     order by n.step_id, n.channel, lower(r.address), n.id
    on conflict do nothing`);
}
