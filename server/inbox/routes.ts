import Type from 'typebox';
import { AuditPage, accessErrors as a, auditErrors, authorizeErrors, Explained, GrantView } from '#access/index.ts';
import { dialogErrors } from '#dialogs/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, Reply, route, type TokenRule } from '#kernel/route.ts';
import { watchErrors } from '#watch/index.ts';
import type { InboxContext } from './context.ts';
import { countInbox } from './count-inbox.ts';
import { inboxErrors as e } from './errors.ts';
import { explainEntry, shareEntry, showSeenBy } from './explain-entry.ts';
import { listInbox } from './list-inbox.ts';
import { listParties } from './list-parties.ts';
import { listWords } from './list-words.ts';
import { listen } from './listen.ts';
import { seenIfRefused } from './note-refused.ts';
import { changeLabels } from './set-labels.ts';
import { showEntry } from './show-entry.ts';
import { tellAbsence } from './tell-absence.ts';
import * as w from './wire.ts';

const portal: TokenRule = { issuer: 'altinn', all: ['altinn:portal/enduser'] };
/** A person who is logged in. */
const people: readonly TokenRule[] = [
  portal,
  { issuer: 'altinn', all: ['altinn:enduser'] },
  { issuer: 'altinn', all: ['altinn:correspondence.read'] },
];
/** Whoever reads post by a token does not give it away by that. */
const givers: readonly TokenRule[] = [portal, { issuer: 'altinn', all: ['altinn:accessmanagement/enduser:connections:toothers.write'] }];
const base = '/budstikke/v1/inbox';

export const inboxRoutes: readonly AnyRoute<InboxContext>[] = [
  route({
    method: 'GET',
    path: base,
    summary: 'What came to a person, or to a party that it acts for: messages and files, in folders, filtered, searched and sorted.',
    scope: people,
    query: w.InboxQuery,
    answers: { 200: w.InboxList },
    refusals: [e.personsOnly, e.partyNotYours, e.placeNotValid, e.tooManyParties],
    run: (ctx: Context, caller, { query }) => listInbox(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/counts`,
    summary: 'How much of it wants something of a reader, and how much nobody can open.',
    scope: people,
    query: w.CountQuery,
    answers: { 200: w.InboxCounts },
    refusals: [e.personsOnly, e.partyNotYours],
    quiet: true,
    run: (ctx: Context, caller, { query }) => countInbox(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/labels`,
    summary: 'The words that readers have put on what came to a party, and on how much.',
    scope: people,
    query: w.CountQuery,
    answers: { 200: w.WordList },
    refusals: [e.personsOnly, e.partyNotYours],
    quiet: true,
    run: (ctx: Context, caller, { query }) => listWords(ctx, caller, query),
  }),
  route({
    method: 'GET',
    path: `${base}/changes`,
    summary: 'What changes while a page is open, as Server-Sent Events: post, opened, counts.',
    scope: people,
    query: w.ChangesQuery,
    quiet: true,
    anyAccept: true,
    mediaType: 'text/event-stream',
    answers: { 200: Type.String() },
    refusals: [e.personsOnly, e.partyNotYours],
    run: async (ctx: InboxContext, caller, { query, headers }) =>
      new Reply(200, await listen(ctx, caller, query, headers), { 'x-accel-buffering': 'no' }),
  }),
  route({
    method: 'GET',
    path: `${base}/:id`,
    summary: 'One message or file as the list shows it, with the sizes of its files. Opens nothing.',
    scope: people,
    params: w.EntryParams,
    answers: { 200: w.InboxEntry },
    refusals: [e.entryNotFound],
    run: (ctx: Context, caller, { params }) => seenIfRefused(ctx, caller, params.id, 'look', () => showEntry(ctx, caller, params.id)),
  }),
  route({
    method: 'GET',
    path: `${base}/:id/absence`,
    summary: 'Why a message is not to be seen, for one who acts for its receiver, and whom to ask. Opens nothing.',
    scope: people,
    params: w.EntryParams,
    answers: { 200: w.Absence },
    refusals: [e.entryNotFound, e.personsOnly],
    run: (ctx: Context, caller, { params }) => tellAbsence(ctx, caller, params.id),
  }),
  route({
    method: 'GET',
    path: `${base}/:id/why`,
    summary: 'How the caller comes to see a message or file, in codes and in sentences.',
    scope: people,
    params: w.EntryParams,
    answers: { 200: Explained },
    refusals: [e.entryNotFound, a.resourceUnknown, a.partyUnknown, a.partyReferenceInvalid, ...Object.values(authorizeErrors)],
    run: (ctx: Context, caller, { params }) => seenIfRefused(ctx, caller, params.id, 'look', () => explainEntry(ctx, caller, params.id)),
  }),
  route({
    method: 'GET',
    path: `${base}/:id/seen-by`,
    summary: 'Who has seen a message, and who tried to, oldest first.',
    scope: people,
    params: w.EntryParams,
    query: w.SeenByQuery,
    answers: { 200: AuditPage },
    refusals: [e.entryNotFound, a.loginTooLow, auditErrors.auditNotFound],
    run: (ctx: Context, caller, { params, query }) =>
      seenIfRefused(ctx, caller, params.id, 'look', () => showSeenBy(ctx, caller, params.id, query.after)),
  }),
  route({
    method: 'POST',
    path: `${base}/:id/labels`,
    summary:
      'Puts a message or file into the archive or bin, marks a message as unread, or puts words on it; for all readers at the party.',
    scope: people,
    params: w.EntryParams,
    body: w.LabelChange,
    answers: { 200: w.LabelsNow },
    refusals: [e.entryNotFound, e.readsOnly, e.tooManyLabels, dialogErrors.dialogNotFound, dialogErrors.levelTooLow],
    run: (ctx: Context, caller, { params, body }) =>
      seenIfRefused(ctx, caller, params.id, 'label', () => changeLabels(ctx, caller, params.id, body)),
  }),
  route({
    method: 'POST',
    path: `${base}/:id/share`,
    summary: 'Lets a colleague in to one message or file. 201 when it is new, 200 when it stood already.',
    scope: givers,
    params: w.EntryParams,
    body: w.Share,
    answers: { 201: GrantView, 200: GrantView },
    refusals: [
      ...[e.entryNotFound, a.callerNotPerson, a.loginTooLow, a.untilPassed, a.partyReferenceInvalid, a.lastNameMissing, a.guessedTooOften],
      ...[a.partyUnknown, a.recipientGone, a.recipientIsParty, a.grantDiffers, a.resourceUnknown, a.actionUnknown, a.mayNotGrant],
    ],
    run: async (ctx: Context, caller, { params, body }) => {
      const { grant, isNew } = await seenIfRefused(ctx, caller, params.id, 'share', () => shareEntry(ctx, caller, params.id, body));
      return new Reply(isNew ? 201 : 200, grant);
    },
  }),
  route({
    method: 'GET',
    path: '/budstikke/v1/session/parties',
    summary: 'Whom the person acts for, itself first and then by name, with what lies unread there.',
    scope: people,
    query: w.PartyQuery,
    answers: { 200: w.PartyPage },
    refusals: [e.personsOnly, watchErrors.personsOnly],
    run: (ctx: Context, caller, { query }) => listParties(ctx, caller, query),
  }),
];
