import { type AnySweeper, sweeper } from '#jobs/index.ts';
import { type DeliveryContext, deliverDue } from './deliver/deliver-due-notices.ts';

/** One for each channel: neither waits for the other's carrier. */
export const notificationSweepers: readonly AnySweeper[] = [
  sweeper<DeliveryContext>({ name: 'notifications.deliver-mail', everySeconds: 1, run: (ctx) => deliverDue(ctx, 'email') }),
  sweeper<DeliveryContext>({ name: 'notifications.deliver-sms', everySeconds: 1, run: (ctx) => deliverDue(ctx, 'sms') }),
];
