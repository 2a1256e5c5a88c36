import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import type { DialogContext } from './context.ts';
import { revisionOf } from './derived-ids.ts';
import { dialogErrors as e } from './errors.ts';
import { findDialog } from './find-dialog.ts';
import { gatherDialog, type WholeDialog } from './gather-dialog.ts';
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

async function whole(ctx: DialogContext, caller: Caller, dialogId: string): Promise<WholeDialog> {
  const { facts } = await findDialog(ctx.db, caller, dialogId);
  return gatherDialog(ctx.db, caller, facts, ctx.now());
}

/** What happened to a dialog, oldest first. Refuses as `showDialog`. */
export async function listActivities(ctx: DialogContext, caller: Caller, dialogId: string): Promise<Omit<Activity, 'performedBy'>[]> {
  return (await whole(ctx, caller, dialogId)).activities.map(({ performedBy: _, ...activity }) => activity);
}

/** Refuses as `showDialog`, and activityNotFound. */
export async function showActivity(ctx: DialogContext, caller: Caller, of: { dialogId: string; activityId: string }): Promise<Activity> {
  const activity = (await whole(ctx, caller, of.dialogId)).activities.find(({ id }) => id === of.activityId);
  if (!activity) throw refuse(e.activityNotFound);
  return activity;
}

/** The transmissions that the caller may read, oldest first. Refuses as `showDialog`. */
export async function listTransmissionDetails(ctx: DialogContext, caller: Caller, dialogId: string): Promise<TransmissionDetails[]> {
  const { items } = await whole(ctx, caller, dialogId);
  return items.map((item) => {
    const { isOpened: _, ...transmission } = transmissionOf(ctx.publicUrl, item);
    return { ...transmission, deletedAt: null };
  });
}

/** Refuses as `showDialog`, and transmissionNotFound. */
export async function showTransmission(
  ctx: DialogContext,
  caller: Caller,
  of: { dialogId: string; transmissionId: string },
): Promise<TransmissionDetails> {
  const found = (await listTransmissionDetails(ctx, caller, of.dialogId)).find(({ id }) => id === of.transmissionId);
  if (!found) throw refuse(e.transmissionNotFound);
  return found;
}

/** Who has looked at a dialog, the latest first. Refuses as `showDialog`. */
export async function listSeenLog(ctx: DialogContext, caller: Caller, dialogId: string): Promise<Seen[]> {
  const { facts } = await findDialog(ctx.db, caller, dialogId);
  const seen = await listSeen(ctx.db, [{ id: facts.id, at: null }]);
  const parties = await findParties(ctx.db, [...new Set(seen.map(({ party }) => party))]);
  return seen.map((row) => seenBy(row, parties, caller.subject));
}

/** Refuses as `showDialog`, and seenEntryNotFound. */
export async function showSeenEntry(ctx: DialogContext, caller: Caller, of: { dialogId: string; seenLogId: string }): Promise<Seen> {
  const found = (await listSeenLog(ctx, caller, of.dialogId)).find(({ id }) => id === of.seenLogId);
  if (!found) throw refuse(e.seenEntryNotFound);
  return found;
}
