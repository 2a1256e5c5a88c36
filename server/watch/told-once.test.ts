import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { onAccessChanged } from '#access/index.ts';
import { reevaluate, sweepVersions } from './reevaluate.ts';
import { confidentialPackage, Town } from './testing/town.ts';

/** Two may see that the last opener is gone, a change of access and a step that is due: the sender hears it from one of them. */
const town = await Town.open();
const sealed = await town.resource([`package:${confidentialPackage}`]);
onAccessChanged.fill(async () => {});
after(() => onAccessChanged.fill(async () => {}));

async function openLetter(name: string) {
  const { party } = await town.municipality(name);
  const worker = await town.person('Saks', `${party.slice(-8)}@example.no`);
  await town.give(worker, party, { package: confidentialPackage });
  const letter = await town.sent(party, sealed);
  assert.equal((await town.watch(letter)).openers, 1);
  return { party, worker, letter };
}
const lost = (evidence: readonly string[]) => evidence.filter((line) => line === 'AccessLost').length;
const told = (events: readonly string[]) => events.filter((event) => event === 'no-opener').length;

for (const [first, see] of [
  ['the step itself', async () => {}],
  ['the sweeper', async () => void (await sweepVersions(town.ctx))],
] as const)
  test(`given a letter whose first step is not taken yet, when its last opener goes and ${first} sees it first, then the sender is told once`, async () => {
    const { party, letter } = await openLetter(`Kommune ${first}`);
    await town.takeAway(party);
    await see();
    await town.work();
    assert.deepEqual([lost(await town.evidence(letter)), told(await town.events(letter))], [1, 1]);
    assert.ok((await town.evidence(letter)).includes('LadderStep notify'), 'that the step was passed over is recorded all the same');
    await town.work();
    assert.equal(told(await town.events(letter)), 1);
  });

test('given a letter whose first step is not taken yet, when the very change of access tells that nobody can open, then the step does not tell it again', async () => {
  const { party, letter } = await openLetter('Rask kommune');
  onAccessChanged.fill(reevaluate);
  await town.takeAway(party);
  onAccessChanged.fill(async () => {});
  await town.work();
  assert.deepEqual([lost(await town.evidence(letter)), told(await town.events(letter))], [1, 1]);
});

test('given a sender that has heard it, when somebody can open and then nobody can again, or when a later step finds nobody, then it hears it again', async () => {
  const { party, worker, letter } = await openLetter('Vinglete kommune');
  await town.work();
  for (const times of [1, 2]) {
    await town.takeAway(party);
    await sweepVersions(town.ctx);
    await town.work();
    assert.deepEqual([lost(await town.evidence(letter)), told(await town.events(letter))], [times, times]);
    if (times === 1) await town.give(worker, party, { package: confidentialPackage });
    await sweepVersions(town.ctx);
    await town.work();
  }
  const before = told(await town.events(letter));
  await town.db.pool.query('delete from access.role_assignment where at_id = $1', [party]); // nor can anybody let anybody in
  await sweepVersions(town.ctx);
  await town.work();
  assert.equal(told(await town.events(letter)), before + 1, 'that nobody can be asked either is news');
  await town.pass(7);
  assert.equal(told(await town.events(letter)), before + 2, 'a week later it is still so');
});
