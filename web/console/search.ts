import { type BoardSort, boardSorts, causes } from '../api/sent.ts';
import { type PartySearch, readPartySearch } from '../ui/party.ts';

export interface UnreadSearch extends PartySearch {
  readonly cause?: (typeof causes)[number];
  /** Oldest first where nothing is said. */
  readonly sort?: BoardSort;
}

export function readUnreadSearch(search: Record<string, unknown>): UnreadSearch {
  const cause = causes.find((each) => each === search.cause);
  const sort = boardSorts.find((each) => each === search.sort);
  return { ...readPartySearch(search), ...(cause ? { cause } : {}), ...(sort ? { sort } : {}) };
}
