import type { PartyId } from '#kernel/ids.ts';
import type { StoredNotice, StoredOrder } from '#notifications/index.ts';
import type { Party } from '#register/index.ts';
import type { OneNotification } from './wire.ts';

export type ShownAddress = OneNotification['recipient'];

const nobody: ShownAddress = {
  emailAddress: null,
  mobileNumber: null,
  organizationNumber: null,
  nationalIdentityNumber: null,
  isReserved: null,
};

/** Whom the sender named, in the form in which it did; nothing of the recipient's own people. */
export function toldTo({ custom }: StoredOrder, place: number | null, parties: ReadonlyMap<PartyId, Party>): ShownAddress {
  const one = place === null ? undefined : custom[place];
  if (!one) return nobody;
  if ('address' in one) return one.kind === 'email' ? { ...nobody, emailAddress: one.address } : { ...nobody, mobileNumber: one.address };
  const number = (one.party && parties.get(one.party)?.number) ?? null;
  return one.kind === 'organization' ? { ...nobody, organizationNumber: number } : { ...nobody, nationalIdentityNumber: number };
}

/** One address with its state, in the words of the original's notification service. Source: compatibility.md, correspondence, §6.5. */
export function showAddress(notice: StoredNotice, recipient: ShownAddress): OneNotification {
  const status = addressState(notice);
  return {
    id: notice.id,
    succeeded: notice.state === 'handed-over' || notice.state === 'delivered',
    recipient,
    sendStatus: { status, description: descriptions[status.replace(/^(?:Email|SMS)_/, '')]!, lastUpdate: notice.changedAt.toISOString() },
  };
}

const ofFailure = {
  'address-rejected': { email: 'Failed_Bounced', sms: 'Failed_InvalidRecipient' },
  'mailbox-full': { email: 'Failed_TransientError', sms: 'Failed_Undelivered' },
  'carrier-refused': { email: 'Failed', sms: 'Failed_Rejected' },
  'carrier-timeout': { email: 'Failed_TTL', sms: 'Failed_TTL' },
  'address-gone': { email: 'Failed_RecipientNotIdentified', sms: 'Failed_RecipientNotIdentified' },
  reserved: { email: 'Failed_RecipientReserved', sms: 'Failed_RecipientReserved' },
} as const;

/** Pure. `Email_` or `SMS_`, and how it stands. What was called off was never sent, and is as new as it was; where another address took its place, it says so. */
export function addressState({ channel, state, failure }: Pick<StoredNotice, 'channel' | 'state' | 'failure'>): string {
  const prefix = channel === 'email' ? 'Email_' : 'SMS_';
  switch (state) {
    case 'due':
      return `${prefix}New`;
    case 'cancelled':
      return `${prefix}${failure ? ofFailure[failure][channel] : 'New'}`;
    case 'handing-over':
      return `${prefix}Sending`;
    case 'handed-over':
      return `${prefix}${channel === 'email' ? 'Succeeded' : 'Accepted'}`;
    case 'delivered':
      return `${prefix}Delivered`;
    case 'failed':
      return `${prefix}${failure ? ofFailure[failure][channel] : 'Failed'}`;
  }
}

const descriptions: Readonly<Record<string, string>> = {
  New: 'The notification has been created, but has not been picked up for processing yet.',
  Sending: 'The notification is being processed and will be attempted sent shortly.',
  Succeeded: 'The e-mail has been accepted by the next mail server.',
  Accepted: 'The SMS has been accepted by the gateway.',
  Delivered: 'The notification was delivered to the recipient.',
  Failed: 'The notification was not sent: the carrier refused it.',
  Failed_Bounced: 'The notification was not sent: the address was rejected.',
  Failed_TransientError: 'The notification was not sent: the mailbox is full.',
  Failed_TTL: 'The notification was not sent: the carrier did not take it in time.',
  Failed_RecipientReserved: 'The notification was not sent: the recipient has said no to digital post.',
  Failed_RecipientNotIdentified: 'The notification was not sent: the address is no longer the recipient’s.',
  Failed_InvalidRecipient: 'The notification was not sent: the number was rejected.',
  Failed_Undelivered: 'The notification was not sent: it could not be delivered.',
  Failed_Rejected: 'The notification was not sent: the gateway refused it.',
};
