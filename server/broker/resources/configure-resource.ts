import { resolveResource } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { asDb } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { type BrokerResource, findServiceOwner, lockBrokerResource, saveBrokerResource } from '../store/resource.ts';
import { configured } from './decide-configuration.ts';
import type { ConfigureResource } from './wire.ts';

/**
 * An owner says how its resource carries files; the first time makes it one that does. What is not said stays. It holds for
 * transfers that are announced from now on.
 *
 * Refuses resourceNotConfigured, noAccess (also to an owner that is gone), ownerNotConfigured, and what `configured` refuses; nothing is written then.
 * Source: compatibility.md, broker, §1.5, §2.4.
 */
export function configureResource(
  ctx: Context & Pick<BrokerContext, 'approvalNeeded'>,
  caller: Caller,
  { id, change }: { readonly id: ResourceId; readonly change: ConfigureResource },
): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const known = await lockBrokerResource(tx, id);
    // What a sandbox makes of a name that nobody knows comes to be with its configuration, or not at all.
    const inside: Context = { db: asDb(tx), now: ctx.now, log: ctx.log };
    const resource = await resolveResource(inside, id, { type: 'BrokerService', owner: caller.consumer });
    if (!resource) throw refuse(e.resourceNotConfigured, { resource: id });
    if (caller.party === null || caller.party !== resource.ownerId) throw refuse(e.noAccess, { resource: id });
    if (!(await findParty(tx, resource.ownerId))?.alive) throw refuse(e.noAccess, { resource: id });
    if (!known && !(await findServiceOwner(tx, resource.ownerId))) throw refuse(e.ownerNotConfigured);
    const next = configured(known ?? unconfigured(id, resource.ownerId), change, ctx.approvalNeeded);
    saveBrokerResource(tx, next, ctx.now());
  });
}

function unconfigured(id: ResourceId, ownerId: PartyId): BrokerResource {
  return {
    id,
    ownerId,
    maxFileTransferSize: null,
    timeToLiveSeconds: null,
    purgeAfterAllConfirmed: true,
    graceSeconds: null,
    useManifestFileShim: null,
    serviceCode: null,
    serviceEditionCode: null,
    requiredParty: null,
    unscannedApproved: false,
  };
}
