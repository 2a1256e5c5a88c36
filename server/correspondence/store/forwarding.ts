import { encryptedAt, keepText, openRows } from '#kernel/contents.ts';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { AttachmentId, CorrespondenceId, PartyId } from '#kernel/ids.ts';

/** A letter that a reader sends on. */
export interface Forwarding {
  readonly id: string;
  readonly messageId: CorrespondenceId;
  /** Trimmed, in lower case. */
  readonly address: string;
  readonly words: string | null;
  readonly partyId: PartyId;
  readonly forwardedAt: Date;
  readonly dueAt: Date;
}

const placeOfWords = (forwarding: string): string => `words of forwarding ${forwarding}`;

/** Refused by the database when the message has been sent to the address before. */
export function saveForwardings(tx: Tx, rows: readonly Forwarding[]): void {
  if (rows.length === 0) return;
  const kept = rows.map((row) => {
    const { plain, encrypted } = keepText(tx, row.words, placeOfWords(row.id));
    return { ...row, words: plain, encryptedWords: encrypted };
  });
  tx.send(sql`
    insert into correspondence.forwarding (id, message_id, address, words, encrypted_words, party_id, forwarded_at, due_at, changed_at)
    select id, "messageId", address, words, "encryptedWords", "partyId", "forwardedAt", "dueAt", "forwardedAt"
      from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as r (
           id uuid, "messageId" uuid, address text, words text, "encryptedWords" bytea, "partyId" uuid, "forwardedAt" timestamptz, "dueAt" timestamptz)`);
}

/** Whether the message was ever sent on to this address. index: forwarding_message_id_address_key */
export async function wasForwardedTo(reader: Reader, message: CorrespondenceId, address: string): Promise<boolean> {
  const row = await reader.maybe(sql`select 1 from correspondence.forwarding where message_id = ${message} and address = ${address}`);
  return row !== undefined;
}

export interface ClaimedForwarding extends Forwarding {
  readonly mailId: string;
  /** This one counted. */
  readonly attempts: number;
  /** In place of `words`. */
  readonly encryptedWords: Buffer | null;
}

/** What its reader wrote to a forwarding. Asked when the mail is written, so that one that cannot be opened holds up no other. */
export async function wordsOf(reader: Reader, claimed: ClaimedForwarding): Promise<string | null> {
  const [words] = await openRows(
    reader,
    [claimed],
    ({ id, encryptedWords }) => [encryptedAt(encryptedWords, placeOfWords(id))],
    ({ words }, [opened]) => opened ?? words,
  );
  return words!;
}

/**
 * Takes the one that is due longest, or whose attempt was never settled within its lease. It gets its Message-ID with its first
 * attempt and keeps it. What others hold is passed over; the lease is real time. index: forwarding_due
 */
export function claimForwarding(
  tx: Tx,
  claim: { readonly leaseSeconds: number; readonly mailDomain: string },
): Promise<ClaimedForwarding | undefined> {
  return tx.maybe<ClaimedForwarding>(sql`
    with due as (
      select id from correspondence.forwarding
       where state in ('due', 'handing-over') and due_at <= clock.now() and (leased_until is null or leased_until < statement_timestamp())
       order by due_at
       limit 1
         for update skip locked)
    update correspondence.forwarding f
       set state = 'handing-over', attempts = f.attempts + 1, changed_at = clock.now(),
           mail_id = coalesce(f.mail_id, '<' || f.id || '@' || ${claim.mailDomain}::text || '>'),
           leased_until = statement_timestamp() + make_interval(secs => ${claim.leaseSeconds}::double precision)
      from due
     where f.id = due.id
    returning f.id, f.message_id as "messageId", f.address, f.words, f.encrypted_words as "encryptedWords", f.party_id as "partyId", f.forwarded_at as "forwardedAt",
              f.due_at as "dueAt", f.mail_id as "mailId", f.attempts`);
}

export interface ForwardingSettlement {
  readonly id: string;
  readonly attempts: number;
  readonly state: 'handed-over' | 'due' | 'failed' | 'withdrawn';
  readonly dueAt: Date | null;
  readonly answer: string | null;
}

/** Writes what became of a claim. False when others have taken it over since. */
export async function settleForwarding(tx: Tx, { id, attempts, state, dueAt, answer }: ForwardingSettlement): Promise<boolean> {
  const settled = await tx.run(sql`
    update correspondence.forwarding
       set state = ${state}, due_at = coalesce(${dueAt}::timestamptz, due_at), carrier_answer = coalesce(${answer}, carrier_answer),
           leased_until = null, changed_at = clock.now()
     where id = ${id} and state = 'handing-over' and attempts = ${attempts}`);
  return settled === 1;
}

/** When the next is to be tried; null when none is. index: forwarding_due */
export async function findNextForwarding(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`
    select due_at as at from correspondence.forwarding where state in ('due', 'handing-over') order by due_at limit 1`);
  return row?.at ?? null;
}

/** What opens a file in place of an attachment; only the digest of its token is kept. */
export interface FileLink {
  readonly digest: Buffer;
  readonly forwardingId: string;
  readonly attachmentId: AttachmentId;
  readonly expiresAt: Date;
  readonly usesLeft: number;
}

export function saveFileLinks(tx: Tx, rows: readonly FileLink[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    insert into correspondence.file_link (digest, forwarding_id, attachment_id, expires_at, uses_left)
    select decode(digest, 'hex'), forwarding, attachment, expires, uses
      from unnest(${rows.map((r) => r.digest.toString('hex'))}::text[], ${rows.map((r) => r.forwardingId)}::uuid[],
                  ${rows.map((r) => r.attachmentId)}::uuid[], ${rows.map((r) => r.expiresAt)}::timestamptz[],
                  ${rows.map((r) => r.usesLeft)}::smallint[]) as r (digest, forwarding, attachment, expires, uses)`);
}

export interface UsedLink {
  readonly forwardingId: string;
  readonly attachmentId: AttachmentId;
  readonly messageId: CorrespondenceId;
}

/** Takes one use of a link. Undefined when there is no such link, its time is over or it has no use left. index: file_link_pkey */
export function useFileLink(tx: Tx, digest: Buffer): Promise<UsedLink | undefined> {
  return tx.maybe<UsedLink>(sql`
    update correspondence.file_link l
       set uses_left = l.uses_left - 1
      from correspondence.forwarding f
     where l.digest = decode(${digest.toString('hex')}, 'hex') and l.uses_left > 0 and l.expires_at > clock.now() and f.id = l.forwarding_id
    returning l.forwarding_id as "forwardingId", l.attachment_id as "attachmentId", f.message_id as "messageId"`);
}

/** Links whose time is over. index: file_link_expires */
export function removeOldLinks(tx: Tx, limit: number): Promise<number> {
  return tx.run(sql`
    delete from correspondence.file_link
     where digest in (select digest from correspondence.file_link where expires_at <= clock.now() order by expires_at limit ${limit} for update skip locked)`);
}
