import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { silentLog } from '#kernel/log.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { createTokenVerifier } from '../verify-token.ts';
import { createDialogTokens } from './dialog-tokens.ts';

const { ctx } = await createTestDatabase();
const url = 'https://post.example';
const claims = { l: 3, c: 'c', p: 'p', s: 's', i: 'i', a: 'read' };
const verifier = (tokens = createDialogTokens(ctx, url)) => createTokenVerifier([tokens.trusted()], silentLog);

test('given eight processes that start at once, when each needs keys, then they have the same two, and believe each other', async () => {
  const processes = Array.from({ length: 8 }, () => createDialogTokens(ctx, url));
  const sets = await Promise.all(processes.map((one) => one.keySet()));
  for (const set of sets) assert.deepEqual(set, sets[0]);
  assert.equal(new Set(sets[0]!.keys.map(({ kid }) => kid)).size, 2);
  const token = await processes[3]!.sign(claims);
  const verified = await verifier(processes[6])(token);
  assert.ok(verified !== 'invalid' && verified.kind === 'dialog' && verified.payload.i === 'i');
});

test('given an address with a slash at its end, when tokens are made, then their issuer is the same', async () => {
  const tokens = createDialogTokens(ctx, `${url}/`);
  assert.equal(tokens.issuer, `${url}/dialogporten/api/v1`);
  assert.notEqual(await verifier()(await tokens.sign(claims)), 'invalid');
});

test('given a token of an installation at another address, when it is shown, then it is none', async () => {
  const elsewhere = await createDialogTokens(ctx, 'https://annen.example').sign(claims);
  assert.equal(await verifier()(elsewhere), 'invalid');
});

test('given a signature written in another way, when its token is shown, then it is none', async () => {
  const tokens = createDialogTokens(ctx, url);
  const token = await tokens.sign(claims);
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const otherEnd = letters[letters.indexOf(token.at(-1)!) + 1]!; // the last four bits of a signature say nothing
  const bent = [`${token.slice(0, -1)}${otherEnd}`, `${token}==`, `${token.slice(0, -9)}\t${token.slice(-9)}`];
  for (const one of bent) assert.equal(await verifier(tokens)(one), 'invalid', one);
  assert.notEqual(await verifier(tokens)(token), 'invalid');
});

test('given keys that were taken away, when the processes have started again, then there are new ones, and what was out is void', async () => {
  const before = createDialogTokens(ctx, url);
  const token = await before.sign(claims);
  await ctx.db.transaction(async (tx) => void (await tx.run(sql`delete from identity.dialog_key`)));
  const after = createDialogTokens(ctx, url);
  assert.notDeepEqual(await after.keySet(), await before.keySet());
  assert.equal(await verifier(after)(token), 'invalid');
  assert.notEqual(await verifier(after)(await after.sign(claims)), 'invalid');
});
