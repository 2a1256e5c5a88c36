import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { changesBetween } from './decide-labels.ts';
import { firstRevision, revisionOf } from './derived-ids.ts';
import type { ReadDialog } from './find-dialog.ts';
import { onLabelsChanged } from './hooks.ts';
import { lockContexts, saveLabels } from './store/context.ts';
import { type DialogFacts, findDialogFacts } from './store/dialog.ts';
import { hasSeen, saveSeen } from './store/seen.ts';

/**
 * A reader looked at a dialog: it is written once for each of its contents, with evidence of a look that opens nothing, and the mark
 * of the unopened goes. Gives the dialog as it is then; a look that is written already writes nothing.
 */
export async function noteSeen(ctx: Context, caller: Caller, { facts, path }: ReadDialog): Promise<DialogFacts> {
  const party = caller.subject!;
  const seen = { dialog: facts.id, party, since: facts.contentAt };
  if (!facts.isMarkedUnopened && (await hasSeen(ctx.db, seen))) return facts;
  await ctx.db.transaction(async (tx) => {
    const contexts = await lockContexts(tx, [{ ...facts, revision: facts.revision ?? firstRevision(facts.id) }]);
    const context = contexts.get(facts.id);
    if (!context) return; // deleted meanwhile
    const at = ctx.now();
    if (!(await hasSeen(tx, seen))) {
      recordEvidence(tx, [
        {
          event: 'OverviewFetched',
          about: facts.id,
          recipient: facts.recipientId,
          at,
          proves: 'nothing',
          core: { act: 'dialog seen' },
          who: actorOf(caller, path),
        },
      ]);
      saveSeen(tx, { dialog: facts.id, party, at });
    }
    if (!context.isMarkedUnopened) return;
    const unmarked = { ...context, isMarkedUnopened: false, revision: revisionOf(facts.id, `${context.revision} ${at.toISOString()}`), at };
    const changes = changesBetween(context, unmarked).map((change) => ({ ...change, id: facts.id, at, party }));
    saveLabels(tx, [unmarked], changes);
    await onLabelsChanged.call(tx, [facts.id]);
  });
  return (await findDialogFacts(ctx.db, [facts]))[0] ?? facts;
}
