import { listKeyRoleHolders, mayShare } from '#access/index.ts';
import { listDialogFiles, listTranslatedTo } from '#correspondence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { inboxErrors as e } from './errors.ts';
import { standingsOf } from './rights.ts';
import { showEntries } from './show-entries.ts';
import { type EntryRow, findEntries } from './store/list.ts';
import type { InboxEntry } from './wire.ts';

/** Of more nobody asks. */
const mostToAsk = 5;

/**
 * One line of the inbox, for a page that is opened by its address, with the sizes of the files that can be fetched, and the languages
 * in which else the letter can be read, and whether it may be shared. It opens nothing.
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
  const isOpen = item.canOpen && !standing.readsOnly;
  const shown = { ...item, readsOnly: standing.readsOnly, ...(await sharingOf(ctx, caller, isOpen ? entry : null)) };
  if (entry.kind === 'file' || !item.canOpen) return { ...shown, attachments: [], translatedTo: [] };
  const files = await listDialogFiles(ctx.db, [entry.id as CorrespondenceId], ctx.now());
  const languages = await listTranslatedTo(ctx.db, [entry.id]);
  return {
    ...shown,
    attachments: (files.get(entry.id as CorrespondenceId) ?? []).map(({ id: file, sizeBytes }) => ({ id: file, sizeBytes })),
    translatedTo: [...(languages.get(entry.id) ?? [])],
  };
}

/** Whether the caller may share what it may read, and else whom to ask. */
async function sharingOf(ctx: Context, caller: Caller, entry: EntryRow | null): Promise<Pick<InboxEntry, 'mayShare' | 'askToShare'>> {
  const at = entry && (await findParties(ctx.db, [entry.party])).get(entry.party);
  if (!entry || !at) return { mayShare: false, askToShare: [] };
  if (await ctx.db.transaction((tx) => mayShare(tx, caller, at, entry.resource, entry.id))) return { mayShare: true, askToShare: [] };
  const leaders = ((await listKeyRoleHolders(ctx.db, [at.id])).get(at.id) ?? []).slice(0, mostToAsk);
  const named = await findParties(ctx.db, leaders);
  return { mayShare: false, askToShare: leaders.flatMap((leader) => named.get(leader)?.name ?? []) };
}
