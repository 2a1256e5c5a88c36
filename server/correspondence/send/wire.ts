import Type, { type Static } from 'typebox';
import { Set as setFormat } from 'typebox/format';
import { Enumeration, Nullable, OpenEnumeration, personal, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { correspondenceErrors } from '../errors.ts';
import {
  anyCase,
  Checksum,
  channels,
  invalidNationalIdentityNumber,
  invalidResourceId,
  MessageStatusName,
  partyFormat,
  recipientPattern,
  referenceTypes,
  resourceIdPattern,
} from '../wire.ts';

/** What clients send to begin a message, by JSON or as a form. Source: compatibility.md, correspondence, §2.1 (part A), §3. */
const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Nullable(schema));
const text = (maxLength: number) => Type.String({ maxLength });

/**
 * Bounds of lists that the original leaves open. They lie beyond what anybody sends, so that a request cannot cost more than
 * it is worth; 101 attachments are refused by a rule with a code of its own. Source: compatibility.md, correspondence, §2.1.
 */
const most = { attachments: 1000, replyOptions: 100, customRecipients: 100 } as const;

export const dataLocationTypes = {
  NewCorrespondenceAttachment: 0,
  ExistingCorrespondenceAttachment: 1,
  ExistingExternalStorage: 2,
} as const;

const NewAttachment = Type.Object({
  fileName: personal(Type.String({ minLength: 1, maxLength: 255 })),
  displayName: optional(personal(text(255))),
  isEncrypted: optional(Type.Boolean()),
  checksum: optional(Checksum),
  sendersReference: Type.String({ minLength: 1, maxLength: 4096 }),
  dataLocationType: optional(Enumeration('InitializeAttachmentDataLocationTypeExt', dataLocationTypes)),
  expirationInDays: optional(Type.Integer({ minimum: -2147483648, maximum: 1_000_000 })),
});

/** Blank, which means the usual one, or two characters as the original counts them. */
const languageFormat = 'language-or-blank';
setFormat(languageFormat, (given) => given.trim() === '' || given.length === 2);

const Language = worded(Type.String({ format: languageFormat }), {
  violation: { format: 'The field {field} must be exactly two characters long.' },
});

const words = {
  messageTitle: personal(Type.String({ minLength: 1, maxLength: 255 })),
  messageSummary: optional(personal(text(255))),
  messageBody: personal(Type.String({ minLength: 1, maxLength: 30_000 })),
};

/** The same letter in another language. The original has none. */
const Translation = Type.Object({ language: Language, ...words });

const Content = Type.Object({
  language: optional(Language),
  ...words,
  translations: optional(
    worded(Type.Array(Translation, { maxItems: 2 }), { violation: { maxItems: 'A message can have at most 2 translations' } }),
  ),
  attachments: optional(Type.Array(NewAttachment, { maxItems: most.attachments })),
});

/** Without the one type that only the system gives. */
const { DialogportenTransmissionId: _, ...givenReferenceTypes } = referenceTypes;
export const transmissionTypes = [
  'Information',
  'Acceptance',
  'Rejection',
  'Request',
  'Alert',
  'Decision',
  'Submission',
  'Correction',
] as const;
const transmissionTypePattern = `^(?:[1-8]|${transmissionTypes.map(anyCase).join('|')})$`;
const ExternalReference = Type.Object(
  {
    referenceValue: Type.String({ minLength: 1 }),
    referenceType: worded(Enumeration('ReferenceTypeExt', givenReferenceTypes), {
      violation: { enum: 'The reference type is not allowed', type: 'The reference type is not allowed' },
    }),
  },
  {
    if: { not: { properties: { referenceType: { const: 'DialogportenTransmissionType' } }, required: ['referenceType'] } },
    else: { properties: { referenceValue: { type: 'string', pattern: transmissionTypePattern } } },
    violation: { if: `The DialogportenTransmissionType must be one of ${transmissionTypes.join(', ')}` },
  },
);

const ReplyOption = Type.Object({ linkURL: Type.String({ minLength: 1 }), linkText: optional(Type.String()) });

const longKey = 'PropertyList key can not be longer than 50';
const PropertyList = worded(
  Type.Record(Type.String(), worded(text(300), { violation: { maxLength: 'PropertyList value can not be longer than 300' } }), {
    maxProperties: 10,
    propertyNames: worded(text(50), { violation: longKey }),
  }),
  { violation: { maxProperties: 'PropertyList can contain at most 10 properties', propertyNames: longKey } },
);

const NotifiedRecipient = Type.Object({
  emailAddress: optional(personal(Type.String())),
  mobileNumber: optional(personal(Type.String())),
  organizationNumber: optional(Type.String()),
  nationalIdentityNumber: optional(personal(Type.String())),
});
const NotifiedRecipients = Type.Array(NotifiedRecipient, { maxItems: most.customRecipients });

const channel = Enumeration('NotificationChannelExt', channels);
const emailType = Enumeration('EmailContentType', { Plain: 0, Html: 1 });

const Notification = Type.Object({
  notificationTemplate: optional(OpenEnumeration('NotificationTemplateExt', { CustomMessage: 0, GenericAltinnMessage: 1 })),
  emailSubject: optional(text(512)),
  emailBody: optional(text(10_000)),
  emailContentType: optional(emailType),
  smsBody: optional(text(2144)),
  sendReminder: optional(Type.Boolean()),
  reminderEmailSubject: optional(text(512)),
  reminderEmailBody: optional(text(10_000)),
  reminderEmailContentType: optional(emailType),
  reminderSmsBody: optional(text(2144)),
  notificationChannel: optional(channel),
  reminderNotificationChannel: optional(channel),
  customRecipient: optional(NotifiedRecipient),
  customRecipients: optional(NotifiedRecipients),
  customNotificationRecipients: optional(
    Type.Array(Type.Object({ recipients: optional(NotifiedRecipients) }), { maxItems: most.customRecipients }),
  ),
  overrideRegisteredContactInformation: optional(Type.Boolean()),
});

const Correspondence = Type.Object({
  resourceId: worded(Type.String({ minLength: 1, maxLength: 255, pattern: resourceIdPattern }), {
    violation: { pattern: invalidResourceId },
  }),
  sendersReference: Type.String({ minLength: 1, maxLength: 4096 }),
  messageSender: optional(text(255)),
  content: Content,
  requestedPublishTime: optional(Timestamp),
  dueDateTime: optional(Timestamp),
  externalReferences: optional(
    worded(Type.Array(ExternalReference, { maxItems: 10 }), {
      violation: { maxItems: 'ExternalReferences can contain at most 10 references' },
    }),
  ),
  propertyList: optional(PropertyList),
  replyOptions: optional(Type.Array(ReplyOption, { maxItems: most.replyOptions })),
  notification: optional(Notification),
  ignoreReservation: optional(Type.Boolean()),
  isConfirmationNeeded: optional(Type.Boolean()),
  isConfidential: optional(Type.Boolean()),
  allowForwarding: optional(Type.Boolean()),
});

const Recipient = worded(personal(Type.String({ minLength: 1, pattern: recipientPattern, format: partyFormat })), {
  violation: {
    type: 'Recipients can not contain null or empty values',
    required: 'Recipients can not contain null or empty values',
    minLength: 'Recipients can not contain null or empty values',
    pattern: 'Recipients must be organization numbers or national identity numbers, as a URN or in one of the short forms',
    format: invalidNationalIdentityNumber,
  },
});

export const InitializeCorrespondences = Type.Object({
  correspondence: Correspondence,
  recipients: worded(Type.Array(Recipient, { minItems: 1, maxItems: 500 }), {
    violation: { minItems: 'Recipients can not be empty', maxItems: 'Recipients can contain at most 500 recipients' },
  }),
  existingAttachments: optional(Type.Array(Uuid, { maxItems: most.attachments })),
  idempotentKey: optional(
    worded(Type.String({ format: 'uuid', pattern: '[1-9a-f]' }), {
      violation: { format: correspondenceErrors.invalidIdempotentKey.text, pattern: correspondenceErrors.invalidIdempotentKey.text },
    }),
  ),
});
export type InitializeCorrespondences = Static<typeof InitializeCorrespondences>;
export type WireTranslation = Static<typeof Translation>;
export type WireNotification = Static<typeof Notification>;
export type WireNewAttachment = Static<typeof NewAttachment>;

export const InitializedCorrespondences = Type.Object({
  correspondences: Type.Array(
    Type.Object({
      correspondenceId: Uuid,
      status: MessageStatusName,
      recipient: personal(Type.String()),
      notifications: Type.Null(),
    }),
  ),
  attachmentIds: Type.Array(Uuid),
});
export type InitializedCorrespondences = Static<typeof InitializedCorrespondences>;
