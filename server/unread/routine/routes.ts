import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import type { UnreadContext } from '../context.ts';
import { unreadErrors as e } from '../errors.ts';
import { senders } from '../policies.ts';
import { confirmAddress, setRoutine, showRoutine } from './set-routine.ts';
import { ConfirmParams, RoutineRequest, RoutineView } from './wire.ts';

const path = '/budstikke/v1/unread/routine';

export const routineRoutes: readonly AnyRoute[] = [
  route({
    method: 'PUT',
    path,
    summary: 'A sender sets on which days, at which hour and about what it is told by mail what of its post lies unread.',
    scope: senders,
    body: RoutineRequest,
    answers: { 200: RoutineView },
    refusals: [e.sendersOnly, e.addressNotValid],
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
    method: 'GET',
    path: `${path}/addresses/:token`,
    summary: 'Whoever has the mail confirms that extracts may come to its address. The secret in the link is the right.',
    scope: 'open',
    params: ConfirmParams,
    mediaType: 'text/plain',
    anyAccept: true,
    answers: { 200: Type.Unsafe<unknown>({ type: 'string' }) },
    refusals: [e.linkNotValid],
    run: async (ctx: Context, _, { params }) =>
      new Reply(200, await confirmAddress(ctx, params.token), { 'content-type': 'text/plain; charset=utf-8' }),
  }),
];
