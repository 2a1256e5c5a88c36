import type { Reader } from '#kernel/database.ts';
import { listShipmentsOf, type Shipment } from './store.ts';
import type { ShipmentsView } from './wire.ts';

/** Where a message is on its way to paper. Whoever asks has been found to be allowed to see it. */
export async function showShipments(reader: Reader, messageId: string): Promise<ShipmentsView> {
  return { shipments: (await listShipmentsOf(reader, messageId)).map(viewOf) };
}

/** As what a message is on its way to paper; null where it is not. */
export async function findOnPaper(reader: Reader, messageId: string): Promise<'accepted' | 'dropped' | 'printed' | null> {
  const last = (await listShipmentsOf(reader, messageId)).at(-1)?.state;
  return last === 'accepted' || last === 'dropped' || last === 'printed' ? last : null;
}

function viewOf(shipment: Shipment): ShipmentsView['shipments'][number] {
  const { id, state, reason, acceptedAt, droppedAt, printedAt, postedAt, notStoppedAt, changedAt, letterSha256 } = shipment;
  return {
    id,
    state,
    reason,
    acceptedAt: acceptedAt.toISOString(),
    droppedAt: textOf(droppedAt),
    printedAt: textOf(printedAt),
    postedAt: textOf(postedAt),
    notStoppedAt: textOf(notStoppedAt),
    changedAt: changedAt.toISOString(),
    letterSha256,
  };
}

const textOf = (at: Date | null): string | null => at?.toISOString() ?? null;
