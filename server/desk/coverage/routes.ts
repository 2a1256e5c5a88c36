import { accessErrors as a, delegationErrors, givingScope } from '#access/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { showCoverage } from './show-coverage.ts';
import { Coverage, CoverageQuery } from './wire.ts';

export const coverageRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/coverage',
    summary:
      'Who could open what comes to an organization and to each unit below it, and who could let somebody in; what nobody watches first. For those who administer access there.',
    scope: givingScope,
    query: CoverageQuery,
    answers: { 200: Coverage },
    refusals: [a.callerNotPerson, a.loginTooLow, delegationErrors.notAdministrator, a.pageTokenUnreadable],
    run: (ctx: Context, caller, { query }) => showCoverage(ctx, caller, query),
  }),
];
