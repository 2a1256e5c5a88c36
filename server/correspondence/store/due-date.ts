import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import type { MessageState } from '../states.ts';

/** A submission whose due date has passed, and how far its messages have been looked after. */
export interface DueSubmission {
  readonly id: string;
  readonly dueAt: Date;
  readonly after: CorrespondenceId | null;
}

/** Those that have waited longest. What another worker holds is left to it. index: submission_due */
export function lockDueSubmissions(tx: Tx, limit: number): Promise<DueSubmission[]> {
  return tx.all<DueSubmission>(sql`
    select id, due_at as "dueAt", due_told_to as after
      from correspondence.submission
     where due_at <= clock.now() and due_told_at is null
     order by due_at
     limit ${limit}
       for update skip locked`);
}

/** A message when its due date passes. */
export interface DueMessage {
  readonly id: CorrespondenceId;
  readonly submissionId: string;
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
  m.id, m.submission_id as "submissionId", m.resource_id as "resourceId", m.owner_id as "ownerId", m.recipient_id as "recipientId", m.state, m.published_at as "publishedAt",
  coalesce(m.read_at, m.opened_at) as "readAt", m.confirmed_at as "confirmedAt", s.is_confirmation_needed as "isConfirmationNeeded"`;

/**
 * The next messages of these submissions in the order of their ids, of each at most `limit`, held until the transaction ends: whoever is
 * just reading is waited for. Two statements on purpose: the second reads what those who were waited for have done. index: message_submission
 */
export async function lockMessagesAfter(tx: Tx, submissions: readonly DueSubmission[], limit: number): Promise<DueMessage[]> {
  const held = await tx.all<{ id: CorrespondenceId }>(sql`
    select m.id
      from unnest(${submissions.map(({ id }) => id)}::uuid[], ${submissions.map(({ after }) => after)}::uuid[]) as s (id, after)
     cross join lateral (select n.id from correspondence.message n
                          where n.submission_id = s.id and (s.after is null or n.id > s.after) order by n.id limit ${limit}) n
      join correspondence.message m on m.id = n.id
     order by m.id
       for share of m`);
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

export interface DueProgress {
  readonly id: string;
  /** The last of its messages that has been looked after; null when all have. */
  readonly to: CorrespondenceId | null;
}

export function saveDueProgress(tx: Tx, rows: readonly DueProgress[]): void {
  tx.send(sql`
    update correspondence.submission s
       set due_told_to = coalesce(r.to_id, s.due_told_to), due_told_at = case when r.to_id is null then clock.now() end
      from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ to }) => to)}::uuid[]) as r (id, to_id)
     where s.id = r.id`);
}

/** Messages whose due date has passed before they were published: they are looked after again. */
export function saveLate(tx: Tx, rows: readonly { readonly id: CorrespondenceId; readonly dueAt: Date }[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into correspondence.due_late (message_id, due_at)
    select * from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ dueAt }) => dueAt)}::timestamptz[]) on conflict do nothing`);
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
