import Type, { type Static } from 'typebox';
import { Enumeration, Nullable, personal, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { systemLabels } from '../store/system-label.ts';
import {
  AttachmentStatusName,
  channels,
  invalidNationalIdentityNumber,
  MessageStatusName,
  partyFormat,
  partyPattern,
  referenceTypes,
} from '../wire.ts';

/** What clients are shown of a message; nulls are written. Source: compatibility.md, correspondence, §4.4. */
const nullableText = Nullable(Type.String());
const nullableTime = Nullable(Timestamp);

const MessageAttachment = Type.Object({
  fileName: personal(Type.String()),
  displayName: Nullable(personal(Type.String())),
  isEncrypted: Type.Boolean(),
  checksum: nullableText,
  sendersReference: Type.String(),
  id: Uuid,
  dataLocationType: Enumeration('AttachmentDataLocationTypeExt', { AltinnCorrespondenceAttachment: 0, ExternalStorage: 1 }),
  created: Timestamp,
  status: AttachmentStatusName,
  statusText: Type.String(),
  statusChanged: Timestamp,
  expirationTime: nullableTime,
  dataType: Type.String(),
});

const Content = Type.Object({
  language: Type.String(),
  messageTitle: personal(Type.String()),
  messageSummary: Nullable(personal(Type.String())),
  messageBody: personal(Type.String()),
  attachments: Type.Array(MessageAttachment),
});
export type ShownContent = Static<typeof Content>;

const ShownWording = Type.Object({
  language: Type.String(),
  messageTitle: personal(Type.String()),
  messageSummary: Nullable(personal(Type.String())),
  messageBody: personal(Type.String()),
});
export type ShownWording = Static<typeof ShownWording>;

/** A letter in the language that it was sent in, and in the others that its sender gave; none where there is no other. */
export const ShownTranslations = Type.Object({ original: ShownWording, translations: Type.Array(ShownWording) });
export type ShownTranslations = Static<typeof ShownTranslations>;

const shown = {
  resourceId: Type.String(),
  sender: Type.String(),
  sendersReference: Type.String(),
  messageSender: Type.String(),
  content: Content,
  requestedPublishTime: Timestamp,
  dueDateTime: nullableTime,
  externalReferences: Type.Array(
    Type.Object({ referenceValue: Type.String(), referenceType: Enumeration('ReferenceTypeExt', referenceTypes) }),
  ),
  propertyList: Type.Record(Type.String(), Type.String()),
  replyOptions: Type.Array(Type.Object({ linkURL: Type.String(), linkText: nullableText })),
  notification: Type.Null(),
  ignoreReservation: Type.Boolean(),
  isConfirmationNeeded: Type.Boolean(),
  isConfidential: Type.Boolean(),
  allowForwarding: Type.Boolean(),
  recipient: personal(Type.String()),
  correspondenceId: Uuid,
  created: Timestamp,
  status: MessageStatusName,
  statusText: Type.String(),
  statusChanged: Timestamp,
  altinn2CorrespondenceId: Type.Null(),
  published: nullableTime,
  read: nullableTime,
};

export const CorrespondenceOverview = Type.Object({
  ...shown,
  notifications: Type.Array(Type.Object({ notificationOrderId: Uuid, isReminder: Type.Boolean() })),
});
export type CorrespondenceOverview = Static<typeof CorrespondenceOverview>;

const Status = Type.Object({ status: Type.String(), description: Type.String(), lastUpdate: Timestamp });
const NotificationRecipient = Type.Object({
  emailAddress: nullableText,
  mobileNumber: nullableText,
  organizationNumber: nullableText,
  nationalIdentityNumber: nullableText,
  isReserved: Nullable(Type.Boolean()),
});
const OneNotification = Type.Object({ id: Uuid, succeeded: Type.Boolean(), recipient: NotificationRecipient, sendStatus: Status });
export type OneNotification = Static<typeof OneNotification>;

const NotificationDetails = Type.Object({
  id: Uuid,
  sendersReference: Type.String(),
  creator: Type.String(),
  created: Timestamp,
  isReminder: Type.Boolean(),
  notificationChannel: Enumeration('NotificationChannelExt', channels),
  ignoreReservation: Type.Boolean(),
  resourceId: Type.String(),
  processingStatus: Status,
  notificationStatusDetails: Type.Object({
    email: Nullable(OneNotification),
    sms: Nullable(OneNotification),
    emails: Nullable(Type.Array(OneNotification)),
    smses: Nullable(Type.Array(OneNotification)),
  }),
});
export type NotificationDetails = Static<typeof NotificationDetails>;

export const CorrespondenceDetails = Type.Object({
  ...shown,
  notifications: Type.Array(NotificationDetails),
  statusHistory: Type.Array(Type.Object({ status: MessageStatusName, statusText: Type.String(), statusChanged: Timestamp })),
  systemLabel: Nullable(Enumeration('SystemLabelExt', systemLabels)),
});
export type CorrespondenceDetails = Static<typeof CorrespondenceDetails>;

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Nullable(schema));

/** What a search by a sender's reference alone leaves out. */
const givenAlone = Object.fromEntries(
  ['status', 'from', 'to', 'onBehalfOf', 'idempotentKey', 'altinn2CorrespondenceId', 'after'].map((name) => [name, { type: 'null' }]),
);

/** A search names a resource and a role; by a sender's reference alone it is its sender's. Source: compatibility.md, correspondence, §5.1, §5.3. */
export const ListQuery = Type.Object(
  {
    resourceId: optional(Type.String({ minLength: 1, maxLength: 262 })),
    role: optional(Enumeration('CorrespondencesRoleType', { Recipient: 0, Sender: 1, RecipientAndSender: 2 })),
    status: optional(MessageStatusName),
    from: optional(Timestamp),
    to: optional(Timestamp),
    onBehalfOf: optional(
      worded(personal(Type.String({ pattern: partyPattern, format: partyFormat })), {
        violation: {
          pattern: 'onBehalfOf must be an organization number or a national identity number, as a URN or in one of the short forms',
          format: invalidNationalIdentityNumber,
        },
      }),
    ),
    sendersReference: optional(Type.String({ maxLength: 4096 })),
    idempotentKey: optional(Uuid),
    altinn2CorrespondenceId: optional(Type.Integer()),
    /** Ours: the last id of the page before. */
    after: optional(Uuid),
  },
  {
    if: {
      required: ['sendersReference'],
      properties: { ...givenAlone, sendersReference: { type: 'string', minLength: 1 }, role: { enum: ['Sender', null] } },
    },
    else: { required: ['resourceId', 'role'], properties: { resourceId: { type: 'string' }, role: { type: 'string' } } },
    violation: { if: 'The resourceId and role fields are required.' },
  },
);
export type ListQuery = Static<typeof ListQuery>;

export const CorrespondenceIds = Type.Object({ ids: Type.Array(Uuid) });
