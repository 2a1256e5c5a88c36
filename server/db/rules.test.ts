import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordEvidence } from '#evidence/index.ts';
import { type Sql, sql } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { createTown, letter, send } from '../correspondence/testing/town.ts';

/** What the tables themselves refuse, whoever writes: rules that span rows, and thus stand in triggers. */

const town = await createTown();
const { db, ctx } = town.world;

const moved = (id: string, state = 'Read'): Sql => sql`update correspondence.message set state = ${state} where id = ${id}`;
const told = (id: string, status = 'Read'): Sql => sql`
  insert into correspondence.status (id, message_id, status, text, at) values (${newId()}, ${id}, ${status}, ${status}, clock.now())`;

/** Runs the statements in one transaction, with evidence about the message if asked. */
function write(id: CorrespondenceId, statements: readonly Sql[], evidence: 'with evidence' | 'without evidence'): Promise<void> {
  return db.transaction(async (tx) => {
    if (evidence === 'with evidence') {
      recordEvidence(tx, [{ event: 'SenderViewed', about: id, at: ctx.now(), proves: 'nothing', core: {}, who: {} }]);
    }
    for (const statement of statements) await tx.run(statement);
  });
}

const stateOf = async (id: string): Promise<string> =>
  (await db.one<{ state: string }>(sql`select state from correspondence.message where id = ${id}`)).state;

for (const [what, statements, evidence] of [
  ['nothing else', (id: string) => [moved(id)], 'without evidence'],
  ['evidence and no history', (id: string) => [moved(id)], 'with evidence'],
  ['evidence and another status in its history', (id: string) => [told(id, 'Fetched'), moved(id)], 'with evidence'],
  ['a status that comes too late', (id: string) => [moved(id), told(id)], 'with evidence'],
] as const) {
  test(`given a published message, when its state is changed with ${what}, then the database refuses (BS008)`, async () => {
    const id = await send(town, letter([town.citizen]));

    await town.world.nothingWritten(() => assert.rejects(write(id, statements(id), evidence), { code: 'BS008' }));

    assert.equal(await stateOf(id), 'Published');
  });
}

test('given a message whose history tells of a state from an earlier transaction, when it is moved there again, then the database refuses (BS008)', async () => {
  const id = await send(town, letter([town.citizen]));
  await write(id, [told(id, 'Fetched')], 'with evidence');

  await assert.rejects(write(id, [moved(id, 'Fetched')], 'with evidence'), { code: 'BS008' });
});

test('given many messages, when one of them is changed in silence among others that are told of, then none is changed', async () => {
  const [first, second] = [await send(town, letter([town.citizen])), await send(town, letter([town.citizen]))];
  const both = sql`update correspondence.message set state = 'Read' where id = any(${[first, second]}::uuid[])`;

  await assert.rejects(write(first, [told(first), both], 'with evidence'), { code: 'BS008' });

  assert.deepEqual([await stateOf(first), await stateOf(second)], ['Published', 'Published']);
});

test('given a message, when its state is changed with evidence and history, then it is; and a time alone needs neither', async () => {
  const id = await send(town, letter([town.citizen]));

  await write(id, [sql`update correspondence.message set fetched_at = clock.now() where id = ${id}`], 'without evidence');
  await write(id, [told(id), moved(id)], 'with evidence');

  assert.equal(await stateOf(id), 'Read');
});
