import type { LetterToMany } from '#correspondence/index.ts';
import { encryptedAt, keepText, openRows } from '#kernel/contents.ts';
import type { Caller } from '#kernel/context.ts';
import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { AttachmentId, PartyId } from '#kernel/ids.ts';
import type { MailingState } from '../states.ts';
import type { Reach } from './chunk.ts';

/** A caller as it is kept: scopes as a list. */
export type StoredCaller = Omit<Caller, 'scopes'> & { readonly scopes: readonly string[] };

/** Where the sender has something to weigh before it sends. */
export type DoubtfulReach = Extract<Reach, 'UNREACHABLE' | 'GRANTABLE' | 'COLD'>;

export interface Mailing {
  readonly id: string;
  readonly partyId: PartyId;
  readonly idempotencyKey: string;
  readonly contentSha256: string;
  readonly resourceId: string;
  readonly letter: LetterToMany;
  readonly attachments: readonly AttachmentId[];
  readonly state: MailingState;
  readonly stalledBy: string | null;
  readonly received: number;
  readonly checkAskedAt: Date | null;
  readonly checkAskedBy: StoredCaller | null;
  readonly releaseAt: Date | null;
  readonly releasedBy: StoredCaller | null;
  /** Whom it is not sent to, by how likely it is that they open it. */
  readonly leaveOut: readonly DoubtfulReach[];
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const columns = sql`
  id, party_id as "partyId", idempotency_key as "idempotencyKey", content_sha256 as "contentSha256", resource_id as "resourceId", letter,
  encrypted_letter as "encryptedLetter",
  attachments, state, stalled_by as "stalledBy", received, check_asked_at as "checkAskedAt", check_asked_by as "checkAskedBy", release_at as "releaseAt",
  released_by as "releasedBy", leave_out as "leaveOut", created_at as "createdAt", ended_at as "endedAt"`;

/** Where the letter of a mailing is kept: what it is encrypted for. */
const placeOfLetter = (mailing: string): string => `letter of mailing ${mailing}`;

async function select(reader: Reader, where: Sql): Promise<Mailing[]> {
  const rows = await reader.all<Mailing & { readonly encryptedLetter: Buffer | null }>(
    sql`select ${columns} from mailings.mailing where ${where}`,
  );
  return openRows(
    reader,
    rows,
    ({ id, encryptedLetter }) => [encryptedAt(encryptedLetter, placeOfLetter(id))],
    ({ encryptedLetter: _, ...row }, [letter]) => (letter ? { ...row, letter: JSON.parse(letter) } : row),
  );
}

export type NewMailingRow = Pick<
  Mailing,
  'id' | 'partyId' | 'idempotencyKey' | 'contentSha256' | 'resourceId' | 'letter' | 'attachments' | 'createdAt'
>;

/** Saves a mailing unless its party has used the key; tells whether it was saved. Another that saves the same key is waited for. */
export async function saveMailing(tx: Tx, row: NewMailingRow): Promise<boolean> {
  const letter = keepText(tx, JSON.stringify(row.letter), placeOfLetter(row.id));
  const saved = await tx.run(sql`
    insert into mailings.mailing (id, party_id, idempotency_key, content_sha256, resource_id, letter, encrypted_letter, attachments, state, created_at)
    values (${row.id}, ${row.partyId}, ${row.idempotencyKey}, ${row.contentSha256}, ${row.resourceId}, ${letter.plain ?? '{}'},
            ${letter.encrypted}::bytea, ${row.attachments}, 'Open', ${row.createdAt})
    on conflict (party_id, idempotency_key) do nothing`);
  return saved === 1;
}

/** index: mailing_pkey */
export async function findMailing(reader: Reader, id: string): Promise<Mailing | undefined> {
  return (await select(reader, sql`id = ${id}`))[0];
}

/** index: mailing_party_id_idempotency_key_key */
export async function findMailingByKey(reader: Reader, party: PartyId, key: string): Promise<Mailing | undefined> {
  return (await select(reader, sql`party_id = ${party} and idempotency_key = ${key}`))[0];
}

/** The mailing; others that take lines or move it wait until the transaction ends. */
export async function lockMailing(tx: Tx, id: string): Promise<Mailing | undefined> {
  const locked = await tx.maybe(sql`select id from mailings.mailing where id = ${id} for update`);
  return locked ? findMailing(tx, id) : undefined;
}

/** A party's own mailings, newest first. index: mailing_own */
export function listMailings(reader: Reader, party: PartyId, before: string | null, limit: number): Promise<Mailing[]> {
  return select(reader, sql`party_id = ${party} and (${before}::uuid is null or id < ${before}::uuid) order by id desc limit ${limit}`);
}

/** What changes as a mailing moves; what is left out stays. */
export interface MailingChange {
  readonly state?: MailingState;
  readonly releaseAt?: Date;
  readonly releasedBy?: StoredCaller;
  readonly leaveOut?: readonly DoubtfulReach[] | undefined;
  readonly endedAt?: Date;
  readonly checkAskedAt?: Date;
  readonly checkAskedBy?: StoredCaller;
  readonly stalledBy?: string | undefined;
}

/** For a mailing that the transaction has locked. Whatever it stalled by is over unless it is said anew. */
export function saveMailingChange(tx: Tx, id: string, change: MailingChange): void {
  tx.send(sql`
    update mailings.mailing
       set state = coalesce(${change.state ?? null}, state), release_at = coalesce(${change.releaseAt ?? null}, release_at),
           released_by = coalesce(${change.releasedBy ? JSON.stringify(change.releasedBy) : null}::jsonb, released_by),
           leave_out = coalesce(${change.leaveOut ?? null}::text[], leave_out),
           ended_at = coalesce(${change.endedAt ?? null}, ended_at), check_asked_at = coalesce(${change.checkAskedAt ?? null}, check_asked_at),
           check_asked_by = coalesce(${change.checkAskedBy ? JSON.stringify(change.checkAskedBy) : null}::jsonb, check_asked_by),
           stalled_by = ${change.stalledBy ?? null}
     where id = ${id}`);
}

/** For a mailing that the transaction has locked: lines up to this one are taken for good. */
export function saveReceived(tx: Tx, id: string, line: number): void {
  tx.send(sql`update mailings.mailing set received = ${line} where id = ${id}`);
}

/** Mailings that were released and have nothing left to send are finished. index: mailing_released, chunk_unsent */
export async function finishMailings(tx: Tx, at: Date): Promise<number> {
  return tx.run(sql`
    update mailings.mailing m
       set state = 'Finished', ended_at = ${at}
     where m.state = 'Released' and m.release_at <= ${at}
       and not exists (select from mailings.chunk c where c.mailing_id = m.id and c.sent_at is null)`);
}

/** When the next release is due that is not yet under way. index: mailing_released */
export async function findNextRelease(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`
    select release_at as at from mailings.mailing where state = 'Released' order by release_at limit 1`);
  return row?.at ?? null;
}
