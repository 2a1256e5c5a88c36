import { type InfiniteData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { isSomebodyHere } from '../ui/somebody.ts';
import { ask, query } from './ask.ts';
import type { BoardSort, causes, sentStandings } from './board-words.ts';
import type { Decision } from './decide.ts';

export const openability = ['PROVEN', 'REACHABLE', 'COLD', 'GRANTABLE', 'UNREACHABLE', 'UNKNOWN'] as const;
export const outcomes = [
  'opened',
  'confirmed',
  'handed-over',
  'read-elsewhere',
  'relayed',
  'recalled',
  'deleted-by-recipient',
  'failed',
  'accepted-unread',
] as const;

/** Whom a step turns to. */
export type Turn = 'openers' | 'grantors' | 'key-roles' | 'fallback' | 'sender' | 'sender-fallback' | 'print';

export interface Step {
  readonly name: string;
  readonly who: Turn;
  readonly dueAt: string;
  readonly state: 'due' | 'done' | 'skipped' | 'cancelled';
}

export interface Watch {
  readonly class: (typeof openability)[number];
  readonly openers: number;
  readonly grantors: number;
  readonly publishedAt: string | null;
  readonly openedAt: string | null;
  /** A system at the recipient has taken it, and it waits for a person. */
  readonly fetchedBySystemAt: string | null;
  readonly confirmedAt: string | null;
  readonly confirmNeeded: boolean;
  readonly dueAt: string | null;
  readonly cause: (typeof causes)[number] | null;
  readonly noticeDueAt: string | null;
  readonly nextAction: string | null;
  readonly nextActionAt: string | null;
  readonly steps: readonly Step[];
  readonly failure: { readonly at: string; readonly reason: string } | null;
  readonly decision: {
    readonly decision: Decision;
    readonly name: string;
    readonly reason: string;
    readonly at: string;
  } | null;
  readonly outcome: (typeof outcomes)[number] | null;
  readonly settledAt: string | null;
}

export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  readonly event: string;
  readonly sentence: string;
  /** Of a step of a ladder: which, who was told, and how many; or why nobody was. */
  readonly core: {
    readonly step?: string;
    readonly toldKind?: Exclude<Turn, 'print'>;
    readonly told?: number;
    readonly passedOver?: string;
    readonly awaits?: 'person';
  };
}

/** Where a message stands changes by itself; it is asked for again while somebody looks. */
const askAgain = () => (isSomebodyHere() ? 30_000 : false);

const base = '/budstikke/v1/correspondence';

export function useWatch(id: string, actingFor: string | undefined) {
  return useQuery({
    queryKey: ['watch', actingFor, id],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<Watch>(`${base}/${id}/watch`, { signal, actingFor }),
    refetchInterval: askAgain,
  });
}

/** All that happened, oldest first, page after page until there is no more. */
export function useTimeline(id: string, actingFor: string | undefined, language: string) {
  return useQuery({
    queryKey: ['timeline', actingFor, id, language],
    enabled: actingFor !== undefined,
    refetchInterval: askAgain,
    queryFn: async ({ signal }) => {
      const entries: TimelineEntry[] = [];
      let after: string | null = '';
      while (after !== null) {
        const path: string = `${base}/${id}/timeline${query({ after, language })}`;
        const page: { entries: TimelineEntry[]; next: string | null } = await ask(path, { signal, actingFor });
        entries.push(...page.entries);
        after = page.next;
      }
      return entries;
    },
  });
}

interface UnreadBoard {
  readonly items: readonly UnreadItem[];
  readonly next: string | null;
}

/** Post that lies unread, as its sender sees it; never what it says. */
export interface UnreadItem {
  readonly id: string;
  readonly kind: 'message' | 'file';
  readonly recipient: { readonly name: string; readonly number: string | null };
  readonly resource: string;
  readonly confidential: boolean;
  readonly sentAt: string;
  readonly publishedAt: string | null;
  readonly openedAt: string | null;
  readonly fetchedBySystemAt: string | null;
  readonly ageDays: number;
  readonly cause: (typeof causes)[number];
  readonly class: (typeof openability)[number];
  readonly openers: number;
  readonly grantors: number;
  readonly nextStep: string;
  readonly nextStepWho: Turn | null;
  readonly nextStepAt: string;
  /** The sender has been asked to decide. */
  readonly decisionAsked: boolean;
  /** What the sender may decide about it now. */
  readonly decisions: readonly Decision[];
  /** Its bytes, or those of its attachments, are past their time, and go then. */
  readonly bytesUntil: string | null;
}

export interface UnreadSummary {
  readonly total: number;
  readonly decisionAsked: number;
  readonly groups: readonly { readonly cause: (typeof causes)[number]; readonly resource: string; readonly count: number }[];
  /** Those with whom most lies. */
  readonly recipients: readonly { readonly name: string; readonly number: string | null; readonly count: number }[];
}

const board = '/budstikke/v1/unread';

/** Of the board: by why, with whom, on which service. */
export interface UnreadFilter {
  readonly cause?: string | undefined;
  readonly recipient?: string | undefined;
  readonly resource?: string | undefined;
  /** What the sender has been asked to decide alone. */
  readonly decisionAsked?: true | undefined;
}

export function useUnread(actingFor: string | undefined, filter: UnreadFilter, sort: BoardSort = 'oldest') {
  return useInfiniteQuery({
    queryKey: ['unread', actingFor, filter, sort],
    enabled: actingFor !== undefined,
    // The rows of before stay until those of another order or cause are there: who presses a heading keeps their place.
    placeholderData: (before: InfiniteData<UnreadBoard, string> | undefined, asked) =>
      asked?.queryKey[1] === actingFor ? before : undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<UnreadBoard>(`${board}${query({ ...filter, sort, after: pageParam })}`, {
        signal,
        actingFor,
      }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: askAgain,
  });
}

export function useUnreadSummary(actingFor: string | undefined, filter: Omit<UnreadFilter, 'cause'> = {}) {
  return useQuery({
    queryKey: ['unread-summary', actingFor, filter],
    enabled: actingFor !== undefined,
    placeholderData: (before: UnreadSummary | undefined, asked) => (asked?.queryKey[1] === actingFor ? before : undefined),
    queryFn: ({ signal }) => ask<UnreadSummary>(`${board}/summary${query({ ...filter })}`, { signal, actingFor }),
    refetchInterval: askAgain,
  });
}

/** A message that was sent, and where it stands. The title is null where it is confidential. */
export interface SentItem {
  readonly id: string;
  readonly title: string | null;
  readonly recipient: { readonly name: string };
  readonly resource: string;
  readonly sendersReference: string;
  readonly confidential: boolean;
  readonly confirmNeeded: boolean;
  readonly publishAt: string;
  readonly publishedAt: string | null;
  readonly openedAt: string | null;
  readonly confirmedAt: string | null;
  readonly cause: (typeof causes)[number] | null;
  readonly outcome: (typeof outcomes)[number] | null;
  readonly nextStepAt: string | null;
}

/** Of what was sent: what is looked for, and what else it must be. */
export interface SentFilter {
  readonly q?: string | undefined;
  readonly standing?: (typeof sentStandings)[number] | undefined;
  readonly resource?: string | undefined;
  readonly confidential?: boolean | undefined;
  /** Instants. */
  readonly from?: string | undefined;
  readonly before?: string | undefined;
}

export function useSent(actingFor: string | undefined, filter: SentFilter) {
  return useInfiniteQuery({
    queryKey: ['sent', actingFor, filter],
    enabled: actingFor !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ items: readonly SentItem[]; next: string | null }>(`/budstikke/v1/sent${query({ ...filter, after: pageParam })}`, {
        signal,
        actingFor,
      }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: askAgain,
  });
}

/** One message as it stands in the list: whom it went to, on which service, and where it is. */
export function useSentItem(id: string, actingFor: string | undefined) {
  return useQuery({
    queryKey: ['sent', 'one', actingFor, id],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<SentItem>(`${base}/${id}/sent`, { signal, actingFor }),
    refetchInterval: askAgain,
  });
}

const idsAtOnce = 100;

/** The same of many that are shown already: what each is about, and how far it has come. Those on the services of others are not among them. */
export function useSentItems(ids: readonly string[], actingFor: string | undefined) {
  const parts = Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, i) => ids.slice(i * idsAtOnce, (i + 1) * idsAtOnce));
  return useQueries({
    queries: parts.map((part) => ({
      queryKey: ['sent', 'some', actingFor, part],
      enabled: actingFor !== undefined,
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        ask<{ items: readonly SentItem[] }>(
          `/budstikke/v1/sent?${new URLSearchParams([...part.map((id) => ['id', id]), ['limit', '100']])}`,
          {
            signal,
            actingFor: actingFor!,
          },
        ),
    })),
    combine: (found) => new Map(found.flatMap(({ data }) => data?.items ?? []).map((item) => [item.id, item])),
  });
}
