import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { copyText, createCopying } from './index.ts';

const { url, db } = await createTestDatabase({ content: 'nothing' });
const copying = createCopying({ url, maxConnections: 2 });
after(() => copying.close());
await db.pool.query('create table word (n integer primary key, text text)');
const words = (): Promise<{ n: number; text: string | null }[]> => db.all(sql`select n, text from word order by n`);

test('given texts with everything that COPY writes otherwise, when they are copied, then they are read as they were', async () => {
  const texts = ['plain', 'tab\tnewline\nreturn\r', 'back\\slash \\N', '', null, 'å{"a":"\\u0041"}'];

  await copying.transaction((tx) => tx.copy('copy word from stdin', texts.map((text, n) => `${n}\t${copyText(text)}\n`).join('')));

  assert.deepEqual(
    (await words()).map(({ text }) => text),
    texts,
  );
});

test('given statements that nobody waits for around a copy, when they are committed, then they ran in their order', async () => {
  await copying.transaction(async (tx) => {
    tx.send(sql`delete from word`);
    tx.send(sql`insert into word values (1, 'first')`);
    await tx.copy('copy word from stdin', '2\tsecond\n');
    tx.send(sql`update word set text = text || '!'`);
  });

  assert.deepEqual(await words(), [
    { n: 1, text: 'first!' },
    { n: 2, text: 'second!' },
  ]);
});

test('given a copy that the database refuses, or work that fails after it, when it is over, then nothing stays and the next one succeeds', async () => {
  const before = await words();
  await assert.rejects(
    copying.transaction((tx) => tx.copy('copy word from stdin', '7\tx\n7\ty\n')),
    { code: '23505' },
  );
  await assert.rejects(
    copying.transaction(async (tx) => {
      await tx.copy('copy word from stdin', '8\tz\n');
      throw new Error('not today');
    }),
    /not today/,
  );
  assert.deepEqual(await words(), before);

  await copying.transaction((tx) => tx.copy('copy word from stdin', '9\tok\n'));
  assert.equal((await words()).length, before.length + 1);
});
