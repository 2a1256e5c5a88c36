import Type from 'typebox';
import type { FileTransferId } from '#kernel/ids.ts';
import { Enumeration, IdOf } from '#kernel/schema.ts';
import { recipientStatuses, transferStatuses } from './states.ts';

/** Shapes that sending, looking and receiving share. Source: compatibility.md, broker, §1. */
export const TransferStatusName = Enumeration('FileTransferStatusExt', transferStatuses);
export const RecipientStatusName = Enumeration('RecipientFileTransferStatusExt', recipientStatuses);

export const TransferParams = Type.Object({ fileTransferId: IdOf<FileTransferId>() });
export const TransferIdAnswer = Type.Object({ fileTransferId: IdOf<FileTransferId>() });

/** Four digits, a colon and nine digits, or the URN. Whatever the four digits, the nine are an organization number. */
export const organizationPattern = '^(?:[0-9]{4}:|urn:altinn:organization:identifier-no:)([0-9]{9})$';
const organization = new RegExp(organizationPattern);

/** Pure. The number in either form. */
export function numberIn(reference: string): string {
  return organization.exec(reference)?.[1] ?? reference;
}

/** Pure. How answers name an organization. */
export function asOrganizationId(number: string | null): string {
  return `0192:${number}`;
}

export const resourceIdPattern = '^(?:urn:altinn:resource:)?[^:]+$';
export const invalidResourceId = 'Invalid Resource identifier format';

/** Pure. The id of a resource without its URN. */
export function bareResourceId<T extends string>(id: string): T {
  return id.replace(/^urn:altinn:resource:/, '') as T;
}
