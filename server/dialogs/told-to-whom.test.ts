import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveGrants } from '#access/index.ts';
import { dialogIdOf } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader, Sql } from '#kernel/database.ts';
import type { CorrespondenceId, ResourceId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import { allRecorded } from '../../test/all-recorded.ts';
import { personCaller } from '../../test/world.ts';
import { publishDue } from '../correspondence/send/publish-due.ts';
import { createTown, letter, outcomeOf, scan, send, sendAll } from '../correspondence/testing/town.ts';
import { findDialog } from './find-dialog.ts';
import { gatherDialog } from './gather-dialog.ts';
import { enduser, openDoor, withScope } from './testing/door.ts';

const town = await createTown();
const { world, citizen, municipality, leader } = town;
const holder = await world.person('HAR FÅTT ETT');
const sealedReader = await world.person('LESER FORTROLIG');
await world.role(sealedReader, 'DAGL', municipality);
await world.grant(sealedReader, municipality, { package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
const callers: Record<string, Caller> = {
  citizen: withScope(personCaller(citizen)),
  leader: withScope(personCaller(leader)),
  sealedReader: withScope(personCaller(sealedReader)),
  holder: withScope(personCaller(holder)),
};
const { ask, ctx } = await openDoor(world, callers);
const pathOf = (id: CorrespondenceId) => `${enduser}/dialogs/${dialogIdOf(id)}`;
const contentOf = (id: CorrespondenceId) => `/correspondence/api/v1/correspondence/${id}/content`;
const sealed = { resourceId: 'taushetsbelagt', isConfidential: true } as const;
const into = (id: CorrespondenceId) => ({
  externalReferences: [{ referenceType: 'DialogportenDialogId' as const, referenceValue: dialogIdOf(id) }],
});
const list = async (by: string, query = '') => (await ask('GET', `${enduser}/dialogs?${query}`, by)).body.items;
const idsFor = async (by: string): Promise<string[]> => (await list(by)).map(({ id }: { id: string }) => id);

async function give(id: CorrespondenceId, to: Party): Promise<void> {
  const grant = { at: municipality.id, to: to.id, resource: 'brev' as ResourceId, instance: id, actions: ['read'] };
  await world.db.transaction(async (tx) => saveGrants(tx, [grant]));
}

/** What a reader is told of a dialog: its line in the list, itself without the token, and its logs. */
async function toldOf(id: CorrespondenceId, by: string) {
  const { dialogToken: _, ...dialog } = (await ask('GET', pathOf(id), by)).body;
  const parts = await Promise.all(
    ['activities', 'transmissions', 'seenlog', 'context/labellog'].map(
      async (part) => (await ask('GET', `${pathOf(id)}/${part}`, by)).body,
    ),
  );
  return { dialog, parts, line: (await list(by)).find((one: { id: string }) => one.id === dialogIdOf(id)) };
}

test('given an opened, archived letter, when a sealed one is sent into its dialog, then neither list nor dialog tells it, and its readers find it', async () => {
  const first = await send(town, letter([municipality]));
  const { dialogToken } = (await ask('GET', pathOf(first), 'leader')).body;
  await ask('GET', contentOf(first), dialogToken);
  await ask('PUT', `${pathOf(first)}/context/systemlabels`, 'leader', { body: { addLabels: ['Archive'] } });
  const before = await toldOf(first, 'leader');
  assert.equal(before.line.hasUnopenedContent, false);
  await world.advance(60);
  const second = await send(town, letter([municipality], { ...sealed, ...into(first) }));
  assert.deepEqual(await toldOf(first, 'leader'), before);
  assert.equal((await ask('GET', pathOf(second), 'leader')).status, 404);
  assert.ok((await idsFor('sealedReader')).includes(dialogIdOf(second)));
  const { body: own } = await ask('GET', pathOf(second), 'sealedReader');
  assert.equal((await ask('GET', contentOf(second), own.dialogToken)).status, 200);
});

test('given a sealed letter, when an open one is sent into its dialog, then those who may read the open one alone find and open it', async () => {
  const first = await send(town, letter([municipality], sealed));
  const second = await send(town, letter([municipality], into(first)));
  const found = await idsFor('leader');
  assert.ok(found.includes(dialogIdOf(second)) && !found.includes(dialogIdOf(first)));
  const { body: dialog } = await ask('GET', pathOf(second), 'leader');
  assert.ok(!JSON.stringify(dialog).includes(dialogIdOf(first)));
  assert.equal((await ask('GET', contentOf(second), dialog.dialogToken)).status, 200);
  await allRecorded();
  assert.equal(await outcomeOf(town, second), 'opened');
});

test('given one who was given the first letter of a dialog alone, when another comes into it and is read, then that one is told nothing', async () => {
  const first = await send(town, letter([municipality]));
  await give(first, holder);
  await ask('PUT', `${pathOf(first)}/context/systemlabels`, 'holder', { body: { addLabels: ['Archive'] } });
  await ask('GET', pathOf(first), 'leader');
  const before = await toldOf(first, 'holder');
  await world.advance(60);
  const second = await send(town, letter([municipality], into(first)));
  const { body: whole } = await ask('GET', pathOf(first), 'leader');
  assert.equal(whole.transmissions.length, 1);
  assert.equal((await ask('GET', contentOf(second), whole.dialogToken)).status, 200);
  assert.deepEqual(await toldOf(first, 'holder'), before);
  assert.equal((await ask('GET', pathOf(second), 'holder')).status, 404);
});

test('given one who was given a transmission alone, when it lists, then that is a dialog by itself, to be opened and archived, not deleted', async () => {
  const first = await send(town, letter([municipality]));
  const second = await send(town, letter([municipality], into(first)));
  await give(second, holder);
  const found = await idsFor('holder');
  assert.ok(found.includes(dialogIdOf(second)) && !found.includes(dialogIdOf(first)));
  const { body: dialog } = await ask('GET', pathOf(second), 'holder');
  assert.deepEqual([dialog.id, dialog.transmissions, dialog.hasUnopenedContent], [dialogIdOf(second), [], true]);
  assert.ok(!JSON.stringify([dialog.guiActions, dialog.apiActions]).includes('purge'));
  assert.equal((await ask('GET', contentOf(first), dialog.dialogToken)).status, 401);
  assert.equal((await ask('GET', contentOf(second), dialog.dialogToken)).status, 200);
  await allRecorded();
  assert.equal(await outcomeOf(town, second), 'opened');
  assert.equal((await ask('PUT', `${pathOf(second)}/context/systemlabels`, 'holder', { body: { addLabels: ['Bin'] } })).status, 204);
  const after = await toldOf(second, 'holder');
  assert.deepEqual([after.line.systemLabel, after.dialog.activities[0].type], ['Bin', 'CorrespondenceOpened']);
  for (const by of ['leader', 'citizen']) assert.equal((await ask('GET', pathOf(second), by)).status, 404); // to the leader it is in the other
  await give(first, holder);
  const both = await idsFor('holder');
  assert.deepEqual([...new Set(both)], both);
  assert.ok(both.includes(dialogIdOf(first)) && both.includes(dialogIdOf(second)));
});

test('given one who was given letters alone and has some in its own inbox, when it pages both ways, then each comes once and in order', async () => {
  const sent: CorrespondenceId[] = [];
  const pager = await world.person('BLAR I SIDER');
  callers.pager = withScope(personCaller(pager));
  for (const isOwn of [true, false, false, true]) {
    await world.advance(60);
    const host = isOwn ? undefined : await send(town, letter([municipality]));
    await world.advance(60);
    const id = await send(town, host ? letter([municipality], into(host)) : letter([pager]));
    if (!isOwn) await give(id, pager);
    sent.push(id);
  }
  for (const order of ['asc', 'desc']) {
    const seen: string[] = [];
    let token = '';
    do {
      const { body } = await ask('GET', `${enduser}/dialogs?limit=1&orderBy=contentUpdatedAt_${order}${token}`, 'pager');
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      token = body.continuationToken ? `&continuationToken=${body.continuationToken}` : '';
    } while (token !== '' && seen.length < 9);
    assert.deepEqual(seen, order === 'asc' ? dialogs(...sent) : dialogs(...sent).reverse());
  }
});

test('given a letter for later, when another is sent into its dialog, then it is found at once, and later both are', async () => {
  const at = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const first = await send(town, letter([citizen], { requestedPublishTime: at }));
  const second = await send(town, letter([citizen], into(first)));
  assert.deepEqual(await idsFor('citizen'), [dialogIdOf(second)]);
  assert.equal((await ask('GET', pathOf(second), 'citizen')).status, 200);
  const [{ contentUpdatedAt: last }] = await list('citizen');
  await world.advance(3_601);
  await publishDue(world.ctx);
  const followed = await list('citizen', `orderBy=contentUpdatedAt_asc&contentUpdatedAfter=${encodeURIComponent(last)}`);
  assert.deepEqual(
    followed.map(({ id }: { id: string }) => id),
    dialogs(second, first),
  );
});
const dialogs = (...ids: CorrespondenceId[]) => ids.map(dialogIdOf);

test('given a follower of the list, when the first letter of a dialog is deleted, then it learns of those that stood in it', async () => {
  const first = await send(town, letter([citizen]));
  const second = await send(town, letter([citizen], into(first)));
  await world.advance(60);
  const last = world.ctx.now().toISOString();
  const { dialogToken } = (await ask('GET', pathOf(first), 'citizen')).body;
  assert.equal((await ask('DELETE', contentOf(first).replace('content', 'purge'), dialogToken)).status, 200);
  const followed = await list('citizen', `contentUpdatedAfter=${encodeURIComponent(last)}`);
  assert.deepEqual(
    followed.map(({ id }: { id: string }) => id),
    dialogs(second),
  );
});

test('given a dialog with files and a transmission that was opened, when it is listed, then list and dialog tell the same', async () => {
  const files = ['a.pdf', 'b.txt'].map((fileName) => ({ fileName, displayName: fileName, sendersReference: fileName }));
  const forms = [await world.file('a.pdf', 'a'), await world.file('b.txt', 'b')];
  const sent = await sendAll(town, letter([citizen], { content: { attachments: files } }), forms);
  await scan(town, sent.attachmentIds);
  const first = sent.correspondences[0]!.correspondenceId as CorrespondenceId;
  const second = await send(town, letter([citizen], into(first)));
  const fetchFile = async () => {
    const { dialogToken, attachments } = (await ask('GET', pathOf(first), 'citizen')).body;
    const url = new URL(attachments.at(-1).urls[0].url);
    assert.equal((await ask('GET', url.pathname, dialogToken)).status, 200);
  };
  const open = async () => {
    const { dialogToken } = (await ask('GET', pathOf(first), 'citizen')).body;
    assert.equal((await ask('GET', contentOf(second), dialogToken)).status, 200);
  };
  for (const act of [fetchFile, open]) {
    await world.advance(60);
    await act();
    const { line, dialog } = await toldOf(first, 'citizen');
    const { performedBy: _, ...latest } = dialog.activities.at(-1);
    const { performedBy: __, ...listed } = line.latestActivity;
    assert.deepEqual(listed, latest);
    assert.equal(line.guiAttachmentCount, dialog.attachments.length);
    for (const name of ['updatedAt', 'contentUpdatedAt', 'hasUnopenedContent', 'isContentSeen', 'fromServiceOwnerTransmissionsCount'])
      assert.deepEqual(line[name], dialog[name], name);
  }
  const { line } = await toldOf(first, 'citizen');
  assert.equal(line.updatedAt, line.latestActivity.createdAt);
});

test('given a dialog, when ten more letters come into it, then it takes as many statements to show as before', async () => {
  const first = await send(town, letter([citizen]));
  await send(town, letter([citizen], into(first)));
  const count = async () => {
    let statements = 0;
    const counted =
      <T>(work: (query: Sql) => Promise<T>) =>
      (query: Sql) => {
        statements++;
        return work(query);
      };
    const { all, maybe, one } = world.db;
    const reader = { all: counted(all.bind(world.db)), maybe: counted(maybe.bind(world.db)), one: counted(one.bind(world.db)) } as Reader;
    const { facts } = await findDialog(world.db, callers.citizen!, dialogIdOf(first));
    const { items } = await gatherDialog(reader, callers.citizen!, facts, ctx.now());
    return { statements, items: items.length };
  };
  const before = await count();
  for (let i = 0; i < 10; i++) await send(town, letter([citizen], into(first)));
  assert.deepEqual(await count(), { statements: before.statements, items: before.items + 10 });
});
