import { type Reader, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import type { MessageState } from '../states.ts';

/** What decides whether a notification still has a point. */
export interface ConditionFacts {
  readonly state: MessageState;
  readonly published: boolean;
  /** As clients see it. */
  readonly read: boolean;
  /** By a reader's own right, and taken to its end, which is what counts for our own reminders. */
  readonly opened: boolean;
  readonly awaitsConfirmation: boolean;
  readonly recipientId: PartyId;
  readonly ignoreReservation: boolean;
}

/** Facts by message; ids that nobody has are left out. index: message_pkey */
export async function listConditions(reader: Reader, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, ConditionFacts>> {
  const rows = await reader.all<ConditionFacts & { id: CorrespondenceId }>(sql`
    select m.id, m.state, m.published_at is not null as published, m.read_at is not null as read, m.opened_at is not null and m.answers_out = 0 as opened,
           s.is_confirmation_needed and m.confirmed_at is null as "awaitsConfirmation", m.recipient_id as "recipientId",
           s.ignore_reservation as "ignoreReservation"
      from correspondence.message m
      join correspondence.submission s on s.id = m.submission_id
     where m.id = any(${ids}::uuid[])`);
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}

/** By message, the name that its sender goes by. index: message_pkey */
export async function listSenderNames(reader: Reader, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, string>> {
  const rows = await reader.all<{ id: CorrespondenceId; messageSender: string | null; ownerId: PartyId }>(sql`
    select m.id, s.message_sender as "messageSender", m.owner_id as "ownerId"
      from correspondence.message m
      join correspondence.submission s on s.id = m.submission_id
     where m.id = any(${ids}::uuid[])`);
  const owners = await findParties(reader, [...new Set(rows.map(({ ownerId }) => ownerId))]);
  return new Map(rows.map(({ id, messageSender, ownerId }) => [id, messageSender ?? owners.get(ownerId)?.name ?? '']));
}
