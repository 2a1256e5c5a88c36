import { dialogIdOf } from '#correspondence/index.ts';
import { setLabelsWithin } from '#dialogs/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { inboxErrors as e } from './errors.ts';
import { findOpenable } from './rights.ts';
import { lockWords, saveFolderOfFile, saveWords } from './store/label.ts';
import type { EntryRow, Folder } from './store/list.ts';
import type { LabelChange, LabelsNow } from './wire.ts';

const mostWords = 20;
const ours = new Set(['archive', 'bin', 'unread']);
const systemLabel = { archive: 'Archive', bin: 'Bin', unread: 'MarkedAsUnopened' } as const;
type Ours = keyof typeof systemLabel;

/**
 * A reader puts a message or file into the archive, the bin or back, marks it as unread, or puts words on it; for all readers at the
 * party. Deletes nothing, and the watch goes on. Where a message lies is kept with its dialog, so that inboxes elsewhere show the same.
 * What stands already changes nothing; all that is asked for is done, or none of it.
 *
 * Refuses entryNotFound, readsOnly to whom it was shared with, tooManyLabels; of dialogs dialogNotFound, levelTooLow.
 */
export async function changeLabels(ctx: Context, caller: Caller, id: string, change: LabelChange): Promise<LabelsNow> {
  const { entry, standing } = await findOpenable(ctx.db, caller, id);
  if (standing.readsOnly) throw refuse(e.readsOnly);
  const [add, remove] = [wordsOf(change.add), wordsOf(change.remove)];
  const system = (words: readonly string[]) => words.filter((word): word is Ours => ours.has(word));
  const own = (words: readonly string[]) => words.filter((word) => !ours.has(word));
  const [put, taken] = [system(add), system(remove)];

  const labels = await ctx.db.transaction(async (tx) => {
    const before = await lockWords(tx, entry.id, entry.party);
    const after = [...new Set([...before.filter((word) => !own(remove).includes(word)), ...own(add)])].sort();
    if (after.length > mostWords) throw refuse(e.tooManyLabels, { most: mostWords });
    saveWords(tx, entry.id, entry.party, { add: own(add), remove: own(remove) });
    if (entry.kind === 'file' && put.length + taken.length > 0) saveFolderOfFile(tx, entry.id, entry.party, folderAfter(entry, put, taken));
    if (entry.kind === 'message' && put.length + taken.length > 0) {
      await setLabelsWithin({ ctx, tx }, caller, {
        dialogId: dialogIdOf(entry.dialog as CorrespondenceId),
        addLabels: put.map((word) => systemLabel[word]),
        removeLabels: taken.map((word) => systemLabel[word]),
      });
    }
    return after;
  });
  return { labels };
}

/** Pure. In lower case and without what is around them, each once. */
function wordsOf(given: readonly string[] | undefined): string[] {
  return [...new Set((given ?? []).map((word) => word.normalize('NFC').trim().toLowerCase()).filter((word) => word !== ''))];
}

/** Pure. Where a file lies then: in one folder, and what is taken away gives it back to the inbox. A file is unread until it is fetched. */
function folderAfter({ folder }: EntryRow, put: readonly Ours[], taken: readonly Ours[]): Folder {
  const chosen = put.findLast((word): word is 'archive' | 'bin' => word !== 'unread');
  return chosen ?? ((taken as readonly string[]).includes(folder) ? 'inbox' : folder);
}
