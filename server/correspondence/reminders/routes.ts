import Type from 'typebox';
import { type AnyRoute, route } from '#kernel/route.ts';
import type { Language } from '#notifications/index.ts';
import type { CorrespondenceContext } from '../context.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { policies } from '../policies.ts';
import { CorrespondenceParams } from '../wire.ts';
import { listConfidential } from './list-confidential.ts';
import { checkNotification } from './notification-condition.ts';
import { ConfidentialQuery, NotificationCheck } from './wire.ts';

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
  route({
    method: 'GET',
    path: '/correspondence/api/v1/confidential-reminders',
    cors: true,
    summary: 'Confidential post that has lain unopened for more than seven days, and the access that opens it.',
    scope: policies.recipient,
    query: ConfidentialQuery,
    answers: { 200: Type.String() },
    mediaType: 'text/plain',
    refusals: [e.callerUnknown, e.noUnreadConfidential],
    run: (ctx: CorrespondenceContext, caller, { query }) =>
      listConfidential(ctx, caller, (query.languageCode?.toLowerCase() || 'nb') as Language),
  }),
];
