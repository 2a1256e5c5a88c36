import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Party } from '../api/session.ts';
import { type PartySearch, useChosenParty } from '../ui/party.ts';
import { useSenderOf } from '../ui/sender-of.ts';

interface Sender {
  /** Null while it is not known, and where the one of the address, or nobody, is somebody to send for. */
  readonly party: Party | null;
  readonly isLoading: boolean;
  readonly error: Error | null;
}

/**
 * The organization whose sending one looks at: the one that the address names and no other. Where it names none, it is the chosen one
 * if that sends, else the first that does, and then the address, and so the head of the page, names it.
 */
export function useSender(): Sender {
  const { party: named } = useSearch({ strict: false }) as PartySearch;
  const chosen = useChosenParty();
  const { sender, isLoading, error } = useSenderOf(chosen);
  const party = named === undefined ? sender : chosen.party?.sends ? chosen.party : null;
  const navigate = useNavigate();
  const missing = named === undefined ? sender?.id : undefined;
  useEffect(() => {
    if (missing !== undefined)
      void navigate({ to: '.', search: ((before: PartySearch) => ({ ...before, party: missing })) as never, replace: true });
  }, [missing, navigate]);
  const trouble = named === undefined ? error : chosen.error;
  // Not known is not nobody.
  return { party, isLoading: trouble !== null || (named === undefined ? isLoading : chosen.isLoading), error: trouble };
}
