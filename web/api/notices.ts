import { useInfiniteQuery } from '@tanstack/react-query';
import { ask, query } from './ask.ts';

export interface SentNotice {
  readonly id: string;
  readonly to: 'recipient' | 'person' | 'named';
  readonly channel: 'email' | 'sms';
  /** Masked. */
  readonly address: string;
  readonly state: 'due' | 'handing-over' | 'handed-over' | 'delivered' | 'failed' | 'cancelled' | 'suppressed';
  readonly failure: string | null;
  readonly dueAt: string | null;
  readonly changedAt: string;
  readonly attempts: readonly { readonly at: string; readonly outcome: 'handed-over' | 'later' | 'refused' }[];
}

/** Every attempt to tell somebody of a message, as its sender sees it. */
export function useNotices(id: string, party: string) {
  return useInfiniteQuery({
    queryKey: ['notices', id, party],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<{ notices: readonly SentNotice[]; next: string | null }>(
        `/budstikke/v1/correspondence/${id}/notices${query({ after: pageParam })}`,
        { signal, actingFor: party },
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}
