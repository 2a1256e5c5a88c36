import type { Reader } from '#kernel/database.ts';
import {
  findOrders,
  listNotices,
  listShipments,
  type StoredNotice,
  type StoredOrder,
  type StoredShipment,
  shipmentId,
} from '#notifications/index.ts';
import { findParties, type Party } from '#register/index.ts';
import type { StoredLetter } from '../store/letter.ts';
import type { Message } from '../store/message.ts';
import { type ShownAddress, showAddress, toldTo } from './show-address.ts';
import type { CorrespondenceOverview, NotificationDetails } from './wire.ts';

/** What each of a sender's orders of one message is known as: its notification and its reminder, to the recipient and to each whom it named. */
export async function showOrders(reader: Reader, message: Message, letter: StoredLetter): Promise<CorrespondenceOverview['notifications']> {
  const orders = await ordersOf(reader, letter);
  return orders.flatMap(({ order, isReminder }) =>
    placesOf(order).map((custom) => ({
      notificationOrderId: shipmentId({ about: message.id, order: order.id, custom, otherwise: false }),
      isReminder,
    })),
  );
}

/**
 * What became of the notifications that the sender ordered, one item per order and reminder from publication on, and one for each second try
 * by another channel. Addresses are shown to the sender where it has named them; those of people at the recipient
 * are none of its business, and whom it named is none of the recipient's.
 * Source: compatibility.md, correspondence, §6.6 (the original shows them all).
 */
export async function showNotifications(
  reader: Reader,
  message: Message,
  letter: StoredLetter,
  { owner, toSender }: { readonly owner: Party; readonly toSender: boolean },
): Promise<NotificationDetails[]> {
  const orders = await ordersOf(reader, letter);
  const [main] = orders;
  if (!main || message.publishedAt === null) return [];
  const [shipments, notices] = await Promise.all([listShipments(reader, [message.id]), listNotices(reader, [message.id])]);
  const parties = await findParties(
    reader,
    orders.flatMap(({ order }) => order.custom.flatMap((custom) => ('party' in custom ? (custom.party ?? []) : []))),
  );
  return orders
    .flatMap(({ order, isReminder }) => expected(message, order, isReminder, shipments))
    .map(({ shipment, order, isPlanned }): NotificationDetails => {
      const its = notices.filter((notice) => notice.shipment === shipment.id);
      const to = toldTo(order, toSender ? shipment.custom : null, parties);
      return {
        id: shipment.id,
        sendersReference: `corr-${letter.sendersReference}`,
        creator: owner.orgCode ?? 'Not found',
        created: order.at.toISOString(),
        isReminder: shipment.isReminder,
        notificationChannel: main.order.channel,
        ignoreReservation: message.ignoreReservation,
        resourceId: message.resourceId,
        processingStatus: isPlanned ? statusOf(its, shipment.at) : statusOfWaiting(message, shipment.at),
        notificationStatusDetails: byChannel(its, to),
      };
    });
}

interface Ordered {
  readonly order: StoredOrder;
  readonly isReminder: boolean;
}

async function ordersOf(reader: Reader, { notificationOrderId, reminderOrderId }: StoredLetter): Promise<Ordered[]> {
  const orders = await findOrders(
    reader,
    [notificationOrderId, reminderOrderId].filter((id) => id !== null),
  );
  const of = (id: string | null, isReminder: boolean) => {
    const order = orders.get(id ?? '');
    return order ? [{ order, isReminder }] : [];
  };
  return [...of(notificationOrderId, false), ...of(reminderOrderId, true)];
}

/** Whom an order tells: the recipient's own people, unless others take their place, and each whom the sender named. */
function placesOf({ custom, override }: StoredOrder): (number | null)[] {
  return [...(override ? [] : [null]), ...custom.map((_, i) => i)];
}

interface Expected {
  readonly shipment: Pick<StoredShipment, 'id' | 'isReminder' | 'custom' | 'at'>;
  readonly order: StoredOrder;
  /** Its day has come. A reminder is known from publication on, as the original orders both together. */
  readonly isPlanned: boolean;
}

/** What has found no address was never ordered, as there. */
function expected(message: Message, order: StoredOrder, isReminder: boolean, shipments: readonly StoredShipment[]): Expected[] {
  const planned = shipments.filter((shipment) => shipment.order === order.id);
  const there = planned.filter(({ missing }) => !missing).map((shipment) => ({ shipment, order, isPlanned: true }));
  const isOrdered = shipments.some(({ missing }) => !missing);
  if (!isReminder || planned.length > 0 || !isOrdered) return there;
  return placesOf(order).map((custom) => {
    const id = shipmentId({ about: message.id, order: order.id, custom, otherwise: false });
    return { shipment: { id, isReminder, custom, at: message.publishedAt! }, order, isPlanned: false };
  });
}

type Status = NotificationDetails['processingStatus'];

function statusOf(notices: readonly StoredNotice[], plannedAt: Date): Status {
  const newest = new Date(Math.max(plannedAt.getTime(), ...notices.map(({ changedAt }) => changedAt.getTime())));
  if (notices.length === 0) return processing('Order_SendConditionNotMet', newest); // asked to confirm, in our words
  const all = (test: (notice: StoredNotice) => boolean) => notices.every(test);
  if (all(({ state, attempts }) => state === 'due' && attempts === 0)) return processing('Order_Registered', newest);
  if (all(({ state }) => state === 'cancelled')) return processing('Order_SendConditionNotMet', newest);
  return processing(all(({ state }) => final.has(state)) ? 'Order_Completed' : 'Order_Processing', newest);
}

const final: ReadonlySet<StoredNotice['state']> = new Set(['handed-over', 'delivered', 'failed', 'cancelled']);

/** A reminder whose day has not come, or that had no point any more when it came. */
function statusOfWaiting({ openedAt, purgedAt }: Message, since: Date): Status {
  const ended = openedAt ?? purgedAt;
  return ended ? processing('Order_SendConditionNotMet', ended) : processing('Order_Registered', since);
}

const descriptions = {
  Order_Registered: 'Order has been registered and is awaiting requested send time before processing.',
  Order_Processing: 'Order processing is ongoing. Notifications are being generated.',
  Order_Completed: 'Order processing is completed. All notifications have been generated.',
  Order_SendConditionNotMet: 'Order processing was stopped due to send condition not being met.',
} as const;

function processing(status: keyof typeof descriptions, lastUpdate: Date): Status {
  return { status, description: descriptions[status], lastUpdate: lastUpdate.toISOString() };
}

function byChannel(notices: readonly StoredNotice[], to: ShownAddress): NotificationDetails['notificationStatusDetails'] {
  const of = (channel: StoredNotice['channel']) =>
    notices
      .filter((notice) => notice.channel === channel)
      .sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime())
      .map((notice) => showAddress(notice, to));
  const [emails, smses] = [of('email'), of('sms')];
  return { email: emails[0] ?? null, sms: smses[0] ?? null, emails: orNull(emails), smses: orNull(smses) };
}

function orNull<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}
