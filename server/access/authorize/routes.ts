import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { accessErrors } from '../errors.ts';
import { authorize } from './authorize.ts';
import { authorizeErrors as e } from './errors.ts';
import { explain } from './explain.ts';
import { DecisionRequest, DecisionResponse, Explained, ExplainRequest } from './wire.ts';

export const authorizeRoutes: readonly AnyRoute<Context>[] = [
  route({
    method: 'POST',
    path: '/authorization/api/v1/authorize',
    summary: 'Decides for another system, by the JSON profile of XACML 3.0: one result for each request, in their order.',
    scope: [
      { issuer: 'altinn', all: ['altinn:authorization/authorize'] },
      { issuer: 'maskinporten', all: ['altinn:authorization/authorize'] },
    ],
    body: DecisionRequest,
    maxBodyBytes: 2 * 1024 * 1024,
    answers: { 200: DecisionResponse },
    refusals: [e.tooManyDecisions, e.tooManyValues],
    run: (ctx: Context, caller, { body }) => authorize(ctx, caller, body),
  }),
  route({
    method: 'POST',
    path: '/budstikke/v1/decisions',
    summary:
      'Whether somebody may do something at a party, and how it comes about: of oneself, or of others for who administers access there.',
    scope: [
      { issuer: 'altinn', all: ['altinn:portal/enduser'] },
      { issuer: 'altinn', all: ['altinn:enduser'] },
      { issuer: 'altinn', all: ['altinn:correspondence.read'] },
    ],
    body: ExplainRequest,
    answers: { 200: Explained },
    refusals: [
      accessErrors.partyReferenceInvalid,
      accessErrors.partyUnknown,
      e.mayNotExplain,
      e.subjectUnknown,
      accessErrors.resourceUnknown,
    ],
    run: (ctx: Context, caller, { body }) => explain(ctx, caller, body),
  }),
];
