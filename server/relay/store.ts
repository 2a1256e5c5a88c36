import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { ShipmentState } from './states.ts';

export interface NewShipment {
  readonly id: string;
  readonly about: string;
  readonly party: PartyId;
  readonly sender: PartyId;
  readonly resource: ResourceId;
  readonly confidential: boolean;
  readonly address: readonly string[];
  readonly at: Date;
}

/** One at a time for each watch: another that is taken while the first is under way adds nothing. */
export function saveShipments(tx: Tx, rows: readonly NewShipment[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into relay.shipment (id, about, party_id, sender_id, resource_id, confidential, address, state, due_at, accepted_at, changed_at)
    select r.id, r.about, r.party, r.sender, r.resource, r.confidential, r.address, 'accepted', r.at, r.at, r.at
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, about uuid, party uuid, sender uuid, resource text, confidential boolean,
           address text[], at timestamptz)
    on conflict do nothing`);
}

export interface Shipment extends Omit<NewShipment, 'at'> {
  readonly state: ShipmentState;
  readonly reason: string | null;
  readonly letterSha256: string | null;
  readonly attempts: number;
  readonly acceptedAt: Date;
  readonly droppedAt: Date | null;
  readonly printedAt: Date | null;
  readonly postedAt: Date | null;
  /** When it was found that the house has it, though nobody wants it printed any more. */
  readonly notStoppedAt: Date | null;
  readonly changedAt: Date;
}

const columns = sql`
  s.id, s.about, s.party_id as party, s.sender_id as sender, s.resource_id as resource, s.confidential, s.address, s.state, s.reason, s.letter_sha256 as "letterSha256", s.attempts,
  s.accepted_at as "acceptedAt", s.dropped_at as "droppedAt", s.printed_at as "printedAt", s.posted_at as "postedAt", s.not_stopped_at as "notStoppedAt", s.changed_at as "changedAt"`;

/** Takes one that is due, or whose attempt was never settled within its lease. The lease is real time. -- index: shipment_due */
export function claimShipment(tx: Tx, leaseSeconds: number): Promise<Shipment | undefined> {
  return tx.maybe<Shipment>(sql`
    with due as (
      select id from relay.shipment
       where state = 'accepted' and due_at <= clock.now() and (leased_until is null or leased_until < statement_timestamp())
       order by due_at
       limit 1
         for update skip locked)
    update relay.shipment s
       set attempts = s.attempts + 1, leased_until = statement_timestamp() + make_interval(secs => ${leaseSeconds}::double precision)
      from due
     where s.id = due.id
    returning ${columns}`);
}

/** Waits for whoever works on them, in one order for all. -- index: the primary key */
export function lockShipments(tx: Tx, ids: readonly string[]): Promise<Shipment[]> {
  return tx.all<Shipment>(sql`select ${columns} from relay.shipment s where s.id = any(${ids}::uuid[]) order by s.id for update`);
}

export interface ShipmentMove {
  readonly id: string;
  readonly state: ShipmentState;
  readonly reason: string | null;
  /** Of the letter, by whoever has packed it; null keeps what stands. */
  readonly letterSha256?: string | null;
}

export function saveShipmentMoves(tx: Tx, rows: readonly ShipmentMove[], at: Date): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update relay.shipment s
       set state = r.state, reason = r.reason, leased_until = null, changed_at = ${at}, letter_sha256 = coalesce(r."letterSha256", s.letter_sha256),
           dropped_at = case when r.state = 'dropped' then ${at} else s.dropped_at end,
           printed_at = case when r.state = 'printed' then ${at} else s.printed_at end,
           posted_at = case when r.state = 'posted' then ${at} else s.posted_at end
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, state text, reason text, "letterSha256" text)
     where s.id = r.id`);
}

/** The attempt came to nothing, and another is made later. */
export function postponeShipment(tx: Tx, id: string, attempts: number, dueAt: Date): void {
  tx.send(sql`
    update relay.shipment set leased_until = null, due_at = ${dueAt}
     where id = ${id} and state = 'accepted' and attempts = ${attempts}`);
}

/** All of a message, oldest first. -- index: shipment_about */
export function listShipmentsOf(reader: Reader, about: string): Promise<Shipment[]> {
  return reader.all<Shipment>(sql`select ${columns} from relay.shipment s where s.about = ${about} order by s.accepted_at, s.id limit 100`);
}

/** When the next attempt is to be made, in domain time; null when none is. -- index: shipment_due */
export async function nextRelayDueAt(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(
    sql`select due_at as at from relay.shipment where state = 'accepted' order by due_at limit 1`,
  );
  return row?.at ?? null;
}

export interface UnwantedShipment extends Shipment {
  /** Its sender has ended it, and believes that it goes to nobody. */
  readonly isSendersWord: boolean;
}

/**
 * What lies at the house, and nobody wants printed any more: its sender has decided, or somebody has opened or deleted it, within a week. What the
 * house was found to have is left out. -- index: shipment_at_house, the primary key of the watch
 */
export function listUnwanted(reader: Reader, after: string | null, limit: number): Promise<UnwantedShipment[]> {
  return reader.all<UnwantedShipment>(sql`
    select ${columns}, i.outcome is not null and i.outcome in ('recalled', 'read-elsewhere', 'accepted-unread') as "isSendersWord"
      from relay.shipment s join watch.item_face i on i.about = s.about and i.party_id = s.party_id
     where s.state in ('dropped', 'printed') and s.not_stopped_at is null and (${after}::uuid is null or s.id > ${after})
       and (i.settled_at > clock.now() - interval '7 days' and i.outcome <> 'relayed' or i.opened_at > clock.now() - interval '7 days')
     order by s.id limit ${limit}`);
}

export function saveNotStopped(tx: Tx, ids: readonly string[], at: Date): void {
  if (ids.length === 0) return;
  tx.send(sql`update relay.shipment set not_stopped_at = ${at} where id = any(${ids}::uuid[])`);
}
