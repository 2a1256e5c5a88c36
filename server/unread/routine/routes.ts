import Type from 'typebox';
import { replyWithPage } from '#kernel/ask-page.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { senders } from '../policies.ts';
import { askPage, confirmedPage } from './confirm-page.ts';
import { askForAddress, confirmAddress, setRoutine, showRoutine } from './set-routine.ts';
import { ConfirmParams, RoutineRequest, RoutineView } from './wire.ts';

const path = '/budstikke/v1/unread/routine';

const aPage = Type.Unsafe<unknown>({ type: 'string' });
const link = {
  path: `${path}/addresses/:token`,
  scope: 'open',
  params: ConfirmParams,
  mediaType: 'text/html',
  anyAccept: true,
  answers: { 200: aPage, 404: aPage },
  refusals: [e.linkNotValid],
} as const;

export const routineRoutes: readonly AnyRoute[] = [
  route({
    method: 'PUT',
    path,
    summary: 'A sender sets on which days, at which hour and about what it is told by mail what of its post lies unread.',
    scope: senders,
    body: RoutineRequest,
    answers: { 200: RoutineView },
    refusals: [e.sendersOnly, e.addressNotValid, e.narrowedToNobody],
    run: (ctx: UnreadContext, caller, { body }) => setRoutine(ctx, caller, body),
  }),
  route({
    method: 'GET',
    path,
    summary: "A sender's routine, its addresses, and its latest extracts.",
    scope: senders,
    answers: { 200: RoutineView },
    refusals: [e.sendersOnly, e.routineNotSet],
    run: (ctx: Context, caller) => showRoutine(ctx, caller),
  }),
  route({
    ...link,
    method: 'GET',
    summary: 'Asks whoever has the mail whether extracts may come to its address. Changes nothing. The secret in the link is the right.',
    run: (ctx: Context, _, { params, headers }) =>
      replyWithPage(headers.accept, async () => askPage(await askForAddress(ctx, params.token))),
  }),
  route({
    ...link,
    method: 'POST',
    summary: 'Whoever has the mail confirms that extracts may come to its address.',
    run: (ctx: Context, _, { params, headers }) =>
      replyWithPage(headers.accept, async () => confirmedPage(await confirmAddress(ctx, params.token))),
  }),
];
