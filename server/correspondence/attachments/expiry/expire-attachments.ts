import { findKeepUnreadDays } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party } from '#register/index.ts';
import { beginKeeping, type GoingBytes, unreadBytesEvent } from '#watch/index.ts';
import { attachmentEvent } from '../../events.ts';
import { partOf } from '../../send/content-hash.ts';
import { attachmentTexts, movedAttachment } from '../../states.ts';
import { type Attachment, saveAttachmentMoves, saveAttachmentStatuses } from '../../store/attachment.ts';
import { listUnread, lockExpiring, markExpirySeen, saveKeeping, saveUnreadUntil } from '../../store/expiry.ts';
import { saveGoing } from '../../store/going.ts';
import { releaseShared } from '../release-shared.ts';
import { noteGoing } from './note-going.ts';

const batch = 100;

/**
 * Attachments whose time is over for every message that carries them expire: clients see it, their owner is told, and nobody
 * downloads them any more. Their bytes go at once only when no message that carries them is still watched: what is unread
 * keeps them (`lookAfterKept`), and their owner hears until when. Where a resource keeps none, what is on paper keeps them all the same. `more` when there may be another batch; safe to run twice and in several processes.
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
  await noteGoing(ctx);
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
  const keepDays = await findKeepUnreadDays(tx, [...new Set(attachments.map(({ resourceId }) => resourceId))]);
  const over = attachments.map((attachment) => ({ attachment, keeping: beginKeeping(at, keepDays.get(attachment.resourceId)) }));
  const isUnread = ({ attachment }: (typeof over)[number]) => unread.has(attachment.id);
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
  publishEvents(
    tx,
    over.filter(isUnread).map(({ attachment, keeping }) => unreadBytesEvent(goingOf(attachment, ownerOf(owners, attachment), keeping), at)),
  );
  saveUnreadUntil(
    tx,
    over.map(({ attachment, keeping }) => ({ id: attachment.id, until: keeping.until })),
  );
  const kept = over.filter(isUnread).map(({ attachment, keeping }) => ({ id: attachment.id, ...keeping }));
  saveKeeping(tx, kept);
  saveGoing(tx, kept, at);
  await purgeBytes(
    tx,
    over.filter((one) => !isUnread(one)).map(({ attachment }) => attachment),
    at,
    'expired',
  );
}

/** The bytes of attachments that this transaction has locked go. */
export async function purgeBytes(tx: Tx, attachments: readonly Attachment[], at: Date, because: string): Promise<void> {
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
  await releaseShared(tx, attachments);
}

/** Unread bytes, and for how long they are there yet. */
export function goingOf(
  { id, resourceId }: Attachment,
  sender: Party,
  { days, until }: { readonly days: number; readonly until: Date },
): GoingBytes {
  return { id, kind: 'attachment', resource: resourceId, sender, goesAt: until, daysLeft: days };
}

export function ownerOf(owners: ReadonlyMap<PartyId, Party>, { ownerId }: Attachment): Party {
  return owners.get(ownerId)!;
}
