import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { until } from '../../../demo/wait.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { listConditions } from '../store/reminder.ts';
import { createTown, evidenceOf, historyOf, letter, outcomeOf, rows, send } from '../testing/town.ts';
import { openWire } from '../testing/wire.ts';
import { confirmMessage } from './confirm-message.ts';
import { getOverview } from './look-at-message.ts';
import { giveMessage, openMessage } from './open-message.ts';

const town = await createTown();
const { world, citizen, municipality, leading, reading, sender } = town;
const { ctx } = world;
const wire = await openWire(town, { reading, leading });
const longest = { content: { messageBody: 'Vedtak. '.repeat(3700) } };
const afterAsking = async (id: string) => (await evidenceOf(town, id)).filter((one) => /^(ContentA|Handover)/.test(one));
const brokenOff = ['ContentAsked nothing', 'HandoverInterrupted nothing'];
const taken = ['ContentAsked nothing', 'ContentAccessTracking opened'];

/** A client that reads so many bytes and no more, and leaves the rest with its kernel. */
async function ask(id: CorrespondenceId, by: string, { most = 0, more = '' } = {}): Promise<Socket> {
  let had = 0;
  const onread = {
    buffer: Buffer.alloc(most || 1),
    callback: (bytes: number): boolean => {
      had += bytes;
      socket.emit('had', had);
      return had < most;
    },
  };
  const socket = connect({ port: wire.port, host: '127.0.0.1', onread });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET /correspondence/api/v1/correspondence/${id}/content HTTP/1.1\r\nhost: x\r\nauthorization: ${by}\r\n${more}\r\n`);
  return socket;
}

async function openedAt(id: string): Promise<Date | null> {
  return (await rows<{ at: Date | null }>(town, sql`select opened_at as at from correspondence.message where id = ${id}`))[0]!.at;
}

for (const more of ['', 'connection: close\r\n'])
  for (const millis of [1, 5, 20])
    test(`given a letter that is asked for, when its client is gone ${millis} ms later (${more.trim() || 'keep-alive'}), then it is not opened, and is when the next one takes it`, async () => {
      const id = await send(town, letter([citizen], longest));
      const socket = await ask(id, 'reading', { more });
      await sleep(millis);
      socket.destroy();

      await until('it is recorded', async () => assert.deepEqual(await afterAsking(id), brokenOff));
      assert.deepEqual([await outcomeOf(town, id), await openedAt(id)], [null, null]);
      const { status, read } = await getOverview(ctx, sender, id);
      assert.deepEqual([status, read !== null], ['Read', true], 'what clients see is what they saw');

      await (await wire.request('GET', `/correspondence/${id}/content`, 'reading')).text();
      await allRecorded();
      assert.deepEqual(await afterAsking(id), [...brokenOff, ...taken]);
      assert.equal(await outcomeOf(town, id), 'opened');
      assert.ok(await openedAt(id));
      assert.equal((await historyOf(town, id)).filter((one) => one === 'Read').length, 1);
    });

for (const more of ['', 'connection: close\r\n'])
  test(`given a long letter, when its client goes in the middle of it (${more.trim() || 'keep-alive'}), then it is not opened, and its reminders go on`, async () => {
    const id = await send(town, letter([municipality], longest));
    const socket = await ask(id, 'leading', { most: 15_000, more });
    await once(socket, 'had');
    socket.destroy();

    await until('it is recorded', async () => assert.deepEqual(await afterAsking(id), brokenOff));
    assert.equal(await outcomeOf(town, id), null);
    assert.equal((await listConditions(ctx.db, [id])).get(id)!.opened, false);
  });

test('given a client that asks one thing after another on one connection, when it has read a letter and asks for more, then the letter is opened at once', async () => {
  const id = await send(town, letter([citizen], longest));
  const socket = await ask(id, 'reading', { most: 1_000_000 });
  while (true) if (((await once(socket, 'had')) as [number])[0] > 29_600) break;
  socket.write(`GET /correspondence/api/v1/correspondence/${id} HTTP/1.1\r\nhost: x\r\nauthorization: reading\r\n\r\n`);
  await until('it is opened', async () => assert.equal(await outcomeOf(town, id), 'opened'));
  socket.destroy();
  assert.deepEqual(await afterAsking(id), taken);
});

test('given a crowd of readers, some of whom break off, when all is recorded, then their letters are opened that were taken, and no others', async () => {
  const ids = await Promise.all(Array.from({ length: 40 }, (_, i) => send(town, letter([i % 2 ? citizen : municipality], longest))));
  const both = await send(town, letter([citizen], longest));
  const breaks = (i: number): boolean => i % 3 === 0;
  const by = (i: number): string => (i % 2 ? 'reading' : 'leading');
  const read = async (id: CorrespondenceId, who: string) =>
    assert.equal((await wire.request('GET', `/correspondence/${id}/content`, who)).status, 200);
  const leave = async (id: CorrespondenceId, who: string): Promise<void> => {
    const socket = await ask(id, who, { most: 1000 });
    await once(socket, 'had');
    socket.destroy();
  };

  await Promise.all([
    ...ids.map((id, i) => (breaks(i) ? leave : read)(id, by(i))),
    ...Array.from({ length: 8 }, (_, i) => (i % 2 ? leave : read)(both, 'reading')),
  ]);
  await until('all is recorded', async () => {
    await allRecorded();
    for (const [i, id] of ids.entries()) assert.deepEqual(await afterAsking(id), breaks(i) ? brokenOff : taken);
  });

  for (const [i, id] of ids.entries()) {
    assert.equal(await outcomeOf(town, id), breaks(i) ? null : 'opened');
    assert.equal((await openedAt(id)) === null, breaks(i));
  }
  assert.equal(await outcomeOf(town, both), 'opened');
  assert.ok(await openedAt(both));
  assert.equal((await rows(town, sql`select from correspondence.message where answers_out <> 0`)).length, 0);
});

test('given a process that dies before it has recorded what became of a letter, when others look, then its watch goes on, and the next opening counts', async () => {
  const id = await send(town, letter([citizen]));
  await giveMessage(ctx, reading, id); // and nobody hears any more of it

  assert.deepEqual([await afterAsking(id), await outcomeOf(town, id)], [['ContentAsked nothing'], null]);
  assert.equal((await listConditions(ctx.db, [id])).get(id)!.opened, false, 'its reminders go on');
  const again = await giveMessage(ctx, reading, id);
  await again.recordEnd!(true);
  assert.deepEqual([await outcomeOf(town, id), (await listConditions(ctx.db, [id])).get(id)!.opened], ['opened', true]);
});

test('given a letter that is confirmed before it is known whether it was taken, when it was, then its watch ends as confirmed; and not when it broke off', async () => {
  for (const [toTheEnd, outcome] of [
    [true, 'confirmed'],
    [false, null],
  ] as const) {
    const id = await send(
      town,
      letter([citizen], { isConfirmationNeeded: true, dueDateTime: new Date(ctx.now().getTime() + 9 * 86_400_000).toISOString() }),
    );
    const { recordEnd } = await giveMessage(ctx, reading, id);
    await confirmMessage(ctx, reading, id);
    assert.equal(await outcomeOf(town, id), null);
    await recordEnd!(toTheEnd);
    assert.equal(await outcomeOf(town, id), outcome);
    await openMessage(ctx, reading, id);
    assert.equal(await outcomeOf(town, id), 'confirmed');
  }
});

test('given a letter that is deleted by who has just read it, when it is recorded, then it was opened before', async () => {
  const id = await send(town, letter([citizen]));
  await (await wire.request('GET', `/correspondence/${id}/content`, 'reading')).text();
  assert.equal((await wire.request('DELETE', `/correspondence/${id}/purge`, 'reading')).status, 200);
  assert.equal(await outcomeOf(town, id), 'opened');
});
