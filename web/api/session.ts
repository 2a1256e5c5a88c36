import { queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ask, query, Refusal, rememberCsrfToken } from './ask.ts';

export interface Session {
  readonly person: { readonly id: string; readonly name: string; readonly language: 'nb' | 'nn' | 'en' | null };
  readonly csrfToken: string;
  readonly expiresAt: string;
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

interface Page {
  readonly parties: readonly Party[];
  readonly next: string | null;
}

/** Who is logged in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await ask<Session>('/budstikke/v1/session', { signal, isSession: true });
      rememberCsrfToken(session.csrfToken);
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
