import { createHash } from 'node:crypto';
import type { Reader, Tx } from '#kernel/database.ts';
import { onShipments } from '../hooks.ts';
import {
  listShipmentRows,
  lockShipments,
  type Progress,
  type Shipment,
  type ShipmentKey,
  type StoredShipment,
  saveProgress,
  saveShipmentRows,
} from '../store/shipment.ts';

/** The id of an order as clients know it follows from what it is: it can be told before anything is sent. A UUID version 8 (RFC 9562). */
export function shipmentId({ about, order, custom, otherwise }: ShipmentKey): string {
  const h = createHash('sha256')
    .update(`${about} ${order} ${custom ?? 'own'}${otherwise ? ' otherwise' : ''}`)
    .digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

/** Keeps what sender's orders have come to, in the transaction that plans their notices, and tells of those that are new. */
export async function planShipments(tx: Tx, shipments: readonly Shipment[]): Promise<void> {
  if (shipments.length === 0) return;
  const saved = await saveShipmentRows(tx, shipments);
  const news = shipments.filter(({ id }) => saved.has(id));
  if (news.length === 0) return;
  await onShipments.call(
    tx,
    news.map((shipment) => ({ ...shipment, became: shipment.missing ? 'missing' : 'ordered' })),
  );
}

/**
 * Tells of shipments whose notices have just been settled: that the first went out, and that all are at an end and some failed.
 * Each is told once, however many workers settle their notices at the same time: they are locked first and counted afterwards.
 */
export async function settleShipments(tx: Tx, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  const progress = (await lockShipments(tx, ids)).map((shipment) => ({ shipment, news: newsOf(shipment) }));
  const told = progress.filter(({ news }) => news.length > 0);
  if (told.length === 0) return;
  saveProgress(
    tx,
    told.map(({ shipment, news }) => ({ id: shipment.id, sent: news.includes('sent'), failed: news.some((each) => each !== 'sent') })),
    at,
  );
  await onShipments.call(
    tx,
    told.flatMap(({ shipment, news }) => news.map((became) => ({ ...shipment, became, at }))),
  );
}

/** Pure. What there is to tell of a shipment and has not been told. */
export function newsOf({ sent, failed, open, toldSent, toldFailed }: Progress): ('sent' | 'failed' | 'all-failed')[] {
  const ended = open === 0 && failed > 0 && !toldFailed;
  return [
    ...(sent > 0 && !toldSent ? (['sent'] as const) : []),
    ...(ended ? [sent > 0 ? ('failed' as const) : ('all-failed' as const)] : []),
  ];
}

/** What the orders for these things have come to, in the order in which they were made. */
export async function listShipments(reader: Reader, about: readonly string[]): Promise<StoredShipment[]> {
  return about.length === 0 ? [] : listShipmentRows(reader, about);
}
