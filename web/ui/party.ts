import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { organizationNumberIn, type Party, useParties, useParty } from '../api/session.ts';

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
  /** Null while it is not known, for one who may act for nobody, and where the address names one whom they may not act for. */
  readonly party: Party | null;
  /** The first page of those whom they act for. */
  readonly parties: readonly Party[];
  /** The address names somebody, and it is none of theirs: nothing is shown of another instead. */
  readonly isNotTheirs: boolean;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly choose: (party: Party) => void;
}

/** For whom the person acts now: as the address says, else as last time, else themselves. */
export function useChosenParty(): Chosen {
  const search = useSearch({ strict: false }) as PartySearch;
  const navigate = useNavigate();
  const list = useParties('');
  const parties = list.data?.pages.flatMap((page) => page.parties) ?? [];
  const wanted = search.party ?? sessionStorage.getItem(storeKey);
  const number = organizationNumberIn(wanted ?? '');
  const listed = parties.find((each) => each.id === wanted || (number !== undefined && each.number === number));
  const named = useParty(wanted !== null && list.data && !listed ? wanted : null);
  const found = listed ?? named.data ?? null;
  const isLoading = list.isLoading || named.isLoading;
  const oneself = parties.find(({ kind }) => kind === 'person') ?? parties[0] ?? null;
  const choose = useCallback(
    (next: Party) => {
      sessionStorage.setItem(storeKey, next.id);
      void navigate({ to: '.', search: { party: next.id } as never });
    },
    [navigate],
  );
  return {
    party: found ?? (isLoading || named.error || search.party !== undefined ? null : oneself),
    parties,
    isNotTheirs: search.party !== undefined && !found && named.data === null,
    isLoading,
    error: (list.data ? null : list.error) ?? named.error,
    choose,
  };
}

/** Whom the last one here acted for is nobody's business. */
export function forgetParty(): void {
  sessionStorage.removeItem(storeKey);
}
