import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemory } from './memory.ts';

test('given a memory that is full, when more comes, then what was used longest ago is forgotten, and its weight with it', () => {
  const memory = createMemory<number>(30, () => 3);
  for (let n = 0; n < 10; n += 1) memory.set(`${n}`, n);
  memory.get('0');

  memory.set('new', 10);
  memory.set('newer', 11);

  assert.deepEqual(
    ['0', '1', '2', '3', 'new', 'newer'].map((key) => memory.get(key)),
    [0, undefined, undefined, 3, 10, 11],
  );
  assert.equal(memory.weight, 30);
});

test('given a value that is set again, when it weighs more, then it counts once, with its new weight', () => {
  const memory = createMemory<{ weight: number }>(30, ({ weight }) => weight);
  memory.set('a', { weight: 1 });
  memory.set('a', { weight: 2 });
  assert.equal(memory.weight, 2);
});

test('given a value too heavy to be held, when it comes, then it is not held, nor is what it replaces, and the others stay', () => {
  const memory = createMemory<number>(30, (value) => value);
  memory.set('a', 3);
  memory.set('b', 3);
  memory.set('a', 4);
  assert.deepEqual([memory.get('a'), memory.get('b'), memory.weight], [undefined, 3, 3]);
});
