import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { tellFailure } from '../climb/decide-step.ts';
import type { WatchFailure, WatchKey } from '../types.ts';
import { isOpen } from './open.ts';

/** Marks open watches as failed; telling the sender is all that is left to do of them, and due at once. */
export function saveFailures(tx: Tx, rows: readonly WatchFailure[], { published }: { readonly published: boolean }): void {
  const [about, party, at] = [rows.map((r) => r.about), rows.map((r) => r.party), rows.map((r) => r.at)];
  tx.send(sql`
    with failed as (
      update watch.item i
         set failed_at = r.at, failure = r.reason, next_action = ${tellFailure.name}, next_action_at = r.at
        from unnest(${about}::uuid[], ${party}::uuid[], ${at}::timestamptz[], ${rows.map((r) => r.reason)}::text[]) as r(about, party_id, at, reason)
       where i.about = r.about and i.party_id = r.party_id and ${isOpen} and i.failed_at is null
         and (i.published_at is not null) = ${published}
      returning i.about, i.party_id, i.failed_at)
    insert into watch.step (id, about, party_id, name, spec, source, due_at, changed_at)
    select watch.step_id(about, party_id, ${tellFailure.name}), about, party_id, ${tellFailure.name}, ${JSON.stringify(tellFailure)}::jsonb, 'policy',
           failed_at, failed_at
      from failed`);
  tx.send(sql`
    update watch.step s set state = 'cancelled', reason = 'failed', changed_at = r.at
      from unnest(${about}::uuid[], ${party}::uuid[], ${at}::timestamptz[]) as r(about, party_id, at)
      join watch.item i on i.about = r.about and i.party_id = r.party_id and i.failed_at is not null
     where s.about = r.about and s.party_id = r.party_id and s.state = 'due' and s.name <> ${tellFailure.name}`);
}

export interface ToldFailure extends WatchKey {
  /** The step of the notice that is to tell the sender. */
  readonly step: string;
}

/**
 * Which notice tells of which failure. Only one that still waits to go counts: it is worded with this failure among those
 * that it tells of, and nobody can take it before this transaction ends. Where there is none, the sender is tried again.
 */
export function saveFailureNotices(tx: Tx, rows: readonly ToldFailure[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i set failure_notice_step = r.step
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.step)}::uuid[]) as r(about, party_id, step)
     where i.about = r.about and i.party_id = r.party_id and ${isOpen}
       and exists (select from notifications.notice_face n where n.step_id = r.step and n.state = 'due' and n.attempts = 0)`);
}

/** Open watches whose failure these notices told of, in the one order of locks. -- index: item_open_failure_notice */
export function lockFailuresToldBy(tx: Tx, steps: readonly string[]): Promise<(WatchKey & { readonly failure: string })[]> {
  return tx.all(sql`
    select i.about, i.party_id as party, i.failure
      from watch.item i
     where i.failure_notice_step = any(${steps}::uuid[]) and i.settled_at is null
     order by i.about, i.party_id
       for update`);
}

/** Letters and files are told of apart. */
export function countKey(sender: PartyId, isFile: boolean): string {
  return `${sender} ${isFile ? 'files' : 'letters'}`;
}

/** How much of each sender's post has failed without the sender having been told, by `countKey`. -- index: item_open_failed */
export async function countFailures(reader: Reader, senders: readonly PartyId[]): Promise<Map<string, number>> {
  const rows = await reader.all<{ sender: PartyId; isFile: boolean; n: number }>(sql`
    select coalesce(told_to, sender_id) as sender, is_file as "isFile", count(*)::integer as n
      from watch.item
     where coalesce(told_to, sender_id) = any(${senders}::uuid[]) and failed_at is not null and settled_at is null
     group by 1, 2`);
  return new Map(rows.map(({ sender, isFile, n }) => [countKey(sender, isFile), n]));
}
