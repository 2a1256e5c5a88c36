import { findResource } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { brokerErrors as e } from '../errors.ts';
import { findBrokerResource } from '../store/resource.ts';
import { carriageOf } from './carriage.ts';
import { asTimeSpan } from './duration.ts';
import type { ResourceAnswer } from './wire.ts';

/** How a resource carries files, for its owner. Refuses resourceUnknown, noAccess. Source: compatibility.md, broker, §2.4. */
export async function showResource(ctx: Context, caller: Caller, id: ResourceId): Promise<ResourceAnswer> {
  const resource = await findResource(ctx.db, id);
  const own = await findBrokerResource(ctx.db, id);
  const carriage = resource && carriageOf(resource, own);
  if (!resource || !carriage) throw refuse(e.resourceUnknown, { resource: id });
  if (caller.party === null || caller.party !== resource.ownerId) throw refuse(e.noAccess, { resource: id });
  const timeToLive = own ? own.timeToLiveSeconds : carriage.timeToLiveSeconds;
  const grace = own ? own.graceSeconds : carriage.graceSeconds;
  return {
    maxFileTransferSize: carriage.maxFileTransferSize,
    fileTransferTimeToLive: timeToLive === null ? null : asTimeSpan(timeToLive),
    purgeFileTransferAfterAllRecipientsConfirmed: carriage.purgeAfterAllConfirmed,
    purgeFileTransferGracePeriod: grace === null ? null : asTimeSpan(grace),
    useManifestFileShim: own?.useManifestFileShim ?? null,
    externalServiceCodeLegacy: own?.serviceCode ?? null,
    externalServiceEditionCodeLegacy: own?.serviceEditionCode ?? null,
    requiredParty: carriage.requiredParty,
  };
}
