import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialogIdOf } from '#correspondence/index.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { allRecorded } from '../../test/all-recorded.ts';
import { personCaller } from '../../test/world.ts';
import { getOverview } from '../correspondence/read/look-at-message.ts';
import { publishDue } from '../correspondence/send/publish-due.ts';
import { createTown, evidenceOf, historyOf, letter, outcomeOf, scan, send, sendAll } from '../correspondence/testing/town.ts';
import { enduser, openDoor, withScope } from './testing/door.ts';

const town = await createTown();
const { world, citizen, municipality, leader } = town;
const colleague = await world.person('PER KOLLEGA');
await world.role(colleague, 'DAGL', municipality);
const stranger = await world.person('FREMMED FUGL');
const door = await openDoor(world, {
  citizen: withScope(personCaller(citizen)),
  leader: withScope(personCaller(leader)),
  colleague: withScope(personCaller(colleague)),
  stranger: withScope(personCaller(stranger)),
});
const { ask } = door;
const pathOf = (id: CorrespondenceId) => `${enduser}/dialogs/${dialogIdOf(id)}`;
const contentOf = (id: CorrespondenceId) => `/correspondence/api/v1/correspondence/${id}/content`;

test('given a letter with files and everything, when its reader looks at its dialog, then it shows all but the body, and opens nothing', async () => {
  const files = ['a.pdf', 'b.txt'].map((fileName) => ({ fileName, displayName: `Fil ${fileName}`, sendersReference: fileName }));
  const sent = await sendAll(
    town,
    letter([citizen], {
      content: {
        messageTitle: 'Vedtak om barnehage',
        messageSummary: 'Du har **fått** <b>plass</b>',
        messageBody: 'Hemmelig tekst',
        attachments: files,
      },
      messageSender: 'Oppvekst',
      isConfirmationNeeded: true,
      dueDateTime: new Date(world.ctx.now().getTime() + 864e5).toISOString(),
      replyOptions: [{ linkURL: 'https://svar.example/a', linkText: '' }],
      externalReferences: [{ referenceType: 'DialogportenProcessId', referenceValue: 'urn:prosess:1' }],
    }),
    [await world.file('a.pdf', 'a'), await world.file('b.txt', 'b')],
  );
  await scan(town, sent.attachmentIds);
  const id = sent.correspondences[0]!.correspondenceId as CorrespondenceId;

  const { status, body: dialog } = await ask('GET', pathOf(id), 'citizen');
  assert.equal(status, 200, JSON.stringify(dialog));
  assert.equal(dialog.id, dialogIdOf(id));
  assert.equal(dialog.party, `urn:altinn:person:identifier-no:${citizen.number}`);
  assert.deepEqual(
    [dialog.org, dialog.serviceResource, dialog.serviceResourceType],
    ['etaten', 'urn:altinn:resource:brev', 'CorrespondenceService'],
  );
  assert.deepEqual([dialog.status, dialog.process, dialog.externalReference], ['RequiresAttention', 'urn:prosess:1', 'sak-1']);
  assert.deepEqual(
    [dialog.content.title.value, dialog.content.senderName.value],
    [[{ languageCode: 'nb', value: 'Vedtak om barnehage' }], [{ languageCode: 'nb', value: 'Oppvekst' }]],
  );
  assert.equal(dialog.content.summary.value[0].value, 'Du har fått plass');
  assert.equal(dialog.content.mainContentReference.value[0].value, `http://post.example${contentOf(id)}`);
  assert.deepEqual(
    dialog.attachments.map((one: { displayName: { value: string }[] }) => one.displayName[0]!.value),
    ['Alle vedlegg', 'Fil a.pdf', 'Fil b.txt'],
  );
  assert.deepEqual(
    dialog.guiActions.map(({ priority, httpMethod, title }: { priority: string; httpMethod: string; title: { value: string }[] }) => [
      priority,
      httpMethod,
      title[0]!.value,
    ]),
    [
      ['Primary', 'POST', 'Bekreft'],
      ['Tertiary', 'GET', 'Gå til tjeneste'],
      ['Tertiary', 'DELETE', 'Slett'],
    ],
  );
  assert.deepEqual(
    dialog.apiActions.map(({ name }: { name: string }) => name),
    [
      'getCorrespondence',
      'purgeCorrespondence',
      'confirmCorrespondence',
      'downloadCorrespondenceAttachment',
      'downloadCorrespondenceAttachment',
    ],
  );
  assert.deepEqual([dialog.hasUnopenedContent, dialog.isContentSeen], [true, true]);
  assert.ok(!JSON.stringify(dialog).includes('Hemmelig'));

  assert.deepEqual(await historyOf(town, id), ['Initialized', 'ReadyForPublish', 'Published']);
  assert.equal((await evidenceOf(town, id)).at(-1), 'OverviewFetched nothing');
  assert.equal(await outcomeOf(town, id), null);
});

test('given a dialog token, when its holder fetches the body and confirms, then the letter is opened and confirmed, and the log tells by whom', async () => {
  const due = new Date(world.ctx.now().getTime() + 864e5).toISOString();
  const id = await send(town, letter([citizen], { isConfirmationNeeded: true, dueDateTime: due }));
  const { dialogToken } = (await ask('GET', pathOf(id), 'citizen')).body;
  const content = await ask('GET', contentOf(id), dialogToken);
  await allRecorded();
  assert.deepEqual([content.status, content.body], [200, 'Du har fått et vedtak.']);
  const confirmed = await ask('POST', contentOf(id).replace('content', 'confirm'), dialogToken);
  assert.equal(confirmed.status, 200);
  assert.equal(await outcomeOf(town, id), 'confirmed');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched', 'Read', 'Confirmed']);

  const { body: dialog } = await ask('GET', pathOf(id), 'citizen');
  assert.deepEqual([dialog.status, dialog.hasUnopenedContent], ['NotApplicable', false]);
  assert.deepEqual(
    dialog.activities.map(({ type, performedBy }: { type: string; performedBy: { actorName: string } }) => [type, performedBy.actorName]),
    [
      ['CorrespondenceOpened', 'OLA NORDMANN'],
      ['CorrespondenceConfirmed', 'OLA NORDMANN'],
    ],
  );
  assert.ok(!JSON.stringify(dialog.activities).includes(citizen.number!));
  const { body: list } = await ask('GET', `${pathOf(id)}/activities`, 'citizen');
  assert.deepEqual(list.length, 2);
  const one = await ask('GET', `${pathOf(id)}/activities/${list[1].id}`, 'citizen');
  assert.deepEqual(one.body, dialog.activities[1]);
  assert.equal((await ask('GET', `${pathOf(id)}/activities/${dialogIdOf(id)}`, 'citizen')).body.errorCode, 9858);
});

test('given two readers of a municipality, when both look twice, then the log names each once, and each knows which is oneself', async () => {
  const id = await send(town, letter([municipality]));
  for (const by of ['leader', 'colleague', 'leader']) assert.equal((await ask('GET', pathOf(id), by)).status, 200);
  const { body: log } = await ask('GET', `${pathOf(id)}/seenlog`, 'leader');
  assert.deepEqual(
    log.map(({ seenBy, isCurrentEndUser }: { seenBy: { actorName: string; actorId: string }; isCurrentEndUser: boolean }) => [
      seenBy.actorName,
      isCurrentEndUser,
    ]),
    [
      ['PER KOLLEGA', false],
      ['KARI NORDMANN', true],
    ],
  );
  for (const { seenBy } of log) assert.match(seenBy.actorId, /^urn:altinn:person:identifier-ephemeral:[0-9a-f]{10}$/);
  assert.deepEqual((await ask('GET', `${pathOf(id)}/seenlog/${log[0].id}`, 'leader')).body, log[0]);
  assert.equal((await ask('GET', `${pathOf(id)}/seenlog/${dialogIdOf(id)}`, 'leader')).body.errorCode, 9860);
  await world.nothingWritten(() => ask('GET', pathOf(id), 'leader'));
});

test('given eight looks of one reader at once, when they are answered, then one is written', async () => {
  const id = await send(town, letter([citizen]));
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask('GET', pathOf(id), 'citizen')));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal((await ask('GET', `${pathOf(id)}/seenlog`, 'citizen')).body.length, 1);
});

test('given a letter into a dialog, when its reader looks, then the transmission is there, unopened, until its body is fetched with the token of the dialog', async () => {
  const first = await send(town, letter([citizen]));
  const before = (await ask('GET', pathOf(first), 'citizen')).body;
  await world.advance(1);
  const second = await send(
    town,
    letter([citizen], {
      content: { messageTitle: 'Mer om saken' },
      externalReferences: [
        { referenceType: 'DialogportenDialogId', referenceValue: dialogIdOf(first) },
        { referenceType: 'DialogportenTransmissionType', referenceValue: 'decision' },
      ],
    }),
  );
  const { body: list } = await ask('GET', `${enduser}/dialogs?limit=1`, 'citizen');
  assert.deepEqual([list.items[0].id, list.items[0].isContentSeen], [dialogIdOf(first), false]);
  const { body: dialog } = await ask('GET', pathOf(first), 'citizen');
  assert.ok(dialog.contentUpdatedAt > before.contentUpdatedAt);
  const [transmission] = dialog.transmissions;
  assert.deepEqual([transmission.id, transmission.type, transmission.isOpened], [dialogIdOf(second), 'Decision', false]);
  assert.equal((await ask('GET', contentOf(second), dialog.dialogToken)).status, 200);
  const after = (await ask('GET', pathOf(first), 'citizen')).body;
  assert.deepEqual([after.transmissions[0].isOpened, after.activities.at(-1).type], [true, 'TransmissionOpened']);
  assert.equal(after.activities.at(-1).transmissionId, dialogIdOf(second));
  const { body: details } = await ask('GET', `${pathOf(first)}/transmissions`, 'citizen');
  assert.deepEqual((await ask('GET', `${pathOf(first)}/transmissions/${details[0].id}`, 'citizen')).body, details[0]);
  assert.equal((await ask('GET', `${pathOf(first)}/transmissions/${dialogIdOf(first)}`, 'citizen')).body.errorCode, 9859);
  assert.equal((await ask('GET', pathOf(second), 'citizen')).status, 404); // it has no dialog of its own
});

test('given a sealed letter into an open dialog, when one looks who may read the dialog alone, then nothing of it is told', async () => {
  const first = await send(town, letter([municipality]));
  const second = await send(
    town,
    letter([municipality], {
      resourceId: 'taushetsbelagt',
      isConfidential: true,
      content: { messageTitle: 'Bekymring' },
      externalReferences: [{ referenceType: 'DialogportenDialogId', referenceValue: dialogIdOf(first) }],
    }),
  );
  const { body: dialog } = await ask('GET', pathOf(first), 'leader');
  assert.deepEqual(dialog.transmissions, []);
  assert.ok(!JSON.stringify(dialog).includes('Bekymring'));
  assert.equal((await ask('GET', contentOf(second), dialog.dialogToken)).status, 401);
});

test('given a deleted letter and one that is not published, when their dialogs are asked for, then they are not there', async () => {
  const deleted = await send(town, letter([citizen]));
  const { dialogToken } = (await ask('GET', pathOf(deleted), 'citizen')).body;
  assert.equal((await ask('DELETE', contentOf(deleted).replace('content', 'purge'), dialogToken)).status, 200);
  const later = await send(town, letter([citizen], { requestedPublishTime: new Date(world.ctx.now().getTime() + 864e5).toISOString() }));
  for (const id of [deleted, later]) {
    const answer = await ask('GET', pathOf(id), 'citizen');
    assert.deepEqual([answer.status, answer.body.errorCode], [404, 9850]);
  }
});

test('given unread letters in a dialog, when its first letter is deleted, then they have dialogs of their own, and can be opened and deleted', async () => {
  const into = { referenceType: 'DialogportenDialogId' } as const;
  const first = await send(town, letter([citizen]));
  const references = { externalReferences: [{ ...into, referenceValue: dialogIdOf(first) }] };
  const second = await send(town, letter([citizen], references));
  const later = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const third = await send(town, letter([citizen], { ...references, requestedPublishTime: later }));
  const { dialogToken } = (await ask('GET', pathOf(first), 'citizen')).body;
  assert.equal((await ask('DELETE', contentOf(first).replace('content', 'purge'), dialogToken)).status, 200);
  assert.equal((await ask('GET', contentOf(second), dialogToken)).status, 401);

  const { body: own } = await ask('GET', pathOf(second), 'citizen');
  assert.deepEqual([own.id, own.hasUnopenedContent, own.transmissions], [dialogIdOf(second), true, []]);
  assert.equal((await ask('GET', contentOf(second), own.dialogToken)).status, 200);
  const { externalReferences } = await getOverview(world.ctx, personCaller(citizen), second);
  assert.deepEqual(externalReferences, [{ ...into, referenceValue: dialogIdOf(second) }]);
  assert.equal((await ask('DELETE', contentOf(second).replace('content', 'purge'), own.dialogToken)).status, 200);

  await world.advance(3_601);
  await publishDue(world.ctx);
  assert.equal((await ask('GET', pathOf(third), 'citizen')).status, 200);
});

test('given letters that come into a dialog while its first letter is deleted, when all is done, then each can be found', async () => {
  for (let round = 0; round < 3; round++) {
    const first = await send(town, letter([citizen]));
    const { dialogToken } = (await ask('GET', pathOf(first), 'citizen')).body;
    const references = { externalReferences: [{ referenceType: 'DialogportenDialogId' as const, referenceValue: dialogIdOf(first) }] };
    const [purge, ...sent] = await Promise.allSettled([
      ask('DELETE', contentOf(first).replace('content', 'purge'), dialogToken),
      ...Array.from({ length: 5 }, () => send(town, letter([citizen], references))),
    ]);
    assert.ok(purge!.status === 'fulfilled');
    for (const one of sent) {
      if (one.status === 'fulfilled') assert.equal((await ask('GET', pathOf(one.value as CorrespondenceId), 'citizen')).status, 200);
      else assert.equal((one.reason as { row?: { code: number } }).row?.code, 1054);
    }
  }
});
