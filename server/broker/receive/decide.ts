import { refuse } from '#kernel/refusal.ts';
import { brokerErrors as e } from '../errors.ts';
import { downloadable, type RecipientStatus, type TransferState } from '../states.ts';
import type { Transfer } from '../store/transfer.ts';

/** Pure. What is past its time is not ready, also before the sweeper has come. Refuses notReady, nothingUploaded. Source: compatibility.md, broker, §1.5, §6.1. */
export function refuseUnlessReady({ state, blobKey, expiresAt }: Pick<Transfer, 'state' | 'blobKey' | 'expiresAt'>, at: Date): void {
  if (!downloadable.has(state) || expiresAt <= at) throw refuse(e.notReady, { state });
  if (blobKey === null) throw refuse(e.nothingUploaded);
}

export interface ConfirmFacts {
  readonly state: TransferState;
  readonly isUploaded: boolean;
  /** The recipient says which bytes it holds. */
  readonly hasHash: boolean;
  readonly mine: RecipientStatus;
  /** Where the other recipients stand. */
  readonly others: readonly RecipientStatus[];
}

export type ConfirmDecision = 'repeat' | 'confirm' | 'confirm-and-complete';

/**
 * Pure. Whether a recipient may confirm now, and whether it is the last to. Confirming again changes nothing while the transfer is
 * Published; once all have confirmed it is refused, as by the original, unless it says what is
 * held.
 * Refuses nothingUploaded, confirmUnpublished, confirmBeforeDownload. Source: compatibility.md, broker, §1.5, §6.2.
 */
export function decideConfirmation({ state, isUploaded, hasHash, mine, others }: ConfirmFacts): ConfirmDecision {
  if (!isUploaded) throw refuse(e.nothingUploaded);
  const saysMore = state === 'AllConfirmedDownloaded' && hasHash;
  if (state !== 'Published' && !saysMore) throw refuse(e.confirmUnpublished, { state });
  if (mine === 'DownloadConfirmed') return 'repeat';
  if (mine !== 'DownloadStarted') throw refuse(e.confirmBeforeDownload);
  return others.every((status) => status === 'DownloadConfirmed') ? 'confirm-and-complete' : 'confirm';
}
