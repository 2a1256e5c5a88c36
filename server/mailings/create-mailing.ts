import { createHash } from 'node:crypto';
import { onUnknownResources, resolveResource } from '#access/index.ts';
import { gatherMassLetter } from '#correspondence/index.ts';
import { canonicalJson } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { asDb } from '#kernel/database.ts';
import { type AttachmentId, newId, type ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { Reply } from '#kernel/route.ts';
import type { MailingContext } from './context.ts';
import { mailingErrors as e } from './errors.ts';
import { makerOf, massRequestOf } from './own-mailing.ts';
import { showMailing } from './show-mailing.ts';
import { findMailing, findMailingByKey, type NewMailingRow, saveMailing } from './store/mailing.ts';
import type { NewMailing } from './wire.ts';

/**
 * A sender begins a mailing: one letter, checked as initialize checks it, to which recipients are added line by line. Nothing is sent
 * before it is released. The same key with the same content answers the mailing that there is.
 *
 * Refuses as initialize does, and keyUsedOtherwise.
 */
export async function createMailing(ctx: MailingContext, caller: Caller, body: NewMailing): Promise<Reply> {
  const attachments = [...new Set((body.existingAttachments ?? []) as AttachmentId[])];
  const asked = { letter: body.correspondence, attachments };
  const contentSha256 = createHash('sha256').update(canonicalJson(asked)).digest('hex');
  const id = await ctx.db.transaction(async (tx) => {
    const now = ctx.now();
    // Before the letter is checked: what was right when it was taken in may be too late for a letter that is new.
    const earlier = caller.party && (await findMailingByKey(tx, makerOf(caller)!, body.idempotencyKey));
    if (earlier && earlier.contentSha256 === contentSha256) return { id: earlier.id, isNew: false };
    const inside: Context = { db: asDb(tx), now: ctx.now, log: ctx.log };
    const resourceId = body.correspondence.resourceId.replace(/^urn:altinn:resource:/, '') as ResourceId;
    // A sandbox lets a resource come to be when it is named; with the mailing or not at all.
    if (onUnknownResources.isFilled) await resolveResource(inside, resourceId, { type: 'CorrespondenceService', owner: caller.consumer });
    const letter = await gatherMassLetter(tx, massRequestOf(asked, caller, now, ctx.minimumAttachmentDays));
    const row: NewMailingRow = {
      id: newId(),
      partyId: makerOf(caller)!, // gatherMassLetter refuses a caller without a party
      idempotencyKey: body.idempotencyKey,
      contentSha256,
      resourceId: letter.resource.id,
      letter: body.correspondence,
      attachments,
      createdAt: now,
    };
    if (await saveMailing(tx, row)) return { id: row.id, isNew: true };
    const former = (await findMailingByKey(tx, row.partyId, row.idempotencyKey))!;
    if (former.contentSha256 !== contentSha256) throw refuse(e.keyUsedOtherwise);
    return { id: former.id, isNew: false };
  });
  return new Reply(id.isNew ? 201 : 200, await showMailing(ctx.db, (await findMailing(ctx.db, id.id))!), {
    location: `/budstikke/v1/mailings/${id.id}`,
  });
}
