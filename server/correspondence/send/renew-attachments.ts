import type { Decision } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type AttachmentId, newId, type PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { attachmentEvent } from '../events.ts';
import { attachmentTexts } from '../states.ts';
import { type Attachment, saveAttachmentStatuses, saveAttachments } from '../store/attachment.ts';
import { listKept } from '../store/expiry.ts';
import { partOf } from './content-hash.ts';

/** Who sends a letter anew, by what right, and when. */
export interface Renewing {
  readonly caller: Caller;
  readonly right?: Decision;
  readonly now: Date;
}

/**
 * The attachments of a letter that is sent anew, in their order: one that has expired, and whose bytes are kept because somebody has not
 * opened it, comes to be once more, of the same bytes and with as many days to live; the others are carried along as they are. The
 * transaction has locked them. What is gone stays gone, and whoever sends is refused as for any attachment that is not there.
 */
export async function renewAttachments(
  tx: Tx,
  attachments: readonly Attachment[],
  { caller, right, now: at }: Renewing,
): Promise<AttachmentId[]> {
  const expired = attachments.filter(({ state }) => state === 'Expired').map(({ id }) => id);
  const kept = await listKept(tx, expired);
  if (kept.size === 0) return attachments.map(({ id }) => id);

  const renewed = new Map(
    attachments
      .filter(({ id }) => kept.has(id))
      .map((old): [AttachmentId, Attachment] => [old.id, { ...old, id: newId(), state: 'Published', uploadBeganAt: at, createdAt: at }]),
  );
  const fresh = [...renewed.values()];
  saveAttachments(tx, fresh);
  const lives = ['Initialized', 'UploadProcessing', 'Published'] as const;
  const texts = [attachmentTexts.initialized, attachmentTexts.uploadProcessing, attachmentTexts.published];
  saveAttachmentStatuses(
    tx,
    fresh.flatMap(({ id, ownerId }) =>
      lives.map((status, i) => ({ attachmentId: id, status, text: texts[i]!, at, party: i === 2 ? null : ownerId })),
    ),
  );
  const who = actorOf(caller, right?.path);
  recordEvidence(
    tx,
    [...renewed].map(([old, attachment]) => ({
      event: 'BytesReceived',
      about: attachment.id,
      at,
      proves: 'recorded',
      core: { with: old },
      who,
      what: partOf(attachment),
    })),
  );
  const owners = await findParties(tx, [...new Set(fresh.map(({ ownerId }): PartyId => ownerId))]);
  publishEvents(
    tx,
    fresh.flatMap((attachment) =>
      (['attachmentinitialized', 'attachmentpublished'] as const).map((type) =>
        attachmentEvent(type, attachment, owners.get(attachment.ownerId)!, at),
      ),
    ),
  );
  return attachments.map(({ id }) => renewed.get(id)?.id ?? id);
}
