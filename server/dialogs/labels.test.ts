import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialogIdOf } from '#correspondence/index.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { personCaller } from '../../test/world.ts';
import { getDetails } from '../correspondence/read/look-at-message.ts';
import { createTown, letter, outcomeOf, send } from '../correspondence/testing/town.ts';
import { changesBetween, labelsOf, relabelled } from './decide-labels.ts';
import { enduser, openDoor, withScope } from './testing/door.ts';

const town = await createTown();
const { world, citizen, municipality, sender } = town;
const door = await openDoor(world, {
  citizen: withScope(personCaller(citizen)),
  stranger: withScope(personCaller(await world.person('FREMMED FUGL'))),
});
const { ask } = door;
const pathOf = (id: CorrespondenceId) => `${enduser}/dialogs/${dialogIdOf(id)}`;
const put = (id: CorrespondenceId, body: object, headers: Record<string, string> = {}, by = 'citizen') =>
  ask('PUT', `${pathOf(id)}/context/systemlabels`, by, { body, headers });
const labelsIn = async (id: CorrespondenceId) =>
  (await ask('GET', `${enduser}/dialogs`, 'citizen')).body.items.find((one: { id: string }) => one.id === dialogIdOf(id)).endUserContext;
const labelOfDetails = async (id: CorrespondenceId) => (await getDetails(world.ctx, sender, id)).systemLabel;

test('given labels, when some come and some go, then a dialog lies in one folder, and the last one counts', () => {
  const inbox = { folder: 'Default', isMarkedUnopened: false } as const;
  const cases = [
    [inbox, { add: ['Bin', 'Archive'], remove: [] }, ['Archive']],
    [{ folder: 'Bin', isMarkedUnopened: true }, { add: [], remove: ['Bin'] }, ['Default', 'MarkedAsUnopened']],
    [{ folder: 'Bin', isMarkedUnopened: false }, { add: ['Archive'], remove: ['Bin'] }, ['Archive']],
    [{ folder: 'Archive', isMarkedUnopened: true }, { add: ['Default'], remove: ['MarkedAsUnopened'] }, ['Default']],
    [{ folder: 'Archive', isMarkedUnopened: false }, { add: [], remove: ['Bin'] }, ['Archive']],
    [inbox, { add: ['MarkedAsUnopened'], remove: ['MarkedAsUnopened'] }, ['Default', 'MarkedAsUnopened']],
  ] as const;
  for (const [before, change, after] of cases) assert.deepEqual(labelsOf(relabelled(before, change)), after);
  assert.deepEqual(changesBetween(inbox, { folder: 'Bin', isMarkedUnopened: true }), [
    { label: 'Default', action: 'remove' },
    { label: 'Bin', action: 'set' },
    { label: 'MarkedAsUnopened', action: 'set' },
  ]);
});

test('given a dialog, when its reader throws it into the bin and takes it back, then lists, log and details tell, and the watch goes on', async () => {
  const id = await send(town, letter([citizen]));
  const { revision } = await labelsIn(id);
  const binned = await put(id, { addLabels: ['bin'] }, { 'if-match': `"${revision}"` });
  assert.deepEqual([binned.status, binned.body], [204, '']);
  assert.deepEqual(await labelsIn(id), { revision: binned.headers.get('etag')!.replaceAll('"', ''), systemLabels: ['Bin'] });
  assert.equal(await labelOfDetails(id), 'Bin');
  assert.equal(await outcomeOf(town, id), null);
  const { body: inBin } = await ask('GET', `${enduser}/dialogs?systemLabel=Bin`, 'citizen');
  assert.deepEqual([inBin.items.length, inBin.items[0].systemLabel], [1, 'Bin']);

  assert.equal((await put(id, { removeLabels: ['Bin'] })).status, 204);
  assert.deepEqual((await labelsIn(id)).systemLabels, ['Default']);
  const { body: log } = await ask('GET', `${pathOf(id)}/context/labellog`, 'citizen');
  assert.deepEqual(
    log.map(({ name, action, performedBy }: { name: string; action: string; performedBy: { actorName: string } }) => [
      name,
      action,
      performedBy.actorName,
    ]),
    [
      ['systemlabel:Default', 'set', 'OLA NORDMANN'],
      ['systemlabel:Bin', 'remove', 'OLA NORDMANN'],
      ['systemlabel:Bin', 'set', 'OLA NORDMANN'],
      ['systemlabel:Default', 'remove', 'OLA NORDMANN'],
    ],
  );
});

test('given a dialog that was seen and marked as unopened, when it is looked at again, then the mark goes', async () => {
  const id = await send(town, letter([citizen]));
  await ask('GET', pathOf(id), 'citizen');
  assert.equal((await put(id, { systemLabels: ['MarkedAsUnopened'] })).status, 204);
  assert.equal(await labelOfDetails(id), 'MarkedAsUnopened');
  const { body } = await ask('GET', `${enduser}/dialogs?isContentSeen=false`, 'citizen');
  assert.equal(body.items[0].id, dialogIdOf(id));
  const { body: dialog } = await ask('GET', pathOf(id), 'citizen');
  assert.deepEqual([dialog.isContentSeen, dialog.endUserContext.systemLabels], [true, ['Default']]);
  assert.equal((await ask('GET', `${pathOf(id)}/context/labellog`, 'citizen')).body.length, 2);
});

test('given an archived dialog, when something comes into it, then it lies in the inbox again', async () => {
  const id = await send(town, letter([citizen]));
  await put(id, { addLabels: ['Archive'] });
  await world.advance(5);
  await send(town, letter([citizen], { externalReferences: [{ referenceType: 'DialogportenDialogId', referenceValue: dialogIdOf(id) }] }));
  assert.deepEqual((await labelsIn(id)).systemLabels, ['Default']);
  assert.equal(await labelOfDetails(id), 'Default');
  await world.advance(5);
  await put(id, { addLabels: ['Archive'] });
  assert.deepEqual((await labelsIn(id)).systemLabels, ['Archive']);
});

test('given labels that stand, another revision, a label of the system, or a stranger, when labels are set, then nothing is written', async () => {
  const id = await send(town, letter([citizen]));
  const first = await put(id, { addLabels: ['Archive'] });
  const revision = first.headers.get('etag');
  const again = await world.nothingWritten(() => put(id, { addLabels: ['Archive'] }));
  assert.deepEqual([again.status, again.headers.get('etag')], [204, revision]);
  const refused: readonly (readonly [() => ReturnType<typeof put>, number, number])[] = [
    [() => put(id, { addLabels: ['Bin'] }, { 'if-match': dialogIdOf(id) }), 412, 9853],
    [() => put(id, { addLabels: ['Bin'] }, { 'if-match': `${dialogIdOf(id)}, "${dialogIdOf(id)}"` }), 412, 9853],
    [() => put(id, { addLabels: ['Bin'] }, { 'if-match': 'tull' }), 400, 9861],
    [() => put(id, { addLabels: ['Bin'] }, { 'if-match': `${revision}, tull` }), 400, 9861],
    [() => put(id, { addLabels: ['Sent'] }), 422, 9854],
    [() => put(id, { removeLabels: ['Sent'] }), 422, 9854],
    [() => put(id, { addLabels: ['Bin'] }, {}, 'stranger'), 404, 9850],
    [() => put(dialogIdOf(id) as CorrespondenceId, { addLabels: ['Bin'] }), 404, 9850],
  ];
  for (const [act, status, code] of refused) {
    const answer = await world.nothingWritten(act);
    assert.deepEqual([answer.status, answer.body.errorCode], [status, code]);
  }
  assert.equal((await world.nothingWritten(() => put(id, { addLabels: ['Nothing'] }))).status, 400);
});

test('given the revision that a change gave, when it is named in any form that HTTP has, then the next change is taken', async () => {
  const id = await send(town, letter([citizen]));
  const forms = [
    (revision: string) => revision,
    (revision: string) => `"${revision}"`,
    (revision: string) => `W/"${revision}"`,
    (revision: string) => `"${dialogIdOf(id)}", "${revision.toUpperCase()}"`,
    () => '*',
  ];
  let { revision } = await labelsIn(id);
  for (const [i, form] of forms.entries()) {
    const answer = await put(id, { addLabels: [i % 2 ? 'Bin' : 'Archive'] }, { 'if-match': form(revision) });
    assert.equal(answer.status, 204, form(revision));
    revision = answer.headers.get('etag');
    assert.equal(revision, (await labelsIn(id)).revision); // bare, as the original gives it
  }
});

test('given many dialogs, when they are moved at once, then all are or none is', async () => {
  const ids = [await send(town, letter([citizen])), await send(town, letter([citizen]))];
  const others = await send(town, letter([municipality]));
  const bulk = (dialogs: readonly object[]) =>
    ask('POST', `${enduser}/dialogs/context/systemlabels/actions/bulkset`, 'citizen', { body: { dialogs, addLabels: ['Archive'] } });
  const named = (id: CorrespondenceId) => ({ dialogId: dialogIdOf(id) });
  const none = await world.nothingWritten(() => bulk([...ids.map(named), named(others)]));
  assert.equal(none.status, 404);
  const stale = await world.nothingWritten(() => bulk([named(ids[0]!), { ...named(ids[1]!), endUserContextRevision: dialogIdOf(others) }]));
  assert.equal(stale.status, 412);
  assert.equal((await bulk([...ids.map(named), named(ids[0]!)])).status, 204);
  for (const id of ids) assert.deepEqual((await labelsIn(id)).systemLabels, ['Archive']);
  assert.equal((await bulk([])).status, 400);
});

test('given eight who set labels on one revision at once, when they are answered, then one has it', async () => {
  const id = await send(town, letter([citizen]));
  const { revision } = await labelsIn(id);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => put(id, { addLabels: [i % 2 ? 'Bin' : 'Archive'] }, { 'if-match': revision })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, ...Array.from({ length: 7 }, () => 412)]);
});
