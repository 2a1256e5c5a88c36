import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { Nullable } from '#kernel/schema.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { policies } from '../policies.ts';
import { writeMonth } from './monthly-csv.ts';

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Nullable(schema));

/** A month that is left out is none, which the operation says in its own words. */
const MonthQuery = Type.Object({
  year: optional(Type.Integer()),
  month: optional(Type.Integer()),
  resourceId: optional(Type.String({ maxLength: 255 })),
  includeEndUser: optional(Type.Boolean()),
  includeVendor: optional(Type.Boolean()),
});

/** Source: compatibility.md, broker, §10.2. */
export const monthlyRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/broker/api/v1/statistics/monthly',
    summary: 'What went between whom in a month on the caller’s resources, as CSV.',
    scope: policies.serviceOwner,
    query: MonthQuery,
    mediaType: 'text/csv',
    answers: { 200: Type.String() },
    refusals: [e.invalidMonth, e.reportIncludesNobody, e.resourceUnknown, e.noAccess],
    run: async (ctx: BrokerContext, caller, { query }) => {
      const { fileName, text } = await writeMonth(ctx, caller, {
        year: query.year ?? 0,
        month: query.month ?? 0,
        resourceId: query.resourceId || null,
        includeEndUser: query.includeEndUser ?? true,
        includeVendor: query.includeVendor ?? false,
      });
      return new Reply(200, text, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${fileName}"`,
      });
    },
  }),
];
