import type { Wanted } from '../api/inbox.ts';
import { type PartySearch, textOf } from '../ui/party.ts';

const sorts = ['newest', 'oldest', 'due'] as const;
const folders = ['inbox', 'archive', 'bin'] as const;

export const filters = ['unread', 'due', 'confirm', 'confidential'] as const;
export type Filter = (typeof filters)[number];

/** What the address of the inbox says, so that a view can be kept as a bookmark and the back button works. */
export interface InboxSearch extends PartySearch, Partial<Record<Filter, true>> {
  readonly folder?: (typeof folders)[number];
  readonly sort?: (typeof sorts)[number];
  readonly label?: string;
}

export function readInboxSearch(search: Record<string, unknown>): InboxSearch {
  const folder = folders.find((each) => each === search.folder && each !== 'inbox');
  const sort = sorts.find((each) => each === search.sort && each !== 'newest');
  const set = filters.filter((each) => search[each] === true || search[each] === 'true');
  return {
    ...textOf('party', search),
    ...textOf('q', search),
    ...textOf('label', search),
    ...(folder ? { folder } : {}),
    ...(sort ? { sort } : {}),
    ...Object.fromEntries(set.map((each) => [each, true])),
  };
}

/** The question to the server for what the address says. */
export function wantedOf(party: string, { folder = 'inbox', party: _party, ...rest }: InboxSearch): Wanted {
  return { ...rest, party, folder };
}
