import Type from 'typebox';
import { type AnyRoute, Reply, route, type Scope } from '#kernel/route.ts';
import type { DialogContext } from './context.ts';
import { dialogErrors as e } from './errors.ts';
import { listDialogs } from './list-dialogs.ts';
import { listParties } from './list-parties.ts';
import { seenIfRefused } from './note-refused.ts';
import { listLabelLog, setLabels, setLabelsOfMany } from './set-labels.ts';
import {
  listActivities,
  listSeenLog,
  listTransmissionDetails,
  showActivity,
  showDialog,
  showSeenEntry,
  showTransmission,
} from './show-dialog.ts';
import { DialogList, DialogView } from './wire/dialogs.ts';
import { Activity, ActivityItem, Seen, TransmissionDetails } from './wire/parts.ts';
import {
  ActivityParams,
  DialogParams,
  LabelLog,
  Limits,
  ListQuery,
  mostValues,
  Parties,
  Relabel,
  RelabelMany,
  SeenParams,
  TransmissionParams,
} from './wire/requests.ts';

/** Persons by their login or its exchange, system users by Maskinporten. Source: compatibility.md, platform, §5.2. */
const readers: Scope = [
  { issuer: 'altinn', all: ['digdir:dialogporten'] },
  { issuer: 'idporten', all: ['digdir:dialogporten'] },
  { issuer: 'maskinporten', all: ['digdir:dialogporten'] },
];

const root = '/dialogporten/api/v1';
const base = `${root}/enduser`;
const one = `${base}/dialogs/:dialogId`;
const refusals = [e.callerNotEndUser, e.dialogNotFound, e.levelTooLow];
const common = { scope: readers, cors: true, refusals } as const;

const listing: readonly AnyRoute[] = [
  route({
    ...common,
    method: 'GET',
    path: `${base}/dialogs`,
    summary: 'Dialogs that the caller may read, those whose content changed last first; nothing is opened.',
    query: ListQuery,
    answers: { 200: DialogList },
    refusals: [e.callerNotEndUser, e.filterNotOffered, e.continuationUnfit, e.tooManyParties],
    run: (ctx: DialogContext, caller, { query }) => listDialogs(ctx, caller, query),
  }),
  route({
    ...common,
    method: 'GET',
    path: `${base}/parties`,
    summary: 'Whom the caller acts for.',
    answers: { 200: Parties },
    refusals: [e.callerNotEndUser],
    run: (ctx: DialogContext, caller) => listParties(ctx, caller),
  }),
];

const showing: readonly AnyRoute[] = [
  route({
    ...common,
    method: 'GET',
    path: one,
    summary: 'A dialog, with a token to fetch what it refers to. That it was seen is noted; nothing is opened.',
    params: DialogParams,
    answers: { 200: DialogView },
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => showDialog(ctx, caller, params.dialogId)),
  }),
  route({
    ...common,
    method: 'GET',
    path: `${one}/activities`,
    summary: 'What happened to a dialog, oldest first.',
    params: DialogParams,
    answers: { 200: Type.Array(ActivityItem) },
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => listActivities(ctx, caller, params.dialogId)),
  }),
  route({
    ...common,
    method: 'GET',
    path: `${one}/activities/:activityId`,
    summary: 'One thing that happened to a dialog, and who did it.',
    params: ActivityParams,
    answers: { 200: Activity },
    refusals: [...refusals, e.activityNotFound],
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => showActivity(ctx, caller, params)),
  }),
  route({
    ...common,
    method: 'GET',
    path: `${one}/transmissions`,
    summary: 'The transmissions of a dialog that the caller may read, oldest first.',
    params: DialogParams,
    answers: { 200: Type.Array(TransmissionDetails) },
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => listTransmissionDetails(ctx, caller, params.dialogId)),
  }),
  route({
    ...common,
    method: 'GET',
    path: `${one}/transmissions/:transmissionId`,
    summary: 'One transmission of a dialog.',
    params: TransmissionParams,
    answers: { 200: TransmissionDetails },
    refusals: [...refusals, e.transmissionNotFound],
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => showTransmission(ctx, caller, params)),
  }),
  route({
    ...common,
    method: 'GET',
    path: `${one}/seenlog`,
    summary: 'Who has looked at a dialog, the latest first.',
    params: DialogParams,
    answers: { 200: Type.Array(Seen) },
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => listSeenLog(ctx, caller, params.dialogId)),
  }),
  route({
    ...common,
    method: 'GET',
    path: `${one}/seenlog/:seenLogId`,
    summary: 'One who has looked at a dialog.',
    params: SeenParams,
    answers: { 200: Seen },
    refusals: [...refusals, e.seenEntryNotFound],
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => showSeenEntry(ctx, caller, params)),
  }),
];

const labelling: readonly AnyRoute[] = [
  route({
    ...common,
    method: 'GET',
    path: `${one}/context/labellog`,
    summary: 'Who gave a dialog which label, the latest first.',
    params: DialogParams,
    answers: { 200: LabelLog },
    run: (ctx: DialogContext, caller, { params }) =>
      seenIfRefused(ctx, caller, [params.dialogId], 'look', () => listLabelLog(ctx, caller, params.dialogId)),
  }),
  route({
    ...common,
    method: 'PUT',
    path: `${one}/context/systemlabels`,
    summary: 'Moves a dialog to the archive, to the bin or back, or marks it as unopened. `If-Match` names the revision that is meant.',
    params: DialogParams,
    body: Relabel,
    answers: { 204: Type.Null() },
    refusals: [...refusals, e.labelNotGiven, e.revisionDiffers, e.revisionUnreadable],
    run: async (ctx: DialogContext, caller, { params, body, headers }) =>
      seenIfRefused(
        ctx,
        caller,
        [params.dialogId],
        'label',
        async () => new Reply(204, undefined, { etag: await setLabels(ctx, caller, { ...params, ...body, ifMatch: headers['if-match'] }) }),
      ),
  }),
  route({
    ...common,
    method: 'POST',
    path: `${base}/dialogs/context/systemlabels/actions/bulkset`,
    summary: 'The same for up to 100 dialogs: for all of them or none.',
    body: RelabelMany,
    answers: { 204: Type.Null() },
    refusals: [...refusals, e.labelNotGiven, e.revisionDiffers],
    run: async (ctx: DialogContext, caller, { body }) => {
      const asked = body.dialogs.map(({ dialogId }) => dialogId);
      await seenIfRefused(ctx, caller, asked, 'label', () => setLabelsOfMany(ctx, caller, body));
    },
  }),
];

const document = Type.Record(Type.String(), Type.Unknown());
const open: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: `${root}/metadata/limits`,
    summary: 'How many values each filter of a list takes.',
    scope: 'open',
    answers: { 200: Limits },
    refusals: [],
    run: async () => {
      const [maxPartyFilterValues, maxServiceResourceFilterValues, maxExtendedStatusFilterValues] = [mostValues, mostValues, mostValues];
      const serviceOwnerSearch = { maxPartyFilterValues, maxServiceResourceFilterValues, maxExtendedStatusFilterValues };
      return { endUserSearch: { ...serviceOwnerSearch, maxOrgFilterValues: mostValues }, serviceOwnerSearch };
    },
  }),
  route({
    method: 'GET',
    path: `${root}/.well-known/jwks.json`,
    summary: 'The public keys of dialog tokens.',
    scope: 'open',
    answers: { 200: document },
    anyAccept: true,
    refusals: [],
    run: (ctx: DialogContext) => ctx.dialogTokens.keySet(),
  }),
  route({
    method: 'GET',
    path: `${root}/.well-known/oauth-authorization-server`,
    summary: 'Where the keys of dialog tokens are.',
    scope: 'open',
    answers: { 200: document },
    anyAccept: true,
    refusals: [],
    run: async ({ dialogTokens }: DialogContext) => ({ issuer: dialogTokens.issuer, jwks_uri: dialogTokens.keySetAddress }),
  }),
];

/** The part of Dialogporten's end-user API that an inbox needs. Source: compatibility.md, platform, §5.2. */
export const dialogRoutes: readonly AnyRoute[] = [...listing, ...showing, ...labelling, ...open];
