/** Shapes of the operations on file transfers, as far as this client uses them. docs/api/openapi.json has them whole. */

export type TransferStatus =
  | 'Initialized'
  | 'UploadStarted'
  | 'UploadProcessing'
  | 'Published'
  | 'AllConfirmedDownloaded'
  | 'Failed'
  | 'Purged'
  | 'Cancelled';

/** What is announced before bytes are sent. Organizations are `0192:` and nine digits. */
export interface Announcement {
  readonly fileName: string;
  readonly resourceId: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly sendersFileTransferReference?: string;
  readonly propertyList?: Readonly<Record<string, string>>;
  /** MD5 in lower-case hexadecimal. */
  readonly checksum?: string;
  readonly checksumSha256?: string;
  readonly disableVirusScan?: boolean;
}

export interface Overview {
  readonly fileTransferId: string;
  readonly resourceId: string;
  readonly fileName: string;
  readonly sendersFileTransferReference: string | null;
  readonly fileTransferSize: number;
  readonly fileTransferStatus: TransferStatus;
  readonly fileTransferStatusText: string;
  readonly created: string;
  readonly published: string | null;
  readonly expirationTime: string;
  readonly sender: string;
  readonly recipients: readonly { readonly recipient: string; readonly currentRecipientFileTransferStatusCode: string }[];
  readonly propertyList: Readonly<Record<string, string>>;
}

/** Whose hash of the bytes is what. */
export interface Custody {
  readonly fileTransferId: string;
  readonly fileTransferStatus: TransferStatus;
  readonly declared: { readonly md5: string | null; readonly sha256: string | null };
  readonly stored: { readonly md5: string | null; readonly sha256: string; readonly sizeBytes: number } | null;
  readonly recipients: readonly {
    readonly recipient: string;
    readonly status: string;
    readonly downloads: number;
    readonly fetchedAt: string | null;
    readonly confirmedAt: string | null;
    readonly sha256: string | null;
    readonly disputed: { readonly sha256: string; readonly at: string } | null;
    readonly custody: 'whole' | 'broken' | 'confirmed-without-hash' | 'open';
  }[];
}

export interface FollowQuery {
  readonly role: 'sender' | 'recipient';
  readonly resourceId?: string | undefined;
  readonly unfetched?: boolean | undefined;
  readonly unconfirmed?: boolean | undefined;
}

export interface Followed {
  readonly fileTransferId: string;
  readonly resourceId: string;
  readonly sender: string;
  readonly sendersFileTransferReference: string | null;
  readonly fileTransferStatus: TransferStatus;
  readonly fileTransferSize: number;
  readonly created: string;
  readonly published: string | null;
  readonly expirationTime: string;
  /** Of the caller as a recipient. */
  readonly own: { readonly status: string; readonly fetchedAt: string | null; readonly awaited: boolean } | null;
  /** For the sender: how many of its recipients have come how far. */
  readonly recipients: {
    readonly all: number;
    readonly unfetched: number;
    readonly fetched: number;
    readonly confirmed: number;
    readonly awaited: number;
  } | null;
}
