import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Value from 'typebox/value';
import { budstikkeItself } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import type { RelayContext } from '../context.ts';
import { StatusReports } from '../wire.ts';
import { type StatusReport, settleStatus } from './settle-status.ts';

const mostFiles = 100;
const mostBytes = 1_000_000;

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
  const directory = ctx.printHouse?.statusDirectory;
  if (!directory) return undefined;
  for (const folder of ['read', 'refused']) await mkdir(join(directory, folder), { recursive: true });
  const names = (await readdir(directory)).filter((name) => /^[\w-][\w.-]*\.json$/.test(name)).sort();
  for (const name of names.slice(0, mostFiles)) {
    const reports = await readReports(join(directory, name));
    if (reports) await settleStatus(ctx, reports, { ...budstikkeItself, source: 'status file' });
    else ctx.log.error({ feature: 'relay' }, 'a status file of the print house cannot be read; it lies in status/refused');
    await rename(join(directory, name), join(directory, reports ? 'read' : 'refused', name));
  }
  return names.length > mostFiles ? 'more' : undefined;
}

/** Undefined for what is none. */
async function readReports(path: string): Promise<StatusReport[] | undefined> {
  if ((await stat(path)).size > mostBytes) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (!Value.Check(StatusReports, said)) return undefined;
  const reports = reportsOf(said);
  return reports.every(({ shipment, at }) => uuid.test(shipment) && !Number.isNaN(at?.getTime() ?? 0)) ? reports : undefined;
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
