import Type, { type Static } from 'typebox';
import type { FileTransferId } from '#kernel/ids.ts';
import { IdOf, Nullable, oneOf, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { causes, outcomes } from '#watch/index.ts';
import { RecipientStatusName, TransferStatusName } from '../wire.ts';

const Count = Type.Integer({ minimum: 0 });
const Title = Type.Object({ nb: Type.String(), nn: Type.String(), en: Type.String() });

export const FileServices = Type.Object({
  services: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Title,
      confidential: Type.Boolean(),
      /** The largest file that it takes. */
      mostBytes: Count,
      /** How long a file can be fetched. */
      days: Type.Integer({ minimum: 1 }),
    }),
  ),
});
export type FileServices = Static<typeof FileServices>;

export const SentFilesQuery = Type.Object({
  /** Words in a file's name, its reference or the name of a recipient; or a recipient's number. */
  q: Type.Optional(personal(Type.String({ maxLength: 200 }))),
  /** These and no others. */
  id: Type.Optional(Type.Array(IdOf<FileTransferId>(), { maxItems: 50 })),
  after: Type.Optional(IdOf<FileTransferId>()),
});
export type SentFilesQuery = Static<typeof SentFilesQuery>;

export const SentFile = Type.Object({
  id: Uuid,
  fileName: personal(Type.String()),
  resource: Type.String(),
  sendersReference: Nullable(Type.String()),
  status: TransferStatusName,
  /** Null until all bytes are there. */
  sizeBytes: Nullable(Count),
  createdAt: Timestamp,
  publishedAt: Nullable(Timestamp),
  expiresAt: Timestamp,
  /** Of a file whose time is over and that somebody has not confirmed: until when its bytes are kept, unless the sender decides; null when its time is not over, or they are gone. */
  bytesUntil: Nullable(Timestamp),
  /** Of the first that the sender named. */
  firstRecipient: Type.String(),
  recipients: Type.Object({ all: Count, unfetched: Count, fetched: Count, confirmed: Count, awaited: Count }),
});
export type SentFile = Static<typeof SentFile>;

export const SentFiles = Type.Object({
  files: Type.Array(SentFile, { description: 'Latest first. May be short on a page that is not the last.' }),
  next: Nullable(Uuid),
});
export type SentFiles = Static<typeof SentFiles>;

export const SentRecipientsQuery = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })) });
export type SentRecipientsQuery = Static<typeof SentRecipientsQuery>;

const decisions = ['resend', 'read-elsewhere', 'accept-as-unread'] as const;
export type FileDecisionName = (typeof decisions)[number];

const SentRecipient = Type.Object({
  name: Type.String(),
  number: Type.String(),
  status: RecipientStatusName,
  downloads: Count,
  fetchedAt: Nullable(Timestamp),
  confirmedAt: Nullable(Timestamp),
  /** What it said it holds, and whether that is what was sent. */
  custody: oneOf(['whole', 'broken', 'confirmed-without-hash', 'open']),
  class: oneOf(['UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN']),
  openers: Count,
  grantors: Count,
  cause: Nullable(oneOf(causes)),
  nextStepAt: Nullable(Timestamp),
  outcome: Nullable(oneOf(outcomes)),
  settledAt: Nullable(Timestamp),
  /** What the sender may decide about this recipient now. */
  decisions: Type.Array(oneOf(decisions)),
});
export type SentRecipient = Static<typeof SentRecipient>;

export const SentRecipients = Type.Object({
  recipients: Type.Array(SentRecipient, { description: 'In the order in which the sender named them.' }),
  /** Whether the file can still be taken back from those who have not confirmed it. */
  canRecall: Type.Boolean(),
  next: Nullable(Type.Integer()),
});
export type SentRecipients = Static<typeof SentRecipients>;
