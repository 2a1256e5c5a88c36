import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StartError } from '#kernel/start-error.ts';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { findBinaries } from './binaries.ts';
import { initializeCluster } from './initialize.ts';
import { choosePlace, hasCluster, type Place } from './place.ts';
import { completeCluster, refuseReserved, releaseCluster, reserveCluster, reservedName, versionUntilWhole } from './reserve.ts';

const folder = makeScratchDirectory();
after(() => rmSync(folder, { recursive: true, force: true }));
const [one, two] = ['111111111111', '222222222222'];

let count = 0;
const newPlace = (): Place => choosePlace(join(folder, `data-${++count}`));
const refused = (pattern: RegExp) => (error: unknown) => error instanceof StartError && pattern.test(error.message);
const noteIn = (place: Place) => JSON.parse(readFileSync(join(place.cluster, reservedName), 'utf8'));

test('given a server that is making its database, when a restore takes the place first, then the server is refused and leaves nothing', async () => {
  const place = newPlace();
  const starting = initializeCluster(place, findBinaries(place.runAs));

  reserveCluster(place, one);

  await assert.rejects(starting, refused(/^A back-up is being restored into .* Start when that has ended/));
  assert.deepEqual([readdirSync(place.dataDir), readdirSync(place.cluster)], [['postgres'], [reservedName]]);
});

test('given a database, when a restore wants its place, then it is refused and the database is as it was', async () => {
  const place = newPlace();
  await initializeCluster(place, findBinaries(place.runAs));
  const before = readdirSync(place.cluster);

  assert.throws(() => reserveCluster(place, one), refused(/There is a database/));
  releaseCluster(place, one);

  assert.deepEqual(readdirSync(place.cluster), before);
});

test('given a restore under way, when another wants the place or gives it up, then the first keeps it', () => {
  const place = newPlace();
  reserveCluster(place, one);

  assert.throws(() => reserveCluster(place, two), refused(/is being restored/));
  releaseCluster(place, two);

  assert.equal(noteIn(place).mark, one);
  releaseCluster(place, one);
  assert.deepEqual(readdirSync(place.dataDir), []);
});

test('given a restore that came to its end, when its place is given up, then the database stays, and a server may start', () => {
  const place = newPlace();
  reserveCluster(place, one);
  writeFileSync(join(place.cluster, versionUntilWhole), '18\n');
  assert.equal(hasCluster(place.cluster), false);

  completeCluster(place);
  releaseCluster(place, one);

  assert.equal(hasCluster(place.cluster), true);
  refuseReserved(place);
});

for (const [who, change, isGone] of [
  ['a process of this machine that is gone', { process: 2 ** 22 + 1 }, true],
  ['a process whose number is another’s by now', { began: '1' }, true],
  ['a process of before the machine started anew', { boot: 'before' }, true],
  ['a process of another machine', { host: 'elsewhere', boot: 'before' }, false],
  ['a process of another container on this machine', { space: 'pid:[1]', began: '1' }, false],
] as const) {
  test(`given the remains of ${who}, when the place is wanted, then it is ${isGone ? 'taken over, by its mark' : 'left, with what to do'}`, () => {
    const place = newPlace();
    reserveCluster(place, one);
    writeFileSync(join(place.cluster, reservedName), JSON.stringify({ ...noteIn(place), ...change }));

    if (isGone) assert.equal(reserveCluster(place, two), one);
    else assert.throws(() => reserveCluster(place, two), refused(/remove .* and restore again/));

    assert.equal(noteIn(place).mark, isGone ? two : one);
    assert.deepEqual(readdirSync(place.dataDir), ['postgres']);
  });
}

test('given a note that the power cut short, when the place is wanted, then it is taken over', () => {
  const place = newPlace();
  mkdirSync(place.cluster, { mode: 0o700 });
  writeFileSync(join(place.cluster, reservedName), '');

  assert.equal(reserveCluster(place, two), '');
  assert.equal(noteIn(place).mark, two);
});
