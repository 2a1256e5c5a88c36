import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { type Party, useParties } from '../api/session.ts';

const storeKey = 'budstikke.party';

export interface PartySearch {
  readonly party?: string;
  readonly q?: string;
}

export function readPartySearch(search: Record<string, unknown>): PartySearch {
  return { ...textOf('party', search), ...textOf('q', search) };
}

/** A member of the address that is text, if it is there. Numbers are what the router makes of digits. */
export function textOf<Name extends string>(name: Name, search: Record<string, unknown>): { readonly [K in Name]?: string } {
  const value = search[name];
  if (typeof value !== 'string' && typeof value !== 'number') return {};
  return { [name]: String(value) } as { readonly [K in Name]?: string };
}

export interface Chosen {
  /** Null while it is not known, and for one who may act for nobody. */
  readonly party: Party | null;
  readonly parties: readonly Party[];
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly choose: (party: Party) => void;
}

/** For whom the person acts now: as the address says, else as last time, else themselves. */
export function useChosenParty(): Chosen {
  const search = useSearch({ strict: false }) as PartySearch;
  const navigate = useNavigate();
  const { data, isLoading, error } = useParties('');
  const parties = data?.pages.flatMap((page) => page.parties) ?? [];
  const wanted = search.party ?? sessionStorage.getItem(storeKey);
  const party = parties.find(({ id }) => id === wanted) ?? parties.find(({ kind }) => kind === 'person') ?? parties[0] ?? null;
  const choose = useCallback(
    (next: Party) => {
      sessionStorage.setItem(storeKey, next.id);
      void navigate({ to: '.', search: { party: next.id } as never });
    },
    [navigate],
  );
  return { party, parties, isLoading, error, choose };
}
