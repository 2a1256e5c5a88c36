import { queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { isSomebodyHere } from '../ui/somebody.ts';
import { ask, query, Refusal, rememberCsrfToken } from './ask.ts';
import { rememberTime } from './time.ts';

export interface Session {
  readonly person: { readonly id: string; readonly name: string; readonly language: 'nb' | 'nn' | 'en' | null };
  readonly csrfToken: string;
  readonly expiresAt: string;
  readonly now: string;
  readonly scopes: readonly string[];
  readonly sandbox: boolean;
  /** Whether this person looks after the installation. */
  readonly operator: boolean;
}

export interface Party {
  readonly id: string;
  readonly number?: string | null;
  readonly name: string;
  readonly kind: 'person' | 'organization' | 'subunit';
  readonly parent?: string | null;
  readonly unread: number;
  readonly sealed: number;
  readonly administers: boolean;
  readonly sends: boolean;
}

/** How often it is looked whether something has come to be sealed. */
const askAgainMillis = 60_000;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Page {
  readonly parties: readonly Party[];
  readonly next: string | null;
}

/** Whose page this is, from the first answer on, also after their session. */
let personHere: string | null = null;
const arrivals = new Set<() => void>();
let leaveTo = (): Promise<never> => new Promise(() => undefined);

/** What is done when the browser has come to be another's: the page goes, and nothing is answered any more. */
export function onAnotherPerson(leave: () => void): void {
  leaveTo = () => {
    leave();
    return new Promise(() => undefined);
  };
}

/** Calls back when this page learns whose it is. */
export function onArrival(listener: () => void): void {
  arrivals.add(listener);
}

/** Who is logged in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await ask<Session>('/budstikke/v1/session', { signal, isSession: true });
      // What stands here is another's: nothing may be done with it in the name of whoever has logged in since.
      if (personHere !== null && personHere !== session.person.id) return await leaveTo();
      const isNew = personHere === null;
      personHere = session.person.id;
      rememberCsrfToken(session.csrfToken);
      rememberTime(session.now);
      if (isNew) for (const listener of arrivals) listener();
      return session;
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
  refetchOnWindowFocus: 'always',
  meta: { session: true },
});

export function useSession() {
  return useQuery(sessionQuery);
}

/** Ends the session here, and gives the address where the provider's ends too. */
export async function logOut(): Promise<string> {
  const { location } = await ask<{ location?: string | null }>('/logout', { method: 'POST', body: {} });
  return location ?? '/';
}

/** Those whom the person may act for, a page at a time. */
export function useParties(search: string) {
  return useInfiniteQuery({
    queryKey: ['parties', search],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => ask<Page>(`/budstikke/v1/session/parties${query({ q: search, after: pageParam })}`, { signal }),
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 30_000,
  });
}

/** Links in notices name an organization by its number; a mail program may have taken the sign that follows for a part of it. */
export function organizationNumberIn(named: string): string | undefined {
  return /^(\d{9})[.,;:)]*$/.exec(named)?.[1];
}

/** One whom the person may act for, wherever in the list it stands; null where they do not. Asked only when there is one to ask for. */
export function useParty(named: string | null) {
  const number = organizationNumberIn(named ?? '');
  return useOne(number ? { number } : { id: named ?? undefined }, named !== null);
}

/** Those with sealed post to which the person could give access, whomever they look at. */
export function useSealedAt() {
  return useQuery({
    queryKey: ['parties', 'sealed'],
    queryFn: ({ signal }) => ask<Page>(`/budstikke/v1/session/parties${query({ sealed: true })}`, { signal }),
    select: ({ parties }) => parties.filter(({ sealed }) => sealed > 0),
    staleTime: 30_000,
    refetchInterval: () => (isSomebodyHere() ? askAgainMillis : false),
  });
}

/** The first by name for whom the person sends; null where there is none. */
export function useFirstSender(isAsked: boolean) {
  return useOne({ sends: true }, isAsked);
}

function useOne(which: { readonly id?: string | undefined; readonly number?: string; readonly sends?: boolean }, enabled: boolean) {
  return useQuery({
    queryKey: ['parties', 'one', which],
    queryFn: async ({ signal }): Promise<Party | null> => {
      if (which.id !== undefined && !uuid.test(which.id)) return null;
      const { parties } = await ask<Page>(`/budstikke/v1/session/parties${query({ ...which, limit: 1 })}`, { signal });
      return parties[0] ?? null;
    },
    enabled,
    staleTime: 30_000,
  });
}

/** Whether this is a sandbox: asked of one who is not logged in. */
export const sandboxQuery = queryOptions({
  queryKey: ['is-sandbox'],
  queryFn: async ({ signal }): Promise<boolean> => {
    try {
      await ask('/budstikke/v1/sandbox/clock', { signal });
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});
