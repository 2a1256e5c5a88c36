import type { Reader } from '#kernel/database.ts';
import { findOrders, listNotices, type StoredNotice, type StoredOrder } from '#notifications/index.ts';
import type { Party } from '#register/index.ts';
import type { StoredLetter } from '../store/letter.ts';
import type { Message } from '../store/message.ts';
import type { NotificationDetails, OneNotification } from './wire.ts';

/**
 * What became of the notifications that the sender ordered, one item per order of which something has been sent. Addresses are
 * left out: they are those of people at the recipient, and none of the sender's business.
 * Source: compatibility.md, correspondence, §6.6 (the original shows them).
 */
export async function showNotifications(
  reader: Reader,
  message: Message,
  letter: StoredLetter,
  owner: Party,
): Promise<NotificationDetails[]> {
  const ordered = [letter.notificationOrderId, letter.reminderOrderId].filter((id) => id !== null);
  if (ordered.length === 0) return [];
  const [orders, notices] = await Promise.all([findOrders(reader, ordered), listNotices(reader, [message.id])]);
  const main = orders.get(letter.notificationOrderId ?? '');
  const show = (order: StoredOrder | undefined, isReminder: boolean): NotificationDetails[] => {
    const sent = notices.filter(
      (notice) => isReminderNotice(notice) === isReminder && notice.attempts > 0 && toReaders.has(notice.purpose),
    );
    if (!order || sent.length === 0) return [];
    const newest = sent.reduce((a, b) => (b.changedAt > a.changedAt ? b : a));
    const done = sent.every(({ state }) => final.has(state));
    return [
      {
        id: order.id,
        sendersReference: `corr-${letter.sendersReference}`,
        creator: owner.orgCode ?? 'Not found',
        created: order.at.toISOString(),
        isReminder,
        notificationChannel: (main ?? order).channel,
        ignoreReservation: message.ignoreReservation,
        resourceId: message.resourceId,
        processingStatus: {
          status: done ? 'Order_Completed' : 'Order_Processing',
          description: done ? 'The order is completed.' : 'The order is being processed.',
          lastUpdate: newest.changedAt.toISOString(),
        },
        notificationStatusDetails: byChannel(sent),
      },
    ];
  };
  return [...show(main, false), ...show(orders.get(letter.reminderOrderId ?? ''), true)];
}

const toReaders: ReadonlySet<StoredNotice['purpose']> = new Set(['new-mail', 'reminder', 'reminder-confirm']);
const final: ReadonlySet<StoredNotice['state']> = new Set(['handed-over', 'delivered', 'failed', 'cancelled']);
const succeeded: ReadonlySet<StoredNotice['state']> = new Set(['handed-over', 'delivered']);

function isReminderNotice({ purpose }: StoredNotice): boolean {
  return purpose !== 'new-mail';
}

function byChannel(notices: readonly StoredNotice[]): NotificationDetails['notificationStatusDetails'] {
  const of = (channel: StoredNotice['channel']) =>
    notices
      .filter((notice) => notice.channel === channel)
      .sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime())
      .map(showNotice);
  const [emails, smses] = [of('email'), of('sms')];
  return { email: emails[0] ?? null, sms: smses[0] ?? null, emails: orNull(emails), smses: orNull(smses) };
}

function orNull<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}

const wireStates: Readonly<Record<StoredNotice['state'], string>> = {
  due: 'New',
  'handing-over': 'Sending',
  'handed-over': 'Succeeded',
  delivered: 'Delivered',
  failed: 'Failed',
  cancelled: 'Failed',
};

function showNotice({ id, channel, state, changedAt }: StoredNotice): OneNotification {
  const status = channel === 'sms' && state === 'handed-over' ? 'Accepted' : wireStates[state];
  return {
    id,
    succeeded: succeeded.has(state),
    recipient: { emailAddress: null, mobileNumber: null, organizationNumber: null, nationalIdentityNumber: null, isReserved: null },
    sendStatus: { status, description: status, lastUpdate: changedAt.toISOString() },
  };
}
