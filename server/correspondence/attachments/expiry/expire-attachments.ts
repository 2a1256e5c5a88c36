import { releaseBlobs } from '#blobs/index.ts';
import { publishEvents } from '#events/index.ts';
import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party } from '#register/index.ts';
import { keptUntil, nextLook } from '#watch/index.ts';
import { attachmentEvent } from '../../events.ts';
import { partOf } from '../../send/content-hash.ts';
import { attachmentTexts, movedAttachment } from '../../states.ts';
import { type Attachment, saveAttachmentMoves, saveAttachmentStatuses } from '../../store/attachment.ts';
import { listUnread, lockExpiring, markExpirySeen, saveKeeping } from '../../store/expiry.ts';

const batch = 100;

/**
 * Attachments whose time is over for every message that carries them expire: clients see it, their owner is told, and nobody
 * downloads them any more. Their bytes go at once only when no message that carries them is still watched: what is unread
 * keeps them (`lookAfterKept`). `more` when there may be another batch; safe to run twice and in several processes.
 * Source: compatibility.md, correspondence, §8.4.
 */
export async function expireAttachments(ctx: Context): Promise<Swept> {
  const looked = await ctx.db.transaction(async (tx) => {
    const due = await lockExpiring(tx, batch);
    const at = ctx.now();
    markExpirySeen(
      tx,
      due.map(({ id }) => id),
    );
    const over = due.filter(({ state, latestExpiry }) => state === 'Published' && latestExpiry !== null && latestExpiry <= at);
    await expire(tx, over, at);
    return due.length;
  });
  return looked === batch ? 'more' : undefined;
}

async function expire(tx: Tx, attachments: readonly Attachment[], at: Date): Promise<void> {
  if (attachments.length === 0) return;
  const ids = attachments.map(({ id }) => id);
  const owners = await findParties(
    tx,
    attachments.map(({ ownerId }) => ownerId),
  );
  const unread = await listUnread(tx, ids);
  const until = keptUntil(at);
  saveAttachmentMoves(
    tx,
    attachments.map(({ id, state }) => ({ id, state: movedAttachment(state, 'expire') })),
  );
  saveAttachmentStatuses(
    tx,
    ids.map((attachmentId) => ({ attachmentId, status: 'Expired' as const, text: attachmentTexts.expired, at, party: null })),
  );
  publishEvents(
    tx,
    attachments.map((attachment) => attachmentEvent('attachmentexpired', attachment, ownerOf(owners, attachment), at)),
  );
  saveKeeping(
    tx,
    ids.filter((id) => unread.has(id)).map((id) => ({ id, until, lookAt: nextLook(until, at), warned: 0 })),
  );
  purgeBytes(
    tx,
    attachments.filter(({ id }) => !unread.has(id)),
    at,
    'expired',
  );
}

/** The bytes of attachments that this transaction has locked go. */
export function purgeBytes(tx: Tx, attachments: readonly Attachment[], at: Date, because: string): void {
  recordEvidence(
    tx,
    attachments.map((attachment) => ({
      event: 'ContentPurged',
      about: attachment.id,
      at,
      proves: 'recorded',
      core: { with: because },
      who: budstikkeItself,
      what: partOf(attachment),
    })),
  );
  releaseBlobs(
    tx,
    attachments.flatMap(({ blobKey }) => blobKey ?? []),
  );
}

export function ownerOf(owners: ReadonlyMap<PartyId, Party>, { ownerId }: Attachment): Party {
  return owners.get(ownerId)!;
}
