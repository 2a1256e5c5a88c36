import type { Caller, Context } from '#kernel/context.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { lookAt } from '../look/look-at-transfer.ts';
import { findHashes, type Hashes } from '../store/custody.ts';
import { asOrganizationId } from '../wire.ts';
import type { CustodyView } from './wire.ts';

/**
 * Whose hash of a transfer's bytes is what: its sender's, ours and its recipients'. The sender sees all recipients, a recipient itself.
 * Refuses transferNotFound, noAccess.
 */
export async function showCustody(ctx: Context, caller: Caller, id: FileTransferId): Promise<CustodyView> {
  const { transfer: t, side, acting } = await lookAt(ctx.db, caller, id);
  const held = await findHashes(ctx.db, id, side === 'sender' ? null : [acting.party]);
  const parties = await findParties(
    ctx.db,
    held.map(({ partyId }) => partyId),
  );
  return {
    fileTransferId: t.id,
    fileTransferStatus: t.state,
    declared: { md5: t.declaredMd5, sha256: t.declaredSha256 },
    stored: t.sha256 === null ? null : { md5: t.md5, sha256: t.sha256, sizeBytes: t.sizeBytes ?? 0 },
    recipients: held.map((one) => ({
      recipient: asOrganizationId(parties.get(one.partyId)?.number ?? null),
      status: one.status,
      downloads: one.downloads,
      fetchedAt: one.fetchedAt?.toISOString() ?? null,
      confirmedAt: one.confirmedAt?.toISOString() ?? null,
      sha256: one.confirmedSha256,
      disputed: disputeOf(one),
      custody: custodyOf(one, t.sha256),
    })),
  };
}

function disputeOf({ disputedSha256, disputedAt }: Hashes): { sha256: string; at: string } | null {
  return disputedSha256 === null ? null : { sha256: disputedSha256, at: disputedAt!.toISOString() };
}

/** Pure. `whole`: the recipient has shown that it holds what was sent. `broken`: it has said that it holds something else, and nothing since. */
export function custodyOf(
  { confirmedAt, confirmedSha256, confirmedHashAt, disputedAt, status }: Hashes,
  stored: string | null,
): CustodyView['recipients'][number]['custody'] {
  const saidAt = Math.max(confirmedAt?.getTime() ?? 0, confirmedHashAt?.getTime() ?? 0);
  if (disputedAt !== null && disputedAt.getTime() >= saidAt) return 'broken';
  if (confirmedSha256 !== null && confirmedSha256 === stored) return 'whole';
  return status === 'DownloadConfirmed' ? 'confirmed-without-hash' : 'open';
}
