import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartError } from '#kernel/start-error.ts';
import { createTestDatabase } from '../../test/database.ts';
import { claimDatabase } from './installation.ts';

const refusal =
  (reason: RegExp) =>
  (error: unknown): boolean =>
    error instanceof StartError && reason.test(error.message);

for (const [first, other, reason] of [
  ['production', 'sandbox', /used in production.*test tokens.*BUDSTIKKE_MODE=production/],
  ['sandbox', 'production', /used by a sandbox.*BUDSTIKKE_MODE=sandbox/],
] as const) {
  test(`given a database that a ${first} server has used, when a server in ${other} mode starts on it, then that is refused, now and later`, async () => {
    const { url } = await createTestDatabase();
    await claimDatabase(url, first);

    await assert.rejects(claimDatabase(url, other), refusal(reason));
    await claimDatabase(url, first);
    await assert.rejects(claimDatabase(url, other), refusal(reason));
  });
}

test('given a new database, when servers of both kinds start at once, then one of them is refused', async () => {
  const { url } = await createTestDatabase();

  const both = await Promise.allSettled([claimDatabase(url, 'sandbox'), claimDatabase(url, 'production')]);

  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});
