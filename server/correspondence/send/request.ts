import type { AttachmentId, ResourceId } from '#kernel/ids.ts';
import { parsePartyReference } from '#register/index.ts';
import type { Channel, ReferenceType } from '../wire.ts';
import type { Wording } from './content-hash.ts';
import { type CustomRecipient, withoutRepeats } from './custom-recipients.ts';
import type { InitializeCorrespondences, WireNewAttachment, WireNotification, WireTranslation } from './wire.ts';

/** A recipient as the request names it: its URN in the stored form, and its number where it is one that the register knows parties by. */
export interface NamedRecipient {
  readonly urn: string;
  readonly kind: 'organization' | 'person' | 'other';
  readonly number: string | null;
}

export interface NewAttachmentRequest {
  readonly fileName: string;
  readonly displayName: string | null;
  readonly isEncrypted: boolean;
  readonly checksum: string | null;
  readonly sendersReference: string;
  readonly expirationInDays: number | null;
}

export interface ReplyOption {
  readonly linkURL: string;
  readonly linkText: string | null;
}

export interface ExternalReference {
  readonly referenceType: ReferenceType;
  readonly referenceValue: string;
}

/** One wording for one channel, as the sender gave it. */
export interface OrderedTexts {
  readonly channel: Channel;
  readonly emailSubject: string | null;
  readonly emailBody: string | null;
  readonly emailHtml: boolean;
  readonly smsBody: string | null;
}

export interface NotificationRequest {
  /** `other`: an integer that is no template. */
  readonly template: 'CustomMessage' | 'GenericAltinnMessage' | 'other';
  readonly main: OrderedTexts;
  readonly reminder: OrderedTexts | null;
  readonly customRecipients: readonly CustomRecipient[];
  readonly overrideRegistered: boolean;
}

/** What one request asks to send, after defaults and normal forms: the same for JSON and form. */
export interface SendRequest {
  readonly resourceId: ResourceId;
  readonly sendersReference: string;
  readonly messageSender: string | null;
  readonly language: string;
  readonly title: string;
  readonly summary: string | null;
  readonly body: string;
  /** The same in other languages. */
  readonly translations: readonly Wording[];
  readonly requestedPublishAt: Date | null;
  readonly dueAt: Date | null;
  readonly isConfirmationNeeded: boolean;
  readonly isConfidential: boolean;
  readonly ignoreReservation: boolean;
  readonly allowForwarding: boolean;
  readonly properties: Readonly<Record<string, string>>;
  readonly replyOptions: readonly ReplyOption[];
  readonly references: readonly ExternalReference[];
  readonly notification: NotificationRequest | null;
  readonly recipients: readonly NamedRecipient[];
  readonly newAttachments: readonly NewAttachmentRequest[];
  readonly existingAttachments: readonly AttachmentId[];
  readonly idempotentKey: string | null;
}

/** Pure. The request in the words of this feature. Source of defaults: compatibility.md, correspondence, §2.1. */
export function toRequest(body: InitializeCorrespondences): SendRequest {
  const { correspondence: c } = body;
  return {
    resourceId: bareResourceId(c.resourceId),
    sendersReference: c.sendersReference,
    messageSender: orNull(c.messageSender),
    language: orNull(c.content.language)?.toLowerCase() ?? 'nb',
    title: c.content.messageTitle,
    summary: c.content.messageSummary ?? null,
    body: c.content.messageBody,
    translations: (c.content.translations ?? []).map(toWording),
    requestedPublishAt: c.requestedPublishTime ? new Date(c.requestedPublishTime) : null,
    dueAt: c.dueDateTime ? new Date(c.dueDateTime) : null,
    isConfirmationNeeded: c.isConfirmationNeeded ?? false,
    isConfidential: c.isConfidential ?? false,
    ignoreReservation: c.ignoreReservation ?? false,
    allowForwarding: c.allowForwarding ?? false,
    properties: c.propertyList ?? {},
    replyOptions: (c.replyOptions ?? []).map((r) => ({ linkURL: r.linkURL, linkText: r.linkText ?? null })),
    references: c.externalReferences ?? [],
    notification: c.notification ? toNotification(c.notification) : null,
    recipients: body.recipients.map(toRecipient),
    newAttachments: (c.content.attachments ?? []).map(toNewAttachment),
    existingAttachments: [...new Set((body.existingAttachments ?? []) as AttachmentId[])],
    idempotentKey: body.idempotentKey ?? null,
  };
}

/** Pure. A resource's id without the prefix that clients may put before it. */
export function bareResourceId(given: string): ResourceId {
  return given.replace(/^urn:altinn:resource:/, '') as ResourceId;
}

function toWording({ language, messageTitle, messageSummary, messageBody }: WireTranslation): Wording {
  return { language: language.trim().toLowerCase(), title: messageTitle, summary: messageSummary ?? null, body: messageBody };
}

function orNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text.trim() === '' ? null : text;
}

function toRecipient(given: string): NamedRecipient {
  const known = parsePartyReference(given);
  if (known?.kind !== 'organization' && known?.kind !== 'person') return { urn: given.toLowerCase(), kind: 'other', number: null };
  return { urn: `urn:altinn:${known.kind}:identifier-no:${known.number}`, kind: known.kind, number: known.number };
}

function toNewAttachment(a: WireNewAttachment): NewAttachmentRequest {
  return {
    fileName: a.fileName,
    displayName: a.displayName ?? null,
    isEncrypted: a.isEncrypted ?? false,
    checksum: orNull(a.checksum),
    sendersReference: a.sendersReference,
    expirationInDays: a.expirationInDays ?? null,
  };
}

function toNotification(n: WireNotification): NotificationRequest {
  const main: OrderedTexts = {
    channel: n.notificationChannel ?? 'Email',
    emailSubject: orNull(n.emailSubject),
    emailBody: orNull(n.emailBody),
    emailHtml: n.emailContentType === 'Html',
    smsBody: orNull(n.smsBody),
  };
  const reminder: OrderedTexts = {
    channel: n.reminderNotificationChannel ?? main.channel,
    emailSubject: orNull(n.reminderEmailSubject),
    emailBody: orNull(n.reminderEmailBody),
    emailHtml: (n.reminderEmailContentType ?? n.emailContentType) === 'Html',
    smsBody: orNull(n.reminderSmsBody),
  };
  const template = n.notificationTemplate ?? 'CustomMessage';
  return {
    template: typeof template === 'string' ? template : 'other',
    main,
    reminder: n.sendReminder ? reminder : null,
    customRecipients: customRecipients(n),
    overrideRegistered: n.overrideRegisteredContactInformation ?? false,
  };
}

/** Three generations of one field; the newest that is given holds. Source: compatibility.md, correspondence, §6.3. */
function customRecipients(n: WireNotification): CustomRecipient[] {
  const given = n.customRecipients?.length
    ? n.customRecipients
    : n.customRecipient
      ? [n.customRecipient]
      : (n.customNotificationRecipients?.[0]?.recipients ?? []);
  const named = given.map((r) => ({
    emailAddress: orNull(r.emailAddress),
    mobileNumber: orNull(r.mobileNumber),
    organizationNumber: orNull(r.organizationNumber),
    nationalIdentityNumber: orNull(r.nationalIdentityNumber),
  }));
  return withoutRepeats(named);
}
