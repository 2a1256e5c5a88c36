import { listDialogFiles, listTranslatedTo } from '#correspondence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { inboxErrors as e } from './errors.ts';
import { standingsOf } from './rights.ts';
import { showEntries } from './show-entries.ts';
import { findEntries } from './store/list.ts';
import type { InboxEntry } from './wire.ts';

/**
 * One line of the inbox, for a page that is opened by its address, with the sizes of the files that can be fetched, and the languages
 * in which else the letter can be read. It opens nothing.
 * What the caller could open with a higher level of login stands without its title. Refuses entryNotFound.
 */
export async function showEntry(ctx: Context, caller: Caller, id: string): Promise<InboxEntry> {
  const entries = await findEntries(ctx.db, id);
  const standings = await standingsOf(ctx.db, caller, entries);
  const open = standings.findIndex(({ can }) => can === 'open');
  const at = open >= 0 ? open : standings.findIndex(({ can }) => can === 'level');
  if (at < 0) throw refuse(e.entryNotFound);
  const [entry, standing] = [entries[at]!, standings[at]!];
  const [item] = await showEntries(ctx.db, [{ entry, standing }], ctx.now());
  if (!item) throw refuse(e.entryNotFound);
  const shown = { ...item, readsOnly: standing.readsOnly };
  if (entry.kind === 'file' || !item.canOpen) return { ...shown, attachments: [], translatedTo: [] };
  const files = await listDialogFiles(ctx.db, [entry.id as CorrespondenceId], ctx.now());
  const languages = await listTranslatedTo(ctx.db, [entry.id]);
  return {
    ...shown,
    attachments: (files.get(entry.id as CorrespondenceId) ?? []).map(({ id: file, sizeBytes }) => ({ id: file, sizeBytes })),
    translatedTo: [...(languages.get(entry.id) ?? [])],
  };
}
