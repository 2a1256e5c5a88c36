import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemory } from './memory.ts';

test('given a memory that is full, when more comes, then what was used is still there, what was not is forgotten, and it never holds more than its limit', () => {
  const memory = createMemory<number>(100, () => 10);
  for (let n = 0; n < 100; n += 1) {
    memory.set(`${n}`, n);
    assert.equal(memory.get('0'), 0, `after ${n}`);
    assert.ok(memory.weight <= 100, `${memory.weight} after ${n}`);
  }
  assert.deepEqual([memory.get('50'), memory.get('99')], [undefined, 99]);
});

test('given a value that is set again, when it weighs more, then it counts once, with its new weight', () => {
  const memory = createMemory<number>(100, (value) => value);
  memory.set('a', 1);
  memory.set('a', 2);
  assert.deepEqual([memory.get('a'), memory.weight], [2, 2]);
});

test('given a value too heavy to be held, when it comes, then neither it nor what it replaces is held, young or old, and the others stay', () => {
  const memory = createMemory<number>(100, (value) => value);
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) memory.set(key, 10); // a to e are old now
  for (const key of ['a', 'f']) memory.set(key, 11);
  assert.deepEqual(
    ['a', 'b', 'f'].map((key) => memory.get(key)),
    [undefined, 10, undefined],
  );
  assert.equal(memory.weight, 50, 'b is young again, and counts as old until those go');
});
