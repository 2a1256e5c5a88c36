import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import { watchErrors } from './errors.ts';
import { ladderRoutes } from './ladders/routes.ts';
import { previewRoutes } from './preview/routes.ts';
import { listSealed } from './sealed/list-sealed.ts';
import { SealedView } from './wire.ts';

const ofPersons: Scope = ['altinn:portal/enduser', 'altinn:enduser', 'altinn:correspondence.read'].map((scope) => ({
  issuer: 'altinn',
  all: [scope],
}));

export const watchRoutes: readonly AnyRoute<Context>[] = [
  ...ladderRoutes,
  ...previewRoutes,
  route({
    method: 'GET',
    path: '/budstikke/v1/sealed',
    summary:
      'Post that nobody at the recipient can open, for the person who could grant access: sender, time, and the right that is missing.',
    scope: ofPersons,
    query: Type.Object({ after: Type.Optional(Type.String({ maxLength: 200 })) }),
    answers: { 200: SealedView },
    refusals: [watchErrors.personsOnly, watchErrors.placeNotValid],
    run: (ctx: Context, caller, { query }) => listSealed(ctx, caller, query),
  }),
];
