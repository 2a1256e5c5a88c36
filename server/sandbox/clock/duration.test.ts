import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mostDays, readDuration, writeDuration } from './duration.ts';

test('given durations as ISO 8601 writes them, when they are read, then each has its length', () => {
  const seconds = {
    P7D: 604_800,
    P1W: 604_800,
    P1W1D: 691_200,
    PT36H: 129_600,
    PT90M: 5_400,
    'PT0.5S': 0.5,
    'PT0,000001S': 0.000001,
    P1DT2H3M4S: 93_784,
    P731D: 63_158_400,
  };
  for (const [text, length] of Object.entries(seconds)) assert.equal(readDuration(text), length * 1_000_000, text);
});

test('given any shift in microseconds, when it is written and read again, then it is the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: mostDays * 86_400_000_000 }), (micros) => readDuration(writeDuration(micros)) === micros),
  );
  assert.equal(writeDuration(0), 'PT0S');
  assert.equal(writeDuration(7 * 86_400_000_000), 'P7D');
  assert.equal(writeDuration(1), 'PT0.000001S');
});
