import { decideErrors } from '#broker/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import { relayErrors, ShipmentParams, ShipmentsView } from '#relay/index.ts';
import { ladderErrors, MessageLadder, WatchView, watchErrors } from '#watch/index.ts';
import { changeMessageLadder } from './change-ladder.ts';
import { checkInvariants, type InvariantContext, operatorScope } from './check-invariants.ts';
import { deskErrors } from './errors.ts';
import { FileNotices, FileParams, FileTimeline } from './files-wire.ts';
import { keysErrors } from './keys/errors.ts';
import { showKeys } from './keys/show-keys.ts';
import { Keys, KeysQuery } from './keys/wire.ts';
import { listNoticeAttempts } from './list-notice-attempts.ts';
import { listSentPage, showSent } from './list-sent.ts';
import { listServices } from './list-services.ts';
import { nameOrganizations } from './name-organizations.ts';
import { NoticeAttempts, NoticesQuery } from './notices-wire.ts';
import { Names, NamesRequest, OwnServices, OwnServicesQuery } from './services-wire.ts';
import { listFileNotices, showFileTimeline } from './show-file-history.ts';
import { showOnPaper } from './show-on-paper.ts';
import { showOwnServices } from './show-own-services.ts';
import { showTimeline } from './show-timeline.ts';
import { showWatch } from './show-watch.ts';
import { InvariantReport, MessageParams, SenderServices, SentItem, SentPage, SentQuery, Timeline, TimelineQuery } from './wire.ts';

/** Who may send may follow what became of it. */
const senders: Scope = [
  { issuer: 'altinn', all: ['altinn:correspondence.write'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner', 'altinn:correspondence.write'] },
];

const letterOrFileSenders: Scope = [
  ...senders,
  { issuer: 'altinn', all: ['altinn:broker.write'] },
  { issuer: 'maskinporten', all: ['altinn:broker.write'] },
];

export const deskRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/correspondence/:correspondenceId/watch',
    summary: 'Where a message stands: who can open it (class and counts), why it is unread, what happens next and when.',
    scope: senders,
    params: MessageParams,
    answers: { 200: WatchView },
    refusals: [deskErrors.messageNotFound, watchErrors.watchMissing],
    run: (ctx: Context, caller, { params }) => showWatch(ctx, caller, params.correspondenceId),
  }),
  route({
    method: 'PUT',
    path: '/budstikke/v1/correspondence/:correspondenceId/ladder',
    summary: 'The sender gives one message a ladder of its own, within what the resource lets senders choose.',
    scope: senders,
    params: MessageParams,
    body: MessageLadder,
    answers: { 200: WatchView },
    refusals: [
      deskErrors.messageNotFound,
      ladderErrors.oneOf,
      ladderErrors.tooLate,
      ladderErrors.tooManyChanges,
      ladderErrors.ladderMisfit,
      ladderErrors.beyondLimits,
      ladderErrors.stepUnknown,
      ladderErrors.ladderNotFound,
      ladderErrors.ladderIsDraft,
    ],
    run: (ctx: Context, caller, { params, body }) => changeMessageLadder(ctx, caller, params.correspondenceId, body),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/correspondence/:correspondenceId/timeline',
    summary: 'What happened to a message: every evidence row with what it proves, oldest first.',
    scope: senders,
    params: MessageParams,
    query: TimelineQuery,
    answers: { 200: Timeline },
    refusals: [deskErrors.messageNotFound],
    run: (ctx: Context, caller, { params, query }) => showTimeline(ctx, caller, params.correspondenceId, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/correspondence/:correspondenceId/notices',
    summary: 'Every attempt to tell somebody of a message, oldest first: channel, masked address, time, and what came of it.',
    scope: senders,
    params: MessageParams,
    query: NoticesQuery,
    answers: { 200: NoticeAttempts },
    refusals: [deskErrors.messageNotFound],
    run: (ctx: Context, caller, { params, query }) => listNoticeAttempts(ctx, caller, params.correspondenceId, query.after),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/relay/messages/:messageId',
    summary: 'Where a message is on its way to paper, for who has sent it and for the owner of its service.',
    scope: senders,
    params: ShipmentParams,
    answers: { 200: ShipmentsView },
    refusals: [relayErrors.notSentByCaller],
    run: (ctx: Context, caller, { params }) => showOnPaper(ctx, caller, params.messageId),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/filetransfer/:fileTransferId/timeline',
    summary: 'What happened to a file: every evidence row with what it proves and the recipient that it concerns, oldest first.',
    scope: letterOrFileSenders,
    params: FileParams,
    query: TimelineQuery,
    answers: { 200: FileTimeline },
    refusals: [decideErrors.notYours],
    run: (ctx: Context, caller, { params, query }) => showFileTimeline(ctx, caller, params.fileTransferId, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/filetransfer/:fileTransferId/notices',
    summary:
      'Every attempt to tell somebody of a file, also together with others, oldest first: channel, masked address, time, and what came of it.',
    scope: letterOrFileSenders,
    params: FileParams,
    query: NoticesQuery,
    answers: { 200: FileNotices },
    refusals: [decideErrors.notYours],
    run: (ctx: Context, caller, { params, query }) => listFileNotices(ctx, caller, params.fileTransferId, query.after),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/sent',
    summary: 'What a sender has sent, latest first, with where each message stands; searched by recipient, reference and title.',
    scope: senders,
    query: SentQuery,
    answers: { 200: SentPage },
    refusals: [],
    run: (ctx: Context, caller, { query }) => listSentPage(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/correspondence/:correspondenceId/sent',
    summary: 'One sent message as it stands in the list of what was sent: to whom, on which service, and where it stands.',
    scope: senders,
    params: MessageParams,
    answers: { 200: SentItem },
    refusals: [deskErrors.messageNotFound],
    run: (ctx: Context, caller, { params }) => showSent(ctx, caller, params.correspondenceId),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/sent/services',
    summary: 'The services on which a sender may send messages, its own and those of others that let it, with what each demands.',
    scope: senders,
    answers: { 200: SenderServices },
    refusals: [],
    run: (ctx: Context, caller) => listServices(ctx, caller),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/services',
    summary: "A sender's services with what holds on each: who can open, what becomes of what nobody can, limits of files, the ladder.",
    scope: letterOrFileSenders,
    query: OwnServicesQuery,
    answers: { 200: OwnServices },
    refusals: [],
    run: (ctx: Context, caller, { query }) => showOwnServices(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/keys',
    summary: 'By which clients, systems, certificates and webhook secrets something can be done for an organization, and when it was.',
    scope: letterOrFileSenders,
    query: KeysQuery,
    answers: { 200: Keys },
    refusals: [keysErrors.notForTheWhole],
    run: (ctx: Context, caller, { query }) => showKeys(ctx, caller, query),
  }),
  route({
    method: 'POST',
    path: '/budstikke/v1/organizations/names',
    summary: 'Names of up to 500 organizations by their numbers. The name of a person is given for no number.',
    scope: letterOrFileSenders,
    body: NamesRequest,
    answers: { 200: Names },
    refusals: [],
    run: (ctx: Context, caller, { body }) => nameOrganizations(ctx, caller, body),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/watch/invariants',
    summary:
      'What must always hold, asked a minute ago at most, and whether it does. Ids of what breaks a rule are shown to operators only.',
    scope: [{ issuer: 'any', all: [operatorScope] }, ...senders],
    answers: { 200: InvariantReport },
    refusals: [],
    run: (ctx: InvariantContext, caller) => checkInvariants(ctx, caller),
  }),
];
