import { type Reader, type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** A code on its way to an address. */
export interface StoredProof {
  readonly id: string;
  readonly party: PartyId;
  readonly at: PartyId | null;
  readonly resources: readonly string[] | null;
  /** The address that is confirmed anew. */
  readonly point: string | null;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly codeSha256: string;
  readonly askedBy: PartyId;
}

/** A code is good for a quarter of an hour, and for so many tries. */
export const mostWrong = 5;

/** Answers when it ends, in real time. */
export async function saveProof(tx: Tx, p: StoredProof): Promise<Date> {
  const { expiresAt } = await tx.one<{ expiresAt: Date }>(sql`
    insert into contacts.proof (id, party_id, at_id, resources, point_id, channel, address, code_sha256, asked_by, asked_at, expires_at)
    values (${p.id}, ${p.party}, ${p.at}, ${p.resources}::text[], ${p.point}, ${p.channel}, ${p.address}, ${p.codeSha256}, ${p.askedBy},
            statement_timestamp(), statement_timestamp() + interval '15 minutes')
    returning expires_at as "expiresAt"`);
  return expiresAt;
}

/** `kari+1@example.no`, and `"kari"@example.no`, lie in the mailbox of `kari@example.no`. A mobile number is its own. */
const mailboxOf = (address: Sql): Sql => sql`regexp_replace(translate(lower(${address}), '"' || chr(92), ''), '[+][^@]*@', '@')`;

export type Asking = Pick<StoredProof, 'party' | 'askedBy' | 'address'>;

/**
 * How many codes were asked for within the hour: for the party, by the person for whichever parties, and to the mailbox by anybody.
 * One pass over codes that are still kept, which are those of a day.
 */
export function countProofs(
  reader: Reader,
  { party, askedBy, address }: Asking,
): Promise<{ forParty: number; byPerson: number; toMailbox: number }> {
  return reader.one(sql`
    select count(*) filter (where party_id = ${party})::integer as "forParty", count(*) filter (where asked_by = ${askedBy})::integer as "byPerson",
           count(*) filter (where ${mailboxOf(sql`address`)} = ${mailboxOf(sql`${address}::text`)})::integer as "toMailbox"
      from contacts.proof where asked_at > statement_timestamp() - interval '1 hour'`);
}

/** One at a time asks for codes for a party, by a person, to a mailbox; in one order of locks. */
export async function lockAsking(tx: Tx, { party, askedBy, address }: Asking): Promise<void> {
  await tx.run(sql`
    select pg_advisory_xact_lock(key)
      from (select distinct hashtextextended('contacts proof ' || what, 0) as key
              from unnest(array['for ' || ${party}::text, 'by ' || ${askedBy}::text, 'to ' || ${mailboxOf(sql`${address}::text`)}]) as w (what)
             order by key) each`);
}

export interface HeldProof extends StoredProof {
  readonly wrong: number;
  readonly isOver: boolean;
}

/** Others who type its code wait. index: proof_pkey */
export function lockProof(tx: Tx, id: string): Promise<HeldProof | undefined> {
  return tx.maybe<HeldProof>(sql`
    select id, party_id as party, at_id as at, resources, point_id as point, channel, address, code_sha256 as "codeSha256", asked_by as "askedBy", wrong,
           spent_at is not null or expires_at <= statement_timestamp() or wrong >= ${mostWrong} as "isOver"
      from contacts.proof where id = ${id} for update`);
}

export async function noteWrong(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`update contacts.proof set wrong = wrong + 1 where id = ${id}`);
}

/** It has served; so have others that were sent to the same address for the same. */
export async function spendProofs(tx: Tx, { party, at, address }: StoredProof): Promise<void> {
  await tx.run(sql`
    update contacts.proof set spent_at = statement_timestamp()
     where party_id = ${party} and at_id is not distinct from ${at} and lower(address) = lower(${address}) and spent_at is null`);
}

/** Of each address the last that was asked for and is still good. index: proof_party */
export function listWaiting(reader: Reader, party: PartyId): Promise<(StoredProof & { expiresAt: Date })[]> {
  return reader.all(sql`
    select distinct on (lower(address), at_id) id, channel, address, point_id as point, expires_at as "expiresAt"
      from contacts.proof
     where party_id = ${party} and asked_at > statement_timestamp() - interval '1 hour' and spent_at is null and wrong < ${mostWrong}
       and expires_at > statement_timestamp()
     order by lower(address), at_id, asked_at desc`);
}

/** Codes of yesterday. */
export function forgetProofs(tx: Tx): void {
  tx.send(sql`delete from contacts.proof where expires_at < statement_timestamp() - interval '1 day'`);
}
