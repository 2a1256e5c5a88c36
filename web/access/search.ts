import { type PartySearch, readPartySearch } from '../ui/party.ts';

export const grantOrders = ['byPerson', 'byAccess', 'byTime'] as const;
export type GrantOrder = (typeof grantOrders)[number];

export interface GrantedSearch extends PartySearch {
  /** By person where nothing is said. */
  readonly by?: GrantOrder;
}

export function readGrantedSearch(search: Record<string, unknown>): GrantedSearch {
  const by = grantOrders.find((each) => each === search.by);
  return { ...readPartySearch(search), ...(by ? { by } : {}) };
}
