import { messageOfDialog } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import type { DialogContext } from './context.ts';
import { revisionOf } from './derived-ids.ts';
import { dialogErrors as e } from './errors.ts';
import { findDialog } from './find-dialog.ts';
import { gatherActivities, gatherDialog, gatherItems, transmissionsOf, withoutRepeats } from './gather-dialog.ts';
import { issueToken } from './issue-token.ts';
import { noteSeen } from './note-seen.ts';
import { addressOf, apiActionsOf, attachmentsOf, guiActionsOf } from './show/actions.ts';
import { seenBy } from './show/actors.ts';
import { headingOf, headOf } from './show/head.ts';
import { embedded } from './show/texts.ts';
import { transmissionOf } from './show/transmissions.ts';
import { listSeen } from './store/seen.ts';
import type { DialogView } from './wire/dialogs.ts';
import type { Activity, Seen, TransmissionDetails } from './wire/parts.ts';

/**
 * A dialog, with a token to fetch what it refers to. The look is noted, and opens nothing: the body is fetched with the token.
 * Refuses callerNotEndUser, dialogNotFound, levelTooLow. Source: compatibility.md, platform, §5.2.
 */
export async function showDialog(ctx: DialogContext, caller: Caller, dialogId: string): Promise<DialogView> {
  const found = await findDialog(ctx.db, caller, dialogId);
  const facts = await noteSeen(ctx, caller, found);
  const dialog = await gatherDialog(ctx.db, caller, facts, ctx.now());
  const address = addressOf(ctx.publicUrl, dialog.part);
  return {
    ...headOf(dialog),
    revision: revisionOf(facts.id, facts.updatedAt.toISOString()),
    expiresAt: null,
    content: {
      ...headingOf(dialog.part),
      additionalInfo: null,
      mainContentReference: embedded(dialog.part.language, `${address}/content`),
    },
    dialogToken: await issueToken(ctx, caller, facts),
    attachments: attachmentsOf(address, dialog.part, dialog.files),
    transmissions: dialog.items.map((item) => transmissionOf(ctx.publicUrl, item)),
    guiActions: guiActionsOf(address, dialog.part),
    apiActions: apiActionsOf(address, dialog.part, dialog.files),
    activities: [...dialog.activities],
  };
}

/** What happened to a dialog, oldest first. Refuses as `showDialog`. */
export async function listActivities(ctx: DialogContext, caller: Caller, dialogId: string): Promise<Omit<Activity, 'performedBy'>[]> {
  const { facts } = await findDialog(ctx.db, caller, dialogId);
  return (await gatherActivities(ctx.db, facts, ctx.now())).map(({ performedBy: _, ...activity }) => activity);
}

/** Refuses as `showDialog`, and activityNotFound. */
export async function showActivity(ctx: DialogContext, caller: Caller, of: { dialogId: string; activityId: string }): Promise<Activity> {
  const { facts } = await findDialog(ctx.db, caller, of.dialogId);
  const activity = (await gatherActivities(ctx.db, facts, ctx.now())).find(({ id }) => id === of.activityId);
  if (!activity) throw refuse(e.activityNotFound);
  return activity;
}

/** Oldest first. Refuses as `showDialog`. */
export async function listTransmissionDetails(ctx: DialogContext, caller: Caller, dialogId: string): Promise<TransmissionDetails[]> {
  const { facts } = await findDialog(ctx.db, caller, dialogId);
  return detailsOf(ctx, await transmissionsOf(ctx.db, facts));
}

/** Refuses as `showDialog`, and transmissionNotFound. */
export async function showTransmission(
  ctx: DialogContext,
  caller: Caller,
  of: { dialogId: string; transmissionId: string },
): Promise<TransmissionDetails> {
  const { facts } = await findDialog(ctx.db, caller, of.dialogId);
  const asked = messageOfDialog(of.transmissionId);
  const [found] = await detailsOf(
    ctx,
    (await transmissionsOf(ctx.db, facts)).filter((id) => id === asked),
  );
  if (!found) throw refuse(e.transmissionNotFound);
  return found;
}

async function detailsOf(ctx: DialogContext, ids: readonly CorrespondenceId[]): Promise<TransmissionDetails[]> {
  const items = await gatherItems(ctx.db, ids, ctx.now());
  return items.map((item) => {
    const { isOpened: _, ...transmission } = transmissionOf(ctx.publicUrl, item);
    return { ...transmission, deletedAt: null };
  });
}

/** Who has looked at a dialog, the latest first. Refuses as `showDialog`. */
export async function listSeenLog(ctx: DialogContext, caller: Caller, dialogId: string): Promise<Seen[]> {
  const { facts } = await findDialog(ctx.db, caller, dialogId);
  const all = await listSeen(ctx.db, [{ id: facts.id, at: null }]);
  const seen = withoutRepeats(all, new Set(facts.isAlone ? [facts.id] : []));
  const parties = await findParties(ctx.db, [...new Set(seen.map(({ party }) => party))]);
  return seen.map((row) => seenBy(row, parties, caller.subject));
}

/** Refuses as `showDialog`, and seenEntryNotFound. */
export async function showSeenEntry(ctx: DialogContext, caller: Caller, of: { dialogId: string; seenLogId: string }): Promise<Seen> {
  const found = (await listSeenLog(ctx, caller, of.dialogId)).find(({ id }) => id === of.seenLogId);
  if (!found) throw refuse(e.seenEntryNotFound);
  return found;
}
