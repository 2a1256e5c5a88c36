import type { Context } from '#kernel/context.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { type AnyRoute, route, type TokenRule } from '#kernel/route.ts';
import { accessErrors as a } from '../../errors.ts';
import { delegationErrors as e } from '../errors.ts';
import { ownerRules } from '../scopes.ts';
import { approveRequest, rejectRequest, withdrawRequest } from './decide-request.ts';
import { listReceived } from './list-received.ts';
import { sendRequest, showStatus } from './send-request.ts';
import { DecisionQuery, NewRequest, ReceivedPage, ReceivedQuery, ReceivedRequest, RequestId, RequestStatus, SentRequest } from './wire.ts';

const owners = '/accessmanagement/api/v1/serviceowner/delegationrequests';
const received = '/accessmanagement/api/v1/enduser/request/received';
const write = ownerRules('altinn:serviceowner/delegationrequests.write');
const read = ownerRules('altinn:serviceowner/delegationrequests.read', 'altinn:serviceowner/delegationrequests.write');
const endUser = (...scopes: string[]): readonly TokenRule[] =>
  ['altinn:portal/enduser', ...scopes].map((scope) => ({ issuer: 'altinn', all: [scope] }));
const readsRequests = endUser('altinn:accessmanagement/enduser:requests.read', 'altinn:accessmanagement/enduser:requests.write');
const writesRequests = endUser('altinn:accessmanagement/enduser:requests.write');

const asking: readonly ErrorRow[] = [
  e.requesterUnknown,
  e.requestUnclear,
  a.partyReferenceInvalid,
  a.partyUnknown,
  a.recipientGone,
  a.recipientIsParty,
  a.systemUserOfOthers,
  a.resourceUnknown,
  a.actionUnknown,
  a.packageUnknown,
  a.packageNotAssignable,
  e.resourceNotYours,
  e.packageNotOfYours,
  e.otherActionsPending,
];
const deciding: readonly ErrorRow[] = [a.callerNotPerson, e.notAdministrator, e.requestNotFound, e.requestDecided];

export const requestRoutes: readonly AnyRoute<Context>[] = [
  ...['', '/resource', '/package'].map((kind) =>
    route({
      method: 'POST',
      path: `${owners}${kind}`,
      summary: 'A service owner asks a party to give somebody access to its post.',
      scope: write,
      body: NewRequest,
      answers: { 202: SentRequest },
      refusals: asking,
      run: (ctx: Context, caller, { body }) => sendRequest(ctx, caller, body),
    }),
  ),
  route({
    method: 'GET',
    path: `${owners}/:id/status`,
    summary: 'What has become of a request.',
    scope: read,
    params: RequestId,
    answers: { 200: RequestStatus },
    refusals: [e.requesterUnknown, e.requestNotFound],
    run: (ctx: Context, caller, { params }) => showStatus(ctx, caller, params.id),
  }),
  route({
    method: 'PUT',
    path: `${owners}/:id/withdraw`,
    summary: 'The service owner takes its request back. Again: nothing changes.',
    scope: write,
    params: RequestId,
    answers: { 202: SentRequest },
    refusals: [e.requesterUnknown, e.requestNotFound, e.requestDecided],
    run: (ctx: Context, caller, { params }) => withdrawRequest(ctx, caller, params.id),
  }),
  route({
    method: 'GET',
    path: received,
    summary: 'What senders ask of a party, for those who administer access there.',
    scope: readsRequests,
    query: ReceivedQuery,
    answers: { 200: ReceivedPage },
    refusals: [a.callerNotPerson, e.notAdministrator],
    run: (ctx: Context, caller, { query }) => listReceived(ctx, caller, query),
  }),
  route({
    method: 'PUT',
    path: `${received}/approve`,
    summary: 'Gives what was asked for. Again: nothing changes.',
    scope: writesRequests,
    query: DecisionQuery,
    answers: { 200: ReceivedRequest },
    refusals: [
      ...deciding,
      a.mayNotGrant,
      a.partyUnknown,
      a.recipientGone,
      a.recipientIsParty,
      a.systemUserOfOthers,
      a.grantDiffers,
      a.packageUnknown,
      a.packageNotAssignable,
      a.resourceUnknown,
      a.actionUnknown,
    ],
    run: (ctx: Context, caller, { query }) => approveRequest(ctx, caller, query),
  }),
  route({
    method: 'PUT',
    path: `${received}/reject`,
    summary: 'Says no to a request. Again: nothing changes.',
    scope: writesRequests,
    query: DecisionQuery,
    answers: { 200: ReceivedRequest },
    refusals: deciding,
    run: (ctx: Context, caller, { query }) => rejectRequest(ctx, caller, query),
  }),
];
