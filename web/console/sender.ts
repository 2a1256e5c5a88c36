import type { Party } from '../api/session.ts';
import { useChosenParty } from '../ui/party.ts';

/** The organization whose sending one looks at: the chosen one if it sends, else the first that does. */
export function useSender(): { readonly party: Party | null; readonly isLoading: boolean } {
  const { party, parties, isLoading } = useChosenParty();
  return { party: party?.sends ? party : (parties.find(({ sends }) => sends) ?? null), isLoading };
}
