import { type EventRow, publishEvents } from '#events/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import type { ShipmentNews } from '#notifications/index.ts';
import { findParties, type Party } from '#register/index.ts';
import { type CorrespondenceEvent, correspondenceEvent, notificationEvent } from '../events.ts';
import { listThings } from '../store/message.ts';

/**
 * Tells owners what became of the notifications that they ordered, in the transaction that made it so. What is about no message
 * of ours is left to whoever sent it. Fills the hook of notifications. Source: compatibility.md, correspondence, §7.
 */
export async function tellOfNotifications(tx: Tx, news: readonly ShipmentNews[]): Promise<void> {
  const messages = await listThings(tx, [...new Set(news.map(({ about }) => about as CorrespondenceId))]);
  const owners = await findParties(tx, [...new Set([...messages.values()].map(({ ownerId }) => ownerId))]);
  publishEvents(
    tx,
    news.flatMap((each): EventRow[] => {
      const message = messages.get(each.about as CorrespondenceId);
      const name = nameOf(each);
      if (!message || !name) return [];
      const owner: Party = owners.get(message.ownerId)!;
      return name === 'notificationcreated'
        ? [notificationEvent(name, { id: each.id, resourceId: message.resourceId }, owner, each.at)]
        : [correspondenceEvent(name, message, owner, each.at)];
    }),
  );
}

type NotificationNews = Pick<ShipmentNews, 'became' | 'isReminder' | 'otherwise' | 'custom'>;

/**
 * Pure. The original orders a reminder together with its notification, and so tells of one creation for both; a reminder that finds
 * no address any more has failed. A second try by another channel is a part of what was ordered.
 */
export function nameOf({
  became,
  isReminder,
  otherwise,
  custom,
}: NotificationNews): 'notificationcreated' | CorrespondenceEvent | undefined {
  const allFailed = custom === null ? 'correspondencenotificationallfailed' : 'correspondencenotificationfailed';
  switch (became) {
    case 'ordered':
      return isReminder || otherwise ? undefined : 'notificationcreated';
    case 'missing':
      return isReminder ? allFailed : 'correspondencenotificationcreationfailed';
    case 'sent':
      return isReminder ? 'correspondencenotificationreminderdelivered' : 'correspondencenotificationdelivered';
    case 'failed':
      return 'correspondencenotificationfailed';
    case 'all-failed':
      return allFailed;
  }
}
