import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, askText, query, Refusal } from './ask.ts';
import type { causes } from './board-words.ts';
import type { outcomes } from './sent.ts';

type Cause = (typeof causes)[number];

export const ages = ['d0', 'd1', 'd2to7', 'd8to30', 'd31plus'] as const;

/** What lies unread now, and when now is: by the server, whose clock a sandbox may have moved. */
export interface Lying {
  readonly at: string;
  readonly total: number;
  readonly groups: readonly {
    readonly cause: Cause;
    readonly age: (typeof ages)[number];
    readonly resource: string;
    readonly count: number;
  }[];
}

const board = '/budstikke/v1/unread';

export function useLying(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['unread-summary', actingFor],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<Lying>(`${board}/summary`, { signal, actingFor: actingFor! }),
  });
}

interface Within {
  readonly opened: number;
  readonly of: number;
}

export const spans = ['days1', 'days3', 'days7', 'days14', 'days30'] as const;

/** What became of post: opened, ended otherwise and unread add up to what was published. */
export interface Measures {
  readonly published: number;
  readonly opened: number;
  readonly endedUnopened: number;
  readonly unread: number;
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
  readonly within: Readonly<Record<(typeof spans)[number], Within>>;
}

export interface Figures {
  readonly measuredAt: string;
  readonly total: Measures;
  readonly weeks: readonly (Measures & { readonly week: string })[];
  readonly resources: readonly (Measures & { readonly resource: string })[];
  readonly recipientKinds: readonly (Measures & { readonly recipientKind: string })[];
  readonly causesAtDay7: readonly (Measures & { readonly cause: string })[];
}

/** Days in Norway, `2026-11-30`; the first is in it, the last too. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** A period is measured once a day; while another is being measured the answer is to come again, and so we do. */
export function useFigures(actingFor: string | undefined, period: Period | undefined) {
  return useQuery({
    queryKey: ['figures', actingFor, period],
    enabled: actingFor !== undefined && period !== undefined,
    queryFn: ({ signal }) => ask<Figures>(`${board}/figures${query({ ...period })}`, { signal, actingFor: actingFor! }),
    retry: (failures, error) => (error instanceof Refusal ? error.status === 429 && failures < 8 : failures < 2),
    retryDelay: (failures) => 1000 * (failures + 1),
  });
}

type Numbers = Readonly<Record<string, number>>;

export interface Counts {
  readonly stock: Readonly<Record<'openBefore' | 'accepted' | 'closed' | 'openAfter', number>>;
  readonly closedBy: Readonly<Record<(typeof outcomes)[number], number>>;
  readonly openBy: Numbers;
  readonly openAge: Numbers;
  readonly openByClass: Numbers;
  readonly nextAction: Numbers;
  readonly acts: Readonly<Record<'published' | 'opened' | 'confirmed', number>>;
}

/** One day, as it was made; those of later versions say more. */
export interface DayStatement extends Counts {
  readonly day: string;
  readonly messages: Counts;
  readonly files: Counts;
  readonly resources: readonly (Counts & { readonly resource: string })[];
  readonly acceptedMessages: number;
  /** Left out by statements of the first version, as the next one. */
  readonly acceptedFiles?: number;
  /** What was sent on services of others: in none of the other numbers. */
  readonly forAnother?: Counts & { readonly resources: readonly (Counts & { readonly resource: string })[] };
  readonly silent: number;
  readonly timeToOpen: {
    readonly published: number;
    readonly opened: number;
    readonly openedWithin7Days: number;
    readonly medianSeconds: number | null;
  } | null;
}

export interface KeptStatement {
  readonly day: string;
  readonly madeAt: string;
  readonly sha256: string;
  readonly previousSha256: string | null;
  readonly holds: boolean;
  readonly broken: readonly string[];
  readonly statement: DayStatement;
}

const statements = '/budstikke/v1/statements';

export function useStatements(actingFor: string | undefined, period: Period | undefined) {
  return useQuery({
    queryKey: ['statements', actingFor, period],
    enabled: actingFor !== undefined && period !== undefined,
    queryFn: async ({ signal }): Promise<KeptStatement[]> => {
      const path = `${statements}${query({ ...period })}`;
      // Whoever acts as a sender here may send both kinds of post: each statement comes whole.
      type Row = Omit<KeptStatement, 'statement'> & { readonly canonical: string };
      const answer = await ask<{ statements: readonly Row[] }>(path, { signal, actingFor: actingFor! });
      return answer.statements.map(({ canonical, ...row }) => ({ ...row, statement: JSON.parse(canonical) as DayStatement }));
    },
  });
}

/** The statements of a period for people, and for the archive. */
export function useStatementText(actingFor: string) {
  return useMutation({ mutationFn: (period: Period) => askText(`${statements}/text${query({ ...period })}`, { actingFor }) });
}

/** All that lies unread, as a file for a spreadsheet. */
export function useExtract(actingFor: string) {
  return useMutation({
    mutationFn: () => askText(`${board}/extract${query({ bom: true, numbers: 'false' })}`, { accept: 'text/csv', actingFor }),
  });
}

export const sendings = ['link', 'attachment'] as const;

export interface RoutineSettings {
  readonly days: readonly number[];
  readonly hour: number;
  readonly causes: readonly Cause[];
  readonly resources: readonly string[];
  /** Numbers; none: all. */
  readonly recipients: readonly string[];
  readonly olderThan: string | null;
  readonly sendAs: (typeof sendings)[number];
  readonly sendEmpty: boolean;
  readonly isOn: boolean;
}

export interface Routine extends RoutineSettings {
  readonly nextAt: string;
  readonly addresses: readonly { readonly email: string; readonly confirmed: boolean; readonly linkUntil: string | null }[];
  readonly extracts: readonly {
    readonly dueAt: string;
    readonly madeAt: string;
    readonly items: number;
    readonly sentAs: 'link' | 'attachment' | 'nothing' | 'nobody' | 'stopped' | 'failed';
    readonly addresses: number;
  }[];
}

const routineNotSet = 'BUD-09722';

/** Who is told by mail what lies unread, and when; null where it was never set. */
export function useRoutine(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['routine', actingFor],
    enabled: actingFor !== undefined,
    queryFn: async ({ signal }): Promise<Routine | null> => {
      try {
        return await ask<Routine>(`${board}/routine`, { signal, actingFor: actingFor! });
      } catch (error) {
        if (error instanceof Refusal && error.row === routineNotSet) return null;
        throw error;
      }
    },
  });
}

export function useSetRoutine(actingFor: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: RoutineSettings & { readonly addresses: readonly string[] }) =>
      ask<Routine>(`${board}/routine`, { method: 'PUT', body, actingFor }),
    onSuccess: (routine) => queries.setQueryData(['routine', actingFor], routine),
  });
}

export interface SenderMail {
  readonly id: string;
  readonly purpose:
    | 'sender-failed'
    | 'files-failed'
    | 'sender-expiring'
    | 'files-expiring'
    | 'paper-returned'
    | 'sender-deleted'
    | 'sender-decision'
    | 'files-decision'
    | 'sender-unread'
    | 'files-unread'
    | 'subscription-paused'
    | 'extract';
  readonly channel: 'email' | 'sms';
  /** Masked where it is another's. */
  readonly address: string;
  readonly toOther: string | null;
  readonly state: 'due' | 'handing-over' | 'handed-over' | 'delivered' | 'failed' | 'cancelled';
  readonly dueAt: string | null;
  readonly changedAt: string;
  readonly answer: string | null;
  readonly tries: number;
  readonly attempts: readonly {
    readonly at: string;
    readonly outcome: 'handed-over' | 'later' | 'refused';
    readonly answer: string | null;
  }[];
}

/** Every mail that was to tell the sender how its post stands, latest first. */
export function useSenderMails(actingFor: string) {
  return useInfiniteQuery({
    queryKey: ['sender-mails', actingFor],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ mails: readonly SenderMail[]; next: string | null }>(`${board}/mails${query({ before: pageParam })}`, { signal, actingFor }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** What the services of the organization are called; a service that is not among them goes by its id. */
export function useServiceTitles(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['service-titles', actingFor],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<{ services: readonly TitledService[] }>('/budstikke/v1/services', { signal, actingFor: actingFor! }),
    staleTime: 300_000,
  });
}

export interface TitledService {
  readonly id: string;
  readonly title: Readonly<Record<'nb' | 'nn' | 'en', string>>;
}
