import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { accessErrors as a } from '../errors.ts';
import { listOwnParties, listPartiesOf } from './authorized-parties.ts';
import { addConnection, listConnections, listRoles, listUsers, removeConnection } from './connections.ts';
import { delegationErrors as e } from './errors.ts';
import { checkPackages, givePackage, listPackages, revokePackage } from './packages.ts';
import { checkResource, giveRights, listInstanceUsers, listResources, revokeResource } from './resources.ts';
import { authorizedPartiesScope, connectionScope, ownerRules } from './scopes.ts';
import * as w from './wire.ts';
import { AuthorizedPartyList, AuthorizedQuery, OwnersQuestion } from './wire-authorized.ts';

const base = '/accessmanagement/api/v1/enduser/connections';
const scope = connectionScope;
const sides: readonly ErrorRow[] = [a.callerNotPerson, e.partyNotSide, e.scopeMissing, e.notAdministrator];
const giving: readonly ErrorRow[] = [
  ...sides,
  e.recipientMissing,
  a.guessedTooOften,
  a.mayNotGrant,
  a.partyUnknown,
  a.recipientGone,
  a.recipientIsParty,
  a.systemUserOfOthers,
  a.grantDiffers,
];
const taking: readonly ErrorRow[] = [...sides, e.connectionMissing, a.mayNotGrant];
const resourceRefusals: readonly ErrorRow[] = [...giving, e.rightKeyUnknown, e.instanceUnreadable, a.resourceUnknown, a.actionUnknown];

const connections: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: base,
    summary: 'Whom a party has given access, or who has given it access, and what.',
    scope,
    query: w.ConnectionsQuery,
    answers: { 200: w.ConnectionPage },
    refusals: sides,
    run: (ctx: Context, caller, { query }) => listConnections(ctx, caller, query),
  }),
  route({
    method: 'POST',
    path: base,
    summary: 'Makes somebody a right holder at the party, to whom access can be given.',
    scope,
    query: w.SidesQuery,
    body: w.PersonInput,
    bodyMayBeEmpty: true,
    answers: { 200: w.Assignment },
    refusals: [
      ...sides,
      e.recipientMissing,
      a.guessedTooOften,
      e.nameDiffers,
      a.partyUnknown,
      a.recipientGone,
      a.recipientIsParty,
      a.systemUserOfOthers,
    ],
    run: (ctx: Context, caller, { query, body }) => addConnection(ctx, caller, query, body),
  }),
  route({
    method: 'DELETE',
    path: base,
    summary: 'Ends a connection; with cascade=true all that was given with it.',
    scope,
    query: w.RemoveConnectionQuery,
    answers: { 204: Type.Null() },
    refusals: [...sides, e.connectionMissing, e.connectionInUse, a.mayNotGrant],
    run: (ctx: Context, caller, { query }) => removeConnection(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/users`,
    summary: 'Those to whom the party can give access, because it is connected with them.',
    scope,
    query: w.ConnectionsQuery,
    answers: { 200: w.EntityPage },
    refusals: sides,
    run: (ctx: Context, caller, { query }) => listUsers(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/roles`,
    summary: 'Roles between a party and others.',
    scope,
    query: w.RolesQuery,
    answers: { 200: w.RolePage },
    refusals: [...sides, a.pageTokenUnreadable],
    run: (ctx: Context, caller, { query }) => listRoles(ctx, caller, query),
  }),
];

const packages: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: `${base}/accesspackages`,
    summary: 'Access packages between a party and others, given or by roles.',
    scope,
    query: w.PackagesQuery,
    answers: { 200: w.PackagePermissionPage },
    refusals: [...sides, a.pageTokenUnreadable],
    run: (ctx: Context, caller, { query }) => listPackages(ctx, caller, query),
  }),
  route({
    method: 'POST',
    path: `${base}/accesspackages`,
    summary: 'Gives an access package at the party.',
    scope,
    query: w.PackagesQuery,
    body: w.PersonInput,
    bodyMayBeEmpty: true,
    answers: { 200: w.AssignmentPackage },
    refusals: [...giving, a.packageUnknown, a.packageNotAssignable],
    run: (ctx: Context, caller, { query, body }) => givePackage(ctx, caller, query, body),
  }),
  route({
    method: 'DELETE',
    path: `${base}/accesspackages`,
    summary: 'Takes an access package away.',
    scope,
    query: w.PackagesQuery,
    answers: { 204: Type.Null() },
    refusals: [...taking, a.packageUnknown],
    run: (ctx: Context, caller, { query }) => revokePackage(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/accesspackages/delegationcheck`,
    summary: 'Which access packages the caller may give at the party.',
    scope,
    query: w.PackageCheckQuery,
    answers: { 200: w.PackageCheckPage },
    refusals: sides,
    run: (ctx: Context, caller, { query }) => checkPackages(ctx, caller, query),
  }),
];

/** The same operations on a whole resource and on one message or attachment of it. */
const rights: readonly AnyRoute<Context>[] = [
  { path: `${base}/resources`, of: 'a resource', list: w.ResourcesQuery, one: w.OneResourceQuery, items: false },
  { path: `${base}/resources/instances`, of: 'one item of a resource', list: w.InstancesQuery, one: w.OneInstanceQuery, items: true },
].flatMap(({ path, of, list, one, items }): AnyRoute<Context>[] => [
  route({
    method: 'GET',
    path,
    summary: `Rights to ${of} that were given between a party and others.`,
    scope,
    query: list,
    answers: { 200: w.ResourcePermissionPage },
    refusals: [...sides, e.instanceUnreadable, a.pageTokenUnreadable],
    run: (ctx: Context, caller, { query }) => listResources(ctx, caller, query, items),
  }),
  route({
    method: 'DELETE',
    path,
    summary: `Takes the rights to ${of} away.`,
    scope,
    query: one,
    answers: { 204: Type.Null() },
    refusals: [...taking, e.instanceUnreadable],
    run: (ctx: Context, caller, { query }) => revokeResource(ctx, caller, query),
  }),
  ...(['POST', 'PUT'] as const).map((method) =>
    route({
      method,
      path: `${path}/rights`,
      summary: method === 'POST' ? `Gives rights to ${of}.` : `Makes the rights to ${of} those that are given now.`,
      scope,
      query: one,
      body: w.RightsInput,
      answers: { 200: w.Assignment },
      refusals: resourceRefusals,
      run: (ctx: Context, caller, { query, body }) => giveRights(ctx, caller, query, body, method === 'PUT'),
    }),
  ),
  route({
    method: 'GET',
    path: `${path}/delegationcheck`,
    summary: `Which rights to ${of} the caller may give at the party.`,
    scope,
    query: one,
    answers: { 200: w.ResourceCheck },
    refusals: [...sides, e.instanceUnreadable, a.resourceUnknown],
    run: (ctx: Context, caller, { query }) => checkResource(ctx, caller, query),
  }),
]);

const instanceUsers = route({
  method: 'GET',
  path: `${base}/resources/instances/users`,
  summary: 'Who has been given one message: for those who administer access at its recipient.',
  scope,
  query: w.InstanceUsersQuery,
  answers: { 200: w.EntityPage },
  refusals: [...sides, e.instanceUnreadable, a.pageTokenUnreadable],
  run: (ctx: Context, caller, { query }) => listInstanceUsers(ctx, caller, query),
});

const authorized: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: '/accessmanagement/api/v1/enduser/authorizedparties',
    summary: 'Whom the calling person can represent, and by what.',
    scope: authorizedPartiesScope,
    query: AuthorizedQuery,
    answers: { 200: AuthorizedPartyList },
    refusals: [a.callerNotPerson],
    run: (ctx: Context, caller, { query }) => listOwnParties(ctx, caller, query),
  }),
  ...['resourceowner', 'serviceowner'].map((owner) =>
    route({
      method: 'POST',
      path: `/accessmanagement/api/v1/${owner}/authorizedparties`,
      summary: 'Whom a person, an organization or a system user can represent, for a service owner.',
      scope: ownerRules(
        'altinn:accessmanagement/authorizedparties.resourceowner',
        'altinn:accessmanagement/authorizedparties.resourceowner.admin',
      ),
      query: AuthorizedQuery,
      body: OwnersQuestion,
      answers: { 200: AuthorizedPartyList },
      refusals: [a.partyReferenceInvalid],
      run: (ctx: Context, _caller, { query, body }) => listPartiesOf(ctx, body, query),
    }),
  ),
];

export const connectionRoutes: readonly AnyRoute<Context>[] = [...connections, ...packages, ...rights, instanceUsers, ...authorized];
