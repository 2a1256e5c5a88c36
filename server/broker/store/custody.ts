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
export function saveConfirmedHash(tx: Tx, { id, party, sha256 }: Held): void {
  tx.send(sql`update broker.recipient set confirmed_sha256 = ${sha256} where file_transfer_id = ${id} and party_id = ${party}`);
}

/** For a recipient of a transfer that the transaction has locked: what it said it holds is not what was sent. */
export function saveDispute(tx: Tx, { id, party, sha256, at }: Held & { readonly at: Date }): void {
  tx.send(sql`
    update broker.recipient set disputed_sha256 = ${sha256}, disputed_at = ${at} where file_transfer_id = ${id} and party_id = ${party}`);
}

/** The last byte has been handed to a recipient. */
export function saveFetched(tx: Tx, id: FileTransferId, party: PartyId, at: Date): void {
  tx.send(sql`update broker.recipient set fetched_at = ${at} where file_transfer_id = ${id} and party_id = ${party}`);
}

export interface Hashes {
  readonly partyId: PartyId;
  readonly status: RecipientStatus;
  readonly confirmedAt: Date | null;
  readonly downloads: number;
  readonly fetchedAt: Date | null;
  readonly confirmedSha256: string | null;
  readonly disputedSha256: string | null;
  readonly disputedAt: Date | null;
}

/** What recipients of a transfer said they hold, in the order in which they were named; of these parties alone where some are given. index: recipient_pkey */
export function findHashes(reader: Reader, id: FileTransferId, parties: readonly PartyId[] | null): Promise<Hashes[]> {
  return reader.all<Hashes>(sql`
    select party_id as "partyId", status, confirmed_at as "confirmedAt", downloads, fetched_at as "fetchedAt", confirmed_sha256 as "confirmedSha256",
           disputed_sha256 as "disputedSha256", disputed_at as "disputedAt"
      from broker.recipient
     where file_transfer_id = ${id} and (${parties}::uuid[] is null or party_id = any(${parties}::uuid[]))
     order by ordinal`);
}
