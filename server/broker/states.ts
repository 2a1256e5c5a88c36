import { type EventOf, type Machine, next, type StateOf } from '#kernel/machine.ts';

/** Every status of a transfer with its integer. Source: compatibility.md, broker, §5.1. */
export const transferStatuses = {
  Initialized: 0,
  UploadStarted: 1,
  UploadProcessing: 2,
  Published: 3,
  Cancelled: 4,
  AllConfirmedDownloaded: 5,
  Purged: 6,
  Failed: 7,
} as const;

/**
 * The only moves of a transfer. What is published fails when malware is found in it after all. There is no way back from Failed, nor from Cancelled,
 * which the original knows and never writes: the sender makes a new one. An upload that died with its
 * process may begin again.
 */
export const transferMoves = {
  Initialized: { startUpload: 'UploadStarted', cancel: 'Cancelled', purge: 'Purged' },
  UploadStarted: {
    startUpload: 'UploadStarted',
    process: 'UploadProcessing',
    publish: 'Published',
    fail: 'Failed',
    cancel: 'Cancelled',
    purge: 'Purged',
  },
  UploadProcessing: { publish: 'Published', fail: 'Failed', cancel: 'Cancelled', purge: 'Purged' },
  Published: { confirmAll: 'AllConfirmedDownloaded', fail: 'Failed', cancel: 'Cancelled', purge: 'Purged' },
  AllConfirmedDownloaded: { fail: 'Failed', purge: 'Purged' },
  Failed: { purge: 'Purged' },
  Cancelled: {},
  Purged: {},
} as const satisfies Machine;

export type TransferState = StateOf<typeof transferMoves>;

/** The state after a move that has been decided. A move that does not exist is a fault: deciders refuse before it. */
export function movedTransfer(state: TransferState, event: EventOf<typeof transferMoves>): TransferState {
  const moved = next(transferMoves, state, event);
  if (moved === undefined) throw new Error(`a file transfer that is ${state} cannot ${event}`);
  return moved;
}

/** What clients read beside a status where nothing more is to be said. Source: compatibility.md, broker, §5.1. */
export const transferTexts: Readonly<Record<TransferState, string>> = {
  Initialized: 'Ready for upload',
  UploadStarted: 'Upload started',
  UploadProcessing: 'Processing upload',
  Published: 'Ready for download',
  Cancelled: 'FileTransfer cancelled',
  AllConfirmedDownloaded: 'All downloaded',
  Purged: 'FileTransfer has been purged',
  Failed: 'Upload failed',
};

/** Why a transfer failed, as its history tells it. */
export const failureTexts = {
  checksum: 'Checksum mismatch',
  upload: 'Error occurred while uploading fileTransfer',
  aborted: 'File upload failed and was aborted',
  damaged: 'The bytes of the file were damaged or lost in the store before they were published. Send it again in a new transfer.',
  stuck: 'File transfer was stuck in UploadStarted as it failed upload mid-request.',
} as const;

export function malwareText(verdict: string, details: object): string {
  return `Malware scan failed: ${verdict}. Extra details: ${JSON.stringify(details)}`;
}

/** Of malware that was found: with what the scanner tells of it, where it tells more than its name. */
export function malwareTextOf(malware: string, details: object | undefined): string {
  return details ? malwareText(malware, details) : malwareText('Malicious', { malwareNamesFound: [malware] });
}

/** What may still receive its bytes. */
export const uploadable: ReadonlySet<TransferState> = new Set(['Initialized', 'UploadStarted']);

/** What recipients may fetch. */
export const downloadable: ReadonlySet<TransferState> = new Set(['Published', 'AllConfirmedDownloaded']);

/** Where a recipient stands; a status is never left for a lower one. Source: compatibility.md, broker, §5.2. */
export const recipientStatuses = { Initialized: 0, DownloadStarted: 1, DownloadConfirmed: 2 } as const;
export type RecipientStatus = keyof typeof recipientStatuses;

export const recipientTexts: Readonly<Record<RecipientStatus, string>> = {
  Initialized: 'Initialized',
  DownloadStarted: 'Recipient has attempted to download fileTransfer',
  DownloadConfirmed: 'Recipient has downloaded fileTransfer',
};
