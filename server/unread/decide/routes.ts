import { sendRefusals } from '#correspondence/index.ts';
import { deskErrors } from '#desk/index.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { watchErrors as w } from '#watch/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { messageSenders, senders } from '../policies.ts';
import { decideMany } from './decide-many.ts';
import { decidePost } from './decide-post.ts';
import { DecidedView, Decision, DecisionAnswers, Decisions, MessageParams } from './wire.ts';

export const decideRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: '/budstikke/v1/correspondence/:correspondenceId/decision',
    summary:
      'The sender decides about a message that nobody has opened: recalled, sent anew, read elsewhere, or accepted as unread, with a name and a reason.',
    scope: messageSenders,
    params: MessageParams,
    body: Decision,
    answers: { 200: DecidedView },
    refusals: [
      deskErrors.messageNotFound,
      e.sourceMissing,
      e.recipientUnknown,
      e.notResendable,
      e.notToAnother,
      w.alreadyOpened,
      w.alreadyEnded,
      w.decidedOtherwise,
      w.notPublished,
      w.watchMissing,
      ...sendRefusals,
    ],
    run: (ctx: UnreadContext, caller, { params, body }) => decidePost(ctx, caller, params.correspondenceId, body),
  }),
  route({
    method: 'POST',
    path: '/budstikke/v1/unread/decisions',
    summary: 'One decision about up to 500 pieces of post, each decided and answered by itself.',
    scope: senders,
    body: Decisions,
    answers: { 200: DecisionAnswers },
    refusals: [e.kindNotYours],
    run: (ctx: UnreadContext, caller, { body }) => decideMany(ctx, caller, body),
  }),
];
