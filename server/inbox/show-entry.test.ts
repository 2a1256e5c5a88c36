import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '#access/index.ts';
import { holdMessage, recallMessages } from '#correspondence/index.ts';
import { purgeMessage } from '#correspondence/read/purge-message.ts';
import { createTown, letter, send } from '#correspondence/testing/town.ts';
import { onLabelsChanged } from '#dialogs/index.ts';
import { Refusal } from '#kernel/refusal.ts';
import { settleWatch } from '#watch/index.ts';
import { personCaller } from '../../test/world.ts';
import { shareEntry } from './explain-entry.ts';
import { listInbox } from './list-inbox.ts';
import { showEntry } from './show-entry.ts';
import { touch } from './store/entry.ts';
import { tellAbsence } from './tell-absence.ts';
import { follow } from './testing/follow.ts';

onLabelsChanged.fill(async (tx, dialogs) => touch(tx, dialogs));
const town = await createTown();
const { world, citizen, reading } = town;
const { ctx } = world;
const isNotFound = (error: unknown): boolean => error instanceof Refusal && error.row.status === 404;

test('given a letter, when its reader asks for it by its address, then it is the line of the list with its files and its other languages, and nothing is opened', async () => {
  const translations = [{ language: 'en', messageTitle: 'To Ola', messageBody: 'Hello.' }];
  const id = await send(town, letter([citizen], { content: { messageTitle: 'Til Ola', messageBody: 'Hei.', translations } }));
  await follow(ctx);
  const [line] = (await listInbox(ctx, reading, {})).items;

  const shown = await world.nothingWritten(() => showEntry(ctx, reading, id));

  assert.deepEqual(shown, { ...line, readsOnly: false, mayShare: true, askToShare: [], attachments: [], translatedTo: ['en'] });
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

test('given a letter to an organization, when who leads it, an employee who reads it and a system ask for it, then the leader may share it, and the employee is told whom to ask', async () => {
  const { municipality, leading, leader } = town;
  const employee = await world.person('LISE LESER');
  await world.grant(employee, municipality, { resource: town.letters });
  const id = await send(town, letter([municipality]));
  await follow(ctx);
  const sharing = async (caller: typeof leading) => {
    const { mayShare, askToShare } = await world.nothingWritten(() => showEntry(ctx, caller, id));
    return [mayShare, askToShare];
  };
  const share = { nationalIdentityNumber: town.citizen.number!, lastName: 'NORDMANN' };

  assert.deepEqual(await sharing(leading), [true, []]);
  assert.deepEqual(await sharing(personCaller(employee)), [false, [leader.name]]);
  await assert.rejects(shareEntry(ctx, personCaller(employee), id, share), (error) => error instanceof Refusal && error.row.status === 403);
  assert.equal((await shareEntry(ctx, leading, id, share)).isNew, true);
  assert.deepEqual(await sharing(town.reading), [false, []], 'who had it shared with them is asked to ask nobody');
});

test('given letters to an organization that are taken back, deleted, just come or not for everybody there, when one who acts for it asks why it sees none, then it is told, and a stranger is not', async () => {
  const { municipality, leading, leader } = town;
  const clerk = await world.person('JONAS LID');
  await world.grant(clerk, municipality, { package: 'skattegrunnlag' });
  const plainly = personCaller(clerk);
  const stranger = personCaller(await world.person('NOEN ANDRE'));
  const [taken, thrown, coming] = await Promise.all([1, 2, 3].map(() => send(town, letter([municipality]))));
  const secret = await send(town, letter([municipality], { resourceId: town.sealed, isConfidential: true }));
  const plain = await send(town, letter([municipality]));
  const [words, at] = [{ name: 'Sigrid Skar', reason: 'Feil mottaker' }, ctx.now()];
  await ctx.db.transaction(async (tx) => {
    const right = { permit: true, by: 'owner', path: [] } as unknown as Decision;
    const held = (await holdMessage(tx, taken!))!;
    await recallMessages(tx, [{ held, caller: town.sender, right, by: town.agency.id, ...words }], at);
    settleWatch(tx, [{ about: taken!, party: municipality.id, outcome: 'recalled', at, by: town.agency.id, ...words }]);
  });
  await purgeMessage(ctx, leading, thrown!);
  const why = async (caller: typeof leading, id: string) => {
    const { why: reason, sender, ask } = await world.nothingWritten(() => tellAbsence(ctx, caller, id));
    return [reason, sender, ask];
  };

  assert.deepEqual(await why(leading, taken!), ['recalled', 'ETATEN', []]);
  assert.deepEqual(await why(leading, thrown!), ['deleted', 'ETATEN', []]);
  assert.deepEqual(await why(leading, coming!), ['soon', 'ETATEN', []]);
  assert.deepEqual(await why(plainly, plain), ['no-right', 'ETATEN', [leader.name]]);
  assert.deepEqual(
    await why(leading, secret),
    ['no-right', 'ETATEN', [leader.name]],
    'as of all that lies sealed, to who could let somebody in',
  );
  assert.equal((await tellAbsence(ctx, leading, secret)).mayGive, true);
  assert.equal((await tellAbsence(ctx, leading, taken!)).goneAt, at.toISOString());

  const ofOthers = [taken, coming, secret].map((id) => [stranger, id!] as const);
  for (const [caller, id] of [...ofOthers, [plainly, taken!] as const, [plainly, secret] as const])
    await assert.rejects(
      world.nothingWritten(() => tellAbsence(ctx, caller, id)),
      isNotFound,
    );
  const machine = town.sender;
  await assert.rejects(tellAbsence(ctx, machine, plain), (error) => error instanceof Refusal && error.row.status === 403);
});
