import Type from 'typebox';
import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import { policyErrors } from '../policies/errors.ts';
import { resourceIdOf } from './document.ts';
import { registryErrors as e } from './errors.ts';
import { exportResources, getResource, listResources, listServiceOwners, searchResources } from './find-resources.ts';
import { findBySubjects, listChanges, listUpdated } from './list-changes.ts';
import { writersOfResources } from './owner.ts';
import { getPolicy, getPolicyRights, getPolicyRules, getPolicySubjects } from './show-policy.ts';
import { mostPolicyBytes, uploadPolicy } from './upload-policy.ts';
import {
  ChangedResources,
  ChangesQuery,
  Orgs,
  PolicyForm,
  PolicyRights,
  PolicyRules,
  PolicySubjects,
  ResourceDocument,
  ResourceParams,
  ResourcesBySubject,
  SearchQuery,
  ShownResource,
  ShownResources,
  SubjectsQuery,
  SubjectUrns,
  UpdatedQuery,
  UpdatedSubjects,
  VersionQuery,
} from './wire.ts';
import { createResource, deleteResource, replaceResource } from './write-resource.ts';

const base = '/resourceregistry/api/v1/resource';
const maxBodyBytes = 1024 * 1024;
const unfit = [e.rightDescriptionMissing, e.fallbackMisfit, e.personMisfit, e.ownerUnknown, e.notOwner];

/** Open, as in the original: what a resource is and who may what with it is no secret; persons that a policy names are blotted out. */
const reading: readonly AnyRoute<Context>[] = [
  route({
    method: 'GET',
    path: `${base}/resourcelist`,
    summary: 'Every resource.',
    scope: 'open',
    answers: { 200: ShownResources },
    refusals: [],
    run: (ctx: Context) => listResources(ctx),
  }),
  route({
    method: 'GET',
    path: `${base}/search`,
    summary: 'Resources that have every word asked for.',
    scope: 'open',
    query: SearchQuery,
    answers: { 200: ShownResources },
    refusals: [],
    run: (ctx: Context, _caller, { query }) => searchResources(ctx, query),
  }),
  route({
    method: 'GET',
    path: `${base}/export`,
    summary: 'Visible resources as a catalogue of public services (CPSV-AP).',
    scope: 'open',
    mediaType: 'application/rdf+xml',
    anyAccept: true,
    answers: { 200: Type.String() },
    refusals: [],
    run: (ctx: Context) => exportResources(ctx),
  }),
  route({
    method: 'GET',
    path: `${base}/orgs`,
    summary: 'Who owns services, by code.',
    scope: 'open',
    answers: { 200: Orgs },
    refusals: [],
    run: (ctx: Context) => listServiceOwners(ctx),
  }),
  route({
    method: 'GET',
    path: `${base}/updated`,
    summary: 'Which subjects got or lost something on which resource, in order.',
    scope: 'open',
    query: UpdatedQuery,
    answers: { 200: UpdatedSubjects },
    refusals: [e.tokenUnreadable],
    run: (ctx: Context, _caller, { query }) => listUpdated(ctx, query),
  }),
  route({
    method: 'GET',
    path: `${base}/changes`,
    summary: 'Which resources were made, changed or deleted, in order.',
    scope: 'open',
    query: ChangesQuery,
    answers: { 200: ChangedResources },
    refusals: [e.tokenUnreadable],
    run: (ctx: Context, _caller, { query }) => listChanges(ctx, query),
  }),
  route({
    method: 'POST',
    path: `${base}/bysubjects`,
    summary: 'Which resources permit something to each of these subjects.',
    scope: 'open',
    query: SubjectsQuery,
    body: SubjectUrns,
    maxBodyBytes,
    answers: { 200: ResourcesBySubject },
    refusals: [e.tokenUnreadable],
    run: (ctx: Context, _caller, { body, query }) => findBySubjects(ctx, body, query.token),
  }),
  route({
    method: 'GET',
    path: `${base}/:id`,
    summary: 'A resource, as it stands or as a version of it was written.',
    scope: 'open',
    params: ResourceParams,
    query: VersionQuery,
    answers: { 200: ShownResource },
    refusals: [e.resourceNotFound],
    run: (ctx: Context, _caller, { params, query }) => getResource(ctx, resourceIdOf(params.id), query.versionId),
  }),
  route({
    method: 'GET',
    path: `${base}/:id/policy`,
    summary: 'The policy of a resource, in XACML; 204 when it has none.',
    scope: 'open',
    params: ResourceParams,
    mediaType: 'application/xml',
    anyAccept: true,
    answers: { 200: Type.String(), 204: Type.Null() },
    refusals: [e.resourceNotFound],
    run: (ctx: Context, _caller, { params }) => getPolicy(ctx, resourceIdOf(params.id)),
  }),
  route({
    method: 'GET',
    path: `${base}/:id/policy/subjects`,
    summary: 'Whom the policy permits something to.',
    scope: 'open',
    params: ResourceParams,
    answers: { 200: PolicySubjects },
    refusals: [e.resourceNotFound],
    run: (ctx: Context, _caller, { params }) => getPolicySubjects(ctx, resourceIdOf(params.id)),
  }),
  route({
    method: 'GET',
    path: `${base}/:id/policy/rules`,
    summary: 'What the policy permits, one line for each way.',
    scope: 'open',
    params: ResourceParams,
    answers: { 200: PolicyRules },
    refusals: [e.resourceNotFound, e.policyTooBranched],
    run: (ctx: Context, _caller, { params }) => getPolicyRules(ctx, resourceIdOf(params.id)),
  }),
  route({
    method: 'GET',
    path: `${base}/:id/policy/rights`,
    summary: 'What the policy permits, per action and resource.',
    scope: 'open',
    params: ResourceParams,
    answers: { 200: PolicyRights },
    refusals: [e.resourceNotFound, e.policyTooBranched],
    run: (ctx: Context, _caller, { params }) => getPolicyRights(ctx, resourceIdOf(params.id)),
  }),
];

const policyRoute = (method: 'POST' | 'PUT'): AnyRoute<Context & { readonly blobs: Blobs }> =>
  route({
    method,
    path: `${base}/:id/policy`,
    summary: 'The owner uploads the policy of a resource, in place of what it had.',
    scope: writersOfResources,
    params: ResourceParams,
    body: PolicyForm,
    bodyKind: 'form',
    maxBodyBytes: mostPolicyBytes,
    answers: { 201: Type.Null() },
    refusals: [e.policyMissing, e.policyTooLarge, ...Object.values(policyErrors), e.policyNamesUnknown, e.unknownResource, e.notOwner],
    run: async (ctx: Context & { readonly blobs: Blobs }, caller, { params, body, files }) => {
      const id = resourceIdOf(params.id);
      await uploadPolicy(ctx, caller, id, { files, text: body.policyFile });
      return new Reply(201, undefined, { location: `${base}/${id}/policy` });
    },
  });

const writing: readonly AnyRoute<Context & { readonly blobs: Blobs }>[] = [
  route({
    method: 'POST',
    path: base,
    summary: 'A service owner registers a resource.',
    scope: writersOfResources,
    body: ResourceDocument,
    maxBodyBytes,
    answers: { 201: Type.Null() },
    refusals: [e.identifierInvalid, ...unfit, e.resourceExists],
    run: async (ctx: Context, caller, { body }) => {
      const id = await createResource(ctx, caller, body);
      return new Reply(201, undefined, { location: `${base}/${id}` });
    },
  }),
  route({
    method: 'PUT',
    path: `${base}/:id`,
    summary: 'The owner writes a resource anew, whole. Its policy stays.',
    scope: writersOfResources,
    params: ResourceParams,
    body: ResourceDocument,
    maxBodyBytes,
    answers: { 200: Type.Null() },
    refusals: [e.idMismatch, ...unfit, e.resourceNotFound],
    run: (ctx: Context, caller, { params, body }) => replaceResource(ctx, caller, resourceIdOf(params.id), body),
  }),
  route({
    method: 'DELETE',
    path: `${base}/:id`,
    summary: 'The owner takes a resource out of the registry. What was sent on it stays as open as it was.',
    scope: writersOfResources,
    params: ResourceParams,
    answers: { 204: Type.Null() },
    refusals: [e.resourceNotFound, e.notOwner],
    run: (ctx: Context, caller, { params }) => deleteResource(ctx, caller, resourceIdOf(params.id)),
  }),
  policyRoute('POST'),
  policyRoute('PUT'),
];

/** The resource registry. Source: compatibility.md, platform, §2.8. */
export const registryRoutes: readonly AnyRoute<Context & { readonly blobs: Blobs }>[] = [...reading, ...writing];
