import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { sha256Of } from './sha256.ts';

test('given files of any size, when they are read, then their hash is that of others, and it is told how far the reading is', async () => {
  for (const size of [0, 1, 55, 64, 65, 200_001, 3_000_000]) {
    const bytes = randomBytes(size);
    const told: number[] = [];
    const hash = await sha256Of(new Blob([bytes]), (part) => told.push(part), new AbortController().signal);
    assert.equal(hash, createHash('sha256').update(bytes).digest('hex'), String(size));
    if (size > 0) assert.equal(told.at(-1), 1, String(size));
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
  }
});

test('given a file that is given up, when it is read, then the reading ends', async () => {
  const controller = new AbortController();
  const reading = sha256Of(new Blob([randomBytes(1000)]), () => undefined, controller.signal);
  controller.abort();
  await assert.rejects(reading, { name: 'AbortError' });
});
