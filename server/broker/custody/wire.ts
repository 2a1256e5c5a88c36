import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { RecipientStatusName, TransferStatusName } from '../wire.ts';

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Md5 = Type.String({ maxLength: 32 });
const custodies = ['whole', 'broken', 'confirmed-without-hash', 'open'] as const;

/** Whose hash of the bytes is what: lower-case hexadecimal. */
export const CustodyView = Type.Object({
  fileTransferId: Uuid,
  fileTransferStatus: TransferStatusName,
  declared: Type.Object({ md5: Nullable(Md5), sha256: Nullable(Sha256) }, { description: 'As the sender gave them.' }),
  stored: Nullable(
    Type.Object(
      { md5: Nullable(Md5), sha256: Sha256, sizeBytes: Type.Integer({ minimum: 0 }) },
      { description: 'Of the bytes as they came.' },
    ),
  ),
  recipients: Type.Array(
    Type.Object({
      recipient: Type.String(),
      status: RecipientStatusName,
      downloads: Type.Integer({ minimum: 0 }),
      fetchedAt: Nullable(Timestamp),
      confirmedAt: Nullable(Timestamp),
      sha256: Nullable(Sha256),
      disputed: Nullable(Type.Object({ sha256: Sha256, at: Timestamp })),
      custody: Type.Unsafe<(typeof custodies)[number]>(Type.String({ enum: [...custodies] })),
    }),
  ),
});
export type CustodyView = Static<typeof CustodyView>;

/** The hash of the file that a recipient holds; it may stand in `Repr-Digest` instead, or be left out. */
export const ConfirmRequest = Type.Object({
  sha256: Type.Optional(
    Nullable(worded(Type.String({ pattern: '^[0-9a-fA-F]{64}$' }), { violation: { pattern: 'A SHA-256 has 64 hexadecimal digits.' } })),
  ),
});
