import Value from 'typebox/value';
import { budstikkeItself } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { RelayContext } from '../context.ts';
import { StatusReports } from '../wire.ts';
import { type StatusReport, settleStatus } from './settle-status.ts';

/** As the use case takes them; times are those of whoever reports. */
export function reportsOf({ reports }: StatusReports): StatusReport[] {
  return reports.map(({ shipment, status, at = null, reason = null, answer = null }) => ({
    shipment: shipment.toLowerCase(),
    status,
    at: at === null ? null : new Date(at),
    reason,
    answer,
  }));
}

/**
 * Reads what a print house has laid into `status` as `*.json`, in the form of `POST /budstikke/v1/relay/status`: each is settled, and then
 * moved to `status/read`; one that cannot be read is moved to `status/refused`, and logged. Read twice, it changes nothing more. A file
 * must appear whole: written under another ending, and renamed.
 */
export async function readStatusFiles(ctx: RelayContext): Promise<Swept> {
  return ctx.printHouse?.collectStatus?.(async (bytes) => {
    const reports = bytes && reportsIn(bytes);
    if (reports) await settleStatus(ctx, reports, { ...budstikkeItself, source: 'status file' });
    else ctx.log.error({ feature: 'relay' }, 'a status file of the print house cannot be read; it lies in status/refused');
    return reports !== null;
  });
}

/** Null for what is none. */
function reportsIn(bytes: Buffer): StatusReport[] | null {
  let said: unknown;
  try {
    said = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!Value.Check(StatusReports, said)) return null;
  const reports = reportsOf(said);
  return reports.every(({ shipment, at }) => uuid.test(shipment) && !Number.isNaN(at?.getTime() ?? 0)) ? reports : null;
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
