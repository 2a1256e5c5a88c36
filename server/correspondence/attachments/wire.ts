import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { AttachmentStatusName, Checksum, invalidResourceId, resourceIdPattern } from '../wire.ts';

/** An attachment before its bytes. Its name is judged by rules with codes of their own. Source: compatibility.md, correspondence, §2.5. */
export const InitializeAttachment = Type.Object({
  resourceId: worded(Type.String({ minLength: 1, maxLength: 255, pattern: resourceIdPattern }), {
    violation: { pattern: invalidResourceId },
  }),
  fileName: Type.Optional(Nullable(personal(Type.String()))),
  displayName: Type.Optional(Nullable(personal(Type.String({ maxLength: 255 })))),
  isEncrypted: Type.Optional(Nullable(Type.Boolean())),
  checksum: Type.Optional(Nullable(Checksum)),
  sendersReference: Type.String({ minLength: 1, maxLength: 4096 }),
  expirationInDays: Type.Optional(Nullable(Type.Integer({ minimum: -2147483648, maximum: 1_000_000 }))),
});
export type InitializeAttachment = Static<typeof InitializeAttachment>;

const overview = {
  fileName: personal(Type.String()),
  displayName: Nullable(personal(Type.String())),
  isEncrypted: Type.Boolean(),
  checksum: Nullable(Type.String()),
  sendersReference: Type.String(),
  resourceId: Type.String(),
  sender: Type.String(),
  attachmentId: Uuid,
  status: AttachmentStatusName,
  statusText: Type.String(),
  statusChanged: Timestamp,
  correspondenceIds: Type.Array(Uuid),
  dataType: Type.String(),
};

export const AttachmentOverview = Type.Object(overview);
export type AttachmentOverview = Static<typeof AttachmentOverview>;

export const AttachmentDetails = Type.Object({
  ...overview,
  statusHistory: Type.Array(Type.Object({ status: AttachmentStatusName, statusText: Type.String(), statusChanged: Timestamp })),
});
export type AttachmentDetails = Static<typeof AttachmentDetails>;
