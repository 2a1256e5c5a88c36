import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, query } from './ask.ts';

const path = '/budstikke/v1/sandbox';

/** A mail or an SMS that went out, and was caught. */
export interface Caught {
  readonly id: string;
  readonly channel: 'email' | 'sms';
  readonly from: string;
  readonly to: string;
  readonly subject: string | null;
  readonly text: string;
  readonly caughtAt: string;
}

interface CaughtPage {
  readonly items: readonly Caught[];
  readonly next: string | null;
}

const askAgainMillis = 5000;
const pageSize = 25;

export function useOutbox(address: string) {
  return useInfiniteQuery({
    queryKey: ['outbox', address],
    queryFn: ({ pageParam, signal }) =>
      ask<CaughtPage>(`${path}/outbox${query({ address: address || undefined, before: pageParam ?? undefined, limit: pageSize })}`, {
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : askAgainMillis),
  });
}

export interface Clock {
  readonly now: string;
  /** How far it is ahead, as a duration of ISO 8601. */
  readonly shift: string;
}

export function useClock() {
  return useQuery({ queryKey: ['clock'], queryFn: ({ signal }) => ask<Clock>(`${path}/clock`, { signal }), refetchInterval: 30_000 });
}

/** Lets time pass; whatever falls due on the way is done before it answers. */
export function useAdvance() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (advance: string) =>
      ask<Clock & { readonly stops: readonly { readonly at: string; readonly due: string }[] }>(`${path}/clock`, {
        method: 'POST',
        body: { advance },
      }),
    onSettled: () => queries.invalidateQueries(),
  });
}

export interface TestPeople {
  readonly people: readonly { readonly name: string; readonly number: string; readonly leads: readonly string[] }[];
  readonly more: boolean;
}

export function usePeople(search: string) {
  return useQuery({
    queryKey: ['people', search],
    queryFn: ({ signal }) => ask<TestPeople>(`${path}/people${query({ q: search || undefined })}`, { signal }),
  });
}

type Counts = Readonly<Record<string, { readonly created: number; readonly updated: number; readonly unchanged: number }>>;

/** Loads a town document, as text of JSON. */
export function useSeed() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (document: unknown) => ask<Counts>(`${path}/seed`, { method: 'POST', body: document }),
    onSuccess: () => queries.invalidateQueries(),
  });
}
