import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileStatisticsRoutes } from '../statistics/files/routes.ts';
import { brokerErrors } from './errors.ts';
import { notGiven } from './not-given.ts';
import { brokerRoutes } from './routes.ts';
import { fileScanResultRoutes } from './send/scan-results/routes.ts';

const rows = Object.entries(brokerErrors);
const given = new Set([...brokerRoutes, ...fileScanResultRoutes(undefined), ...fileStatisticsRoutes].flatMap(({ refusals }) => refusals));

test('given the catalogue, when each row is looked at, then an operation declares it, or it is said why none does', () => {
  for (const [name, row] of rows) {
    const declared = given.has(row);
    assert.ok(
      declared !== name in notGiven,
      `${row.code} ${name}: ${declared ? 'is declared and said not to be given' : 'nobody gives it'}`,
    );
  }
});

test('given the catalogue, when numbers are compared, then each stands once, and ours lie beyond those of the original', () => {
  assert.equal(new Set(rows.map(([, { code }]) => code)).size, rows.length);
  for (const [name, { code, origin }] of rows) assert.equal(origin === 'budstikke', code >= 9950 && code <= 9989, name);
});
