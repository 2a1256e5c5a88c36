import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { type AnyRoute, route, type TokenRule } from '#kernel/route.ts';
import { delegationErrors as e } from '../delegation/errors.ts';
import { PersonInput } from '../delegation/wire.ts';
import { accessErrors as a } from '../errors.ts';
import {
  addAgent,
  delegatePackage,
  removeAgent,
  revokeDelegation,
  showAgents,
  showClients,
  showDelegations,
  showOwnClients,
} from './delegate-clients.ts';
import {
  AgentPage,
  AgentQuery,
  AgentsQuery,
  ClientPage,
  DelegationList,
  NewAgentQuery,
  OwnQuery,
  PackageQuery,
  PartyQuery,
} from './wire.ts';

const rules = (...scopes: string[]): readonly TokenRule[] =>
  ['altinn:portal/enduser', ...scopes].map((scope) => ({ issuer: 'altinn', all: [scope] }));
const read = rules('altinn:clientdelegations.read', 'altinn:clientdelegations.write');
const write = rules('altinn:clientdelegations.write');
const own: readonly ErrorRow[] = [a.callerNotPerson, e.notAdministrator];
const base = '/accessmanagement/api/v1/enduser/clientdelegations';

export const clientDelegationRoutes: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: `${base}/clients`,
    summary: 'The clients of an organization, with the packages that it can let its agents use there.',
    scope: read,
    query: PartyQuery,
    answers: { 200: ClientPage },
    refusals: own,
    run: (ctx: Context, caller, { query }) => showClients(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/agents`,
    summary: 'The agents of an organization.',
    scope: read,
    query: PartyQuery,
    answers: { 200: AgentPage },
    refusals: own,
    run: (ctx: Context, caller, { query }) => showAgents(ctx, caller, query),
  }),
  route({
    method: 'POST',
    path: `${base}/agents`,
    summary: 'Makes a person an agent of the organization.',
    scope: write,
    query: NewAgentQuery,
    body: PersonInput,
    bodyMayBeEmpty: true,
    answers: { 204: Type.Null() },
    refusals: [
      ...own,
      a.mayNotGrant,
      e.recipientMissing,
      a.guessedTooOften,
      e.agentNotPerson,
      a.partyUnknown,
      a.recipientGone,
      a.recipientIsParty,
      a.systemUserOfOthers,
    ],
    run: (ctx: Context, caller, { query, body }) => addAgent(ctx, caller, query, body),
  }),
  route({
    method: 'DELETE',
    path: `${base}/agents`,
    summary: 'Ends an agent, with all that it had for clients.',
    scope: write,
    query: AgentQuery,
    answers: { 204: Type.Null() },
    refusals: [...own, a.mayNotGrant],
    run: (ctx: Context, caller, { query }) => removeAgent(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/agents/accesspackages`,
    summary: 'What an agent, a person or a system user, has for clients.',
    scope: read,
    query: AgentsQuery,
    answers: { 200: DelegationList },
    refusals: [...own, a.pageTokenUnreadable],
    run: (ctx: Context, caller, { query }) => showDelegations(ctx, caller, query),
  }),
  route({
    method: 'POST',
    path: `${base}/agents/accesspackages`,
    summary: 'Lets an agent, a person or a system user, use a package at a client.',
    scope: write,
    query: PackageQuery,
    answers: { 204: Type.Null() },
    refusals: [...own, e.agentUnknown, e.clientUnknown, e.packageNotDelegable, e.packageNotHeld, e.packageNotOfSystem, a.mayNotGrant],
    run: (ctx: Context, caller, { query }) => delegatePackage(ctx, caller, query),
  }),
  route({
    method: 'DELETE',
    path: `${base}/agents/accesspackages`,
    summary: 'Takes a package at a client from an agent.',
    scope: write,
    query: PackageQuery,
    answers: { 204: Type.Null() },
    refusals: [...own, a.mayNotGrant],
    run: (ctx: Context, caller, { query }) => revokeDelegation(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/my/clients`,
    summary: 'For whom the calling person acts as an agent.',
    scope: read,
    query: OwnQuery,
    answers: { 200: DelegationList },
    refusals: [a.callerNotPerson, a.pageTokenUnreadable],
    run: (ctx: Context, caller, { query }) => showOwnClients(ctx, caller, query),
  }),
];
