import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { type Sql, sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { createTown, letter, send } from '../correspondence/testing/town.ts';
import { checkInvariants } from './check-invariants.ts';
import { deskInvariants } from './invariants.ts';
import { findViolations } from './store.ts';

const town = await createTown();
const { db } = town.world;

/** Breaks a rule that the database would hold, as only its owner can, and says which invariants tell of it. */
async function brokenBy(...statements: readonly Sql[]): Promise<string[]> {
  const undo = new Error('undo');
  let told: string[] = [];
  await db
    .transaction(async (tx) => {
      await tx.run(sql`set local session_replication_role = replica`);
      for (const statement of statements) assert.ok((await tx.run(statement)) > 0, 'the statement touched nothing');
      told = (await findViolations(tx, deskInvariants)).filter(({ rows }) => rows.length > 0).map(({ name }) => name);
      throw undo;
    })
    .catch((error) => assert.equal(error, undo));
  return told;
}

const id = await send(town, letter([town.citizen]));

test('given a town where all is well, when the standing query is asked, then nothing is told', async () => {
  assert.deepEqual(
    (await findViolations(db, deskInvariants)).flatMap(({ rows }) => rows),
    [],
  );
});

test('given a sender with an open letter, when it and a stranger ask, then each hears how much of its own is open', async () => {
  const { ctx } = town.world;
  const asks = async (caller: Caller) => (await checkInvariants({ ...ctx, invariants: deskInvariants }, caller)).openWatches;
  assert.equal(await asks(town.sender), 1);
  assert.equal(await asks(organizationCaller(town.municipality, scopes.sender)), 0);
});

test('given a message whose watch is gone, when the standing query is asked, then it is told', async () => {
  assert.deepEqual(await brokenBy(sql`delete from watch.item where about = ${id}`), [
    'every accepted message is watched for its recipient',
  ]);
});

for (const [outcome, name] of [
  ['opened', 'no watch is closed as opened for a message that was never read'],
  ['handed-over', 'no watch is closed as opened for a message that was never read'],
  ['confirmed', 'no watch is closed as confirmed for a message that was never confirmed, or never read'],
] as const) {
  test(`given a message that nobody read, when its watch is closed as ${outcome}, then it is told, however old the message is`, async () => {
    const old = '01800000-0000-7000-8000-000000000001';
    const told = await brokenBy(
      sql`update correspondence.message set id = ${old} where id = ${id}`,
      sql`update watch.item set about = ${old}, settled_at = clock.now(), outcome = ${outcome} where about = ${id}`,
    );
    assert.deepEqual(told, [name]);
  });
}

for (const outcome of ['recalled', 'read-elsewhere', 'accepted-unread', 'deleted-by-recipient', 'relayed'] as const)
  test(`given a message that nobody has decided about, when its watch is closed as ${outcome}, then it is told`, async () => {
    assert.deepEqual(
      await brokenBy(
        sql`update watch.item set settled_at = clock.now(), outcome = ${outcome}, next_action = null, next_action_at = null,
                   settled_name = 'Kari', settled_reason = 'avtalt', settled_by = sender_id where about = ${id}`,
      ),
      ['no watch is closed by somebody’s act without evidence of it'],
    );
  });

test('given a published message whose watch still waits for publication, when the standing query is asked, then it is told', async () => {
  assert.deepEqual(await brokenBy(sql`update watch.item set published_at = null where about = ${id}`), [
    'no published message hangs unpublished in its watch',
  ]);
});

for (const [what, statement] of [
  ['its watch is deleted', sql`delete from watch.item where about = ${id}`],
  ['all watches are emptied', sql`truncate watch.item`],
  ['its watch is moved to another', sql`update watch.item set about = ${newId()} where about = ${id}`],
  ['the message is deleted', sql`delete from correspondence.message where id = ${id}`],
  ['the message is given to another recipient', sql`update correspondence.message set recipient_id = owner_id where id = ${id}`],
] as const) {
  test(`given a message under watch, when ${what}, then the database refuses (BS007)`, async () => {
    await assert.rejects(
      db.transaction((tx) => tx.run(statement)),
      { code: 'BS007' },
    );
  });
}
