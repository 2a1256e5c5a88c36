import type { RecipientStatus, TransferState } from '../states.ts';

/** How Altinn 2's clients know the state of a file. */
export type OldFileState = 'Initialized' | 'Uploaded' | 'Downloaded';

/** Pure. What has failed has never come further than its announcement. Source: compatibility.md, broker, §11. */
export function oldFileState(wasPublished: boolean, status: RecipientStatus): OldFileState {
  if (!wasPublished) return 'Initialized';
  return status === 'DownloadConfirmed' ? 'Downloaded' : 'Uploaded';
}

export interface ReceiptFacts {
  readonly id: string;
  readonly state: TransferState;
  readonly stateText: string;
  readonly wasPublished: boolean;
  /** As the old wire names them. */
  readonly recipients: readonly string[];
}

export interface OldReceipt {
  /** There are no receipts of their own behind it. */
  readonly receiptId: 0;
  readonly status: 'OK' | 'Rejected';
  readonly text: string;
  readonly recipients: readonly { readonly recipient: string; readonly status: 'OK' | 'Rejected'; readonly text: string }[];
}

/** Pure. The receipt of a transfer for Altinn 2's clients; undefined while nothing is known of it. Source: compatibility.md, broker, §11. */
export function oldReceipt({ id, state, stateText, wasPublished, recipients }: ReceiptFacts): OldReceipt | undefined {
  const forAll = (status: 'OK' | 'Rejected', text: string) => recipients.map((recipient) => ({ recipient, status, text }));
  if (state === 'Failed') {
    return {
      receiptId: 0,
      status: 'Rejected',
      text: stateText,
      recipients: forAll('Rejected', 'File failed during upload processing in Altinn 3.'),
    };
  }
  if (!wasPublished) return undefined;
  return {
    receiptId: 0,
    status: 'OK',
    text: `Upload of file ${id} was successful. Recipients can now download the file.`,
    recipients: forAll('OK', 'A file has been made available for download.'),
  };
}

/** Texts of states as the bridge from Altinn 2 wrote them, where they differ. Source: compatibility.md, broker, §11. */
export const oldTexts = {
  Cancelled: 'File cancelled',
  Purged: 'File has been purged',
  DownloadStarted: 'Recipient has attempted to download file',
  DownloadConfirmed: 'Recipient has downloaded file',
} as const satisfies Partial<Record<TransferState | RecipientStatus, string>>;
