import { accessErrors as a, givingScope } from '#access/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { unreadErrors as e } from '../errors.ts';
import { grantSealed } from './grant-sealed.ts';
import { showEnvelope } from './show-envelope.ts';
import { Envelope, SealedGrant, SealedParams, Unsealed } from './wire.ts';

export const sealedRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/sealed/:id',
    summary: 'The outside of post that nobody at the recipient can open: sender, age, the right that it takes, and who else was told.',
    scope: givingScope,
    params: SealedParams,
    answers: { 200: Envelope },
    refusals: [e.sealedNotFound],
    run: (ctx: Context, caller, { params }) => showEnvelope(ctx, caller, params.id),
  }),
  route({
    method: 'POST',
    path: '/budstikke/v1/sealed/:id/grant',
    summary: 'A person who could, lets somebody in to sealed post in one step: to this message, its service, or all such post.',
    scope: givingScope,
    params: SealedParams,
    body: SealedGrant,
    answers: { 200: Unsealed },
    refusals: [
      e.sealedNotFound,
      e.packageNotOfSealed,
      a.loginTooLow,
      a.untilPassed,
      a.partyReferenceInvalid,
      a.lastNameMissing,
      a.guessedTooOften,
      a.partyUnknown,
      a.recipientGone,
      a.recipientIsParty,
      a.systemUserOfOthers,
      a.grantDiffers,
      a.packageUnknown,
      a.packageNotAssignable,
      a.actionUnknown,
      a.mayNotGrant,
    ],
    run: (ctx: Context, caller, { params, body }) => grantSealed(ctx, caller, params.id, body),
  }),
];
