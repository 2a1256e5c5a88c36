import Type from 'typebox';
import { Set as setFormat } from 'typebox/format';
import type { AttachmentId, CorrespondenceId } from '#kernel/ids.ts';
import { Enumeration, IdOf, worded } from '#kernel/schema.ts';
import { hasWrongCheckDigits } from '#register/index.ts';
import { attachmentStatuses, messageStatuses } from './states.ts';

/** Shapes that sending, reading and attachments share. Names and integers are the original's: compatibility.md, correspondence, §0.1, §4. */
export const MessageStatusName = Enumeration('CorrespondenceStatusExt', messageStatuses);
export const AttachmentStatusName = Enumeration('AttachmentStatusExt', attachmentStatuses);

export const channels = { Email: 0, Sms: 1, EmailPreferred: 2, SmsPreferred: 3, EmailAndSms: 4 } as const;
export type Channel = keyof typeof channels;

/** What a reference may point to. `DialogportenTransmissionId` is given by the system alone. */
export const referenceTypes = {
  Generic: 0,
  AltinnAppInstance: 1,
  AltinnBrokerFileTransfer: 2,
  DialogportenDialogId: 3,
  DialogportenProcessId: 4,
  DialogportenTransmissionId: 5,
  DialogportenTransmissionType: 6,
} as const;
export type ReferenceType = keyof typeof referenceTypes;

export const CorrespondenceParams = Type.Object({ correspondenceId: IdOf<CorrespondenceId>() });
export const AttachmentParams = Type.Object({ attachmentId: IdOf<AttachmentId>() });
export const CorrespondenceAttachmentParams = Type.Object({
  correspondenceId: IdOf<CorrespondenceId>(),
  attachmentId: IdOf<AttachmentId>(),
});

/** Several operations answer the bare id of what they touched. */
export const BareId = Type.String({ format: 'uuid' });

/** A pattern that takes the text in any case. */
export function anyCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (c) => `[${c.toLowerCase()}${c.toUpperCase()}]`);
}
const organization = `(?:${anyCase('urn:altinn:organization:identifier-no:')}|0192:)[0-9]{9}`;
const person = `(?:${anyCase('urn:altinn:person:identifier-no:')})?[0-9]{11}`;
const email = `${anyCase('urn:altinn:person:idporten-email:')}[^:@]+@[^:@]+`;
const selfIdentified = `${anyCase('urn:altinn:person:legacy-selfidentified:')}[^:]+`;

/** The forms in which a recipient may be named. Source: compatibility.md, correspondence, §2.3. */
export const recipientPattern = `^(?:|${organization}|${person}|${email}|${selfIdentified})$`;
/** The forms in which a caller names whom it acts for. */
export const partyPattern = `^(?:${organization}|${person})$`;

/** A recipient's form whose eleven digits, where it has them, bear valid control digits. */
export const partyFormat = 'party-reference';
setFormat(partyFormat, (text) => !hasWrongCheckDigits(text));
export const invalidNationalIdentityNumber = 'The given Recipient national identity number is not valid';

/** A resource's id, bare or as a URN. */
export const resourceIdPattern = '^(?:urn:altinn:resource:)?[^:]+$';
export const invalidResourceId = 'Invalid Resource identifier format';

setFormat('md5-or-blank', (text) => text.trim() === '' || text.length === 32);

/** An MD5 that the sender has computed; blank is none. That it is hexadecimal shows when it is compared. */
export const Checksum = worded(Type.String({ pattern: '^[^A-Z]*$', format: 'md5-or-blank' }), {
  violation: {
    format: 'The checksum, if used, must be a MD5 hash with a length of 32 characters',
    pattern: 'The checksum, if used, must be a MD5 hash in lower case',
  },
});
