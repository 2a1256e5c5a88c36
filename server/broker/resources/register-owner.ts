import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party } from '#register/index.ts';
import type { BrokerContext } from '../context.ts';
import { brokerErrors as e } from '../errors.ts';
import { findServiceOwner, saveServiceOwner } from '../store/resource.ts';
import type { ServiceOwnerAnswer } from './wire.ts';

/** An organization registers as an owner of services that carry files. Refuses callerUnknown (also to one that is gone), serviceOwnerExists. Source: compatibility.md, broker, §2.4. */
export function registerServiceOwner(ctx: Context, caller: Caller, name: string): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const { id, alive } = await organizationOf(ctx, caller);
    if (!alive) throw refuse(e.callerUnknown);
    if (!(await saveServiceOwner(tx, { id, name }, ctx.now()))) throw refuse(e.serviceOwnerExists);
  });
}

/** Refuses callerUnknown, serviceOwnerNotFound. Bytes lie in one store, which shows as the two that clients of the original wait for. */
export async function showServiceOwner(ctx: Context & Pick<BrokerContext, 'approvalNeeded'>, caller: Caller): Promise<ServiceOwnerAnswer> {
  const owner = await findServiceOwner(ctx.db, (await organizationOf(ctx, caller)).id);
  if (!owner) throw refuse(e.serviceOwnerNotFound);
  const deploymentEnvironment = ctx.approvalNeeded ? 'production' : 'sandbox';
  const ready = { deploymentStatus: 'Ready', deploymentEnvironment } as const;
  return {
    name: owner.name,
    storageProviders: [
      { type: 'AltinnAzure', ...ready },
      { type: 'AltinnAzureWithoutVirusScan', ...ready },
    ],
  };
}

async function organizationOf(ctx: Context, caller: Caller): Promise<Party> {
  const party = caller.party === null ? undefined : await findParty(ctx.db, caller.party);
  if (party?.kind !== 'organization') throw refuse(e.callerUnknown);
  return party;
}
