import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { StepState } from '../states.ts';
import type { StepSpec, WatchKey } from '../types.ts';

export interface WatchStep {
  readonly id: string;
  readonly about: string;
  readonly party: PartyId;
  readonly name: string;
  readonly spec: StepSpec;
  readonly source: 'policy' | 'sender';
  readonly orderId: string | null;
  readonly dueAt: Date;
  readonly state: StepState;
  readonly reason: string | null;
  readonly changedAt: Date;
}

export interface ClaimedStep extends WatchKey {
  readonly id: string;
  readonly party: PartyId;
  /** Domain time of the claim. */
  readonly at: Date;
}

/**
 * Takes due steps together with their watches, passing over what others hold. A step whose watch is just being opened is
 * passed over too, and is gone when the opening is committed: the two cannot both win. -- index: step_due
 */
export function claimDueSteps(tx: Tx, limit: number): Promise<ClaimedStep[]> {
  return tx.all<ClaimedStep>(sql`
    select s.id, s.about, s.party_id as party, clock.now() as at
      from watch.step s
      join watch.item i on i.about = s.about and i.party_id = s.party_id
     where s.state = 'due' and s.due_at <= clock.now() and i.settled_at is null
     order by s.due_at
     limit ${limit}
       for update of i, s skip locked`);
}

/** Every step of these watches, in the order in which they fall due. -- index: step_about */
export function listSteps(reader: Reader, keys: readonly WatchKey[]): Promise<WatchStep[]> {
  return reader.all<WatchStep>(sql`
    select s.id, s.about, s.party_id as party, s.name, s.spec, s.source, s.order_id as "orderId", s.due_at as "dueAt", s.state, s.reason,
           s.changed_at as "changedAt"
      from watch.step s
      join unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
        on s.about = k.about and s.party_id = k.party_id
     order by s.due_at, s.id`);
}

export function saveTaken(
  tx: Tx,
  rows: readonly { readonly id: string; readonly state: StepState; readonly reason: string | null }[],
  at: Date,
): void {
  tx.send(sql`
    update watch.step s set state = r.state, reason = r.reason, changed_at = ${at}
      from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.state)}::text[], ${rows.map((r) => r.reason)}::text[]) as r(id, state, reason)
     where s.id = r.id and s.state = 'due'`);
}

/** The sender is told at once: nobody at the recipient could be. */
export function hastenTellingSender(tx: Tx, keys: readonly WatchKey[], at: Date): void {
  if (keys.length === 0) return;
  tx.send(sql`
    update watch.step s set due_at = ${at}, changed_at = ${at}
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
     where s.about = k.about and s.party_id = k.party_id and s.name = 'tell-sender' and s.state = 'due' and s.due_at > ${at}`);
}

/**
 * A second try by the other channel for steps whose notices all failed: once for each. Steps that were themselves a
 * second try get none.
 */
export function saveOtherwise(tx: Tx, failed: readonly { readonly step: string; readonly channel: 'email' | 'sms' }[], at: Date): void {
  tx.send(sql`
    insert into watch.step (id, about, party_id, name, spec, source, order_id, due_at, changed_at)
    select watch.step_id(s.about, s.party_id, 'otherwise ' || s.id), s.about, s.party_id, 'notify-otherwise',
           s.spec || jsonb_build_object('name', 'notify-otherwise', 'channel', case f.channel when 'email' then 'sms' else 'email' end),
           s.source, s.order_id, ${at}, ${at}
      from unnest(${failed.map((f) => f.step)}::uuid[], ${failed.map((f) => f.channel)}::text[]) as f(step, channel)
      join watch.step s on s.id = f.step and s.name <> 'notify-otherwise'
    on conflict (id) do nothing`);
}

/** -- index: step_due */
export async function findNextDue(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`select due_at as at from watch.step where state = 'due' order by due_at limit 1`);
  return row?.at ?? null;
}
