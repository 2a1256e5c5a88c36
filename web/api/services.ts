import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, query } from './ask.ts';
import type { causes } from './board-words.ts';

export type Texts = Readonly<Record<'nb' | 'nn' | 'en', string>>;

export interface ReaderWord {
  readonly kind: 'role' | 'package' | 'self' | 'organization' | 'named' | 'anybody';
  readonly code: string | null;
  readonly name: Texts | null;
}

/** A service of the sender's own, with what holds on it. */
export interface OwnService {
  readonly id: string;
  readonly title: Texts;
  readonly type: string;
  readonly carries: 'letters' | 'files' | 'nothing';
  readonly confidential: boolean;
  readonly unreachable: 'accept' | 'refuse' | 'fallback';
  readonly fallback: { readonly name: string | null } | null;
  readonly minLevel: number;
  readonly readers: { readonly ways: readonly (readonly ReaderWord[])[]; readonly more: boolean };
  readonly files: {
    readonly mostBytes: number | null;
    readonly timeToLiveSeconds: number;
    readonly purgeAfterAllConfirmed: boolean;
    readonly graceSeconds: number;
  } | null;
  readonly ladder: string;
  /** Whether one may choose its ladder. */
  readonly mayChoose: boolean;
}

export function useOwnServices(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['own-services', actingFor],
    enabled: actingFor !== undefined,
    queryFn: async ({ signal }) => {
      const services: OwnService[] = [];
      let after: string | null = '';
      while (after !== null) {
        const page: { services: OwnService[]; next: string | null } = await ask(`/budstikke/v1/services${query({ after })}`, {
          ...{ signal, actingFor },
        });
        services.push(...page.services);
        after = page.next;
      }
      return { services: services.sort((a, b) => a.title.nb.localeCompare(b.title.nb, 'nb')) };
    },
  });
}

export const turnsTo = ['openers', 'grantors', 'key-roles', 'fallback', 'sender', 'sender-fallback', 'print'] as const;
export type TurnsTo = (typeof turnsTo)[number];
export const channels = ['preferred', 'email', 'sms', 'inbox', 'event'] as const;
export type Channel = (typeof channels)[number];
export type Cause = (typeof causes)[number];

export interface LadderStep {
  readonly name: string;
  /** ISO 8601. */
  readonly after: string;
  readonly workingDays?: boolean;
  readonly when: readonly Cause[];
  readonly who: TurnsTo;
  readonly otherwise?: 'grantors';
  readonly channel: Channel;
  readonly text: string;
}

export interface Ladder {
  readonly id: string;
  readonly version: number;
  readonly kind: 'preset' | 'draft' | 'own';
  readonly drawnFrom: { readonly fact: string; readonly source: string } | null;
  readonly steps: readonly LadderStep[];
  readonly madeAt: string;
  readonly madeBy: Maker | null;
}

/** Who wrote a ladder or chose one: a person by name, a system by its client. */
export interface Maker {
  readonly kind: 'person' | 'system';
  readonly name: string | null;
  readonly client: string | null;
}

/** All of them: an owner has two hundred at most. */
export function useLadders(actingFor: string) {
  return useQuery({
    queryKey: ['ladders', actingFor],
    queryFn: async ({ signal }) => {
      const ladders: Ladder[] = [];
      let after: string | null = '';
      while (after !== null) {
        const page: { ladders: Ladder[]; next: string | null } = await ask(`/budstikke/v1/ladders${query({ after })}`, {
          signal,
          actingFor,
        });
        ladders.push(...page.ladders);
        after = page.next;
      }
      return ladders;
    },
  });
}

export function useVersions(actingFor: string, id: string, enabled: boolean) {
  return useQuery({
    queryKey: ['ladder-versions', actingFor, id],
    enabled,
    queryFn: ({ signal }) => ask<{ versions: readonly Ladder[] }>(`/budstikke/v1/ladders/${encodeURIComponent(id)}`, { signal, actingFor }),
  });
}

/** What senders may choose for one message. */
export interface Limits {
  readonly ladders: readonly string[];
  readonly own: boolean;
  readonly mostSteps: number;
  readonly turnsTo: readonly TurnsTo[];
  readonly notBefore: string | null;
  readonly within: string | null;
}

interface Climbed {
  readonly ladder: string;
  readonly version: number;
  readonly limits: Limits | null;
}

const ladderOf = (resource: string): string => `/budstikke/v1/resources/${encodeURIComponent(resource)}/ladder`;

export function useClimbed(actingFor: string, resource: string) {
  return useQuery({
    queryKey: ['climbed', actingFor, resource],
    queryFn: ({ signal }) => ask<Climbed>(ladderOf(resource), { signal, actingFor }),
  });
}

export interface LadderChoice {
  readonly id: string;
  readonly at: string;
  readonly by: Maker | null;
  readonly ladder: string;
  readonly limits: Limits | null;
}

/** Who chose the ladder of a service, and what senders may choose, newest first. */
export function useLadderChoices(actingFor: string, resource: string) {
  return useInfiniteQuery({
    queryKey: ['ladder-choices', actingFor, resource],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ choices: readonly LadderChoice[]; next: string | null }>(`${ladderOf(resource)}/choices${query({ before: pageParam })}`, {
        signal,
        actingFor,
      }),
    getNextPageParam: ({ next }) => next,
  });
}

export interface Planned {
  readonly steps: readonly (Pick<LadderStep, 'name' | 'who' | 'when' | 'channel'> & { readonly dueAt: string; readonly dueOn: string })[];
  readonly thenAskedAt: string;
}

/** Which days a ladder would come to for what is published at an instant; by its name, or by steps that nobody has stored. */
export function usePlanned(
  actingFor: string,
  publishedAt: string,
  of: { readonly ladder?: string; readonly steps?: readonly LadderStep[] } | undefined,
) {
  return useQuery({
    queryKey: ['planned', actingFor, publishedAt, of],
    enabled: of !== undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask<Planned>('/budstikke/v1/ladders/preview', { method: 'POST', body: { publishedAt, ...of }, signal, actingFor }),
  });
}

export function useWriteLadder(actingFor: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, steps }: { readonly id: string; readonly steps: readonly LadderStep[] }) =>
      ask<Ladder>(`/budstikke/v1/ladders/${encodeURIComponent(id)}`, { method: 'PUT', body: { steps }, actingFor }),
    onSuccess: () => refresh(queries, 'ladders', 'ladder-versions', 'planned'),
  });
}

export function useChooseLadder(actingFor: string, resource: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly ladder: string; readonly limits?: Limits | null }) =>
      ask<Climbed>(ladderOf(resource), { method: 'PUT', body, actingFor }),
    onSuccess: () => refresh(queries, 'climbed', 'own-services', 'ladder-choices'),
  });
}

async function refresh(queries: ReturnType<typeof useQueryClient>, ...keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
}

export const noticeSteps = [
  'new-mail',
  'reminder',
  'reminder-confirm',
  'attachment-unlocked',
  'attachment-reminder',
  'sealed',
  'key-roles',
  'fallback',
  'fallback-unread',
  'sender-unread',
  'sender-decision',
] as const;
export type NoticeStep = (typeof noticeSteps)[number];

export interface NoticeWish {
  readonly resource: string;
  readonly step: NoticeStep;
  readonly recipient: 'person' | 'organization';
  readonly recipientName?: string;
  readonly dueAt?: string;
  readonly language: 'nb' | 'nn' | 'en';
}

export interface Notice {
  readonly channel: 'email' | 'sms';
  readonly subject: string | null;
  readonly body: string;
}

/** What a notice would say, by the templates of what is sent. */
export function useNoticePreview(actingFor: string, { language, ...wish }: NoticeWish) {
  return useQuery({
    queryKey: ['notice', actingFor, language, wish],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const body = { ...wish, languages: [language] };
      return ask<{ notices: readonly Notice[] }>('/budstikke/v1/notices/preview', { method: 'POST', body, signal, actingFor });
    },
  });
}
