import Type from 'typebox';
import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route, type TokenRule } from '#kernel/route.ts';
import { auditRoutes } from './audit/routes.ts';
import { authorizeRoutes } from './authorize/routes.ts';
import { clientDelegationRoutes } from './client-delegation/routes.ts';
import { delegationErrors } from './delegation/errors.ts';
import { requestRoutes } from './delegation/requests/routes.ts';
import { connectionRoutes } from './delegation/routes.ts';
import { givingScope, takingScope } from './delegation/scopes.ts';
import { accessErrors as e } from './errors.ts';
import { createGrant } from './grants/create-grant.ts';
import { listGrantsAt, viewOf } from './grants/list-grants.ts';
import { restoreGrant } from './grants/restore-grant.ts';
import { revokeGrant } from './grants/revoke-grant.ts';
import { GrantId, GrantList, GrantListQuery, GrantRequest, GrantView } from './grants/wire.ts';
import { listRoutes } from './lists/routes.ts';
import { showReachabilities, showReachability } from './reachability/reachability.ts';
import { NamedReachability, ReachabilityList, ReachabilityQuery, ReachabilityRequest } from './reachability/reachability-wire.ts';
import { registryRoutes } from './registry/routes.ts';
import { systemRegisterRoutes } from './system-register/routes.ts';
import { systemUserRoutes } from './system-users/routes.ts';

/** A person who is logged in: what the inbox of the original and its test tokens carry. */
const person: readonly TokenRule[] = [
  { issuer: 'altinn', all: ['altinn:portal/enduser'] },
  { issuer: 'altinn', all: ['altinn:enduser'] },
  { issuer: 'altinn', all: ['altinn:correspondence.read'] },
];

const serviceOwner: readonly TokenRule[] = [
  { issuer: 'altinn', all: ['altinn:serviceowner'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner'] },
];

/** The same for who acts for one from a browser: `showReachabilities` asks who it is. */
const sender: readonly TokenRule[] = [{ issuer: 'altinn', all: ['altinn:correspondence.write'] }];

/** Those of our own name space. */
export const ownAccessRoutes: readonly AnyRoute<Context>[] = [
  route({
    method: 'POST',
    path: '/budstikke/v1/grants',
    summary: 'A person who may do so gives access to the post of a party. 201 when it is new, 200 when it stood already.',
    scope: givingScope,
    body: GrantRequest,
    answers: { 201: GrantView, 200: GrantView },
    refusals: [
      e.callerNotPerson,
      e.loginTooLow,
      e.grantUnclear,
      e.untilPassed,
      e.partyReferenceInvalid,
      e.lastNameMissing,
      e.guessedTooOften,
      e.partyUnknown,
      e.recipientGone,
      e.recipientIsParty,
      e.systemUserOfOthers,
      e.grantDiffers,
      e.packageUnknown,
      e.packageNotAssignable,
      e.resourceUnknown,
      e.actionUnknown,
      e.mayNotGrant,
    ],
    run: async (ctx: Context, caller, { body }) => {
      const { grant, to, isNew } = await createGrant(ctx, caller, body);
      return new Reply(isNew ? 201 : 200, viewOf(grant, to.name));
    },
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/grants',
    summary: 'The access that stands at a party: all of it for those who administer access there, for others their own.',
    scope: person,
    query: GrantListQuery,
    answers: { 200: GrantList },
    refusals: [e.callerNotPerson, e.loginTooLow, e.partyReferenceInvalid, e.partyUnknown],
    run: (ctx: Context, caller, { query }) => listGrantsAt(ctx, caller, query),
  }),
  route({
    method: 'DELETE',
    path: '/budstikke/v1/grants/:id',
    summary: 'Whoever may give access, or has it, takes it away. Again: nothing changes.',
    scope: takingScope,
    params: GrantId,
    answers: { 204: Type.Null() },
    refusals: [e.callerNotPerson, e.loginTooLow, delegationErrors.scopeMissing, e.grantNotFound],
    run: (ctx: Context, caller, { params }) => revokeGrant(ctx, caller, params.id),
  }),
  route({
    method: 'POST',
    path: '/budstikke/v1/grants/:id/restore',
    summary:
      'Whoever may give access undoes that it was taken, within a day: the same is given anew, with what it carried. Again: nothing changes.',
    scope: givingScope,
    params: GrantId,
    answers: { 200: GrantView },
    refusals: [
      ...[e.callerNotPerson, e.loginTooLow, e.grantNotFound, e.restoredTooLate, e.untilPassed, e.grantDiffers],
      ...[e.partyUnknown, e.recipientGone, e.recipientIsParty, e.systemUserOfOthers],
      ...[e.packageUnknown, e.packageNotAssignable, e.resourceUnknown, e.actionUnknown, e.mayNotGrant],
    ],
    run: (ctx: Context, caller, { params }) => restoreGrant(ctx, caller, params.id),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/reachability',
    summary:
      'Whether post on a resource would be opened at a party: class and counts for the owner of the resource, names too for who administers access at the party and, where the resource is confidential, may read on it.',
    scope: [...serviceOwner, ...person],
    query: ReachabilityQuery,
    answers: { 200: NamedReachability },
    refusals: [e.notResourceOwner, e.loginTooLow, e.partyReferenceInvalid, e.partyUnknown],
    run: (ctx: Context, caller, { query }) => showReachability(ctx, caller, query),
  }),
  route({
    method: 'POST',
    path: '/budstikke/v1/reachability',
    summary: 'Whether a letter with its attachments would be opened at each of up to 500 parties, for the owner of the resources.',
    scope: [...serviceOwner, ...sender],
    body: ReachabilityRequest,
    answers: { 200: ReachabilityList },
    refusals: [e.notResourceOwner, e.partyReferenceInvalid],
    run: (ctx: Context, caller, { body }) => showReachabilities(ctx, caller, body),
  }),
];

export const accessRoutes: readonly AnyRoute<Context & { readonly blobs: Blobs }>[] = [
  ...ownAccessRoutes,
  ...registryRoutes,
  ...listRoutes,
  ...authorizeRoutes,
  ...auditRoutes,
  ...connectionRoutes,
  ...requestRoutes,
  ...systemRegisterRoutes,
  ...systemUserRoutes,
  ...clientDelegationRoutes,
];
