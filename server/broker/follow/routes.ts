import { type AnyRoute, route } from '#kernel/route.ts';
import type { BrokerContext } from '../context.ts';
import { callsPerMinute, policies } from '../policies.ts';
import { listFollowed } from './list-followed.ts';
import { FollowAnswer, FollowQuery } from './wire.ts';

export const followRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/filetransfer',
    callsPerMinute: callsPerMinute.usual,
    summary: 'What the caller has sent or received, how far it has come, and what is still waited for.',
    scope: policies.senderOrRecipient,
    query: FollowQuery,
    answers: { 200: FollowAnswer },
    refusals: [],
    run: (ctx: BrokerContext, caller, { query }) => listFollowed(ctx, caller, query),
  }),
];
