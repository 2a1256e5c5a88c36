import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import type { Channel } from '../../wire.ts';
import { type CustomRecipient, isEmailAddress, mobileNumberOf } from '../custom-recipients.ts';
import type { Facts, Rule } from '../facts.ts';
import type { NotificationRequest, OrderedTexts } from '../request.ts';

export const templateUnknown: Rule<Facts> = ({ request }) =>
  request.notification?.template === 'other' ? refuse(e.invalidTemplate) : undefined;

const missing: Readonly<Record<Channel, { readonly main: ErrorRow; readonly reminder: ErrorRow }>> = {
  Email: { main: e.emailTextsMissing, reminder: e.reminderEmailTextsMissing },
  Sms: { main: e.smsTextMissing, reminder: e.reminderSmsTextMissing },
  EmailPreferred: { main: e.preferredTextsMissing, reminder: e.reminderPreferredTextsMissing },
  SmsPreferred: { main: e.preferredTextsMissing, reminder: e.reminderPreferredTextsMissing },
  EmailAndSms: { main: e.emailAndSmsTextsMissing, reminder: e.reminderEmailAndSmsTextsMissing },
};

function isComplete({ channel, emailSubject, emailBody, smsBody }: OrderedTexts): boolean {
  const email = emailSubject !== null && emailBody !== null;
  if (channel === 'Email') return email;
  if (channel === 'Sms') return smsBody !== null;
  return email && smsBody !== null;
}

/** The sender's own wording must be whole for its channel; a template needs none. Source: compatibility.md, correspondence, §6.2. */
export const wordingIncomplete: Rule<Facts> = ({ request: { notification } }) => {
  if (notification?.template !== 'CustomMessage') return undefined;
  if (!isComplete(notification.main)) return refuse(missing[notification.main.channel].main);
  const { reminder } = notification;
  return reminder && !isComplete(reminder) ? refuse(missing[reminder.channel].reminder) : undefined;
};

function identifiers(r: CustomRecipient): string[] {
  return [r.emailAddress, r.mobileNumber, r.organizationNumber, r.nationalIdentityNumber].filter((value) => value !== null);
}

function namesNotifiedRecipient({ main, reminder }: NotificationRequest): boolean {
  const texts = [main, reminder].flatMap((t) => [t?.emailSubject, t?.emailBody, t?.smsBody]);
  return texts.some((text) => text?.includes('$recipientName$') ?? false);
}

/** Who else, or who instead, is to be told. Source: compatibility.md, correspondence, §6.3. */
export const customRecipientUnfit: Rule<Facts> = ({ request: { notification, recipients } }) => {
  if (!notification) return undefined;
  const custom = notification.customRecipients;
  if (notification.overrideRegistered && custom.length === 0) return refuse(e.overrideWithoutCustom);
  if (custom.length === 0) return undefined;
  if (recipients.length > 1) return refuse(e.customRecipientWithMany);
  if (custom.some((r) => identifiers(r).length === 0)) return refuse(e.customRecipientEmpty);
  if (custom.some((r) => identifiers(r).length > 1)) return refuse(e.customRecipientAmbiguous);
  const byAddress = custom.some((r) => r.emailAddress !== null || r.mobileNumber !== null);
  if (byAddress && namesNotifiedRecipient(notification)) return refuse(e.customRecipientNameToken);
  if (custom.some((r) => r.emailAddress !== null && !isEmailAddress(r.emailAddress))) return refuse(e.customEmailInvalid);
  if (custom.some((r) => r.mobileNumber !== null && !mobileNumberOf(r.mobileNumber))) return refuse(e.customMobileInvalid);
  return undefined;
};
