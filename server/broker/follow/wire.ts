import Type, { type Static } from 'typebox';
import type { FileTransferId } from '#kernel/ids.ts';
import { IdOf, Nullable, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { invalidResourceId, RecipientStatusName, resourceIdPattern, TransferStatusName } from '../wire.ts';

const roles = ['sender', 'recipient'] as const;

/** `unfetched` and `unconfirmed` choose where they are given, either way. */
export const FollowQuery = Type.Object({
  role: Type.Unsafe<(typeof roles)[number]>(Type.String({ enum: [...roles] })),
  resourceId: Type.Optional(
    worded(Type.String({ maxLength: 255, pattern: resourceIdPattern }), { violation: { pattern: invalidResourceId } }),
  ),
  state: Type.Optional(TransferStatusName),
  unfetched: Type.Optional(Type.Boolean()),
  unconfirmed: Type.Optional(Type.Boolean()),
  after: Type.Optional(IdOf<FileTransferId>()),
});
export type FollowQuery = Static<typeof FollowQuery>;

const Count = Type.Integer({ minimum: 0 });

const Followed = Type.Object({
  fileTransferId: Uuid,
  resourceId: Type.String(),
  sender: Type.String(),
  sendersFileTransferReference: Nullable(Type.String()),
  fileTransferStatus: TransferStatusName,
  fileTransferSize: Count,
  created: Timestamp,
  published: Nullable(Timestamp),
  expirationTime: Timestamp,
  /** Of the caller as a recipient. */
  own: Nullable(Type.Object({ status: RecipientStatusName, fetchedAt: Nullable(Timestamp), awaited: Type.Boolean() })),
  /** For the sender: how many of its recipients have come how far. `awaited` are watched to confirm. */
  recipients: Nullable(Type.Object({ all: Count, unfetched: Count, fetched: Count, confirmed: Count, awaited: Count })),
});
export type Followed = Static<typeof Followed>;

export const FollowAnswer = Type.Object({
  transfers: Type.Array(Followed),
  /** Give it back as `after` to go on; null when there is no more. */
  next: Nullable(Uuid),
});
export type FollowAnswer = Static<typeof FollowAnswer>;
