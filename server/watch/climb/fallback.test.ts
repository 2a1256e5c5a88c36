import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confidentialPackage, Town } from '../testing/town.ts';

const town = await Town.open();
const reserve = await town.organization('Statsforvalteren', [{ channel: 'email', address: 'reserve@statsforvalteren.example' }]);
const toReserve = { unreachable: 'fallback' as const, fallback: reserve };

test('given a resource with a fallback party, when nobody can open its post nor let anybody in, then the fallback is told, and again at the reminder', async () => {
  const empty = await town.organization('Tomt hus');
  const resource = await town.resource([`package:${confidentialPackage}`], toReserve);

  const letter = await town.sent(empty, resource);
  await town.work();

  assert.deepEqual(await town.notices(letter), ['Statsforvalteren fallback email due']);
  await town.pass(7);
  assert.deepEqual(await town.notices(letter), ['Statsforvalteren fallback email due', 'Statsforvalteren fallback email due']);
  assert.ok((await town.events(letter)).includes('no-opener'));
  await town.invariantsHold();
});

test('given a fallback party, when somebody could let somebody in or somebody can open, then the fallback hears nothing', async () => {
  const { party: sealed } = await town.municipality('Skien kommune');
  const { party: open } = await town.municipality('Bamble kommune');
  const [confidential, ordinary] = [
    await town.resource([`package:${confidentialPackage}`], toReserve),
    await town.resource(['DAGL'], toReserve),
  ];

  const letters = [await town.sent(sealed, confidential), await town.sent(open, ordinary)];
  await town.work();

  for (const letter of letters) assert.ok((await town.notices(letter)).every((notice) => !notice.includes('fallback')));
  assert.ok((await town.notices(letters[0]!)).length > 0);
});

test('given a resource that only accepts, when nobody can open its post, then nobody but the sender is told', async () => {
  const resource = await town.resource([`package:${confidentialPackage}`], { unreachable: 'accept' });

  const letter = await town.sent(await town.organization('Tomt hus igjen'), resource);
  await town.work();

  assert.deepEqual(await town.notices(letter), []);
});

test('given a fallback party that has no address, when nobody can open, then the sender is told at once, and evidence says that nobody else was', async () => {
  const mute = await town.organization('Uten adresse', []);
  const empty = await town.organization('Tomt hus til');
  const resource = await town.resource([`package:${confidentialPackage}`], { unreachable: 'fallback', fallback: mute });

  const letter = await town.sent(empty, resource);
  await town.work();

  assert.ok((await town.evidence(letter)).includes('ConsignmentNotificationFailure notify'));
  const { rows } = await town.db.pool.query<{ told: Date | null }>('select told_at as told from watch.item where about = $1', [
    letter.about,
  ]);
  assert.ok(rows[0]!.told);
  await town.invariantsHold();
});
