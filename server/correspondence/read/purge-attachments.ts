import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import { releaseShared } from '../attachments/release-shared.ts';
import { partOf } from '../send/content-hash.ts';
import { attachmentTexts, movedAttachment } from '../states.ts';
import { type Attachment, listAttachmentsOnlyHeldBy, saveAttachmentMoves, saveAttachmentStatuses } from '../store/attachment.ts';
import type { Act } from './record-fetched.ts';

/** Files that no other message carries go with the message, their bytes too. The transaction has locked both. */
export async function purgeAttachmentsOf(tx: Tx, { message, caller, at }: Act, attachments: readonly Attachment[]): Promise<void> {
  const live = attachments.filter(({ state }) => state !== 'Purged' && state !== 'Expired');
  const alone = new Set(
    await listAttachmentsOnlyHeldBy(
      tx,
      message.id,
      live.map(({ id }) => id),
    ),
  );
  const gone = live.filter(({ id }) => alone.has(id));
  recordEvidence(
    tx,
    gone.map((attachment) => ({
      event: 'ContentPurged',
      about: attachment.id,
      at,
      proves: 'recorded',
      core: { with: 'the last message that carried it' },
      who: actorOf(caller),
      what: partOf(attachment),
    })),
  );
  saveAttachmentMoves(
    tx,
    gone.map(({ id, state }) => ({ id, state: movedAttachment(state, 'purge') })),
  );
  saveAttachmentStatuses(
    tx,
    gone.map(({ id }) => ({ attachmentId: id, status: 'Purged' as const, text: attachmentTexts.purgedWithMessage, at, party: null })),
  );
  await releaseShared(tx, gone);
}
