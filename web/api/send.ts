import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { tellOtherTabs } from '../ui/leave.ts';
import { ask } from './ask.ts';
import { nameOrganizations } from './names.ts';
import type { openability } from './sent.ts';

export interface Service {
  readonly id: string;
  readonly title: Readonly<Record<'nb' | 'nn' | 'en', string>>;
  /** Whose it is, where it is not the sender's own. */
  readonly owner: { readonly number: string | null; readonly name: string } | null;
  readonly confidential: boolean;
  readonly unreachable: 'accept' | 'refuse' | 'fallback';
}

/** On what the organization may send. */
export function useServices(actingFor: string | undefined) {
  return useQuery({
    queryKey: ['services', actingFor],
    enabled: actingFor !== undefined,
    queryFn: ({ signal }) => ask<{ services: readonly Service[] }>('/budstikke/v1/sent/services', { signal, actingFor }),
    staleTime: 300_000,
  });
}

export interface Reached {
  readonly number: string;
  /** Of an organization. A person is named for no number. */
  readonly name: string | null;
  /** Null: nobody is known by the number. */
  readonly reach: {
    readonly class: (typeof openability)[number];
    readonly persons: number;
    readonly systems: number;
    readonly grantors: number;
  } | null;
}

interface ReachabilityList {
  readonly parties: readonly { readonly party: string; readonly reachability: Reached['reach'] }[];
}

export function urnOf(number: string): string {
  return number.length === 9 ? `urn:altinn:organization:identifier-no:${number}` : `urn:altinn:person:identifier-no:${number}`;
}

/** Who could open the letter at each recipient, asked before it is sent. */
export function useReach(actingFor: string) {
  return useMutation({
    mutationFn: async ({ resource, numbers }: { readonly resource: string; readonly numbers: readonly string[] }): Promise<Reached[]> => {
      const body = { resource, parties: numbers.map(urnOf) };
      const [{ parties }, names] = await Promise.all([
        ask<ReachabilityList>('/budstikke/v1/reachability', { method: 'POST', body, actingFor }),
        nameOrganizations(actingFor, numbers),
      ]);
      return numbers.map((number, i) => ({ number, name: names.get(number) ?? null, reach: parties[i]?.reachability ?? null }));
    },
  });
}

/** What a letter says in one language. */
export interface LetterWords {
  readonly language: string;
  readonly title: string;
  readonly body: string;
}

/** A letter, to one or to many, beside whom it goes to. */
export interface LetterToSend extends LetterWords {
  readonly service: Service;
  /** What the organization that writes is called. */
  readonly sender: string;
  /** The same in other languages. */
  readonly translations: readonly LetterWords[];
  readonly reference: string;
  readonly confirm: boolean;
  /** An instant, or nothing. */
  readonly dueAt: string | undefined;
  readonly files: readonly File[];
}

export interface NewLetter extends LetterToSend {
  readonly numbers: readonly string[];
  /** Whether its reader may send it on by e-mail; they may not where nothing is said. */
  readonly forwarding?: boolean;
  /** An instant to come; at once where nothing is said. */
  readonly publishAt?: string | undefined;
}

/** One request takes so many recipients. */
export const mostRecipients = 500;

/** Sends one letter to all of them; nothing is sent where one of them is refused. */
export function useSend(actingFor: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (letter: NewLetter) =>
      ask<{ correspondences: readonly { correspondenceId: string }[] }>('/correspondence/api/v1/correspondence/upload', {
        method: 'POST',
        form: formOf(letter),
        actingFor,
      }),
    onSuccess: async () => {
      tellOtherTabs('changed');
      await Promise.all(['sent', 'unread', 'unread-summary'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
}

function formOf(letterOf: NewLetter): FormData {
  const { service, sender, numbers, reference, confirm, dueAt, files, forwarding = false, publishAt, translations } = letterOf;
  const form = new FormData();
  for (const [i, number] of numbers.entries()) form.append(`recipients[${i}]`, urnOf(number));
  const letter: Readonly<Record<string, string>> = {
    resourceId: service.id,
    sendersReference: reference,
    isConfirmationNeeded: String(confirm),
    isConfidential: String(service.confidential),
    allowForwarding: String(forwarding),
    ...(publishAt ? { requestedPublishTime: publishAt } : {}),
    ...wordsAt('content', letterOf),
    ...Object.assign({}, ...translations.map((each, i) => wordsAt(`content.translations[${i}]`, each))),
    ...(dueAt ? { dueDateTime: dueAt } : {}),
    ...(service.owner ? { messageSender: sender } : {}),
  };
  for (const [name, value] of Object.entries(letter)) form.append(`correspondence.${name}`, value);
  for (const [i, file] of files.entries()) {
    const at = `correspondence.content.attachments[${i}]`;
    form.append(`${at}.fileName`, file.name);
    form.append(`${at}.sendersReference`, `vedlegg-${i + 1}`);
    form.append(`${at}.dataLocationType`, 'NewCorrespondenceAttachment');
  }
  for (const file of files) form.append('attachments', file, file.name);
  return form;
}

const wordsAt = (at: string, { language, title, body }: LetterWords): Readonly<Record<string, string>> => ({
  [`${at}.language`]: language,
  [`${at}.messageTitle`]: title,
  [`${at}.messageSummary`]: '',
  [`${at}.messageBody`]: body,
});
