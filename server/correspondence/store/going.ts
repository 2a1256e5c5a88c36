import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import type { TellingWatch } from '#watch/index.ts';

/** An attachment whose bytes go then, and how far its letters' watches have been told. */
export interface Going {
  readonly id: AttachmentId;
  readonly until: Date;
  /** Submissions up to this one have been. */
  readonly after: string | null;
  /** Watches by which its senders will hear, when all have been. */
  readonly telling: readonly TellingWatch[];
}

/** From the start, for whatever reason it had been begun before. */
export function saveGoing(tx: Tx, rows: readonly Pick<Going, 'id' | 'until'>[], at: Date): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into correspondence.going (attachment_id, until, since)
    select id, until, ${at} from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.until)}::timestamptz[]) as r (id, until)
    on conflict (attachment_id) do update set until = excluded.until, since = excluded.since, after = null, telling = '[]'`);
}

/** The first that no other process is at, locked. */
export function claimGoing(tx: Tx): Promise<Going | undefined> {
  return tx.maybe<Going>(sql`
    select attachment_id as id, until, after, telling from correspondence.going
     order by since, attachment_id limit 1 for update skip locked`);
}

/** The next submissions that carry it, of so many messages together, or of more where one alone has more. -- index: submission_attachment_attachment, message_submission */
export async function listCarrying(reader: Reader, { id, after }: Going, mostMessages: number): Promise<string[]> {
  const rows = await reader.all<{ submission: string }>(sql`
    select submission
      from (select l.submission, sum(m.n) over (order by l.submission) - m.n as before
              from (select distinct submission_id as submission from correspondence.submission_attachment
                     where attachment_id = ${id} and submission_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
                     order by submission_id limit ${mostMessages}) l
             cross join lateral (select count(*) as n from correspondence.message where submission_id = l.submission) m) each
     where before < ${mostMessages}
     order by submission`);
  return rows.map(({ submission }) => submission);
}

/** Their messages, for their watches. -- index: message_submission */
export const goingWith = ({ id, until }: Going, submissions: readonly string[]): Sql => sql`
  select ${id}::uuid as thing, m.id as about, m.recipient_id as party_id, ${until}::timestamptz as until
    from correspondence.message m
   where m.submission_id = any(${submissions}::uuid[]) and m.purged_at is null`;

export function saveGoingSoFar(tx: Tx, { id, after, telling }: Going): void {
  tx.send(sql`update correspondence.going set after = ${after}, telling = ${JSON.stringify(telling)}::jsonb where attachment_id = ${id}`);
}

export function endGoing(tx: Tx, { id }: Going): void {
  tx.send(sql`delete from correspondence.going where attachment_id = ${id}`);
}
