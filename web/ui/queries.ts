import { MutationCache, QueryClient } from '@tanstack/react-query';
import { onPerhapsLoggedOut, Refusal } from '../api/ask.ts';
import { hush } from './announce.tsx';

/** What was done before is not what one looks for where the next thing is refused: its line goes. What the server said is kept for half a minute. A no is an answer: it is not asked again; silence is, twice. */
export function createQueries(): QueryClient {
  const queries = new QueryClient({
    mutationCache: new MutationCache({ onError: () => hush() }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        networkMode: 'always',
        retry: (failures, error) => !(error instanceof Refusal && error.status < 500) && failures < 2,
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  onPerhapsLoggedOut(() => void queries.invalidateQueries({ queryKey: ['session'] }));
  return queries;
}
