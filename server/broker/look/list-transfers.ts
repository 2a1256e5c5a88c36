import { findResource } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { FileTransferId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { actingFor } from '../acting-for.ts';
import { brokerErrors as e } from '../errors.ts';
import { carriageOf } from '../resources/carriage.ts';
import { findBrokerResource } from '../store/resource.ts';
import { searchTransfers } from '../store/search.ts';
import { bareResourceId } from '../wire.ts';
import type { TransferQuery } from './wire.ts';

/**
 * Ids of the caller's own transfers on a resource, 100 at most, newest first unless asked otherwise. The right to send or the right
 * to receive suffices, whatever the token's scope. With a status of the recipient only what was received is listed. A caller that
 * the register does not know has none.
 *
 * Refuses noAccess. Source: compatibility.md, broker, §8.
 */
export async function listTransfers(ctx: Context, caller: Caller, query: TransferQuery): Promise<FileTransferId[]> {
  const { db } = ctx;
  const resource = await findResource(db, bareResourceId<ResourceId>(query.resourceId));
  if (!resource || !carriageOf(resource, await findBrokerResource(db, resource.id))) throw refuse(e.noAccess);
  const party = caller.party;
  if (party === null) return [];
  const on = { resourceId: resource.id };
  const acting =
    (await actingFor(db, caller, { action: 'read', parties: [party], on })) ??
    (await actingFor(db, caller, { action: 'write', parties: [party], on }));
  if (!acting) throw refuse(e.noAccess, { resource: resource.id });
  const recipientStatus = query.recipientStatus ?? null;
  return searchTransfers(db, {
    resource: resource.id,
    party,
    asSender: recipientStatus === null && query.role !== 'Recipient',
    asRecipient: recipientStatus !== null || query.role !== 'Sender',
    status: query.status ?? null,
    recipientStatus,
    from: query.from || null,
    to: query.to || null,
    ascending: query.orderAscending ?? false,
  });
}
