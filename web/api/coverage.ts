import { useInfiniteQuery } from '@tanstack/react-query';
import { ask, query } from './ask.ts';

export interface CoverageName {
  readonly id: string;
  readonly kind: 'person' | 'system';
  readonly name: string;
  /** Was here in the last 30 days. */
  readonly recent: boolean;
}

export interface CoverageService {
  readonly resource: string;
  readonly title: Readonly<Record<'nb' | 'nn' | 'en', string>>;
  readonly owner: string;
}

export interface CoverageRight {
  readonly kind: 'ordinary' | 'confidential' | 'files';
  readonly package: string | null;
  readonly resource: string | null;
  readonly title: Readonly<Record<'nb' | 'nn' | 'en', string>> | null;
  readonly owner: string | null;
  /** Confidential services that are given one by one and that the person may not read on: which may come. It is told of all together who can open. */
  readonly oneByOne: readonly CoverageService[] | null;
  readonly services: number;
  /** Services that nobody could open. */
  readonly unwatched: number;
  readonly persons: number;
  readonly systems: number;
  readonly recent: number;
  readonly grantors: number;
  readonly unread: number | null;
  readonly youMayGive: boolean;
  /** Null where the person does not administer access. */
  readonly openerNames: readonly CoverageName[] | null;
  readonly grantorNames: readonly CoverageName[] | null;
}

export interface CoverageUnit {
  readonly id: string;
  readonly name: string;
  readonly number: string;
  readonly parent: string | null;
  readonly depth: number;
  /** Closed, and something still lies unread there. */
  readonly alive: boolean;
  readonly rights: readonly CoverageRight[];
}

interface CoveragePage {
  readonly units: readonly CoverageUnit[];
  /** On the first page alone. */
  readonly total: number | null;
  readonly next: string | null;
}

/** Who could open what comes to an organization and to each unit below it; units where something is opened by nobody come first. */
export function useCoverage(party: string | undefined, unwatched: boolean) {
  return useInfiniteQuery({
    queryKey: ['coverage', party, unwatched],
    enabled: party !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<CoveragePage>(`/budstikke/v1/coverage${query({ party, unwatched: unwatched ? 'true' : '', after: pageParam })}`, { signal }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}
