import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { relayErrors as e } from './errors.ts';
import { listShipmentsOf, type Shipment } from './store.ts';
import type { ShipmentsView } from './wire.ts';

/** Where a message of the caller's is on its way to paper. Refuses notSentByCaller, also for what somebody else has sent. */
export async function showShipments(ctx: Context, caller: Caller, messageId: string): Promise<ShipmentsView> {
  const shipments = await listShipmentsOf(ctx.db, messageId);
  const own = shipments.filter(({ sender }) => caller.party !== null && sender === caller.party);
  if (own.length === 0) throw refuse(e.notSentByCaller, { id: messageId });
  return { shipments: own.map(viewOf) };
}

function viewOf(shipment: Shipment): ShipmentsView['shipments'][number] {
  const { id, state, reason, acceptedAt, droppedAt, printedAt, postedAt, changedAt, letterSha256 } = shipment;
  return {
    id,
    state,
    reason,
    acceptedAt: acceptedAt.toISOString(),
    droppedAt: textOf(droppedAt),
    printedAt: textOf(printedAt),
    postedAt: textOf(postedAt),
    changedAt: changedAt.toISOString(),
    letterSha256,
  };
}

const textOf = (at: Date | null): string | null => at?.toISOString() ?? null;
