import { type EventOf, type Machine, next, type StateOf } from '#kernel/machine.ts';

/**
 * Every status a message can show, with the integer that clients of the original know it by.
 * `PurgedByAltinn` means deleted by the sender; the name is historic. Source: compatibility.md, correspondence, §4.2.
 */
export const messageStatuses = {
  Initialized: 0,
  ReadyForPublish: 1,
  Published: 2,
  Fetched: 3,
  Read: 4,
  Replied: 5,
  Confirmed: 6,
  PurgedByRecipient: 7,
  PurgedByAltinn: 8,
  Archived: 9,
  Reserved: 10,
  Failed: 11,
  AttachmentsDownloaded: 12,
  Forwarded: 13,
} as const;

export type MessageStatus = keyof typeof messageStatuses;

/**
 * Where a message stands and the only moves it can make. Rules are driven by this and by the times that stand beside it,
 * never by the status that clients see: that one is a view of the history (`visibleStatus`).
 * A recall is ours: clients of the original see the sender's purge. Reading and confirming may come in either order. A failed message is final for everyone but the sender who clears it away.
 */
export const messageMoves = {
  Initialized: {
    complete: 'ReadyForPublish',
    publish: 'Published',
    fail: 'Failed',
    purgeBySender: 'PurgedByAltinn',
    recall: 'PurgedByAltinn',
  },
  ReadyForPublish: { publish: 'Published', fail: 'Failed', purgeBySender: 'PurgedByAltinn', recall: 'PurgedByAltinn' },
  Published: { fetch: 'Fetched', read: 'Read', purgeByRecipient: 'PurgedByRecipient', recall: 'PurgedByAltinn' },
  Fetched: { fetch: 'Fetched', read: 'Read', confirm: 'Confirmed', purgeByRecipient: 'PurgedByRecipient', recall: 'PurgedByAltinn' },
  Read: { fetch: 'Read', confirm: 'Confirmed', purgeByRecipient: 'PurgedByRecipient', recall: 'PurgedByAltinn' },
  Confirmed: { fetch: 'Confirmed', read: 'Confirmed', purgeByRecipient: 'PurgedByRecipient', recall: 'PurgedByAltinn' },
  Failed: { purgeBySender: 'PurgedByAltinn', recall: 'PurgedByAltinn' },
  Reserved: {},
  PurgedByRecipient: {},
  PurgedByAltinn: {},
} as const satisfies Machine;

export type MessageState = StateOf<typeof messageMoves>;

/** The state after a move that has been decided. A move that does not exist is a fault: deciders refuse before it. */
export function movedMessage(state: MessageState, event: EventOf<typeof messageMoves>): MessageState {
  return next(messageMoves, state, event) ?? noMove('message', state, event);
}

function noMove(what: string, state: string, event: string): never {
  throw new Error(`a ${what} that is ${state} cannot ${event}`);
}

/** What a recipient may see. A reserved recipient's message was never published, and is not among them. */
export const availableForRecipient: ReadonlySet<MessageState> = new Set(['Published', 'Fetched', 'Read', 'Confirmed']);

/** What its sender may still take back. */
export const purgeableBySender: ReadonlySet<MessageState> = new Set(['Initialized', 'ReadyForPublish', 'Failed']);

export const purged: ReadonlySet<MessageState> = new Set(['PurgedByRecipient', 'PurgedByAltinn']);

/** Accepted, and waiting for its attachments or its time. */
export const unpublished: ReadonlySet<MessageState> = new Set(['Initialized', 'ReadyForPublish']);

/** Statuses that never show to a recipient, neither as a row of a list nor as a filter of one. */
export const beforePublish: ReadonlySet<MessageStatus> = new Set(['Initialized', 'ReadyForPublish', 'Failed']);

/** Rows of the history that the sender does not see. */
export const hiddenFromSender: ReadonlySet<MessageStatus> = new Set(['PurgedByRecipient', 'PurgedByAltinn', 'Archived']);

/** One thing that happened to a message, as its history shows it. */
export interface StatusRow {
  readonly status: MessageStatus;
  readonly text: string;
  readonly at: Date;
}

/**
 * Pure. What clients see as *the* status: the row with the highest integer, Fetched left out, and of equals the newest.
 * So a downloaded message stays `AttachmentsDownloaded` even when it is confirmed later; clients map it so.
 * Source: compatibility.md, correspondence, §4.2.
 */
export function visibleStatus(history: readonly StatusRow[]): StatusRow | undefined {
  let highest: StatusRow | undefined;
  for (const row of history) {
    if (row.status === 'Fetched') continue;
    const order = highest === undefined ? 1 : messageStatuses[row.status] - messageStatuses[highest.status];
    if (order > 0 || (order === 0 && row.at >= highest!.at)) highest = row;
  }
  return highest;
}

/** Every state of an attachment, with its integer. Source: compatibility.md, correspondence, §4.1. */
export const attachmentStatuses = { Initialized: 0, UploadProcessing: 1, Published: 2, Purged: 3, Failed: 4, Expired: 5 } as const;

/** The only moves of an attachment. There is no way back from Failed: the sender makes a new one. An upload is let go where we were at fault, and begins anew. */
export const attachmentMoves = {
  Initialized: { startUpload: 'UploadProcessing', purge: 'Purged' },
  UploadProcessing: { publish: 'Published', fail: 'Failed', purge: 'Purged', letGo: 'Initialized' },
  Published: { purge: 'Purged', expire: 'Expired' },
  Failed: { purge: 'Purged' },
  Purged: {},
  Expired: {},
} as const satisfies Machine;

export type AttachmentState = StateOf<typeof attachmentMoves>;

/** See `movedMessage`. */
export function movedAttachment(state: AttachmentState, event: EventOf<typeof attachmentMoves>): AttachmentState {
  return next(attachmentMoves, state, event) ?? noMove('file', state, event);
}

/** Texts of an attachment's history, by what happened. */
export const attachmentTexts = {
  initialized: 'Initialized',
  uploadProcessing: 'UploadProcessing',
  published: 'Published',
  purgedBySender: 'Attachment has been purged',
  purgedWithMessage: 'Purged',
  checksumMismatch: 'Checksum mismatch',
  uploadFailed: 'Upload failed',
  uploadInterrupted: 'Upload interrupted',
  malware: 'Malware scan failed: {reason}',
  encrypted: 'Malware scan failed: Encrypted. The file, or one within it, has a password and cannot be scanned.',
  expired: 'The attachment has expired',
  uploadLetGo: 'Upload interrupted. It can be sent again.',
  uploadTimedOut: 'Upload request timed out due to data arriving too slowly',
} as const;
