import { type AnyRoute, route } from '#kernel/route.ts';
import type { CorrespondenceContext } from '../context.ts';
import { policies } from '../policies.ts';
import { CorrespondenceParams } from '../wire.ts';
import { checkNotification } from './notification-condition.ts';
import { NotificationCheck } from './wire.ts';

const base = '/correspondence/api/v1/correspondence/:correspondenceId/notification/check';
const check = {
  method: 'GET',
  scope: policies.notificationCheck,
  params: CorrespondenceParams,
  answers: { 200: NotificationCheck },
  refusals: [],
} as const;

export const reminderRoutes: readonly AnyRoute[] = [
  route({
    ...check,
    path: base,
    summary: 'Whether a reminder of a message should still be sent, for a notification service.',
    run: (ctx: CorrespondenceContext, _caller, { params }) => checkNotification(ctx, params.correspondenceId, 'reminder'),
  }),
  route({
    ...check,
    path: `${base}/main`,
    summary: 'Whether the notification of a message should still be sent, for a notification service.',
    run: (ctx: CorrespondenceContext, _caller, { params }) => checkNotification(ctx, params.correspondenceId, 'main'),
  }),
];
