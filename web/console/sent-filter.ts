import type { SentFilter } from '../api/sent.ts';
import { endOfDay, startOfDay } from '../ui/end-of-day.ts';
import type { SentSearch } from './search.ts';

/** The question to the server for what the address says. */
export function sentFilterOf({ q, standing, service, confidential, from, until }: SentSearch): SentFilter {
  return {
    ...{ q, standing, resource: service, confidential },
    from: (from && startOfDay(from)) || undefined,
    before: (until && endOfDay(until)) || undefined,
  };
}

export function isNarrowed({ q, standing, service, confidential, from, until }: SentSearch): boolean {
  return Boolean(q || standing || service || confidential || from || until);
}
