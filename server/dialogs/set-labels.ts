import { mayEach } from '#access/index.ts';
import { messageOfDialog } from '#correspondence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { changesBetween, type Relabelling, relabelled } from './decide-labels.ts';
import { firstRevision, revisionOf } from './derived-ids.ts';
import { dialogErrors as e } from './errors.ts';
import { endUser, findDialog, readQuestion } from './find-dialog.ts';
import { reader as actor } from './show/actors.ts';
import { type LabelChange, listLabelChanges, lockContexts, saveLabels } from './store/context.ts';
import { type DialogFacts, findDialogFacts } from './store/dialog.ts';
import type { LabelLog, Relabel, RelabelMany } from './wire/requests.ts';

/**
 * A reader moves dialogs to the archive, to the bin and back, or marks them as unopened: all of them or none. That a dialog lies in
 * the bin deletes nothing, and the watch goes on. Labels that stand already change nothing; the dialogs' labels are locked.
 *
 * Refuses callerNotEndUser, labelNotGiven, dialogNotFound, levelTooLow, revisionDiffers. Source: compatibility.md, platform, §5.2.
 * Gives the revision of each, in the order asked.
 */
export async function setLabels(ctx: Context, caller: Caller, { dialogs, ...given }: RelabelMany): Promise<string[]> {
  const party = endUser(caller);
  const change = relabellingOf(given);
  return ctx.db.transaction(async (tx) => {
    const found = await findDialogs(
      tx,
      caller,
      dialogs.map(({ dialogId }) => dialogId),
    );
    const contexts = await lockContexts(tx, [
      ...new Map(found.map((facts) => [facts.id, { id: facts.id, revision: facts.revision ?? firstRevision(facts.id) }])).values(),
    ]);
    const at = ctx.now();
    const rows = new Map<string, Parameters<typeof saveLabels>[1][number]>();
    const changes: LabelChange[] = [];
    for (const [i, { id }] of found.entries()) {
      const before = contexts.get(id);
      if (!before) throw refuse(e.dialogNotFound);
      const expected = dialogs[i]!.endUserContextRevision;
      if (expected && expected !== before.revision) throw refuse(e.revisionDiffers);
      const after = relabelled(before, change);
      const told = changesBetween(before, after);
      if (told.length === 0 || rows.has(id)) continue;
      rows.set(id, { id, ...after, revision: revisionOf(id, `${before.revision} ${at.toISOString()}`), at });
      changes.push(...told.map((one) => ({ ...one, id, at, party })));
    }
    saveLabels(tx, [...rows.values()], changes);
    return found.map(({ id }) => rows.get(id)?.revision ?? contexts.get(id)!.revision);
  });
}

/** What is asked for, the older name of what is added included. Refuses labelNotGiven. */
function relabellingOf({ systemLabels, addLabels, removeLabels }: Relabel): Relabelling {
  const [add, remove] = [[...(systemLabels ?? []), ...(addLabels ?? [])], removeLabels ?? []];
  if (add.includes('Sent') || remove.includes('Sent')) throw refuse(e.labelNotGiven);
  return { add, remove };
}

/** In the order asked. */
async function findDialogs(reader: Reader, caller: Caller, ids: readonly string[]): Promise<DialogFacts[]> {
  const facts = new Map((await findDialogFacts(reader, ids.map(messageOfDialog))).map((one) => [one.id, one]));
  const found = ids.map((id) => {
    const one = facts.get(messageOfDialog(id));
    if (!one) throw refuse(e.dialogNotFound);
    return one;
  });
  const rights = await mayEach(
    reader,
    found.map((one) => ({ caller, question: readQuestion(one) })),
  );
  for (const right of rights) {
    if (right.permit && right.by === 'right') continue;
    throw right.minimumLevel === undefined ? refuse(e.dialogNotFound) : refuse(e.levelTooLow, { level: right.minimumLevel });
  }
  return found;
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
