import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import { askToClear } from './clear-test-resource.ts';
import { askToRetry } from './retry-publishing.ts';
import { Clearing, ClearQuery, Retrying, RetryRequest } from './wire.ts';

const maintenance: Scope = [{ issuer: 'maskinporten', all: ['altinn:correspondence.maintenance'] }];
const base = '/correspondence/api/v1/maintenance';

/** Those of the original's that matter to its clients; decision 041 says why the others are not there. Source: compatibility.md, correspondence, §1.4. */
export const maintenanceRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: `${base}/cleanup-bruksmonster`,
    summary: 'Takes back all messages of the test resource that are at least so many days old, and purges their files.',
    scope: maintenance,
    query: ClearQuery,
    answers: { 200: Clearing },
    refusals: [],
    run: (ctx: Context, _, { query }) => askToClear(ctx, query.minAgeDays ?? 0),
  }),
  route({
    method: 'POST',
    path: `${base}/manual-retry-not-published-correspondences`,
    summary: 'Tries again to publish messages that hang.',
    scope: maintenance,
    body: RetryRequest,
    answers: { 200: Retrying },
    refusals: [],
    run: (ctx: Context, _, { body }) => askToRetry(ctx, body.correspondenceIds),
  }),
];
