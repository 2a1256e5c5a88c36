import Type from 'typebox';
import { type AnyRoute, Reply, route } from '#kernel/route.ts';
import type { CorrespondenceContext } from '../context.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { policies } from '../policies.ts';
import { BareId, CorrespondenceParams } from '../wire.ts';
import { confirmMessage } from './confirm-message.ts';
import { listMessages } from './list-messages.ts';
import { getDetails, getOverview } from './look-at-message.ts';
import { markAsRead } from './mark-as-read.ts';
import { seenIfRefused } from './note-refused.ts';
import { type Given, giveMessage, giveTranslations } from './open-message.ts';
import { purgeMessage } from './purge-message.ts';
import { untilRecorded } from './record-opening.ts';
import { CorrespondenceDetails, CorrespondenceIds, CorrespondenceOverview, ListQuery, ShownTranslations } from './wire.ts';

const base = '/correspondence/api/v1/correspondence';
const callerRefusals = [e.callerUnknown, e.callerPartyNotFound];

const goingOut = ({ content, recordEnd }: Given<unknown>): Reply => new Reply(200, content, {}, recordEnd);

export const readRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: base,
    summary: 'Ids of messages that the caller has sent or received, latest first.',
    scope: policies.senderOrRecipient,
    query: ListQuery,
    answers: { 200: CorrespondenceIds },
    refusals: [e.fromAfterTo, e.callerUnknown, e.noAccess],
    run: (ctx: CorrespondenceContext, caller, { query }) => listMessages(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/:correspondenceId`,
    summary: 'A message and where it stands, for its sender or recipient.',
    scope: policies.senderOrRecipient,
    params: CorrespondenceParams,
    answers: { 200: CorrespondenceOverview },
    refusals: [e.correspondenceNotFound, e.noAccess],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id } }) =>
      seenIfRefused(ctx, caller, id, 'look', () => getOverview(ctx, caller, id)),
  }),
  route({
    method: 'GET',
    path: `${base}/:correspondenceId/details`,
    summary: 'A message with its history and its notifications, for its sender or recipient.',
    scope: policies.senderOrRecipient,
    params: CorrespondenceParams,
    answers: { 200: CorrespondenceDetails },
    refusals: [e.correspondenceNotFound, e.noAccess],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id } }) =>
      seenIfRefused(ctx, caller, id, 'look', () => getDetails(ctx, caller, id)),
  }),
  route({
    method: 'GET',
    path: `${base}/:correspondenceId/content`,
    cors: true,
    summary: 'The recipient opens a message: its body as Markdown.',
    scope: policies.recipient,
    params: CorrespondenceParams,
    answers: { 200: Type.String() },
    mediaType: 'text/plain',
    refusals: [e.correspondenceNotFound, e.noAccess],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id } }) =>
      seenIfRefused(ctx, caller, id, 'open', async () => goingOut(await giveMessage(ctx, caller, id))),
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/correspondence/:correspondenceId/translations',
    summary:
      'The recipient opens a message: all that it says, in each language that its sender gave. Its sender sees them until it is published.',
    scope: policies.senderOrRecipient,
    params: CorrespondenceParams,
    answers: { 200: ShownTranslations },
    refusals: [e.correspondenceNotFound, e.noAccess],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id } }) =>
      seenIfRefused(ctx, caller, id, 'open', async () => goingOut(await giveTranslations(ctx, caller, id))),
  }),
  route({
    method: 'POST',
    path: `${base}/:correspondenceId/markasread`,
    summary: 'The recipient marks a message as read.',
    scope: policies.recipient,
    params: CorrespondenceParams,
    answers: { 200: BareId },
    refusals: [e.correspondenceNotFound, e.noAccess, e.readBeforeFetched, e.alreadyRead],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id } }) =>
      seenIfRefused(ctx, caller, id, 'mark-as-read', () => markAsRead(ctx, caller, id)),
  }),
  route({
    method: 'POST',
    path: `${base}/:correspondenceId/confirm`,
    cors: true,
    summary: 'The recipient confirms that it has received a message.',
    scope: policies.recipient,
    params: CorrespondenceParams,
    answers: { 200: BareId },
    refusals: [e.correspondenceNotFound, e.noAccess, e.confirmBeforeFetched, e.alreadyConfirmed, ...callerRefusals],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id } }) =>
      seenIfRefused(ctx, caller, id, 'confirm', () => confirmMessage(ctx, caller, id)),
  }),
  route({
    method: 'DELETE',
    path: `${base}/:correspondenceId/purge`,
    cors: true,
    summary: 'The sender takes back an unpublished message, or the recipient deletes a published one.',
    scope: policies.senderOrRecipient,
    params: CorrespondenceParams,
    answers: { 200: BareId },
    refusals: [
      e.correspondenceNotFound,
      e.purgeOfTransmission,
      e.noAccess,
      e.alreadyPurged,
      e.publishedCannotBePurgedBySender,
      e.purgeBeforeConfirmed,
      ...callerRefusals,
    ],
    run: (ctx: CorrespondenceContext, caller, { params: { correspondenceId: id } }) =>
      seenIfRefused(ctx, caller, id, 'delete', async () => {
        await untilRecorded(id); // who deletes what it has just read has not deleted it unread
        return purgeMessage(ctx, caller, id);
      }),
  }),
];
