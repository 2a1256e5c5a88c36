import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { FileTransferId, PartyId } from '#kernel/ids.ts';
import type { RecipientStatus } from '../states.ts';

interface Held {
  readonly id: FileTransferId;
  readonly party: PartyId;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** For a recipient of a transfer that the transaction has locked: what it said it holds is what was sent. */
export function saveConfirmedHash(tx: Tx, { id, party, sha256, at }: Held & { readonly at: Date }): void {
  tx.send(sql`
    update broker.recipient set confirmed_sha256 = ${sha256}, confirmed_hash_at = ${at}
     where file_transfer_id = ${id} and party_id = ${party}`);
}

/** For a recipient of a transfer that the transaction has locked: what it said it holds is not what was sent. */
export function saveDispute(tx: Tx, { id, party, sha256, at }: Held & { readonly at: Date }): void {
  tx.send(sql`
    update broker.recipient set disputed_sha256 = ${sha256}, disputed_at = ${at} where file_transfer_id = ${id} and party_id = ${party}`);
}

/** The last byte has been handed to recipients, which the transaction has locked. */
export function saveFetched(tx: Tx, rows: readonly (Pick<Held, 'id' | 'party'> & { readonly at: Date })[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update broker.recipient r set fetched_at = k.at, fetched_bytes = null
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.party)}::uuid[], ${rows.map((row) => row.at)}::timestamptz[])
           as k (id, party, at)
     where r.file_transfer_id = k.id and r.party_id = k.party`);
}

/** Runs of bytes that are remembered of one recipient's parts: more gaps than any client leaves. */
const mostRuns = 1000;

/**
 * A part has been handed to a recipient to its last byte. Tells whether, with those before, it has the whole; then counting begins anew.
 * A part that would make more than a thousand separate runs is not remembered.
 */
export async function saveFetchedPart(
  tx: Tx,
  {
    id,
    party,
    start,
    end,
    sizeBytes,
  }: Pick<Held, 'id' | 'party'> & { readonly start: number; readonly end: number; readonly sizeBytes: number },
): Promise<boolean> {
  await tx.maybe(sql`select 1 from broker.recipient where file_transfer_id = ${id} and party_id = ${party} for update`);
  const row = await tx.one<{ isWhole: boolean }>(sql`
    with joined as (
      select coalesce(fetched_bytes, '{}') + int8multirange(int8range(${start}::bigint, ${end}::bigint, '[]')) as bytes, fetched_bytes as before
        from broker.recipient where file_transfer_id = ${id} and party_id = ${party}
    ), judged as (
      select bytes @> int8range(0, ${sizeBytes}::bigint) as whole,
             case when (select count(*) from unnest(bytes)) > ${mostRuns} then before else bytes end as kept
        from joined
    )
    update broker.recipient set fetched_bytes = case when whole then null else kept end
      from judged where file_transfer_id = ${id} and party_id = ${party}
    returning whole as "isWhole"`);
  return row.isWhole;
}

export interface Hashes {
  readonly partyId: PartyId;
  readonly status: RecipientStatus;
  readonly confirmedAt: Date | null;
  readonly downloads: number;
  readonly fetchedAt: Date | null;
  readonly confirmedSha256: string | null;
  readonly confirmedHashAt: Date | null;
  readonly disputedSha256: string | null;
  readonly disputedAt: Date | null;
}

/** What recipients of a transfer said they hold, in the order in which they were named; of these parties alone where some are given. index: recipient_pkey */
export function findHashes(reader: Reader, id: FileTransferId, parties: readonly PartyId[] | null): Promise<Hashes[]> {
  return reader.all<Hashes>(sql`
    select party_id as "partyId", status, confirmed_at as "confirmedAt", downloads, fetched_at as "fetchedAt", confirmed_sha256 as "confirmedSha256",
           confirmed_hash_at as "confirmedHashAt",
           disputed_sha256 as "disputedSha256", disputed_at as "disputedAt"
      from broker.recipient
     where file_transfer_id = ${id} and (${parties}::uuid[] is null or party_id = any(${parties}::uuid[]))
     order by ordinal`);
}
