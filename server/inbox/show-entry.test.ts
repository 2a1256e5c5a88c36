import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTown, letter, send } from '#correspondence/testing/town.ts';
import { onLabelsChanged } from '#dialogs/index.ts';
import { Refusal } from '#kernel/refusal.ts';
import { personCaller } from '../../test/world.ts';
import { listInbox } from './list-inbox.ts';
import { showEntry } from './show-entry.ts';
import { touch } from './store/entry.ts';
import { follow } from './testing/follow.ts';

onLabelsChanged.fill(async (tx, dialogs) => touch(tx, dialogs));
const town = await createTown();
const { world, citizen, reading } = town;
const { ctx } = world;
const isNotFound = (error: unknown): boolean => error instanceof Refusal && error.row.status === 404;

test('given a letter, when its reader asks for it by its address, then it is the line of the list with its files, and nothing is opened', async () => {
  const id = await send(town, letter([citizen], { content: { messageTitle: 'Til Ola', messageBody: 'Hei.' } }));
  await follow(ctx);
  const [line] = (await listInbox(ctx, reading, {})).items;

  const shown = await world.nothingWritten(() => showEntry(ctx, reading, id));

  assert.deepEqual(shown, { ...line, attachments: [] });
  assert.equal(shown.openedAt, null);
});

test('given a letter, when a stranger asks for it, or anybody for what is not there, then nobody is told that it is there', async () => {
  const id = await send(town, letter([citizen], { content: { messageTitle: 'Til Ola', messageBody: 'Hei.' } }));
  await follow(ctx);
  const stranger = personCaller(await world.person('EN FREMMED'));

  for (const asked of [() => showEntry(ctx, stranger, id), () => showEntry(ctx, reading, '0198f0a0-0000-7000-8000-000000000000')]) {
    await assert.rejects(world.nothingWritten(asked), isNotFound);
  }
});
