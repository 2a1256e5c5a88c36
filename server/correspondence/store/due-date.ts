import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { MessageState } from '../states.ts';

/** A submission whose due date has passed, and how far its messages have been looked after. */
export interface DueSubmission {
  readonly id: string;
  readonly dueAt: Date;
  readonly after: CorrespondenceId | null;
}

/** The one that has waited longest. What another worker holds is left to it. index: submission_due */
export function lockDueSubmission(tx: Tx): Promise<DueSubmission | undefined> {
  return tx.maybe<DueSubmission>(sql`
    select id, due_at as "dueAt", due_told_to as after
      from correspondence.submission
     where due_at <= clock.now() and due_told_at is null
     order by due_at
     limit 1
       for update skip locked`);
}

/** A message when its due date passes. */
export interface DueMessage {
  readonly id: CorrespondenceId;
  readonly resourceId: ResourceId;
  readonly ownerId: PartyId;
  readonly recipientId: PartyId;
  readonly state: MessageState;
  readonly publishedAt: Date | null;
  readonly readAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly isConfirmationNeeded: boolean;
}

const columns = sql`
  m.id, m.resource_id as "resourceId", m.owner_id as "ownerId", m.recipient_id as "recipientId", m.state, m.published_at as "publishedAt",
  coalesce(m.read_at, m.opened_at) as "readAt", m.confirmed_at as "confirmedAt", s.is_confirmation_needed as "isConfirmationNeeded"`;

/**
 * The next messages of a submission in the order of their ids, held until the transaction ends: whoever is just reading is waited for.
 * Two statements on purpose: the second reads what those who were waited for have done. index: message_submission
 */
export async function lockMessagesAfter(tx: Tx, { id, after }: DueSubmission, limit: number): Promise<DueMessage[]> {
  const held = await tx.all<{ id: CorrespondenceId }>(sql`
    select id from correspondence.message
     where submission_id = ${id} and (${after}::uuid is null or id > ${after})
     order by id
     limit ${limit}
       for share`);
  return listDueMessages(
    tx,
    held.map((message) => message.id),
  );
}

function listDueMessages(tx: Tx, ids: readonly CorrespondenceId[]): Promise<DueMessage[]> {
  return tx.all<DueMessage>(sql`
    select ${columns}
      from correspondence.message m
      join correspondence.submission s on s.id = m.submission_id
     where m.id = any(${ids}::uuid[])
     order by m.id`);
}

/** `to` null: all of its messages have been looked after. */
export function saveDueProgress(tx: Tx, { id }: DueSubmission, to: CorrespondenceId | null): void {
  tx.send(sql`
    update correspondence.submission
       set due_told_to = coalesce(${to}::uuid, due_told_to), due_told_at = case when ${to}::uuid is null then clock.now() end
     where id = ${id}`);
}

/** Messages whose due date has passed before they were published: they are looked after again. */
export function saveLate(tx: Tx, ids: readonly CorrespondenceId[], dueAt: Date): void {
  if (ids.length === 0) return;
  tx.send(sql`
    insert into correspondence.due_late (message_id, due_at) select id, ${dueAt} from unnest(${ids}::uuid[]) as id on conflict do nothing`);
}

/** Of these, those that wait for their publication no more, and are not waited for any longer. What another worker holds is left to it. */
export async function takeLate(tx: Tx, limit: number): Promise<DueMessage[]> {
  const taken = await tx.all<{ id: CorrespondenceId }>(sql`
    delete from correspondence.due_late
     where message_id in (
           select l.message_id
             from correspondence.due_late l
             join correspondence.message m on m.id = l.message_id and m.state not in ('Initialized', 'ReadyForPublish')
            order by l.message_id
            limit ${limit}
              for update of l skip locked)
    returning message_id as id`);
  return listDueMessages(
    tx,
    taken.map(({ id }) => id),
  );
}

/** When the next due date passes. index: submission_due */
export async function findNextDueDate(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`
    select due_at as at from correspondence.submission where due_at is not null and due_told_at is null order by due_at limit 1`);
  return row?.at ?? null;
}
