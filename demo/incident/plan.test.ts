import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allot, districts, divide } from './facts.ts';
import { makePlan, type Shipment } from './plan.ts';
import { makeWorld, receiversOf, townOf } from './world.ts';

const world = makeWorld({ isSmall: false });
const plan = makePlan(world, { isSmall: false });
const of = (story: Shipment['story']): Shipment[] => plan.shipments.filter((one) => one.story === story);

test('given the published counts, when the messages are allotted, then what is published stands and the rest is in proportion', () => {
  assert.deepEqual(allot(172), [25, 81, 36, 20, 10]);
  assert.equal(districts.length, 5);
  for (const [total, weights] of [
    [7, [1, 1, 1]],
    [0, [3, 2]],
    [18, [25, 81, 36, 20, 10]],
  ] as const)
    assert.equal(
      divide(total, weights).reduce((a, b) => a + b, 0),
      total,
    );
});

test('given the whole plan, when it is made twice, then it is the same, and has the published figures', () => {
  assert.deepEqual(makePlan(makeWorld({ isSmall: false }), { isSmall: false }), plan);
  assert.equal(of('police').length, 172);
  assert.equal(world.districts.flatMap(({ municipalities }) => municipalities).length, 60);
  assert.deepEqual([of('city').length, new Set(of('city').map(({ receiver }) => receiver.number)).size], [1307, 162]);
  assert.equal(new Set(of('city').map(({ days }) => days.send)).size, 26);
  assert.deepEqual([...new Set(of('police').map(({ conduct }) => conduct))].sort(), ['grants', 'halves', 'idle', 'nobody']);
  assert.deepEqual([...new Set(of('city').map(({ conduct }) => conduct))].sort(), ['grants', 'idle', 'nobody', 'opener']);
});

test('given any shipment, when its days are planned, then it is sent once, one act ends it, and nothing comes before its turn', () => {
  for (const { conduct, days, receiver } of plan.shipments) {
    const ends = [conduct === 'halves' ? days['open-file'] : days.open, days.decide].filter((day) => day !== undefined);
    assert.equal(ends.length, 1, conduct);
    assert.equal(conduct === 'nobody', receiver.director === null);
    const inOrder = [days.send, days.grant, days.open, days['grant-file'], days['open-file'], days.decide].filter(
      (day) => day !== undefined,
    );
    assert.deepEqual(
      inOrder,
      inOrder.toSorted((a, b) => a - b),
    );
  }
});

test('given one date, when the city writes on it, then nobody gets two letters', () => {
  for (const those of Map.groupBy(of('city'), ({ days }) => days.send).values())
    assert.equal(new Set(those.map(({ receiver }) => receiver.number)).size, those.length);
});

test('given the invented world, when it is written down, then every number and name is of one party', () => {
  const { parties } = townOf(world, '2026-11-01') as { parties: { number: string; kind: string }[] };
  assert.equal(new Set(parties.map(({ number }) => number)).size, parties.length);
  assert.equal(new Set(receiversOf(world).map(({ name }) => name)).size, 222);
  for (const { number, kind } of parties) assert.match(number, kind === 'person' ? /^\d{2}[89]\d{8}$/ : /^3\d{8}$/);
});
