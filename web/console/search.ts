import { causes } from '../api/sent.ts';
import { type PartySearch, readPartySearch } from '../ui/party.ts';

export interface UnreadSearch extends PartySearch {
  readonly cause?: (typeof causes)[number];
}

export function readUnreadSearch(search: Record<string, unknown>): UnreadSearch {
  const cause = causes.find((each) => each === search.cause);
  return { ...readPartySearch(search), ...(cause ? { cause } : {}) };
}
