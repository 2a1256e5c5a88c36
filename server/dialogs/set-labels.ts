import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { changesBetween, type Relabelling, relabelled } from './decide-labels.ts';
import { firstRevision, revisionOf } from './derived-ids.ts';
import { dialogErrors as e } from './errors.ts';
import { endUser, findDialog, findDialogs } from './find-dialog.ts';
import { onLabelsChanged } from './hooks.ts';
import { readIfMatch } from './if-match.ts';
import { actor } from './show/actors.ts';
import { type LabelChange, listLabelChanges, lockContexts, saveLabels } from './store/context.ts';
import type { LabelLog, Relabel, RelabelMany } from './wire/requests.ts';

/** A dialog whose labels are to be set, and the revisions of which it must have one; null for any. */
interface Asked {
  readonly dialogId: string;
  readonly revisions: readonly string[] | null;
}

/**
 * A reader moves a dialog to the archive, to the bin or back, or marks it as unopened. Gives its revision. Refuses revisionUnreadable,
 * and as `relabel`.
 */
export async function setLabels(
  ctx: Context,
  caller: Caller,
  { dialogId, ifMatch, ...given }: Relabel & { readonly dialogId: string; readonly ifMatch: string | undefined },
): Promise<string> {
  const [revision] = await relabel(ctx, caller, { dialogs: [{ dialogId, revisions: readIfMatch(ifMatch) }], ...given });
  return revision!;
}

/** The same within what else is written: with all of it or none. Refuses as `relabel`. */
export async function setLabelsWithin(
  { ctx, tx }: { readonly ctx: Context; readonly tx: Tx },
  caller: Caller,
  { dialogId, ...given }: Relabel & { readonly dialogId: string },
): Promise<void> {
  await relabelWithin({ ctx, tx }, caller, { dialogs: [{ dialogId, revisions: null }], ...given });
}

/** The same with many: with all of them or none. Refuses as `relabel`. */
export function setLabelsOfMany(ctx: Context, caller: Caller, { dialogs, ...given }: RelabelMany): Promise<string[]> {
  const asked = dialogs.map(({ dialogId, endUserContextRevision: revision }) => ({ dialogId, revisions: revision ? [revision] : null }));
  return relabel(ctx, caller, { dialogs: asked, ...given });
}

/**
 * All of these dialogs get the labels, or none. That a dialog lies in the bin deletes nothing, and the watch goes on. Labels that
 * stand already change nothing; the dialogs' labels are locked.
 *
 * Refuses callerNotEndUser, labelNotGiven, dialogNotFound, levelTooLow, revisionDiffers. Source: compatibility.md, platform, §5.2.
 * Gives the revision of each, in the order asked.
 */
async function relabelWithin(
  { ctx, tx }: { readonly ctx: Context; readonly tx: Tx },
  caller: Caller,
  { dialogs, ...given }: Relabel & { readonly dialogs: readonly Asked[] },
): Promise<string[]> {
  const party = endUser(caller);
  const change = relabellingOf(given);
  const asked = dialogs.map(({ dialogId }) => dialogId);
  const found = (await findDialogs(tx, caller, asked)).map(({ facts }) => facts);
  const contexts = await lockContexts(tx, [
    ...new Map(found.map((facts) => [facts.id, { ...facts, revision: facts.revision ?? firstRevision(facts.id) }])).values(),
  ]);
  const at = ctx.now();
  const rows = new Map<string, Parameters<typeof saveLabels>[1][number]>();
  const changes: LabelChange[] = [];
  for (const [i, { id }] of found.entries()) {
    const before = contexts.get(id);
    if (!before) throw refuse(e.dialogNotFound);
    const expected = dialogs[i]!.revisions;
    if (expected && !expected.includes(before.revision)) throw refuse(e.revisionDiffers);
    const after = relabelled(before, change);
    const told = changesBetween(before, after);
    if (told.length === 0 || rows.has(id)) continue;
    rows.set(id, { id, ...after, revision: revisionOf(id, `${before.revision} ${at.toISOString()}`), at });
    changes.push(...told.map((one) => ({ ...one, id, at, party })));
  }
  saveLabels(tx, [...rows.values()], changes);
  if (rows.size > 0)
    await onLabelsChanged.call(
      tx,
      [...rows.values()].map(({ id }) => id),
    );
  return found.map(({ id }) => rows.get(id)?.revision ?? contexts.get(id)!.revision);
}

function relabel(ctx: Context, caller: Caller, change: Relabel & { readonly dialogs: readonly Asked[] }): Promise<string[]> {
  return ctx.db.transaction((tx) => relabelWithin({ ctx, tx }, caller, change));
}

/** What is asked for, the older name of what is added included. Refuses labelNotGiven. */
function relabellingOf({ systemLabels, addLabels, removeLabels }: Relabel): Relabelling {
  const [add, remove] = [[...(systemLabels ?? []), ...(addLabels ?? [])], removeLabels ?? []];
  if (add.includes('Sent') || remove.includes('Sent')) throw refuse(e.labelNotGiven);
  return { add, remove };
}

/** Who gave a dialog which label, the latest first. Refuses callerNotEndUser, dialogNotFound, levelTooLow. */
export async function listLabelLog(ctx: Context, caller: Caller, dialogId: string): Promise<LabelLog> {
  const { facts } = await findDialog(ctx.db, caller, dialogId);
  const changes = await listLabelChanges(ctx.db, facts.id);
  const parties = await findParties(ctx.db, [...new Set(changes.map(({ party }) => party))]);
  return changes.map(({ label, action, at, party }) => ({
    createdAt: at.toISOString(),
    name: `systemlabel:${label}`,
    action,
    performedBy: actor(facts.id, party, parties),
  }));
}
