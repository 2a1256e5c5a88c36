import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chosenBytes } from './byte-range.ts';

const tag = '"abc"';
const chosen = (range: string | undefined, sizeBytes = 10, ifRange?: string) => chosenBytes({ range, ifRange }, sizeBytes, tag);

test('given a single range, when bytes are chosen, then they are those of it that exist', () => {
  assert.deepEqual(chosen('bytes=0-0'), { start: 0, end: 0 });
  assert.deepEqual(chosen('bytes=2-5'), { start: 2, end: 5 });
  assert.deepEqual(chosen('Bytes = 4-'), { start: 4, end: 9 });
  assert.deepEqual(chosen('bytes=9-999999999999999'), { start: 9, end: 9 });
  assert.deepEqual(chosen('bytes=-3'), { start: 7, end: 9 });
  assert.deepEqual(chosen('bytes=-30'), { start: 0, end: 9 });
});

test('given a range past the end, when bytes are chosen, then it cannot be satisfied', () => {
  for (const range of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) assert.equal(chosen(range), 'unsatisfiable', range);
  assert.equal(chosen('bytes=0-', 0), 'unsatisfiable');
  assert.equal(chosen('bytes=-1', 0), 'unsatisfiable');
});

test('given what is no single range of bytes, when bytes are chosen, then it is the whole', () => {
  for (const range of [
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=0-1,3-4',
    'items=0-1',
    'bytes=a-b',
    'bytes=0x1-',
    'bytes=--1',
  ])
    assert.equal(chosen(range), 'whole', range);
});

test('given a condition, when bytes are chosen, then the range holds for the same tag only', () => {
  assert.deepEqual(chosen('bytes=1-', 10, tag), { start: 1, end: 9 });
  for (const ifRange of ['"abd"', 'W/"abc"', 'abc', 'Tue, 24 Nov 2026 10:00:00 GMT'])
    assert.equal(chosen('bytes=1-', 10, ifRange), 'whole', ifRange);
  assert.equal(chosen('bytes=10-', 10, '"other"'), 'whole');
});

test('given any header, when bytes are chosen, then they lie within the size', () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => `bytes=${a}-${b}`),
    fc.nat(30).map((n) => `bytes=-${n}`),
  );
  fc.assert(
    fc.property(header, fc.nat(25), (range, sizeBytes) => {
      const bytes = chosen(range, sizeBytes);
      if (typeof bytes === 'string') return;
      assert.ok(0 <= bytes.start && bytes.start <= bytes.end && bytes.end < sizeBytes);
    }),
  );
});
