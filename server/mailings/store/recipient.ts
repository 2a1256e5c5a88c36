import type { MassOpenability, OwnWords } from '#correspondence/index.ts';
import { type CopyTx, copyText } from '#db/index.ts';
import { encryptedAt, keepText, openRows } from '#kernel/contents.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import type { Chunk } from './chunk.ts';

/** Someone who will be sent the letter, as a line of the mailing. */
export interface StagedRecipient {
  readonly line: number;
  readonly partyId: PartyId;
  readonly messageId: CorrespondenceId;
  readonly openability: MassOpenability;
  readonly own: OwnWords | null;
}

const copyStatement = `copy mailings.recipient (mailing_id, line, party_id, message_id, class, openers, grantors, attachment_locked, access_version,
  grantor_ids, own, encrypted_own) from stdin`;

/** Where the own words of a line are kept: what they are encrypted for. */
const placeOfOwn = (message: string): string => `own words of message ${message}`;

/** Refused by the index `recipient_once` when one of them stands in the mailing already. */
export async function copyRecipients(tx: CopyTx, mailing: string, rows: readonly StagedRecipient[]): Promise<void> {
  if (rows.length === 0) return;
  const lines = rows.map(({ line, partyId, messageId, openability: o, own }) => {
    const grantors = o.grantorIds.length > 0 ? `{${o.grantorIds.join(',')}}` : '\\N';
    const words = keepText(tx, own === null ? null : JSON.stringify(own), placeOfOwn(messageId));
    return `${mailing}\t${line}\t${partyId}\t${messageId}\t${o.class}\t${o.openers}\t${o.grantors}\t${o.attachmentLocked}\t${o.accessVersion}\t${grantors}\t${copyText(words.plain)}\t${copyText(words.encrypted)}\n`;
  });
  await tx.copy(copyStatement, lines.join(''));
}

/** Which of these stand in the mailing already. index: recipient_once */
export async function findTwice(reader: Reader, mailing: string, parties: readonly PartyId[]): Promise<Set<PartyId>> {
  const rows = await reader.all<{ id: PartyId }>(sql`
    select party_id as id from mailings.recipient where mailing_id = ${mailing} and party_id = any(${parties}::uuid[])`);
  return new Set(rows.map(({ id }) => id));
}

/** A staged recipient, and the access version at it now. */
export interface FoundRecipient extends StagedRecipient {
  readonly currentVersion: string;
}

/** The recipients of these chunks, in the order of their lines. index: recipient_pkey */
export async function listStaged(reader: Reader, chunks: readonly Chunk[]): Promise<FoundRecipient[]> {
  const rows = await reader.all<
    Omit<StagedRecipient, 'openability'> &
      MassOpenability & { grantorIds: PartyId[] | null; currentVersion: string; encryptedOwn: Buffer | null }
  >(sql`
    select r.line, r.party_id as "partyId", r.message_id as "messageId", r.class, r.openers, r.grantors, r.attachment_locked as "attachmentLocked",
           r.access_version as "accessVersion", r.grantor_ids as "grantorIds", r.own, r.encrypted_own as "encryptedOwn",
           coalesce(v.version, 0) as "currentVersion"
      from unnest(${chunks.map((c) => c.mailingId)}::uuid[], ${chunks.map((c) => c.firstLine)}::integer[], ${chunks.map((c) => c.lastLine)}::integer[])
           as c (mailing_id, first_line, last_line)
      join mailings.recipient r on r.mailing_id = c.mailing_id and r.line between c.first_line and c.last_line
      left join access.current_version v on v.party_id = r.party_id
     order by r.line`);
  return openRows(
    reader,
    rows,
    ({ messageId, encryptedOwn }) => [encryptedAt(encryptedOwn, placeOfOwn(messageId))],
    ({ line, partyId, messageId, own, encryptedOwn: _, currentVersion, grantorIds, ...openability }, [opened]) => ({
      line,
      partyId,
      messageId,
      own: opened ? (JSON.parse(opened) as OwnWords) : own,
      currentVersion,
      openability: { ...openability, grantorIds: grantorIds ?? [] },
    }),
  );
}

/** What openability these have now. */
export function saveOpenabilities(tx: Tx, mailing: string, rows: readonly Pick<StagedRecipient, 'line' | 'openability'>[]): void {
  if (rows.length === 0) return;
  const given = rows.map(({ line, openability }) => ({ line, ...openability }));
  tx.send(sql`
    update mailings.recipient r
       set class = g.class, openers = g.openers, grantors = g.grantors, attachment_locked = g."attachmentLocked",
           access_version = g."accessVersion", grantor_ids = nullif(g."grantorIds", '{}')
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g (line integer, class text, openers integer, grantors integer,
           "attachmentLocked" boolean, "accessVersion" bigint, "grantorIds" uuid[])
     where r.mailing_id = ${mailing} and r.line = g.line`);
}

/** Taken out of the mailing. */
export function removeRecipients(tx: Tx, mailing: string, lines: readonly number[]): void {
  if (lines.length === 0) return;
  tx.send(sql`delete from mailings.recipient where mailing_id = ${mailing} and line = any(${lines}::integer[])`);
}

export interface SentLine {
  readonly line: number;
  readonly correspondenceId: CorrespondenceId;
}

/** Lines whose messages are written, with the ids of those. index: recipient_pkey, chunk_pkey */
export function listSentLines(reader: Reader, mailing: string, after: number, limit: number): Promise<SentLine[]> {
  return reader.all<SentLine>(sql`
    select r.line, r.message_id as "correspondenceId"
      from mailings.recipient r
      join lateral (select c.sent_at from mailings.chunk c
                     where c.mailing_id = r.mailing_id and c.first_line <= r.line order by c.first_line desc limit 1) c on c.sent_at is not null
     where r.mailing_id = ${mailing} and r.line > ${after}
     order by r.line
     limit ${limit}`);
}

/** Deletes lines of mailings that ended before this time, some thousands at once; whether there may be more. index: mailing_ended */
export async function forgetLines(tx: Tx, endedBefore: Date, limit: number): Promise<boolean> {
  const mailing = await tx.maybe<{ id: string }>(sql`
    select id from mailings.mailing
     where ended_at < ${endedBefore} and forgotten_at is null
     order by ended_at
     limit 1
       for update skip locked`);
  if (!mailing) return false;
  const { id } = mailing;
  const recipients = await tx.run(sql`
    delete from mailings.recipient where mailing_id = ${id} and line in (select line from mailings.recipient where mailing_id = ${id} order by line limit ${limit})`);
  const refusals = await tx.run(sql`
    delete from mailings.refusal where mailing_id = ${id} and line in (select line from mailings.refusal where mailing_id = ${id} order by line limit ${limit})`);
  if (recipients < limit && refusals < limit) tx.send(sql`update mailings.mailing set forgotten_at = clock.now() where id = ${id}`);
  return true;
}
