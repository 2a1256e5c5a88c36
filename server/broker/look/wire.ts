import Type, { type Static } from 'typebox';
import { Enumeration, Nullable, personal, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { RecipientStatusName, TransferStatusName } from '../wire.ts';

/** How transfers show. Source: compatibility.md, broker, §1.7, §5. */
const Recipient = Type.Object({
  recipient: Type.String(),
  currentRecipientFileTransferStatusCode: RecipientStatusName,
  currentRecipientFileTransferStatusText: Type.String(),
  currentRecipientFileTransferStatusChanged: Timestamp,
});

const shown = {
  fileTransferId: Uuid,
  resourceId: Type.String(),
  fileName: personal(Type.String()),
  sendersFileTransferReference: Nullable(Type.String()),
  checksum: Nullable(Type.String()),
  useVirusScan: Type.Boolean(),
  fileTransferSize: Type.Integer(),
  fileTransferStatus: TransferStatusName,
  fileTransferStatusText: Type.String(),
  fileTransferStatusChanged: Timestamp,
  created: Timestamp,
  expirationTime: Timestamp,
  sender: Type.String(),
  recipients: Type.Array(Recipient),
  propertyList: Type.Record(Type.String(), Type.String()),
};

export const TransferOverview = Type.Object({ ...shown, published: Nullable(Timestamp) });
export type TransferOverview = Static<typeof TransferOverview>;

export const TransferDetails = Type.Object({
  ...shown,
  fileTransferStatusHistory: Type.Array(
    Type.Object({ fileTransferStatus: TransferStatusName, fileTransferStatusText: Type.String(), fileTransferStatusChanged: Timestamp }),
  ),
  recipientFileTransferStatusHistory: Type.Array(
    Type.Object({
      recipient: Type.String(),
      recipientFileTransferStatusCode: RecipientStatusName,
      recipientFileTransferStatusText: Type.String(),
      recipientFileTransferStatusChanged: Timestamp,
    }),
  ),
});
export type TransferDetails = Static<typeof TransferDetails>;

/** Source: compatibility.md, broker, §8. */
export const TransferQuery = Type.Object({
  resourceId: worded(Type.String({ minLength: 1, maxLength: 255 }), { clrName: 'resourceId' }),
  status: Type.Optional(Nullable(TransferStatusName)),
  recipientStatus: Type.Optional(Nullable(RecipientStatusName)),
  role: Type.Optional(Nullable(Enumeration('Role', { Sender: 0, Recipient: 1 }))),
  from: Type.Optional(Nullable(Timestamp)),
  to: Type.Optional(Nullable(Timestamp)),
  orderAscending: Type.Optional(Nullable(Type.Boolean())),
});
export type TransferQuery = Static<typeof TransferQuery>;
