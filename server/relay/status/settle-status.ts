import { next } from '#kernel/machine.ts';
import type { TellingContext } from '../context.ts';
import { shipmentMoves } from '../states.ts';
import { lockShipments, type Shipment, saveShipmentMoves } from '../store.ts';
import { type ShipmentNews, tellSender } from '../tell-sender.ts';

export const statuses = ['printed', 'posted', 'returned'] as const;
/** Why a print house sends an envelope back, or a carrier does. Its own words are its answer. */
export const returnReasons = ['address-unknown', 'refused-by-recipient', 'not-printable', 'other'] as const;

/** What a print house says of an envelope. */
export interface StatusReport {
  readonly shipment: string;
  readonly status: (typeof statuses)[number];
  readonly at: Date | null;
  readonly reason: (typeof returnReasons)[number] | null;
  readonly answer: string | null;
}

const eventOf = { printed: 'print', posted: 'post', returned: 'return' } as const;

/**
 * Word of the print house, by whoever brought it: evidence, the sender's event, and the watch, which ends only when a letter was posted. Says
 * how many reports were news; what is known already, or speaks of nobody's shipment, changes nothing. Several of one shipment are taken
 * in their order. The shipments are locked.
 */
export function settleStatus(ctx: TellingContext, reports: readonly StatusReport[], actor: ShipmentNews['actor']): Promise<number> {
  if (reports.length === 0) return Promise.resolve(0);
  const at = ctx.now();
  return ctx.db.transaction(async (tx) => {
    const shipments = new Map(
      (await lockShipments(tx, [...new Set(reports.map(({ shipment }) => shipment))])).map((each) => [each.id, each]),
    );
    const news: ShipmentNews[] = [];
    for (const report of reports) {
      const shipment = shipments.get(report.shipment);
      const became = shipment && next(shipmentMoves, shipment.state, eventOf[report.status]);
      if (!became) continue;
      const moved: Shipment = { ...shipment, state: became };
      shipments.set(report.shipment, moved);
      const { answer, at: saidAt } = report;
      const reason = report.status === 'returned' ? (report.reason ?? 'other') : null;
      news.push({ shipment: moved, became: report.status, reason, answer, saidAt, letterSha256: shipment.letterSha256, actor });
    }
    // In the order in which they can come to be, so that a letter of which all is told at once keeps each time.
    for (const state of statuses) {
      const of = news.filter(({ became }) => became === state);
      saveShipmentMoves(
        tx,
        of.map(({ shipment, reason }) => ({ id: shipment.id, state, reason })),
        at,
      );
    }
    await tellSender(tx, news, at, ctx.addresses.console);
    return news.length;
  });
}
