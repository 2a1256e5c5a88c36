import { type PartySearch, readPartySearch } from '../ui/party.ts';

export interface CoverageSearch extends PartySearch {
  /** Units at which somebody can open everything are left out. */
  readonly only?: 'unwatched';
}

export function readCoverageSearch(search: Record<string, unknown>): CoverageSearch {
  return { ...readPartySearch(search), ...(search.only === 'unwatched' ? { only: 'unwatched' } : {}) };
}
