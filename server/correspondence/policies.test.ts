import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanResultRoutes } from './attachments/scan-results/routes.ts';
import { policies } from './policies.ts';
import { correspondenceRoutes } from './routes.ts';

const base = '/correspondence/api/v1';
const served = correspondenceRoutes.filter(({ method, path }) => method !== 'HEAD' && path.startsWith(base));
const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path.slice(base.length)}`;

test('given the operations of the original, when their policies are looked at, then each opens to those to whom it opens there', () => {
  const message = '/correspondence/:correspondenceId';
  const wanted: Readonly<Record<string, readonly string[]>> = {
    sender: [
      'POST /correspondence',
      'POST /correspondence/upload',
      'POST /attachment',
      'POST /attachment/:attachmentId/upload',
      'GET /attachment/:attachmentId',
      'GET /attachment/:attachmentId/details',
      'GET /attachment/:attachmentId/download',
      'DELETE /attachment/:attachmentId',
    ],
    senderOrRecipient: ['GET /correspondence', `GET ${message}`, `GET ${message}/details`, `DELETE ${message}/purge`],
    recipient: [
      `GET ${message}/content`,
      `POST ${message}/markasread`,
      `POST ${message}/confirm`,
      `POST ${message}/forward`,
      'GET /confidential-reminders',
    ],
    download: [`GET ${message}/attachment/:attachmentId/download`, `GET ${message}/attachments/downloadall`],
    notificationCheck: [`GET ${message}/notification/check`, `GET ${message}/notification/check/main`],
    forwardCheck: [`GET ${message}/forward/check`],
  };
  const names = Object.keys(policies) as (keyof typeof policies)[];
  for (const name of names) {
    const opened = served.filter(({ scope }) => scope === policies[name]).map(nameOf);
    assert.deepEqual(opened.sort(), [...wanted[name]!].sort(), name);
  }
  const others = served.filter(({ scope }) => !names.some((name) => policies[name] === scope));
  assert.deepEqual(
    others.map((route) => [nameOf(route), route.scope]),
    ['cleanup-bruksmonster', 'manual-retry-not-published-correspondences'].map((name) => [
      `POST /maintenance/${name}`,
      [{ issuer: 'maskinporten', all: ['altinn:correspondence.maintenance'] }],
    ]),
  );
  assert.deepEqual(
    scanResultRoutes('secret').map(({ scope }) => scope),
    ['open'],
  );
});

test('given the operations that pages of an inbox call, when routes are looked at, then pages of other origins may call these and no others', () => {
  const message = '/correspondence/:correspondenceId';
  assert.deepEqual(
    served
      .filter(({ cors }) => cors)
      .map(nameOf)
      .sort(),
    [
      `DELETE ${message}/purge`,
      'GET /confidential-reminders',
      `GET ${message}/attachment/:attachmentId/download`,
      `GET ${message}/attachments/downloadall`,
      `GET ${message}/content`,
      `GET ${message}/forward/check`,
      `POST ${message}/confirm`,
      `POST ${message}/forward`,
    ],
  );
});
