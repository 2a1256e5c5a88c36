import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { NoticeChannel } from '../channels.ts';

/** One order as clients know it: of one message, in one phase, to one who is notified. */
export interface ShipmentKey {
  readonly about: string;
  /** Of `saveOrders`. */
  readonly order: string;
  /** Place in the order's list of custom recipients; null: the recipient's own people. */
  readonly custom: number | null;
  /** The second try, by the other channel. */
  readonly otherwise: boolean;
}

export interface Shipment extends ShipmentKey {
  readonly id: string;
  readonly party: PartyId;
  readonly step: string;
  readonly isReminder: boolean;
  readonly channel: NoticeChannel;
  /** Nobody had an address: there is no notice. */
  readonly missing: boolean;
  readonly at: Date;
}

/** Which of them are new. One that found nobody and now finds somebody counts as new. */
export async function saveShipmentRows(tx: Tx, rows: readonly Shipment[]): Promise<Set<string>> {
  const saved = await tx.all<{ id: string }>(sql`
    insert into notifications.shipment as s (id, about, party_id, order_id, step_id, is_reminder, channel, custom, otherwise, missing, at)
    select id, about, party, "order", step, "isReminder", channel, custom, otherwise, missing, at
      from json_to_recordset(${JSON.stringify(rows)}) as r(id uuid, about uuid, party uuid, "order" uuid, step uuid, "isReminder" boolean,
           channel text, custom smallint, otherwise boolean, missing boolean, at timestamptz)
    on conflict (id) do update set missing = false, step_id = excluded.step_id, at = excluded.at where s.missing and not excluded.missing
    returning s.id`);
  return new Set(saved.map(({ id }) => id));
}

export interface StoredShipment {
  readonly id: string;
  readonly about: string;
  readonly party: PartyId;
  readonly order: string;
  readonly isReminder: boolean;
  readonly custom: number | null;
  readonly otherwise: boolean;
  readonly missing: boolean;
  readonly at: Date;
}

/** A shipment with how many of its notices went out, failed, and are under way; and what its sender has been told. */
export interface Progress extends StoredShipment {
  readonly sent: number;
  readonly failed: number;
  readonly open: number;
  readonly toldSent: boolean;
  readonly toldFailed: boolean;
}

/** Two statements on purpose: the second counts what the one who was waited for has settled. index: shipment_pkey, notice_about */
export async function lockShipments(tx: Tx, ids: readonly string[]): Promise<Progress[]> {
  await tx.run(sql`select from notifications.shipment where id = any(${ids}::uuid[]) order by id for update`);
  return tx.all<Progress>(sql`
    select s.id, s.about, s.party_id as party, s.order_id as "order", s.is_reminder as "isReminder", s.custom, s.otherwise, s.missing, s.at,
           s.sent_at is not null as "toldSent", s.failed_at is not null as "toldFailed", n.sent, n.failed, n.open
      from notifications.shipment s
     cross join lateral (
           select count(*) filter (where state in ('handed-over', 'delivered'))::integer as sent,
                  count(*) filter (where state = 'failed')::integer as failed,
                  count(*) filter (where state in ('due', 'handing-over'))::integer as open
             from notifications.notice n where n.about = s.about and n.shipment_id = s.id) n
     where s.id = any(${ids}::uuid[])
     order by s.id`);
}

export function saveProgress(
  tx: Tx,
  rows: readonly { readonly id: string; readonly sent: boolean; readonly failed: boolean }[],
  at: Date,
): void {
  tx.send(sql`
    update notifications.shipment s
       set sent_at = case when r.sent then coalesce(s.sent_at, ${at}) else s.sent_at end,
           failed_at = case when r.failed then coalesce(s.failed_at, ${at}) else s.failed_at end
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.sent)}::boolean[], ${rows.map((r) => r.failed)}::boolean[]) as r(id, sent, failed)
     where s.id = r.id`);
}

/** 1000 at most. index: shipment_about */
export function listShipmentRows(reader: Reader, about: readonly string[]): Promise<StoredShipment[]> {
  return reader.all<StoredShipment>(sql`
    select id, about, party_id as party, order_id as "order", is_reminder as "isReminder", custom, otherwise, missing, at
      from notifications.shipment
     where about = any(${about}::uuid[])
     order by at, custom nulls first, id
     limit 1000`);
}
