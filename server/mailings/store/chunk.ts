import type { MassOpenability } from '#correspondence/index.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';

export type Reach = MassOpenability['class'];

/** Versions of policies by resource. */
export type Policies = Readonly<Record<string, number>>;

/** Lines that were taken together and will be sent together. */
export interface Chunk {
  readonly mailingId: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly staged: number;
  readonly policies: Policies;
  readonly checkedAt: Date;
}

export type ClassCounts = Readonly<Record<Reach, number>>;

export interface NewChunk extends Chunk {
  readonly refused: number;
  readonly classes: ClassCounts;
  /** Given for one that has nobody to send to. */
  readonly sentAt: Date | null;
}

export function saveChunk(tx: Tx, row: NewChunk): void {
  const { classes } = row;
  tx.send(sql`
    insert into mailings.chunk (mailing_id, first_line, last_line, staged, refused, unreachable, grantable, cold, reachable, proven, policies,
           checked_at, sent_at)
    values (${row.mailingId}, ${row.firstLine}, ${row.lastLine}, ${row.staged}, ${row.refused}, ${classes.UNREACHABLE}, ${classes.GRANTABLE},
            ${classes.COLD}, ${classes.REACHABLE}, ${classes.PROVEN}, ${JSON.stringify(row.policies)}, ${row.checkedAt}, ${row.sentAt})`);
}

const columns = sql`
  c.mailing_id as "mailingId", c.first_line as "firstLine", c.last_line as "lastLine", c.staged, c.policies, c.checked_at as "checkedAt"`;

/** Which chunks may be claimed: any, or those that come after one of the same mailing and are no larger; and how many. */
export interface Claim {
  readonly after: Chunk | null;
  readonly limit: number;
}

/**
 * Chunks of what is released and nobody else is sending, the first lines of every mailing before the later ones of any: a short mailing
 * does not wait for a long one. They are this transaction's until it ends: whoever dies gives them back. Read the mailing afterwards: it
 * may have been paused meanwhile. index: mailing_released, chunk_unsent
 */
export function claimChunks(tx: Tx, { after, limit }: Claim): Promise<Chunk[]> {
  return tx.all<Chunk>(sql`
    select ${columns}
      from mailings.mailing m
      join mailings.chunk c on c.mailing_id = m.id
     where m.state = 'Released' and m.release_at <= clock.now() and c.sent_at is null and (c.retry_at is null or c.retry_at <= clock.now())
       and (${after?.mailingId ?? null}::uuid is null
            or (m.id = ${after?.mailingId ?? null} and c.first_line > ${after?.firstLine ?? 0} and c.staged <= ${after?.staged ?? 0}))
     order by c.first_line, m.release_at, m.id
     limit ${limit}
       for update of c skip locked`);
}

/** A chunk whose openability was computed before its mailing was asked to check it anew. index: chunk_unsent */
export async function claimUnchecked(tx: Tx): Promise<Chunk | undefined> {
  return tx.maybe<Chunk>(sql`
    select ${columns}
      from mailings.mailing m
      join mailings.chunk c on c.mailing_id = m.id
     where m.check_asked_at is not null and m.ended_at is null and c.sent_at is null and c.checked_at < m.check_asked_at
     limit 1
       for update of c skip locked`);
}

/** Waits until nobody is sending lines of this mailing. Whoever comes later reads that it may not. index: chunk_unsent */
export async function awaitSenders(tx: Tx, mailing: string): Promise<void> {
  await tx.all(sql`select from mailings.chunk where mailing_id = ${mailing} and sent_at is null order by first_line for share`);
}

export interface SentChunk extends Pick<Chunk, 'mailingId' | 'firstLine'> {
  readonly sent: number;
  readonly dropped: number;
}

/** In the transaction that writes the messages. */
export function saveSent(
  tx: Tx,
  chunks: readonly SentChunk[],
  { submission, publishAt, at }: { readonly submission: string; readonly publishAt: Date | null; readonly at: Date },
): void {
  tx.send(sql`
    update mailings.chunk c
       set sent = r.sent, dropped = r.dropped, submission_id = ${submission}, publish_at = ${publishAt}, sent_at = ${at}
      from jsonb_to_recordset(${JSON.stringify(chunks)}::jsonb) as r ("mailingId" uuid, "firstLine" integer, sent integer, dropped integer)
     where c.mailing_id = r."mailingId" and c.first_line = r."firstLine"`);
}

/** What openability a chunk has now, and on which policies. */
export function saveChecked(tx: Tx, { mailingId, firstLine }: Chunk, counts: ClassCounts, policies: Policies, at: Date): void {
  tx.send(sql`
    update mailings.chunk
       set unreachable = ${counts.UNREACHABLE}, grantable = ${counts.GRANTABLE}, cold = ${counts.COLD}, reachable = ${counts.REACHABLE},
           proven = ${counts.PROVEN}, policies = ${JSON.stringify(policies)}, checked_at = ${at}
     where mailing_id = ${mailingId} and first_line = ${firstLine}`);
}

/** These could not be sent, and are tried again later; how often that happened to the unluckiest of them. */
export async function saveFailed(tx: Tx, chunks: readonly Chunk[], retryAt: Date): Promise<number> {
  const rows = await tx.all<{ failures: number }>(sql`
    update mailings.chunk c
       set failures = c.failures + 1, retry_at = ${retryAt}
      from unnest(${chunks.map((c) => c.mailingId)}::uuid[], ${chunks.map((c) => c.firstLine)}::integer[]) as r (mailing_id, first_line)
     where c.mailing_id = r.mailing_id and c.first_line = r.first_line and c.sent_at is null
    returning c.failures`);
  return Math.max(0, ...rows.map(({ failures }) => failures));
}

/** Whatever failed before is tried afresh. index: chunk_unsent */
export function forgetFailures(tx: Tx, mailing: string): void {
  tx.send(sql`update mailings.chunk set failures = 0, retry_at = null where mailing_id = ${mailing} and sent_at is null and failures > 0`);
}

export interface Progress extends ClassCounts {
  readonly staged: number;
  readonly refused: number;
  readonly dropped: number;
  readonly sent: number;
  /** Of those sent, whose time of publishing was not later. */
  readonly publishedAtOnce: number;
  readonly unchecked: boolean;
  readonly firstSentAt: Date | null;
  readonly lastSentAt: Date | null;
  /** Submissions whose messages are published later than they were sent. */
  readonly later: readonly string[];
}

/** Sums over all chunks of a mailing. index: chunk_pkey */
export function findProgress(reader: Reader, mailing: string): Promise<Progress> {
  return reader.one<Progress>(sql`
    select coalesce(sum(c.staged), 0)::integer as staged, coalesce(sum(c.refused), 0)::integer as refused,
           coalesce(sum(c.dropped), 0)::integer as dropped, coalesce(sum(c.sent), 0)::integer as sent,
           coalesce(sum(c.sent) filter (where c.publish_at is null), 0)::integer as "publishedAtOnce",
           coalesce(sum(c.unreachable), 0)::integer as "UNREACHABLE", coalesce(sum(c.grantable), 0)::integer as "GRANTABLE",
           coalesce(sum(c.cold), 0)::integer as "COLD", coalesce(sum(c.reachable), 0)::integer as "REACHABLE",
           coalesce(sum(c.proven), 0)::integer as "PROVEN",
           coalesce(bool_or(c.sent_at is null and c.checked_at < m.check_asked_at), false) as unchecked,
           min(c.sent_at) filter (where c.sent > 0) as "firstSentAt", max(c.sent_at) filter (where c.sent > 0) as "lastSentAt",
           coalesce(array_agg(distinct c.submission_id) filter (where c.publish_at <= clock.now()), '{}') as later
      from mailings.mailing m
      left join mailings.chunk c on c.mailing_id = m.id
     where m.id = ${mailing}`);
}
