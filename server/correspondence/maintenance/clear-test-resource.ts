import Type from 'typebox';
import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import { enqueue, job } from '#jobs/index.ts';
import { anonymous, type Caller, type Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { type AttachmentId, type CorrespondenceId, newId, type ResourceId } from '#kernel/ids.ts';
import { Timestamp } from '#kernel/schema.ts';
import { settleWatch } from '#watch/index.ts';
import { releaseShared } from '../attachments/release-shared.ts';
import { holdMessage, recallMessages } from '../read/recall-message.ts';
import { partOf } from '../send/content-hash.ts';
import { attachmentTexts, movedAttachment } from '../states.ts';
import { isLinked, lockAttachment, saveAttachmentMoves, saveAttachmentStatuses } from '../store/attachment.ts';
import { countToClear, listToClear, listUnheld } from '../store/maintenance.ts';
import type { Clearing } from './wire.ts';

/** The resource that the original's own test of use sends by, in every environment. Nothing else is ever cleared. */
export const testResource = 'correspondence-bruksmonstertester-ressurs' as ResourceId;

const batch = 50;

/**
 * Takes back every message of the test resource that is old enough, and purges its files. What was accepted stays in the
 * books, as everywhere: clients see that it is gone. Safe to run twice.
 */
export const clearTestResource = job({
  name: 'correspondence.clear-test-resource',
  payload: Type.Object({ before: Timestamp }),
  attempts: 10,
  run: async (ctx: Context, { before }) => {
    const until = new Date(before);
    let after: string | null = null;
    for (;;) {
      const ids: CorrespondenceId[] = await listToClear(ctx.db, { resource: testResource, before: until, after }, batch);
      for (const id of ids) await ctx.db.transaction((tx) => takeBack(tx, id, ctx.now())); // each holds its own locks, in its own order
      after = ids.at(-1) ?? null;
      if (ids.length < batch) break;
    }
    for (;;) {
      const unheld = await listUnheld(ctx.db, testResource, until, batch);
      for (const id of unheld) await ctx.db.transaction((tx) => purge(tx, id, ctx.now()));
      if (unheld.length < batch) break;
    }
  },
});

async function takeBack(tx: Tx, id: CorrespondenceId, at: Date): Promise<void> {
  const held = await holdMessage(tx, id);
  if (!held || ['PurgedByRecipient', 'PurgedByAltinn', 'Reserved'].includes(held.message.state)) return;
  const { recipientId, ownerId } = held.message;
  const right = { permit: true, by: 'none', path: ['clearing of the test resource'] } as const;
  const caller: Caller = { ...anonymous, kind: 'platform' };
  const words = { name: 'maintenance', reason: 'the test resource is cleared' };
  await recallMessages(tx, [{ held, caller, right, by: ownerId, ...words }], at);
  settleWatch(tx, [{ about: id, party: recipientId, outcome: 'recalled', at, by: ownerId }]);
}

async function purge(tx: Tx, id: AttachmentId, at: Date): Promise<void> {
  const attachment = await lockAttachment(tx, id);
  if (!attachment || attachment.state === 'Purged' || attachment.state === 'Expired' || (await isLinked(tx, id))) return;
  recordEvidence(tx, [
    {
      event: 'ContentPurged',
      about: id,
      at,
      proves: 'recorded',
      core: { with: 'the test resource' },
      who: budstikkeItself,
      what: partOf(attachment),
    },
  ]);
  const state = movedAttachment(attachment.state, 'purge');
  saveAttachmentMoves(tx, [{ id, state }]);
  saveAttachmentStatuses(tx, [{ attachmentId: id, status: state, text: attachmentTexts.purgedBySender, at, party: null }]);
  await releaseShared(tx, [attachment]);
}

/** Has the test resource cleared of what is at least so many days old. There are no dialogs to delete apart: one job does all. */
export async function askToClear(ctx: Context, minAgeDays: number): Promise<Clearing> {
  const before = new Date(ctx.now().getTime() - minAgeDays * 86_400_000);
  const key = newId();
  return ctx.db.transaction(async (tx) => {
    const { messages, attachments } = await countToClear(tx, testResource, before);
    enqueue(tx, clearTestResource, { before: before.toISOString() }, { key });
    return {
      resourceId: testResource,
      correspondencesFound: messages,
      attachmentsFound: attachments,
      deleteDialogsJobId: key,
      deleteCorrespondencesJobId: key,
    };
  });
}
