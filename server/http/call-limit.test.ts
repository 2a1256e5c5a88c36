import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, type Caller } from '#kernel/context.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createCallLimit } from './call-limit.ts';

const { db } = await createTestDatabase();
const client = (clientId: string): Caller => ({ ...anonymous, clientId });
const pass = (operation: string, seconds: number) =>
  db.pool.query('update db.call_window set began_at = began_at - make_interval(secs => $2) where operation = $1', [operation, seconds]);

test('given a limit, when a client calls more often within a minute, then it is told when to come again, and others are not', async () => {
  let at = 1000;
  const limit = createCallLimit({ db, operation: 'GET /a', callsPerMinute: 2 }, () => at);
  assert.deepEqual([await limit(client('a')), await limit(client('a')), await limit(client('b'))], [0, 0, 0]);
  await pass('GET /a', 15);
  assert.deepEqual([await limit(client('a')), await limit(client('b'))], [45, 0]);
  assert.equal(await createCallLimit({ db, operation: 'GET /b', callsPerMinute: 2 })(client('a')), 0, 'each operation by itself');
  await pass('GET /a', 46);
  at += 46_000;
  assert.deepEqual([await limit(client('a')), await limit(client('a')), await limit(client('a'))], [0, 0, 60]);
});

test('given several processes, when a client calls all of them at once, then together they let through what one would', async () => {
  const processes = Array.from({ length: 3 }, () => createCallLimit({ db, operation: 'GET /shared', callsPerMinute: 10 }));

  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => processes[i % 3]!(client('a'))));

  assert.equal(answers.filter((seconds) => seconds === 0).length, 10);
  assert.ok(answers.every((seconds) => seconds === 0 || (seconds > 50 && seconds <= 60)));
});

test('given a client over its limit, when it calls on, then the database is not asked', async () => {
  const limit = createCallLimit({ db, operation: 'GET /flood', callsPerMinute: 1 });
  for (let n = 0; n < 5; n++) await limit(client('a'));
  const { rows } = await db.pool.query(`select calls from db.call_window where operation = 'GET /flood'`);
  assert.deepEqual(rows, [{ calls: 2 }]);
});

test('given windows that are long over, when calls go on, then they are forgotten', async () => {
  const limit = createCallLimit({ db, operation: 'GET /old', callsPerMinute: 10_000 });
  await limit(client('gone'));
  await pass('GET /old', 7200);
  for (let n = 0; n < 1000; n++) await limit(client('a'));
  const { rows } = await db.pool.query(`select client from db.call_window where operation = 'GET /old'`);
  assert.deepEqual(rows, [{ client: 'a' }]);
});
