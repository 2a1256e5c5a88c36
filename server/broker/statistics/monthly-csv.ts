import { findResources } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { brokerErrors as e } from '../errors.ts';
import { listResourcesUsed, type PairSum, sumPairs } from '../store/statistics.ts';
import { asOrganizationId, bareResourceId } from '../wire.ts';

export interface MonthAsked {
  readonly year: number;
  readonly month: number;
  readonly resourceId: string | null;
  readonly includeEndUser: boolean;
  readonly includeVendor: boolean;
}

const header =
  'year,month,resourceId,senderVendor,recipientVendor,sender,recipient,totalFileTransfers,uploadCount,totalTransferDownloadAttempts,transfersWithDownloadConfirmed';

export interface Csv {
  readonly fileName: string;
  readonly text: string;
}

/**
 * What went between whom in a month in UTC on the caller's own resources, or on one of them: a line for each pair, or for each pair of
 * vendors. Counted when it is asked for.
 *
 * Refuses invalidMonth, reportIncludesNobody, resourceUnknown, noAccess. Source: compatibility.md, broker, §10.2.
 */
export async function writeMonth(ctx: Context, caller: Caller, asked: MonthAsked): Promise<Csv> {
  const { year, month, includeEndUser: endUser, includeVendor: vendor } = asked;
  if (year < 1 || year > 9999 || month < 1 || month > 12) throw refuse(e.invalidMonth);
  if (!endUser && !vendor) throw refuse(e.reportIncludesNobody);
  const only = asked.resourceId === null ? null : bareResourceId<ResourceId>(asked.resourceId);
  const from = startOf(year, month);
  const to = startOf(year, month + 1);
  const known = await findResources(ctx.db, only === null ? await listResourcesUsed(ctx.db, from, to) : [only]);
  if (only !== null && !known.has(only)) throw refuse(e.resourceUnknown, { resource: only });
  const own = [...known.values()].filter(({ ownerId }) => ownerId === caller.party);
  if (caller.party === null || (only !== null && own.length === 0)) throw refuse(e.noAccess);
  const sums = await sumPairs(ctx.db, { resources: own.map(({ id }) => id), from, to, endUser, vendor });
  const parties = await findParties(ctx.db, [...new Set(sums.flatMap(partiesOf))]);
  const lines = sums.map((sum) => namesOf(sum, parties)).sort(byNames);
  return {
    fileName: `monthly_statistics_${only ?? 'all-resources'}_${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}.csv`,
    text: [header, ...lines.map(({ names, counts }) => [year, month, ...names.map(quoted), ...counts].join(',')), ''].join('\n'),
  };
}

/** A year below 100 would else be one of the last century. */
function startOf(year: number, month: number): Date {
  const start = new Date(0);
  start.setUTCFullYear(year, month - 1, 1);
  return start;
}

const partiesOf = ({ senderVendor, recipientVendor, sender, recipient }: PairSum) =>
  [senderVendor, recipientVendor, sender, recipient].filter((id) => id !== null);

interface Line {
  /** As the columns stand. */
  readonly names: readonly [resourceId: string, senderVendor: string, recipientVendor: string, sender: string, recipient: string];
  readonly counts: readonly string[];
}

function namesOf(sum: PairSum, parties: ReadonlyMap<string, Party>): Line {
  const name = (id: string | null) => (id === null ? '' : asOrganizationId(parties.get(id)?.number ?? null));
  return {
    names: [sum.resourceId, name(sum.senderVendor), name(sum.recipientVendor), name(sum.sender), name(sum.recipient)],
    counts: [sum.transfers, sum.published, sum.downloads, sum.confirmed],
  };
}

/** Pure. By resource, sender, its vendor, recipient, its vendor; by code unit. */
function byNames({ names: a }: Line, { names: b }: Line): number {
  const at = [0, 3, 1, 4, 2].find((i) => a[i] !== b[i]);
  if (at === undefined) return 0;
  return a[at]! < b[at]! ? -1 : 1;
}

/** Pure. RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
