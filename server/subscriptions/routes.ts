import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route, type Scope } from '#kernel/route.ts';
import type { SubscriptionContext } from './context.ts';
import { subscriptionErrors as e } from './errors.ts';
import { listDeliveries } from './list-deliveries.ts';
import { listOwnEvents } from './list-own-events.ts';
import { ownSubscription, ownSubscriptions, statusesOf, statusOf, viewOf } from './own-subscriptions.ts';
import { replay } from './replay.ts';
import { subscribe } from './subscribe.ts';
import { pause, renewSecret, resume, revalidate, unsubscribe } from './tend-subscription.ts';
import { testEndpoint } from './test-endpoint.ts';
import {
  CloudEvents,
  DeliveryLog,
  DeliveryQuery,
  EventsQuery,
  NewSubscription,
  Replayed,
  ReplayRequest,
  Secret,
  SubscriptionList,
  SubscriptionParams,
  SubscriptionRequest,
  SubscriptionStatus,
  SubscriptionStatuses,
  SubscriptionView,
  Tested,
} from './wire.ts';

const subscribers: Scope = [
  { issuer: 'altinn', all: ['altinn:events.subscribe'] },
  { issuer: 'maskinporten', all: ['altinn:events.subscribe'] },
];

const altinn = '/events/api/v1';
const own = '/budstikke/v1/subscriptions';
const asking = [e.endpointNotValid, e.sourceNotHttps, e.resourceNotUrn, e.notAuthorized, e.tooMany];

/** As the original has them. Source: compatibility.md, platform, §4.2. */
const altinnRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: `${altinn}/subscriptions`,
    summary: 'Subscribes to events of a resource; the endpoint must answer a validation event first.',
    scope: subscribers,
    body: SubscriptionRequest,
    maxBodyBytes: 50_000,
    answers: { 201: SubscriptionView },
    refusals: asking,
    run: async (ctx: SubscriptionContext, caller, { body }) => {
      const { subscription } = await subscribe(ctx, caller, body, 'altinn');
      return new Reply(201, viewOf(subscription), { location: `${altinn}/subscription/${subscription.id}` });
    },
  }),
  route({
    method: 'GET',
    path: `${altinn}/subscriptions`,
    summary: "The caller's subscriptions.",
    scope: subscribers,
    answers: { 200: SubscriptionList },
    refusals: [],
    run: async (ctx: Context, caller) => {
      const found = await ownSubscriptions(ctx.db, caller);
      return { count: found.length, subscriptions: found.map(viewOf) };
    },
  }),
  route({
    method: 'GET',
    path: `${altinn}/subscriptions/:id`,
    summary: "One of the caller's subscriptions.",
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: SubscriptionView },
    refusals: [e.notFound],
    run: async (ctx: Context, caller, { params }) => viewOf(await ownSubscription(ctx.db, caller, params.id, e.notFound)),
  }),
  route({
    method: 'DELETE',
    path: `${altinn}/subscriptions/:id`,
    summary: 'Ends a subscription, with all that waits for it.',
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: Type.Null() },
    refusals: [e.notFound],
    run: (ctx: Context, caller, { params }) => unsubscribe(ctx, caller, params.id, e.notFound),
  }),
  route({
    method: 'PUT',
    path: `${altinn}/subscriptions/validate/:id`,
    summary: 'Sends the endpoint another validation event.',
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: SubscriptionView },
    refusals: [e.notFound],
    run: async (ctx: Context, caller, { params }) => viewOf(await revalidate(ctx, caller, params.id)),
  }),
  route({
    method: 'GET',
    path: `${altinn}/events`,
    summary: 'Events of a resource after the one with the id `after`, or from the first for 0; the header `next` says where to go on.',
    scope: subscribers,
    query: EventsQuery,
    answers: { 200: CloudEvents },
    mediaType: 'application/cloudevents+json',
    anyAccept: true,
    refusals: [e.resourceNotGiven, e.resourceNotUrn, e.afterNotValid, e.oneSubject],
    run: async (ctx: SubscriptionContext, caller, { query, headers }) => {
      const { events, last } = await listOwnEvents(ctx, caller, query, headers['altinn-alternativesubject']);
      return new Reply(200, events, last === null ? {} : { next: nextPage(ctx.publicUrl, query, last) });
    },
  }),
];

function nextPage(publicUrl: string, query: Readonly<Record<string, unknown>>, last: string): string {
  const url = new URL(`${altinn}/events`, publicUrl);
  for (const [name, value] of Object.entries({ ...query, after: last })) {
    for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, String(one));
  }
  return url.href;
}

/** What the original lacks: secrets, the log of deliveries, replay, and a way on after a pause. */
const ownRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: own,
    summary: 'Subscribes, and shows once the secret that signs what is delivered.',
    scope: subscribers,
    body: SubscriptionRequest,
    maxBodyBytes: 50_000,
    answers: { 201: NewSubscription },
    refusals: asking,
    run: async (ctx: SubscriptionContext, caller, { body }) => {
      const { subscription, secret } = await subscribe(ctx, caller, body);
      return { ...(await statusOf(ctx.db, subscription)), secret };
    },
  }),
  route({
    method: 'GET',
    path: own,
    summary: "The caller's subscriptions, with how their deliveries fare.",
    scope: subscribers,
    answers: { 200: SubscriptionStatuses },
    refusals: [],
    run: async (ctx: Context, caller) => ({ subscriptions: await statusesOf(ctx.db, await ownSubscriptions(ctx.db, caller)) }),
  }),
  route({
    method: 'GET',
    path: `${own}/:id`,
    summary: "One of the caller's subscriptions, with how its deliveries fare.",
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: SubscriptionStatus },
    refusals: [e.subscriptionNotFound],
    run: async (ctx: Context, caller, { params }) => statusOf(ctx.db, await ownSubscription(ctx.db, caller, params.id)),
  }),
  route({
    method: 'DELETE',
    path: `${own}/:id`,
    summary: 'Ends a subscription, with all that waits for it.',
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 204: Type.Null() },
    refusals: [e.subscriptionNotFound],
    run: (ctx: Context, caller, { params }) => unsubscribe(ctx, caller, params.id, e.subscriptionNotFound),
  }),
  route({
    method: 'POST',
    path: `${own}/:id/secret`,
    summary: 'Makes a new secret and shows it once; the former one signs beside it for a day.',
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: Secret },
    refusals: [e.subscriptionNotFound],
    run: (ctx: Context, caller, { params }) => renewSecret(ctx, caller, params.id),
  }),
  route({
    method: 'POST',
    path: `${own}/:id/pause`,
    summary: 'Lets a subscription rest; what happens meanwhile waits until it is resumed.',
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: SubscriptionStatus },
    refusals: [e.subscriptionNotFound, e.notActive],
    run: async (ctx: Context, caller, { params }) => statusOf(ctx.db, await pause(ctx, caller, params.id)),
  }),
  route({
    method: 'POST',
    path: `${own}/:id/resume`,
    summary: 'Goes on with a subscription that was paused, where it stopped.',
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: SubscriptionStatus },
    refusals: [e.subscriptionNotFound, e.notPaused],
    run: async (ctx: Context, caller, { params }) => statusOf(ctx.db, await resume(ctx, caller, params.id)),
  }),
  route({
    method: 'POST',
    path: `${own}/:id/replay`,
    summary: 'Delivers the events of a time once more, and those that the subscription never had.',
    scope: subscribers,
    params: SubscriptionParams,
    body: ReplayRequest,
    answers: { 200: Replayed },
    refusals: [e.subscriptionNotFound, e.notValidated, e.replayBackwards, e.replayTooLarge],
    run: (ctx: SubscriptionContext, caller, { params, body }) => replay(ctx, caller, params.id, body),
  }),
  route({
    method: 'POST',
    path: `${own}/:id/test`,
    summary: 'Posts a test event to the endpoint now, and tells what it answered. It has no number and stands in no log.',
    scope: subscribers,
    params: SubscriptionParams,
    answers: { 200: Tested },
    refusals: [e.subscriptionNotFound, e.notValidated, e.testedJustNow],
    run: (ctx: SubscriptionContext, caller, { params }) => testEndpoint(ctx, caller, params.id),
  }),
  route({
    method: 'GET',
    path: `${own}/:id/deliveries`,
    summary: 'What was delivered, and what was not, by number.',
    scope: subscribers,
    params: SubscriptionParams,
    query: DeliveryQuery,
    answers: { 200: DeliveryLog },
    refusals: [e.subscriptionNotFound],
    run: (ctx: Context, caller, { params, query }) => listDeliveries(ctx, caller, params.id, query),
  }),
];

export const subscriptionRoutes: readonly AnyRoute[] = [...altinnRoutes, ...ownRoutes];
