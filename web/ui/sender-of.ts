import { type Party, useFirstSender } from '../api/session.ts';
import type { Chosen } from './party.ts';

/** For whom somebody sends who looks at no organization that does: the first of theirs, wherever in the list. Not known is not nobody. */
export function useSenderOf({ party, parties, isLoading, error }: Chosen): {
  readonly sender: Party | null;
  readonly isLoading: boolean;
  readonly error: Error | null;
} {
  const near = party?.sends ? party : parties.find(({ sends }) => sends);
  const far = useFirstSender(!isLoading && parties.length > 0 && near === undefined);
  return { sender: near ?? far.data ?? null, isLoading: isLoading || far.isLoading || far.isError, error: error ?? far.error };
}
