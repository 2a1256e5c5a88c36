import Type from 'typebox';
import type { ResourceId } from '#kernel/ids.ts';
import { Misfit, type Misfitting } from '#kernel/misfit.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { policies } from '../policies.ts';
import { configureResource } from './configure-resource.ts';
import { registerServiceOwner, showServiceOwner } from './register-owner.ts';
import { showResource } from './show-resource.ts';
import { ConfigureResource, RegisterServiceOwner, ResourceAnswer, ResourceParams, ServiceOwnerAnswer } from './wire.ts';

const base = '/broker/api/v1';

export const resourceRoutes: readonly AnyRoute[] = [
  route({
    method: 'PUT',
    path: `${base}/resource/:resourceId`,
    summary: 'An owner says how its resource carries files.',
    scope: policies.serviceOwner,
    params: ResourceParams,
    body: ConfigureResource,
    answers: { 204: Type.Null() },
    refusals: [
      e.resourceNotConfigured,
      e.noAccess,
      e.ownerNotConfigured,
      e.maxSizeNegative,
      e.maxSizeZero,
      e.maxSizeNeedsApproval,
      e.maxSizeTooLarge,
      e.timeToLiveFormat,
      e.timeToLiveTooLong,
      e.gracePeriodFormat,
      e.gracePeriodTooLong,
    ],
    run: async (ctx: BrokerContext, caller, { params, body }) => {
      const missing = missingCodes(body);
      if (missing.length > 0) throw new Misfit(missing);
      await configureResource(ctx, caller, { id: params.resourceId as ResourceId, change: body });
      return undefined;
    },
  }),
  route({
    method: 'GET',
    path: `${base}/resource/:resourceId`,
    summary: 'How a resource carries files, for its owner.',
    scope: policies.serviceOwner,
    params: ResourceParams,
    answers: { 200: ResourceAnswer },
    refusals: [e.resourceUnknown, e.noAccess],
    run: (ctx: BrokerContext, caller, { params }) => showResource(ctx, caller, params.resourceId as ResourceId),
  }),
  route({
    method: 'POST',
    path: `${base}/serviceowner`,
    summary: 'An organization registers as an owner of services that carry files.',
    scope: policies.serviceOwner,
    body: RegisterServiceOwner,
    answers: { 200: Type.Null() },
    refusals: [e.callerUnknown, e.serviceOwnerExists],
    run: async (ctx: BrokerContext, caller, { body }) => {
      await registerServiceOwner(ctx, caller, body.name);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    path: `${base}/serviceowner`,
    summary: 'The caller as an owner of services that carry files.',
    scope: policies.serviceOwner,
    answers: { 200: ServiceOwnerAnswer },
    refusals: [e.callerUnknown, e.serviceOwnerNotFound],
    run: (ctx: BrokerContext, caller) => showServiceOwner(ctx, caller),
  }),
];

/** Pure. Whoever asks for manifests names the Altinn 2 service in the same body. Source: compatibility.md, broker, §2.4. */
function missingCodes(body: ConfigureResource): Misfitting[] {
  if (!body.useManifestFileShim) return [];
  const code = { key: 'ExternalServiceCodeLegacy', detail: 'ExternalServiceCodeLegacy must be set and not be an empty string.' };
  const edition = { key: 'ExternalServiceEditionCodeLegacy', detail: 'ExternalServiceEditionCodeLegacy must be set and not be zero.' };
  return [...(body.externalServiceCodeLegacy ? [] : [code]), ...(body.externalServiceEditionCodeLegacy ? [] : [edition])];
}
