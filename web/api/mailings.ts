import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { isSomebodyHere } from '../ui/somebody.ts';
import { ask, query } from './ask.ts';
import { handOver } from './attachments.ts';
import type { LetterToSend, LetterWords } from './send.ts';

const base = '/budstikke/v1/mailings';

export type MailingState = 'Open' | 'Released' | 'Paused' | 'Cancelled' | 'Finished';

export interface MailingRow {
  readonly mailingId: string;
  readonly state: MailingState;
  readonly resourceId: string;
  readonly sendersReference: string;
  readonly createdAt: string;
  readonly received: number;
}

export const doubtful = ['UNREACHABLE', 'GRANTABLE', 'COLD'] as const;
export type Doubtful = (typeof doubtful)[number];

export const classes = ['UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN'] as const;

export interface Mailing {
  readonly mailingId: string;
  readonly state: MailingState;
  readonly stalledBy: string | null;
  readonly resourceId: string;
  readonly sendersReference: string;
  readonly createdAt: string;
  readonly nextLine: number;
  readonly counts: Readonly<Record<'received' | 'staged' | 'refused' | 'sent' | 'published' | 'unsent', number>>;
  readonly openability: Readonly<Record<(typeof classes)[number], number>>;
  readonly check: { readonly askedAt: string | null; readonly done: boolean };
  readonly release: {
    readonly at: string | null;
    readonly firstSentAt: string | null;
    readonly lastSentAt: string | null;
    /** Whom it is not sent to. */
    readonly leaveOut: readonly Doubtful[];
  };
  readonly endedAt: string | null;
}

export function useMailings(actingFor: string | undefined) {
  return useInfiniteQuery({
    queryKey: ['mailings', actingFor],
    enabled: actingFor !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ mailings: readonly MailingRow[]; next: string | null }>(`${base}${query({ after: pageParam })}`, { signal, actingFor }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** While something goes on by itself it is asked for again, as long as somebody looks. */
function askAgain(mailing: Mailing | undefined): number | false {
  if (!mailing || !isSomebodyHere()) return false;
  const waits = mailing.check.askedAt !== null && !mailing.check.done && mailing.endedAt === null;
  return waits || mailing.state === 'Released' ? 2000 : false;
}

export function useMailing(actingFor: string | undefined, id: string) {
  return useQuery({
    queryKey: ['mailing', actingFor, id],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<Mailing>(`${base}/${id}`, { signal, actingFor }),
    refetchInterval: ({ state }) => askAgain(state.data),
  });
}

/** What every recipient is sent, with the places that each line fills as they were written. */
export interface MailingLetter {
  readonly language: string | null;
  readonly title: string;
  readonly body: string;
  /** The same in other languages. */
  readonly translations: readonly LetterWords[];
  readonly confirmNeeded: boolean;
  readonly confidential: boolean;
  readonly dueAt: string | null;
  readonly attachments: number;
}

export function useMailingLetter(actingFor: string, id: string) {
  return useQuery({
    queryKey: ['mailing-letter', actingFor, id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => ask<MailingLetter>(`${base}/${id}/letter`, { signal, actingFor }),
  });
}

interface SentLines {
  readonly messages: readonly { readonly line: number; readonly correspondenceId: string }[];
  readonly next: number | null;
}

/** Lines that are sent, each with its message. While the mailing goes on there are more. */
export function useSentLines(actingFor: string, id: string, sent: number) {
  return useInfiniteQuery({
    queryKey: ['mailing-lines', actingFor, id],
    enabled: sent > 0,
    initialPageParam: 0,
    refetchInterval: () => (isSomebodyHere() ? 10_000 : false),
    queryFn: ({ pageParam, signal }) => ask<SentLines>(`${base}/${id}/messages${query({ after: pageParam })}`, { signal, actingFor }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

export type Move = 'release' | 'pause' | 'resume' | 'cancel' | 'check';

export function useMoveMailing(actingFor: string, id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ move, body = {} }: { readonly move: Move; readonly body?: object }) =>
      ask<Mailing>(`${base}/${id}/${move}`, { method: 'POST', body, actingFor }),
    // Nobody waits for the lists: what is said of it is said before it has gone on.
    onSuccess: (mailing) => {
      queries.setQueryData(['mailing', actingFor, id], mailing);
      for (const key of ['mailings', 'sent', 'unread', 'unread-summary']) void queries.invalidateQueries({ queryKey: [key] });
    },
    onError: () => queries.invalidateQueries({ queryKey: ['mailing', actingFor, id] }),
  });
}

export interface LineError {
  readonly line: number;
  readonly code: string;
  readonly text: string;
  readonly field: string | null;
}

interface LineErrors {
  readonly errors: readonly LineError[];
  readonly next: number | null;
}

/** As many as are refused by now: there are more when what was left out would have been sent. */
export function useLineErrors(actingFor: string, id: string, refused: number) {
  return useInfiniteQuery({
    queryKey: ['mailing-errors', actingFor, id, refused],
    enabled: refused > 0,
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => ask<LineErrors>(`${base}/${id}/errors${query({ after: pageParam })}`, { signal, actingFor }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** All of them, to be downloaded. */
export async function allLineErrors(actingFor: string, id: string): Promise<LineError[]> {
  const errors: LineError[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page: LineErrors = await ask(`${base}/${id}/errors${query({ after })}`, { actingFor });
    errors.push(...page.errors);
    after = page.next;
  }
  return errors;
}

export interface NewMailing extends LetterToSend {
  readonly key: string;
  /** Each a recipient as JSON. */
  readonly lines: readonly string[];
}

/** So many lines go in one request: what breaks off is begun again from the line that the mailing names. */
const linesAtOnce = 5000;

/** Hands over the files, begins a mailing, and gives it its lines. With the same key again it goes on where it broke off. Nothing is sent. */
export function useCreateMailing(actingFor: string, tell: (taken: number) => void) {
  const queries = useQueryClient();
  // What goes on where it broke off is the same mailing only with the same attachments.
  const handedOver = useRef(new Map<string, WeakMap<File, string>>());
  const handOverOnce = async (files: readonly File[], service: string): Promise<string[]> => {
    const known = handedOver.current.get(service) ?? new WeakMap<File, string>();
    handedOver.current.set(service, known);
    const ids: string[] = [];
    for (const [i, file] of files.entries()) {
      const id = known.get(file) ?? (await handOver(actingFor, service, file, `vedlegg-${i + 1}`));
      known.set(file, id);
      ids.push(id);
    }
    return ids;
  };
  return useMutation({
    mutationFn: async ({ key, lines, ...letter }: NewMailing): Promise<Mailing> => {
      const existingAttachments = await handOverOnce(letter.files, letter.service.id);
      const body = { idempotencyKey: key, correspondence: letterOf(letter), existingAttachments };
      let mailing = await ask<Mailing>(base, { method: 'POST', body, actingFor });
      let taken = mailing.nextLine - 1;
      while (taken < lines.length) {
        const part = lines.slice(taken, taken + linesAtOnce);
        const path = `${base}/${mailing.mailingId}/recipients${query({ from: taken + 1 })}`;
        const { nextLine } = await ask<{ nextLine: number }>(path, { method: 'POST', lines: part.join('\n'), actingFor });
        if (nextLine <= taken + 1) break;
        taken = nextLine - 1;
        tell(taken);
      }
      mailing = await ask<Mailing>(`${base}/${mailing.mailingId}`, { actingFor });
      return mailing;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['mailings'] }),
  });
}

function letterOf(letter: LetterToSend): object {
  const { service, sender, translations, reference, confirm, dueAt } = letter;
  return {
    resourceId: service.id,
    sendersReference: reference,
    isConfirmationNeeded: confirm,
    isConfidential: service.confidential,
    content: { ...wordsOf(letter), ...(translations.length > 0 ? { translations: translations.map(wordsOf) } : {}) },
    ...(dueAt ? { dueDateTime: dueAt } : {}),
    ...(service.owner ? { messageSender: sender } : {}),
  };
}

const wordsOf = ({ language, title, body }: LetterWords): object => ({
  ...{ language, messageTitle: title, messageSummary: '', messageBody: body },
});
