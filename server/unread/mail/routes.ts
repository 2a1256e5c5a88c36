import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { unreadErrors as e } from '../errors.ts';
import { senders } from '../policies.ts';
import { listMails } from './list-mails.ts';
import { MailsQuery, SenderMails } from './wire.ts';

export const mailRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/unread/mails',
    summary:
      'Every mail that was to tell a sender how its post stands, or that a webhook is paused, latest first: when, to which address, about what, and what came of each attempt.',
    scope: senders,
    query: MailsQuery,
    answers: { 200: SenderMails },
    refusals: [e.sendersOnly],
    run: (ctx: Context, caller, { query }) => listMails(ctx, caller, query),
  }),
];
