import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { type AnyRoute, route, type TokenRule } from '#kernel/route.ts';
import { delegationErrors as e } from '../delegation/errors.ts';
import { ownerRules } from '../delegation/scopes.ts';
import { accessErrors as a } from '../errors.ts';
import { adminScope, deleteSystem, registerSystem, updatePackages, updateRights, updateSystem } from './register-system.ts';
import { listOwnSystems, listSystems, showChanges, showOwnSystem, showSystem } from './show-systems.ts';
import { ChangeLog, Done, Packages, Rights, SystemIdParam, SystemInput, SystemView, VendorsSystem } from './wire.ts';

const base = '/authentication/api/v1/systemregister';
const vendors = ownerRules('altinn:authentication/systemregister.write', adminScope);
const people: readonly TokenRule[] = [{ issuer: 'altinn', all: ['altinn:portal/enduser'] }];
const needs: readonly ErrorRow[] = [a.resourceUnknown, a.actionUnknown, a.packageUnknown, a.packageNotAssignable, e.clientIdTaken];
const own: readonly ErrorRow[] = [e.systemNotFound, e.vendorDiffers];
const params = SystemIdParam;
const done = { success: true };

export const systemRegisterRoutes: readonly AnyRoute<Context>[] = [
  route({
    method: 'POST',
    path: `${base}/vendor`,
    summary: 'A vendor registers a system, and what it needs at those that use it.',
    scope: vendors,
    body: SystemInput,
    answers: { 200: Type.String() },
    refusals: [e.vendorDiffers, e.systemIdInvalid, e.systemExists, ...needs],
    run: (ctx: Context, caller, { body }) => registerSystem(ctx, caller, body),
  }),
  route({
    method: 'GET',
    path: `${base}/vendor`,
    summary: 'The systems of the calling vendor.',
    scope: vendors,
    answers: { 200: Type.Array(VendorsSystem) },
    refusals: [],
    run: (ctx: Context, caller) => listOwnSystems(ctx, caller),
  }),
  route({
    method: 'GET',
    path: `${base}/vendor/:systemId`,
    summary: 'A system, for its vendor.',
    scope: vendors,
    params,
    answers: { 200: VendorsSystem },
    refusals: own,
    run: (ctx: Context, caller, { params: { systemId } }) => showOwnSystem(ctx, caller, systemId),
  }),
  route({
    method: 'PUT',
    path: `${base}/vendor/:systemId`,
    summary: 'The vendor says anew all of a system.',
    scope: vendors,
    params,
    body: SystemInput,
    answers: { 200: Done },
    refusals: [...own, e.systemIdInvalid, ...needs],
    run: async (ctx: Context, caller, { params: { systemId }, body }) => {
      await updateSystem(ctx, caller, systemId, body);
      return done;
    },
  }),
  route({
    method: 'PUT',
    path: `${base}/vendor/:systemId/rights`,
    summary: 'What single rights a system needs.',
    scope: vendors,
    params,
    body: Rights,
    answers: { 200: Done },
    refusals: [...own, ...needs],
    run: async (ctx: Context, caller, { params: { systemId }, body }) => {
      await updateRights(ctx, caller, systemId, body);
      return done;
    },
  }),
  route({
    method: 'PUT',
    path: `${base}/vendor/:systemId/accesspackages`,
    summary: 'What access packages a system needs.',
    scope: vendors,
    params,
    body: Packages,
    answers: { 200: Done },
    refusals: [...own, ...needs],
    run: async (ctx: Context, caller, { params: { systemId }, body }) => {
      await updatePackages(ctx, caller, systemId, body);
      return done;
    },
  }),
  route({
    method: 'DELETE',
    path: `${base}/vendor/:systemId`,
    summary: 'Takes a system out of the register, once nobody uses it.',
    scope: vendors,
    params,
    answers: { 200: Done },
    refusals: [...own, e.systemInUse],
    run: async (ctx: Context, caller, { params: { systemId } }) => {
      await deleteSystem(ctx, caller, systemId);
      return done;
    },
  }),
  route({
    method: 'GET',
    path: `${base}/vendor/:systemId/changelog`,
    summary: 'What has been said of a system, newest first.',
    scope: vendors,
    params,
    answers: { 200: ChangeLog },
    refusals: own,
    run: (ctx: Context, caller, { params: { systemId } }) => showChanges(ctx, caller, systemId),
  }),
  route({
    method: 'GET',
    path: base,
    summary: 'The systems that organizations may choose among.',
    scope: people,
    answers: { 200: Type.Array(SystemView) },
    refusals: [],
    run: (ctx: Context) => listSystems(ctx),
  }),
  route({
    method: 'GET',
    path: `${base}/:systemId`,
    summary: 'A system, and what it needs.',
    scope: people,
    params,
    answers: { 200: SystemView },
    refusals: [e.systemNotFound],
    run: (ctx: Context, _caller, { params: { systemId } }) => showSystem(ctx, systemId),
  }),
  route({
    method: 'GET',
    path: `${base}/:systemId/rights`,
    summary: 'The single rights that a system needs.',
    scope: people,
    params,
    answers: { 200: Rights },
    refusals: [e.systemNotFound],
    run: async (ctx: Context, _caller, { params: { systemId } }) => (await showSystem(ctx, systemId)).rights,
  }),
  route({
    method: 'GET',
    path: `${base}/:systemId/accesspackages`,
    summary: 'The access packages that a system needs.',
    scope: people,
    params,
    answers: { 200: Packages },
    refusals: [e.systemNotFound],
    run: async (ctx: Context, _caller, { params: { systemId } }) => (await showSystem(ctx, systemId)).accessPackages,
  }),
];
