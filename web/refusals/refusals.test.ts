import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ErrorRow } from '#kernel/refusal.ts';
import { routesOf } from '../../server/features.ts';
import { metRefusals } from './met.ts';

/** What the pages of reader and sender ask for. */
const asked = [
  'GET /correspondence/api/v1/correspondence/:correspondenceId',
  'GET /correspondence/api/v1/correspondence/:correspondenceId/content',
  'POST /correspondence/api/v1/correspondence/:correspondenceId/confirm',
  'POST /correspondence/api/v1/correspondence/:correspondenceId/forward',
  'POST /correspondence/api/v1/correspondence/upload',
  'GET /correspondence/api/v1/correspondence/:correspondenceId/attachment/:attachmentId/download',
  'GET /correspondence/api/v1/correspondence/:correspondenceId/attachments/downloadall',
  'GET /broker/api/v1/filetransfer/:fileTransferId',
  'POST /broker/api/v1/filetransfer',
  'GET /broker/api/v1/filetransfer/:fileTransferId/download',
  'POST /broker/api/v1/filetransfer/:fileTransferId/confirmdownload',
  'POST /broker/api/v1/filetransfer/upload/tus/:fileTransferId',
  'PATCH /broker/api/v1/filetransfer/upload/tus/:fileTransferId',
  'POST /budstikke/v1/filetransfer/:fileTransferId/confirm',
  'POST /budstikke/v1/filetransfer/:fileTransferId/recall',
  'POST /budstikke/v1/filetransfer/:fileTransferId/recipients/:organizationNumber/accept-unfetched',
  'GET /budstikke/v1/filetransfer/:fileTransferId/recipients',
  'GET /budstikke/v1/filetransfer/:fileTransferId/custody',
  'GET /budstikke/v1/inbox',
  'GET /budstikke/v1/inbox/counts',
  'GET /budstikke/v1/inbox/:id',
  'GET /budstikke/v1/inbox/:id/absence',
  'GET /budstikke/v1/inbox/:id/why',
  'GET /budstikke/v1/inbox/:id/seen-by',
  'POST /budstikke/v1/inbox/:id/labels',
  'POST /budstikke/v1/inbox/:id/share',
  'GET /budstikke/v1/sealed',
  'GET /budstikke/v1/grants',
  'POST /budstikke/v1/grants',
  'DELETE /budstikke/v1/grants/:id',
  'POST /budstikke/v1/grants/:id/restore',
  'POST /budstikke/v1/reachability',
  'POST /budstikke/v1/correspondence/:correspondenceId/decision',
  'POST /budstikke/v1/unread/decisions',
  'GET /budstikke/v1/unread',
  'GET /budstikke/v1/correspondence/:correspondenceId/watch',
  'GET /budstikke/v1/correspondence/:correspondenceId/timeline',
  'POST /budstikke/v1/mailings',
  'GET /budstikke/v1/mailings',
  'GET /budstikke/v1/mailings/:mailingId',
  'POST /budstikke/v1/mailings/:mailingId/recipients',
  'GET /budstikke/v1/mailings/:mailingId/errors',
  'POST /budstikke/v1/mailings/:mailingId/check',
  'POST /budstikke/v1/mailings/:mailingId/release',
  'POST /budstikke/v1/mailings/:mailingId/pause',
  'POST /budstikke/v1/mailings/:mailingId/resume',
  'POST /budstikke/v1/mailings/:mailingId/cancel',
  'GET /budstikke/v1/ladders',
  'POST /budstikke/v1/ladders/preview',
  'GET /budstikke/v1/ladders/:ladderId',
  'PUT /budstikke/v1/ladders/:ladderId',
  'GET /budstikke/v1/resources/:resourceId/ladder',
  'PUT /budstikke/v1/resources/:resourceId/ladder',
  'POST /budstikke/v1/notices/preview',
  'GET /budstikke/v1/services',
  'POST /budstikke/v1/organizations/names',
];

/** Refusals of these operations that no page of ours can bring about, and why. */
const notMet = {
  'said as having no right, or as not being there': [
    'BRO-00006',
    'BUD-09103',
    'BUD-09105',
    'BUD-09130',
    'BUD-09401',
    'BUD-09555',
    'BUD-09619',
    'BUD-09784',
    'BUD-09785',
    'BUD-09802',
    'BUD-09850',
    'BUD-09851',
    'CORR-04001',
    'CORR-04006',
  ],
  'about what our pages do not send: references, names of actions, headers, several at once': [
    ...[
      'BRO-00020',
      'BRO-00029',
      'BRO-09951',
      'BRO-09954',
      'BUD-09100',
      'BUD-09102',
      'BUD-09106',
      'BUD-09615',
      'BUD-09623',
      'BUD-09783',
      'BUD-09838',
      'BUD-09839',
      'BUD-09840',
    ],
    ...[
      'CORR-01005',
      'CORR-01006',
      'CORR-01007',
      'CORR-01009',
      'CORR-01017',
      'CORR-01018',
      'CORR-01023',
      'CORR-01034',
      'CORR-01035',
      'CORR-01038',
      'CORR-01039',
      'CORR-01042',
    ],
    ...['CORR-01060', 'CORR-01061', 'CORR-02008', 'CORR-02017', 'CORR-04002', 'CORR-04010'],
  ],
  'asked of the form before it is sent': ['CORR-01016', 'CORR-01020', 'CORR-01021', 'CORR-01022', 'CORR-01037', 'CORR-02010'],
  'said by the page itself, fault by fault': ['BUD-09609'],
  'done by the page itself: a letter is open before it can be confirmed': ['CORR-01025'],
  'of transmissions and dialogs, and of notices of the sender’s own': [
    ...[
      'CORR-01045',
      'CORR-01046',
      'CORR-01047',
      'CORR-01048',
      'CORR-01050',
      'CORR-01051',
      'CORR-01052',
      'CORR-01053',
      'CORR-01054',
      'CORR-01055',
    ],
    ...[
      'CORR-03002',
      'CORR-03003',
      'CORR-03004',
      'CORR-03005',
      'CORR-03006',
      'CORR-03007',
      'CORR-03012',
      'CORR-03015',
      'CORR-03017',
      'CORR-03018',
      'CORR-03019',
    ],
    ...['CORR-03022', 'CORR-03023', 'CORR-03024', 'CORR-03025'],
  ],
  'answered between the client of an upload and the server': [
    'BRO-09964',
    'BRO-09970',
    'BRO-09971',
    'BRO-09972',
    'BRO-09973',
    'BRO-09974',
    'BRO-09976',
    'BRO-09977',
    'BRO-09978',
    'BRO-09979',
  ],
} as const;

const rowName = ({ prefix, code }: ErrorRow): string => `${prefix}-${String(code).padStart(5, '0')}`;

test('given what the pages ask for, when the server can refuse it, then each refusal has its words, or it is said why nobody meets it', () => {
  const routes = new Map(routesOf(undefined).map((route) => [`${route.method} ${route.path}`, route]));
  const left = new Set<string>(Object.values(notMet).flat());
  const met = new Set<string>(metRefusals);
  const seen = new Set<string>();
  for (const operation of asked) {
    const route = routes.get(operation);
    assert.ok(route, `${operation} is served`);
    for (const row of route.refusals) {
      seen.add(rowName(row));
      assert.ok(met.has(rowName(row)) || left.has(rowName(row)), `${rowName(row)} of ${operation}: ${row.text}`);
    }
  }
  assert.deepEqual(
    [...left].filter((row) => !seen.has(row) || met.has(row)),
    [],
    'nothing is excused that is not there',
  );
});

test('given the words of refusals, when they are listed, then they are those that are met', () => {
  for (const language of ['nb', 'nn', 'en']) {
    const texts = JSON.parse(readFileSync(new URL(`texts/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>;
    assert.deepEqual(
      Object.keys(texts),
      metRefusals.map((row) => `refusal.${row}`),
      language,
    );
  }
});
