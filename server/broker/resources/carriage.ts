import type { Resource } from '#access/index.ts';
import type { Scanner } from '#scanning/index.ts';
import type { BrokerResource } from '../store/resource.ts';
import { readDuration } from './duration.ts';

const daySeconds = 86_400;

/** Bytes of a file. Source: compatibility.md, broker, §2.3. */
export const largest = { scanned: 50_000_000_000, unscanned: 1_677_721_600_000 } as const;

/** How long transfers live, and how long their bytes stay once all have confirmed, where a resource does not say. */
export const defaults = { timeToLiveSeconds: 30 * daySeconds, graceSeconds: 2 * 3600 } as const;

/** How files on a resource are carried. */
export interface Carriage {
  readonly maxFileTransferSize: number | null;
  readonly timeToLiveSeconds: number;
  readonly purgeAfterAllConfirmed: boolean;
  readonly graceSeconds: number;
  readonly requiredParty: string | null;
  readonly unscannedApproved: boolean;
}

/**
 * Pure. What holds for a resource: as its owner has configured it, else as the town document has it; undefined for one that
 * nobody has configured to carry files. What a sandbox lets come to be carries by the defaults.
 */
export function carriageOf(
  resource: Pick<Resource, 'type' | 'broker' | 'implicit'>,
  configured: BrokerResource | undefined,
): Carriage | undefined {
  if (configured) {
    return {
      ...configured,
      timeToLiveSeconds: configured.timeToLiveSeconds ?? defaults.timeToLiveSeconds,
      graceSeconds: configured.graceSeconds ?? defaults.graceSeconds,
    };
  }
  if (resource.type !== 'BrokerService' || (resource.broker === null && !resource.implicit)) return undefined;
  const { maxFileTransferSize, fileTransferTimeToLive } = resource.broker ?? {};
  return {
    maxFileTransferSize: typeof maxFileTransferSize === 'number' ? maxFileTransferSize : null,
    timeToLiveSeconds: (typeof fileTransferTimeToLive === 'string' && readDuration(fileTransferTimeToLive)) || defaults.timeToLiveSeconds,
    purgeAfterAllConfirmed: true,
    graceSeconds: defaults.graceSeconds,
    requiredParty: null,
    unscannedApproved: false,
  };
}

/** Pure. The most bytes that a transfer may hold: of one that is to be scanned no more than the scanner can look through. */
export function mostBytes({ maxFileTransferSize }: Carriage, useVirusScan: boolean, scanner: Pick<Scanner, 'mostBytes'>): number {
  const most = useVirusScan ? Math.min(largest.scanned, scanner.mostBytes ?? largest.scanned) : largest.unscanned;
  return Math.min(most, maxFileTransferSize ?? most);
}
