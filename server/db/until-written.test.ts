import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { silentLog } from '#kernel/log.ts';
import { createCutDatabase } from '../../test/cut-database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { DatabaseAway } from './errors.ts';
import { untilWritten } from './until-written.ts';

const { url } = await createTestDatabase({ content: 'nothing' });
const away = () => Promise.reject(new DatabaseAway(new Error('gone')));

test('given a database that is away, when something must be written, then it waits in memory, so much of it and no more, and is written when it is back, a few at a time', async () => {
  const cut = await createCutDatabase(url, { patienceMillis: 100 });
  await cut.goAway();
  let isBack = false;
  let written = 0;
  let underWay = 0;
  let most = 0;
  const write = async (): Promise<void> => {
    if (!isBack) await away();
    most = Math.max(most, ++underWay);
    await nextTurn();
    underWay -= 1;
    written += 1;
  };
  const ctx = { db: cut.db, log: silentLog };

  const kept = Array.from({ length: 10_000 }, () => untilWritten(ctx, write));
  await nextTurn();
  await assert.rejects(untilWritten(ctx, write), DatabaseAway);
  assert.equal(written, 0);
  isBack = true;
  await cut.comeBack();
  await Promise.all(kept);

  assert.deepEqual([written, most], [10_000, 8]);
  await untilWritten(ctx, write);
});

test('given what does not pass, or a database that is closed meanwhile, when something must be written, then it is not waited for', async () => {
  const cut = await createCutDatabase(url, { patienceMillis: 100 });
  const ctx = { db: cut.db, log: silentLog };
  await assert.rejects(
    untilWritten(ctx, () => Promise.reject(new Error('a fault'))),
    /a fault/,
  );
  const kept = untilWritten(ctx, away);
  const ended = assert.rejects(kept, /after calling end/);
  await cut.db.close();
  await ended;
});
