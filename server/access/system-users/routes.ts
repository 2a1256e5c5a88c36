import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { type AnyRoute, Reply, route, type TokenRule } from '#kernel/route.ts';
import { delegationErrors as e } from '../delegation/errors.ts';
import { ownerRules } from '../delegation/scopes.ts';
import { accessErrors as a } from '../errors.ts';
import { askForChange, askForSystemUser } from './ask-for-system-user.ts';
import { approveSystemRequest, escalateSystemRequest, rejectSystemRequest } from './decide-request.ts';
import {
  deleteRequest,
  listBySystem,
  listReceivedRequests,
  showByReference,
  showReceivedRequest,
  showVendorsRequest,
} from './show-requests.ts';
import { endSystemUser, listOwnSystemUsers, listUsersBySystem, showByExternalId, showByQuery } from './show-system-users.ts';
import * as w from './wire.ts';

const base = '/authentication/api/v1/systemuser';
const write = ownerRules('altinn:authentication/systemuser.request.write');
const read = ownerRules('altinn:authentication/systemuser.request.read', 'altinn:authentication/systemuser.request.write');
const people: readonly TokenRule[] = [{ issuer: 'altinn', all: ['altinn:portal/enduser'] }];
const own: readonly ErrorRow[] = [e.systemNotFound, e.vendorDiffers];
const asking: readonly ErrorRow[] = [
  ...own,
  e.ownerUnknown,
  e.nothingAsked,
  e.agentRights,
  e.rightNotOfSystem,
  e.redirectNotAllowed,
  e.requestDiffers,
];
const deciding: readonly ErrorRow[] = [a.callerNotPerson, e.notAdministrator, e.requestNotFound, e.requestDecided, e.requestTimedOut];
const giving: readonly ErrorRow[] = [
  ...deciding,
  e.systemUserExists,
  e.changeUnknown,
  a.mayNotGrant,
  a.grantDiffers,
  a.packageUnknown,
  a.packageNotAssignable,
  a.resourceUnknown,
  a.actionUnknown,
  a.partyUnknown,
  a.recipientGone,
  a.recipientIsParty,
  a.systemUserOfOthers,
];

/** Where a vendor's requests of each kind stand. Paths with more words come first: an id is never one of them. */
const kinds = [
  { kind: 'standard', path: `${base}/request/vendor`, what: 'a system user' },
  { kind: 'agent', path: `${base}/request/vendor/agent`, what: 'an agent system user' },
  { kind: 'change', path: `${base}/changerequest/vendor`, what: 'other rights of a system user' },
] as const;

const asked: readonly AnyRoute<Context>[] = [
  ...kinds.flatMap(({ kind, path, what }): AnyRoute<Context>[] =>
    kind === 'change'
      ? [
          route({
            method: 'POST',
            path,
            summary: `A vendor asks an organization for ${what}. 201, also where the same was asked before and is open.`,
            scope: write,
            body: w.NewChange,
            answers: { 201: w.SystemRequestView },
            refusals: [...asking, e.changeUnknown],
            run: async (ctx: Context, caller, { body }) => new Reply(201, await askForChange(ctx, caller, body)),
          }),
        ]
      : [
          route({
            method: 'POST',
            path,
            summary: `A vendor asks an organization for ${what}. 201, also where the same was asked before and is open.`,
            scope: write,
            body: w.NewSystemUser,
            answers: { 201: w.SystemRequestView },
            refusals: [...asking, e.systemUserExists],
            run: async (ctx: Context, caller, { body }) => new Reply(201, await askForSystemUser(ctx, caller, body, kind)),
          }),
        ],
  ),
];

const shown: readonly AnyRoute<Context>[] = kinds.flatMap(({ kind, path, what }): AnyRoute<Context>[] => [
  route({
    method: 'GET',
    path: `${path}/:requestId`,
    summary: `A vendor's request for ${what}.`,
    scope: read,
    params: w.RequestIdParam,
    answers: { 200: w.SystemRequestView },
    refusals: [e.requestNotFound],
    run: (ctx: Context, caller, { params }) => showVendorsRequest(ctx, caller, kind, params.requestId),
  }),
  route({
    method: 'DELETE',
    path: `${path}/:requestId`,
    summary: `The vendor takes back its request for ${what}.`,
    scope: write,
    params: w.RequestIdParam,
    answers: { 202: Type.Null() },
    refusals: [e.requestNotFound, e.requestDecided],
    run: (ctx: Context, caller, { params }) => deleteRequest(ctx, caller, kind, params.requestId),
  }),
  route({
    method: 'GET',
    path: `${path}/byexternalref/:systemId/:orgNo/:externalRef`,
    summary: `The latest request for ${what} by the vendor's own reference.`,
    scope: read,
    params: w.ByReferenceParams,
    answers: { 200: w.SystemRequestView },
    refusals: [...own, e.requestNotFound],
    run: (ctx: Context, caller, { params }) => showByReference(ctx, caller, kind, params),
  }),
  route({
    method: 'GET',
    path: `${path}/bysystem/:systemId`,
    summary: `Every request of a system for ${what}.`,
    scope: read,
    params: w.BySystemParams,
    query: w.PageQuery,
    answers: { 200: w.SystemRequestPage },
    refusals: own,
    run: (ctx: Context, caller, { params: { systemId }, query }) =>
      listBySystem(ctx, caller, kind, systemId, { token: query.token ?? null, path: `${path}/bysystem/${systemId}` }),
  }),
]);

const decided: readonly AnyRoute<Context>[] = [
  { path: `${base}/request`, isChange: false },
  { path: `${base}/changerequest`, isChange: true },
].flatMap(({ path, isChange }): AnyRoute<Context>[] => [
  route({
    method: 'GET',
    path: `${path}/:party/:requestId`,
    summary: 'What a vendor asks of an organization, for those who administer access there.',
    scope: people,
    params: w.PartyRequestParams,
    answers: { 200: w.SystemRequestView },
    refusals: [a.callerNotPerson, e.notAdministrator, e.requestNotFound],
    run: (ctx: Context, caller, { params }) => showReceivedRequest(ctx, caller, params.party, params.requestId, isChange),
  }),
  route({
    method: 'POST',
    path: `${path}/:party/:requestId/approve`,
    summary: 'Gives the system what its vendor asks for. Again: nothing changes.',
    scope: people,
    params: w.PartyRequestParams,
    answers: { 200: w.SystemRequestView },
    refusals: giving,
    run: (ctx: Context, caller, { params }) => approveSystemRequest(ctx, caller, { ...params, isChange }),
  }),
  route({
    method: 'POST',
    path: `${path}/:party/:requestId/reject`,
    summary: 'Says no to a vendor. Again: nothing changes.',
    scope: people,
    params: w.PartyRequestParams,
    answers: { 200: w.SystemRequestView },
    refusals: deciding,
    run: (ctx: Context, caller, { params }) => rejectSystemRequest(ctx, caller, { ...params, isChange }),
  }),
  route({
    method: 'POST',
    path: `${path}/:party/:requestId/escalate`,
    summary: 'Hands a request on to those who may approve it.',
    scope: people,
    params: w.PartyRequestParams,
    answers: { 200: w.SystemRequestView },
    refusals: [a.callerNotPerson, e.requestNotFound, e.requestDecided, e.requestTimedOut],
    run: (ctx: Context, caller, { params }) => escalateSystemRequest(ctx, caller, { ...params, isChange }),
  }),
]);

const users: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: `${base}/byExternalId`,
    summary: 'Which system user a client acts as at an organization: what an issuer of tokens asks.',
    scope: ownerRules('altinn:maskinporten/systemuser.read'),
    query: w.ByExternalIdQuery,
    answers: { 200: w.SystemUserView },
    refusals: [e.systemUserNotFound],
    run: (ctx: Context, _caller, { query }) => showByExternalId(ctx, query),
  }),
  route({
    method: 'GET',
    path: `${base}/vendor/bysystem/:systemId`,
    summary: 'The system users of a system, for its vendor.',
    scope: read,
    params: w.BySystemParams,
    query: w.PageQuery,
    answers: { 200: w.SystemUserPage },
    refusals: own,
    run: (ctx: Context, caller, { params, query }) => listUsersBySystem(ctx, caller, params.systemId, query.token ?? null),
  }),
  route({
    method: 'GET',
    path: `${base}/vendor/byquery`,
    summary: 'The system user of a system at one organization, for its vendor.',
    scope: read,
    query: w.ByQuery,
    answers: { 200: w.SystemUserView },
    refusals: [...own, e.systemUserNotFound],
    run: (ctx: Context, caller, { query }) => showByQuery(ctx, caller, query),
  }),
  ...(['standard', 'agent'] as const).map((kind) =>
    route({
      method: 'GET',
      path: kind === 'agent' ? `${base}/agent/:party` : `${base}/:party`,
      summary: `The ${kind} system users of an organization, for those who administer access there.`,
      scope: people,
      params: w.PartyParam,
      answers: { 200: Type.Array(w.SystemUserView) },
      refusals: [a.callerNotPerson, e.notAdministrator],
      run: (ctx: Context, caller, { params }) => listOwnSystemUsers(ctx, caller, params.party, kind),
    }),
  ),
  route({
    method: 'DELETE',
    path: `${base}/:party/:systemUserId`,
    summary: 'Ends a system user, with all that it was given.',
    scope: people,
    params: w.PartySystemUserParams,
    answers: { 202: Type.Null() },
    refusals: [a.callerNotPerson, e.notAdministrator, e.systemUserNotFound, a.mayNotGrant],
    run: (ctx: Context, caller, { params }) => endSystemUser(ctx, caller, params.party, params.systemUserId),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/system-user-requests/:party',
    summary: 'What vendors ask of an organization and is open, for those who administer access there.',
    scope: people,
    params: w.PartyParam,
    answers: { 200: Type.Array(w.SystemRequestView) },
    refusals: [a.callerNotPerson, e.notAdministrator],
    run: (ctx: Context, caller, { params }) => listReceivedRequests(ctx, caller, params.party),
  }),
];

export const systemUserRoutes: readonly AnyRoute<Context>[] = [...asked, ...shown, ...decided, ...users];
