import { sendRefusals } from '#correspondence/index.ts';
import { type AnyRoute, route, type Scope } from '#kernel/route.ts';
import type { MailingContext } from './context.ts';
import { createMailing } from './create-mailing.ts';
import { mailingErrors as e } from './errors.ts';
import { cancelMailing, checkMailing, pauseMailing, releaseMailing, resumeMailing } from './move-mailing.ts';
import { receiveRecipients } from './receive-recipients.ts';
import { listLineErrors, listMessagesOfLines, listOwnMailings, lookAtMailing, readLetter } from './show-mailing.ts';
import {
  LineErrors,
  LineQuery,
  MailingLetter,
  MailingList,
  MailingListQuery,
  MailingParams,
  MailingView,
  NewMailing,
  Receipt,
  Release,
  SentLines,
  UploadQuery,
} from './wire.ts';

/** Who may send by initialize. */
const senders: Scope = [
  { issuer: 'altinn', all: ['altinn:correspondence.write'] },
  { issuer: 'maskinporten', all: ['altinn:serviceowner', 'altinn:correspondence.write'] },
];

const base = '/budstikke/v1/mailings';
const one = `${base}/:mailingId`;
const common = {
  scope: senders,
  params: MailingParams,
  answers: { 200: MailingView },
  refusals: [e.mailingNotFound, e.notMovable],
} as const;

export const mailingRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: base,
    summary: 'A sender begins a mailing: one letter, to which recipients are added line by line.',
    scope: senders,
    body: NewMailing,
    answers: { 201: MailingView, 200: MailingView },
    refusals: [...sendRefusals, e.keyUsedOtherwise],
    run: (ctx: MailingContext, caller, { body }) => createMailing(ctx, caller, body),
  }),
  route({
    method: 'GET',
    path: base,
    summary: 'A sender lists its mailings, newest first.',
    scope: senders,
    query: MailingListQuery,
    answers: { 200: MailingList },
    refusals: [],
    run: (ctx: MailingContext, caller, { query }) => listOwnMailings(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: one,
    summary: 'How a mailing goes: what was received, refused, sent and published, and how likely it is to be opened.',
    scope: senders,
    params: MailingParams,
    answers: { 200: MailingView },
    refusals: [e.mailingNotFound],
    run: (ctx: MailingContext, caller, { params }) => lookAtMailing(ctx, caller, params.mailingId),
  }),
  route({
    method: 'GET',
    path: `${one}/letter`,
    summary: 'The letter of a mailing as it was written: to be read before it is let go.',
    scope: senders,
    params: MailingParams,
    answers: { 200: MailingLetter },
    refusals: [e.mailingNotFound],
    run: (ctx: MailingContext, caller, { params }) => readLetter(ctx, caller, params.mailingId),
  }),
  route({
    method: 'POST',
    path: `${one}/recipients`,
    summary:
      'Recipients as lines of JSON, beginning with line `from` of the mailing. What breaks off is continued from the line that the mailing names.',
    scope: senders,
    params: MailingParams,
    query: UploadQuery,
    bodyKind: 'bytes',
    bodyType: 'application/x-ndjson',
    answers: { 200: Receipt },
    refusals: [e.mailingNotFound, e.mailingClosed, e.linesMissing, e.nothingCame, ...sendRefusals],
    run: (ctx: MailingContext, caller, { params, query, stream }) =>
      receiveRecipients(ctx, caller, { mailing: params.mailingId, from: query.from, stream }),
  }),
  route({
    method: 'GET',
    path: `${one}/errors`,
    summary: 'Lines that are not sent, and why, in their order.',
    scope: senders,
    params: MailingParams,
    query: LineQuery,
    answers: { 200: LineErrors },
    refusals: [e.mailingNotFound],
    run: (ctx: MailingContext, caller, { params, query }) => listLineErrors(ctx, caller, params.mailingId, query.after ?? 0),
  }),
  route({
    method: 'GET',
    path: `${one}/messages`,
    summary: 'Lines that are sent, each with the id of its message, in their order.',
    scope: senders,
    params: MailingParams,
    query: LineQuery,
    answers: { 200: SentLines },
    refusals: [e.mailingNotFound],
    run: (ctx: MailingContext, caller, { params, query }) => listMessagesOfLines(ctx, caller, params.mailingId, query.after ?? 0),
  }),
  route({
    ...common,
    method: 'POST',
    path: `${one}/check`,
    summary: 'Who could open is computed anew for all that is not sent.',
    run: (ctx: MailingContext, caller, { params }) => checkMailing(ctx, caller, params.mailingId),
  }),
  route({
    ...common,
    method: 'POST',
    path: `${one}/release`,
    summary: 'The sender lets the mailing go, now or at a time. It takes no more recipients.',
    body: Release,
    refusals: [...common.refusals, e.recipientsMissing, e.nothingToRelease, ...sendRefusals],
    run: (ctx: MailingContext, caller, { params, body }) => releaseMailing(ctx, caller, params.mailingId, body),
  }),
  route({
    ...common,
    method: 'POST',
    path: `${one}/pause`,
    summary: 'Nothing more is sent until the mailing is resumed.',
    run: (ctx: MailingContext, caller, { params }) => pauseMailing(ctx, caller, params.mailingId),
  }),
  route({
    ...common,
    method: 'POST',
    path: `${one}/resume`,
    summary: 'A paused mailing goes on.',
    run: (ctx: MailingContext, caller, { params }) => resumeMailing(ctx, caller, params.mailingId),
  }),
  route({
    ...common,
    method: 'POST',
    path: `${one}/cancel`,
    summary: 'Nothing more is ever sent. What is sent stays sent.',
    run: (ctx: MailingContext, caller, { params }) => cancelMailing(ctx, caller, params.mailingId),
  }),
];
