import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { tellOtherTabs } from '../ui/leave.ts';
import { isSomebodyHere } from '../ui/somebody.ts';
import { ask, query, Refusal } from './ask.ts';

export type Folder = 'inbox' | 'archive' | 'bin' | 'sent';

/** One line of the inbox. The title is null where a higher level of login is needed to open it. */
export interface Item {
  readonly id: string;
  readonly kind: 'message' | 'file';
  readonly title: string | null;
  readonly titleLanguage: string | null;
  readonly sender: { readonly name: string; readonly organizationNumber?: string | null };
  readonly recipient: { readonly id: string; readonly name: string };
  readonly publishedAt: string | null;
  readonly dueAt: string | null;
  readonly unread: boolean;
  readonly openedAt: string | null;
  readonly confirmNeeded: boolean;
  readonly confirmedAt: string | null;
  readonly confidential: boolean;
  readonly attachmentCount: number;
  readonly labels: readonly string[];
  readonly folder: Folder;
  readonly canOpen: boolean;
  /** The level of login that is missing; null where the level is not what is in the way. */
  readonly levelNeeded?: number | null;
}

export interface ItemFile {
  readonly id: string;
  readonly sizeBytes: number;
}

export interface OneItem extends Item {
  /** It was shared with the reader, who may read it and no more. */
  readonly readsOnly: boolean;
  readonly mayShare: boolean;
  /** Who leads the organization, for one who may not share it. */
  readonly askToShare: readonly string[];
  readonly attachments: readonly ItemFile[];
  /** In which languages a letter can be read beside the one it was sent in. */
  readonly translatedTo: readonly string[];
}

export interface Counts {
  readonly unread: number;
  readonly due: number;
  readonly confirm: number;
  readonly confidential: number;
  readonly sealed: number;
  readonly archive: number;
  readonly bin: number;
}

export interface Wanted {
  readonly party: string;
  readonly folder: Folder;
  readonly q?: string;
  readonly unread?: boolean;
  readonly due?: boolean;
  readonly confirm?: boolean;
  readonly confidential?: boolean;
  readonly label?: string;
  readonly sort?: 'newest' | 'oldest' | 'due';
}

export interface Page {
  readonly items: readonly Item[];
  readonly next: string | null;
}

const pageSize = 100;
/** Where events from the server do not come through, it is asked again so often. */
export const askAgainMillis = 60_000;

/** The list's order and folders follow a change within a second, and on a server that has much to do within so many of these. */
export const followMillis = 1500;
const slowest = 10;

const base = '/budstikke/v1/inbox';

/** A page of a list, from where another ended. */
export function askPage(wanted: Wanted, after: string, signal: AbortSignal): Promise<Page> {
  return ask<Page>(`${base}${query({ ...wanted, after, limit: pageSize })}`, { signal });
}

/** The beginning of a list. What follows is read by the page that shows it. */
export function useFirstPage(wanted: Wanted | null) {
  return useQuery({
    queryKey: ['inbox', 'list', wanted] as const,
    enabled: wanted !== null,
    queryFn: ({ signal }) => askPage(wanted!, '', signal),
    // While another search is answered its list stays; letters of another folder are never shown in this one, nor chosen there.
    placeholderData: (before, asked) => {
      const last = asked?.queryKey[2];
      return last?.party === wanted?.party && last?.folder === wanted?.folder ? before : undefined;
    },
  });
}

/** One line as it is now. Null: it is not there, or not for this reader; undefined: no answer came. */
export async function askItem(id: string): Promise<Item | null | undefined> {
  try {
    return await ask<OneItem>(`${base}/${id}`);
  } catch (error) {
    return error instanceof Refusal && error.status === 404 ? null : undefined;
  }
}

export function useCounts(party: string | undefined) {
  return useQuery({
    queryKey: ['inbox', 'counts', party],
    enabled: party !== undefined,
    queryFn: ({ signal }) => ask<Counts>(`${base}/counts${query({ party })}`, { signal }),
    refetchInterval: () => (isSomebodyHere() ? askAgainMillis : false),
  });
}

export function useItem(id: string) {
  return useQuery({
    queryKey: ['inbox', 'item', id],
    queryFn: ({ signal }) => ask<OneItem>(`${base}/${id}`, { signal }),
  });
}

/** Why a message is not to be seen, for one who acts for its receiver. */
export interface Absence {
  readonly why: 'no-right' | 'recalled' | 'deleted' | 'expired' | 'soon';
  readonly sender: string;
  readonly recipient: { readonly id: string; readonly name: string };
  readonly publishedAt: string;
  readonly goneAt: string | null;
  readonly mayGive: boolean;
  readonly ask: readonly string[];
}

/** Whoever comes at once from a notice may be a moment ahead of the inbox. */
const soonMillis = 500;

/** Asked where there is no such line. While it is only not there yet it is asked again, and the line with it. */
export function useAbsence(id: string, asked: boolean, again: () => void) {
  return useQuery({
    queryKey: ['inbox', 'absence', id],
    enabled: asked,
    queryFn: async ({ signal }) => {
      const absence = await ask<Absence>(`${base}/${id}/absence`, { signal });
      if (absence.why === 'soon') again();
      return absence;
    },
    refetchInterval: ({ state }) => (state.data?.why === 'soon' ? soonMillis : false),
  });
}

export interface Why {
  readonly path?: readonly string[];
  readonly explanation: readonly Readonly<Record<'nb' | 'nn' | 'en', string>>[];
}

export function useWhy(id: string, asked: boolean) {
  return useQuery({ queryKey: ['why', id], enabled: asked, queryFn: ({ signal }) => ask<Why>(`${base}/${id}/why`, { signal }) });
}

/** Somebody did something with the message, or asked for it and was told yes or no. */
export interface SeenEntry {
  readonly id: string;
  readonly at: string;
  readonly kind: 'act' | 'decision';
  readonly event: string | null;
  readonly who: { readonly party: string | null; readonly name: string | null; readonly kind: string };
  readonly decision: string | null;
}

export interface Seen {
  readonly entries: readonly SeenEntry[];
  readonly next: string | null;
}

export function useSeenBy(id: string, asked: boolean) {
  return useQuery({ queryKey: ['seen-by', id], enabled: asked, queryFn: ({ signal }) => ask<Seen>(`${base}/${id}/seen-by`, { signal }) });
}

/** After a change everything of the inbox is asked anew, here and in the other tabs. */
export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    tellOtherTabs('changed');
    await Promise.all([queries.invalidateQueries({ queryKey: ['inbox'] }), queries.invalidateQueries({ queryKey: ['parties'] })]);
  };
}

/** Where letters have just been put, until the list knows it too. */
const moves = new Map<string, Folder | 'gone'>();

export function movedTo(id: string): Folder | 'gone' | undefined {
  return moves.get(id);
}

function noteMove(id: string, to: Folder | 'gone' | null): void {
  if (to === null) return;
  moves.set(id, to);
  setTimeout(() => moves.get(id) === to && moves.delete(id), slowest * followMillis);
}

function folderAfter({ add = [], remove = [] }: LabelChange): Folder | null {
  if (add.includes('bin')) return 'bin';
  if (add.includes('archive')) return 'archive';
  return remove.includes('bin') || remove.includes('archive') ? 'inbox' : null;
}

async function changeLabels(id: string, { add = [], remove = [] }: LabelChange): Promise<void> {
  await ask(`${base}/${id}/labels`, { method: 'POST', body: { add, remove } });
  noteMove(id, folderAfter({ add, remove }));
}

/** So many are done with at once. */
export const mostTogether = 100;
const requestsAtOnce = 4;

export interface TogetherAnswer {
  readonly done: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

/** The same with several, each by itself: what cannot be done with one is done with the others. Null: deleted for good. */
export function useTogether() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async ({
      ids,
      change,
    }: {
      readonly ids: readonly string[];
      readonly change: LabelChange | null;
    }): Promise<TogetherAnswer> => {
      const [left, done, failed] = [[...ids], [] as string[], [] as { id: string; error: unknown }[]];
      const work = async (): Promise<void> => {
        for (let id = left.shift(); id !== undefined; id = left.shift()) {
          try {
            if (change) await changeLabels(id, change);
            else await deleteForGood(id);
            done.push(id);
          } catch (error) {
            failed.push({ id, error });
          }
        }
      };
      await Promise.all(Array.from({ length: requestsAtOnce }, work));
      return { done, failed };
    },
    // Nobody waits for the lists: what was done is said at once, not when its reader has gone on.
    onSuccess: () => {
      for (const times of [0, 1, 3]) setTimeout(() => void refresh(), times * followMillis);
    },
  });
}

/** A published message goes for its recipient, for good. */
async function deleteForGood(id: string): Promise<void> {
  await ask(`/correspondence/api/v1/correspondence/${id}/purge`, { method: 'DELETE' });
  noteMove(id, 'gone');
}

export interface Word {
  readonly word: string;
  readonly count: number;
}

/** The words that are on letters of a party, and on how many. */
export function useWords(party: string | undefined) {
  return useQuery({
    queryKey: ['inbox', 'words', party],
    enabled: party !== undefined,
    queryFn: ({ signal }) => ask<{ labels: readonly Word[] }>(`${base}/labels${query({ party })}`, { signal }),
  });
}

export interface LabelChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export function useLabels(id: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (change: LabelChange) => changeLabels(id, change),
    onSuccess: async () => {
      setTimeout(() => void refresh(), followMillis);
      await refresh();
    },
  });
}

export interface Share {
  readonly nationalIdentityNumber: string;
  readonly lastName: string;
  readonly until?: string;
  readonly reason?: string;
}

export function useShare(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Share) => ask<{ readonly id: string; readonly toName: string }>(`${base}/${id}/share`, { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['grants'] }),
  });
}
