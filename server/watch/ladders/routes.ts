import Type from 'typebox';
import { replyWithPage } from '#kernel/ask-page.ts';
import type { Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import { askPage, confirmedPage } from './confirm-page.ts';
import { ladderErrors as e } from './errors.ts';
import { listOwnLadders, previewLadder, showLadder } from './list-ladders.ts';
import { putLadder } from './put-ladder.ts';
import { chooseLadder, listLadderChoices, showResourceLadder } from './resource-ladder.ts';
import { askSecondContact, type ContactContext, confirmSecondContact, putSecondContact, showSecondContact } from './second-contact.ts';
import {
  ChoicesQuery,
  ConfirmParams,
  LadderChoices,
  LadderList,
  LadderListQuery,
  LadderParams,
  LadderVersions,
  LadderView,
  NewLadder,
  Preview,
  PreviewRequest,
  ResourceLadder,
  ResourceLadderView,
  ResourceParams,
  SecondContactRequest,
  SecondContactView,
} from './wire.ts';

const owners: Scope = [
  { issuer: 'altinn', all: ['altinn:serviceowner'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner'] },
];

/** The same for who acts for one from a browser: `ownerSeenBy` asks who it is. */
const browsers: Scope = [{ issuer: 'altinn', all: ['altinn:correspondence.write'] }];
const ownersAndBrowsers: Scope = [...owners, ...browsers];

const resourceLadder = '/budstikke/v1/resources/:resourceId/ladder';

const aPage = Type.Unsafe<unknown>({ type: 'string' });
const link = {
  path: '/budstikke/v1/second-contact/addresses/:token',
  scope: 'open',
  params: ConfirmParams,
  mediaType: 'text/html',
  anyAccept: true,
  answers: { 200: aPage, 404: aPage },
  refusals: [e.linkInvalid],
} as const;

export const ladderRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/ladders',
    summary: 'Ladders that post may climb: presets, drafts of what others do, and your own.',
    scope: ownersAndBrowsers,
    query: LadderListQuery,
    answers: { 200: LadderList },
    refusals: [],
    run: (ctx: Context, caller, { query }) => listOwnLadders(ctx, caller, query),
  }),
  route({
    method: 'POST',
    path: '/budstikke/v1/ladders/preview',
    summary: 'When the steps of a ladder would fall due for something published at an instant. Nothing is stored.',
    scope: ownersAndBrowsers,
    body: PreviewRequest,
    answers: { 200: Preview },
    refusals: [e.oneOf, e.outsideCalendar, e.ladderNotFound, e.ladderMisfit],
    run: (ctx: Context, caller, { body }) => previewLadder(ctx, caller, body),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/ladders/:ladderId',
    summary: 'Every version of a ladder, newest first.',
    scope: ownersAndBrowsers,
    params: LadderParams,
    answers: { 200: LadderVersions },
    refusals: [e.ladderNotFound],
    run: (ctx: Context, caller, { params }) => showLadder(ctx, caller, params.ladderId),
  }),
  route({
    method: 'PUT',
    path: '/budstikke/v1/ladders/:ladderId',
    summary: 'A service owner writes a ladder, or a new version of one. What was sent keeps the version that it began with.',
    scope: ownersAndBrowsers,
    params: LadderParams,
    body: NewLadder,
    answers: { 200: LadderView },
    refusals: [e.notOrganization, e.notAdministrator, e.ladderMisfit, e.ladderOfOthers, e.tooManyLadders, e.tooManyVersions],
    run: (ctx: Context, caller, { params, body }) => putLadder(ctx, caller, params.ladderId, body.steps),
  }),
  route({
    method: 'GET',
    path: resourceLadder,
    summary: 'What the watches of a resource climb, and what its senders may choose for one message.',
    scope: ownersAndBrowsers,
    params: ResourceParams,
    answers: { 200: ResourceLadderView },
    refusals: [e.notOrganization, e.resourceNotYours],
    run: (ctx: Context, caller, { params }) => showResourceLadder(ctx, caller, params.resourceId as ResourceId),
  }),
  route({
    method: 'PUT',
    path: resourceLadder,
    summary: 'The owner of a resource chooses its ladder, and what senders may choose for one message.',
    scope: ownersAndBrowsers,
    params: ResourceParams,
    body: ResourceLadder,
    answers: { 200: ResourceLadderView },
    refusals: [e.notOrganization, e.notAdministrator, e.resourceNotYours, e.ladderNotFound, e.ladderIsDraft, e.limitsMisfit],
    run: (ctx: Context, caller, { params, body }) => chooseLadder(ctx, caller, params.resourceId as ResourceId, body),
  }),
  route({
    method: 'GET',
    path: `${resourceLadder}/choices`,
    summary: 'Who chose what the watches of a resource climb, and what its senders may choose, newest first.',
    scope: ownersAndBrowsers,
    params: ResourceParams,
    query: ChoicesQuery,
    answers: { 200: LadderChoices },
    refusals: [e.notOrganization, e.resourceNotYours],
    run: (ctx: Context, caller, { params, query }) => listLadderChoices(ctx, caller, params.resourceId as ResourceId, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/second-contact',
    summary: 'Who besides your own addresses hears of your unread post, where a ladder turns to it.',
    scope: owners,
    answers: { 200: SecondContactView },
    refusals: [e.notOrganization],
    run: (ctx: Context, caller) => showSecondContact(ctx, caller),
  }),
  route({
    method: 'PUT',
    path: '/budstikke/v1/second-contact',
    summary: 'You name who else hears of your unread post, once it has confirmed that; with neither address, nobody.',
    scope: owners,
    body: SecondContactRequest,
    answers: { 200: SecondContactView },
    refusals: [e.notOrganization, e.addressInvalid, e.tooManyAsked],
    run: (ctx: ContactContext, caller, { body }) => putSecondContact(ctx, caller, body),
  }),
  route({
    ...link,
    method: 'GET',
    summary:
      "Asks whoever has the notice whether it will hear of a sender's unread post. Changes nothing. The secret in the link is the right.",
    run: (ctx: Context, _, { params, headers }) =>
      replyWithPage(headers.accept, async () => askPage(await askSecondContact(ctx, params.token))),
  }),
  route({
    ...link,
    method: 'POST',
    summary: "Whoever has the notice confirms that it will hear of a sender's unread post.",
    run: (ctx: Context, _, { params, headers }) =>
      replyWithPage(headers.accept, async () => confirmedPage(await confirmSecondContact(ctx, params.token))),
  }),
];
