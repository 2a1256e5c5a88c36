import { refuse } from '#kernel/refusal.ts';
import { brokerErrors as e } from '../errors.ts';
import type { BrokerResource } from '../store/resource.ts';
import { largest } from './carriage.ts';
import { readDuration } from './duration.ts';
import type { ConfigureResource } from './wire.ts';

const longestTimeToLive = 365 * 86_400;
const longestGrace = 86_400;

/**
 * Pure. The configuration after a change: what the change does not say stays. Refuses maxSizeNegative, maxSizeZero,
 * maxSizeNeedsApproval, maxSizeTooLarge, timeToLiveFormat, timeToLiveTooLong, gracePeriodFormat, gracePeriodTooLong, in this
 * order. Source: compatibility.md, broker, §1.5, §2.3, §2.4.
 */
export function configured(now: BrokerResource, change: ConfigureResource, approvalNeeded: boolean): BrokerResource {
  refuseSize(change.maxFileTransferSize ?? null, approvalNeeded && !now.unscannedApproved);
  return {
    ...now,
    maxFileTransferSize: change.maxFileTransferSize ?? now.maxFileTransferSize,
    timeToLiveSeconds: timeToLiveOf(change.fileTransferTimeToLive) ?? now.timeToLiveSeconds,
    purgeAfterAllConfirmed: change.purgeFileTransferAfterAllRecipientsConfirmed ?? now.purgeAfterAllConfirmed,
    graceSeconds: graceOf(change.purgeFileTransferGracePeriod) ?? now.graceSeconds,
    useManifestFileShim: change.useManifestFileShim ?? now.useManifestFileShim,
    serviceCode: change.externalServiceCodeLegacy ?? now.serviceCode,
    serviceEditionCode: change.externalServiceEditionCodeLegacy ?? now.serviceEditionCode,
    requiredParty: change.requiredParty ?? now.requiredParty,
  };
}

function refuseSize(bytes: number | null, needsApproval: boolean): void {
  if (bytes === null) return;
  if (bytes < 0) throw refuse(e.maxSizeNegative);
  if (bytes === 0) throw refuse(e.maxSizeZero);
  if (needsApproval && bytes > largest.scanned) throw refuse(e.maxSizeNeedsApproval);
  if (bytes > largest.unscanned) throw refuse(e.maxSizeTooLarge);
}

function timeToLiveOf(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const seconds = readDuration(text);
  if (seconds === undefined) throw refuse(e.timeToLiveFormat);
  if (seconds > longestTimeToLive) throw refuse(e.timeToLiveTooLong);
  return seconds;
}

function graceOf(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const seconds = readDuration(text);
  if (seconds === undefined) throw refuse(e.gracePeriodFormat);
  if (seconds > longestGrace) throw refuse(e.gracePeriodTooLong);
  return seconds;
}
