import { type InfiniteData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { isSomebodyHere } from '../ui/somebody.ts';
import { ask, query } from './ask.ts';
import type { Decision } from './decide.ts';

export const openability = ['PROVEN', 'REACHABLE', 'COLD', 'GRANTABLE', 'UNREACHABLE', 'UNKNOWN'] as const;
export const causes = [
  'not-published',
  'receiver-gone',
  'no-opener',
  'grant-needed',
  'attachment-locked',
  'opened-not-confirmed',
  'file-not-fetched',
  'no-contact-point',
  'notification-failed',
  'not-notified',
  'waiting',
  'unknown',
  'notified-not-opened',
] as const;
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

export interface Step {
  readonly name: string;
  readonly who: 'openers' | 'grantors' | 'sender';
  readonly dueAt: string;
  readonly state: 'due' | 'done' | 'skipped' | 'cancelled';
}

export interface Watch {
  readonly class: (typeof openability)[number];
  readonly openers: number;
  readonly grantors: number;
  readonly publishedAt: string | null;
  readonly openedAt: string | null;
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
  readonly publishedAt: string | null;
  readonly openedAt: string | null;
  readonly ageDays: number;
  readonly cause: (typeof causes)[number];
  readonly class: (typeof openability)[number];
  readonly openers: number;
  readonly grantors: number;
  readonly nextStepAt: string;
  /** What the sender may decide about it now. */
  readonly decisions: readonly Decision[];
}

export interface UnreadSummary {
  readonly total: number;
  readonly groups: readonly { readonly cause: (typeof causes)[number]; readonly count: number }[];
}

const board = '/budstikke/v1/unread';

export const boardSorts = ['oldest', 'newest', 'next'] as const;
export type BoardSort = (typeof boardSorts)[number];

export function useUnread(actingFor: string | undefined, cause: string | undefined, sort: BoardSort = 'oldest') {
  return useInfiniteQuery({
    queryKey: ['unread', actingFor, cause, sort],
    enabled: actingFor !== undefined,
    // The rows of before stay until those of another order or cause are there: who presses a heading keeps their place.
    placeholderData: (before: InfiniteData<UnreadBoard, string> | undefined, asked) =>
      asked?.queryKey[1] === actingFor ? before : undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<UnreadBoard>(`${board}${query({ cause, sort, after: pageParam })}`, {
        signal,
        actingFor,
      }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: askAgain,
  });
}

export function useUnreadSummary(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['unread-summary', actingFor],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<UnreadSummary>(`${board}/summary`, { signal, actingFor }),
    refetchInterval: askAgain,
  });
}

/** A message that was sent, and where it stands. The title is null where it is confidential. */
export interface SentItem {
  readonly id: string;
  readonly title: string | null;
  readonly recipient: { readonly name: string };
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

export function useSent(actingFor: string | undefined, q: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['sent', actingFor, q],
    enabled: actingFor !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ items: readonly SentItem[]; next: string | null }>(`/budstikke/v1/sent${query({ q, after: pageParam })}`, {
        signal,
        actingFor,
      }),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: askAgain,
  });
}
