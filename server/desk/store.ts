import { type Invariant, type Reader, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { Cause, Outcome } from '#watch/index.ts';

export interface AcceptedMessage {
  readonly id: CorrespondenceId;
  readonly ownerId: PartyId;
  readonly recipientId: PartyId;
  readonly resourceId: ResourceId;
}

/** index: message_pkey */
export async function listAcceptedMessages(
  reader: Reader,
  ids: readonly CorrespondenceId[],
): Promise<Map<CorrespondenceId, AcceptedMessage>> {
  const rows = await reader.all<AcceptedMessage>(sql`
    select id, owner_id as "ownerId", recipient_id as "recipientId", resource_id as "resourceId"
      from correspondence.accepted_message
     where id = any(${ids}::uuid[])`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** How much of what these have sent is open under watch just now. index: item_open_sender */
export async function countOpenWatches(reader: Reader, senders: readonly PartyId[]): Promise<number> {
  const { n } = await reader.one<{ n: number }>(sql`
    select count(*)::integer as n from watch.item_face where settled_at is null and sender_id = any(${senders}::uuid[])`);
  return n;
}

export interface Finding {
  readonly name: string;
  readonly rows: readonly Record<string, unknown>[];
}

/** Asks every invariant; those that hold answer no rows. One after the other, so that a check never takes more than one connection. */
export async function findViolations(reader: Reader, invariants: readonly Invariant[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, find } of invariants) findings.push({ name, rows: await reader.all(find) });
  return findings;
}

export interface Standing {
  readonly id: CorrespondenceId;
  readonly openedAt: Date | null;
  readonly cause: Cause | null;
  readonly outcome: Outcome | null;
  readonly settledAt: Date | null;
  readonly nextStepAt: Date | null;
}

/** Where messages stand. index: item_pkey */
export async function listStandings(reader: Reader, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, Standing>> {
  const rows = await reader.all<Standing>(sql`
    select i.about as id, i.opened_at as "openedAt", c.cause, i.outcome, i.settled_at as "settledAt",
           case when i.settled_at is null then i.next_action_at end as "nextStepAt"
      from watch.item_face i
      left join watch.open_cause c on c.about = i.about and c.party_id = i.party_id
     where i.about = any(${ids}::uuid[])`);
  return new Map(rows.map((row) => [row.id, row]));
}
