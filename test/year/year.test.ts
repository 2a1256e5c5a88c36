import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestCluster, type TestCluster } from '../cluster.ts';
import { instantOf, isAtWork, onTheWall } from './calendar.ts';
import { type PlayedYear, playYear } from './play-year.ts';

let cluster: TestCluster;
const made: string[] = [];

before(async () => {
  cluster = await openTestCluster();
});
after(async () => {
  for (const name of made) await cluster.drop(name);
  await cluster.release();
});

async function play(seed: number, letters: number): Promise<PlayedYear> {
  const name = await cluster.create('migrated');
  made.push(name);
  return playYear(cluster.urlOf(name), { seed, letters, span: ['2027-03-01', '2027-05-20'] });
}

test('given a spring of letters, over Easter and the change to summer time, when it is played twice, then it is the same spring, and no letter of it has lain in silence', async () => {
  const once = await play(20270101, 40);
  const again = await play(20270101, 40);

  assert.deepEqual(once.faults, []);
  assert.deepEqual(again.lines, once.lines);
  assert.equal(once.lines.length, 40);
  const read = (once.tally.get('opened') ?? 0) + (once.tally.get('confirmed') ?? 0);
  const decided = (once.tally.get('recalled') ?? 0) + (once.tally.get('accepted-unread') ?? 0);
  assert.ok(read > 10 && decided > 1, JSON.stringify([...once.tally])); // a spring in which something happens
});

test('given another seed, when it is played, then it is another spring', async () => {
  const [one, other] = [await play(1, 3), await play(2, 3)];

  assert.notEqual(one.digest, other.digest);
});

test('given the wall clocks of Norway, when summer time begins and ends, then the same hour is the right instant', () => {
  assert.equal(new Date(instantOf('2027-03-26', 8)).toISOString(), '2027-03-26T07:00:00.000Z');
  assert.equal(new Date(instantOf('2027-03-29', 8)).toISOString(), '2027-03-29T06:00:00.000Z');
  assert.deepEqual(onTheWall(Date.parse('2027-10-31T12:00:00Z')), { date: '2027-10-31', hour: 13 });
});

test('given the holidays of 2027, when it is asked who is at work, then nobody is on them, and everybody the day before', () => {
  const holidays = ['2027-01-01', '2027-03-25', '2027-03-26', '2027-03-29', '2027-05-06', '2027-05-17'];
  assert.deepEqual(holidays.filter(isAtWork), []);
  assert.ok(['2027-03-24', '2027-03-30', '2027-05-07', '2027-05-18', '2027-12-24'].every(isAtWork));
});
