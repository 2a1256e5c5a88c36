import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Measure, type Sample, showVerdicts, slopeOf } from './verdict.ts';

/** Ten minutes of samples in which one measure runs as told and all others stand still, but for some trembling. */
function samplesOf(measure: Measure, valueAt: (seconds: number) => number): Sample[] {
  return Array.from({ length: 61 }, (_, i) => {
    const tremble = (i * 7919) % 5;
    const still = {
      serverMegabytes: 200 + tremble,
      databaseMegabytes: 150,
      connections: 12,
      openFiles: 60,
      queueAgeSeconds: 1,
      loopDelayMillis: 12,
    };
    return { seconds: i * 10, ...still, [measure]: valueAt(i * 10) };
  });
}

const grown = (samples: readonly Sample[]) =>
  judge(samples)
    .filter(({ isFlat }) => !isFlat)
    .map(({ measure }) => measure);

test('given everything trembles and nothing grows, when it is judged, then all is flat', () => {
  assert.deepEqual(grown(samplesOf('openFiles', () => 60)), []);
});

for (const [measure, perMinute] of [
  ['serverMegabytes', 6],
  ['databaseMegabytes', 5],
  ['connections', 1],
  ['openFiles', 2],
  ['queueAgeSeconds', 2],
  ['loopDelayMillis', 5],
] as const) {
  test(`given ${measure} grows by ${perMinute} each minute, when it is judged, then it alone is said to grow`, () => {
    const samples = samplesOf(measure, (seconds) => 20 + (perMinute * seconds) / 60);

    assert.deepEqual(grown(samples), [measure]);
    assert.match(showVerdicts(judge(samples)), /^GROWS/m);
  });
}

test('given memory that grows while caches fill and then stands still, when it is judged, then it is flat', () => {
  assert.deepEqual(grown(samplesOf('serverMegabytes', (seconds) => 100 + Math.min(seconds, 140))), []);
});

test('given memory that shrinks, when it is judged, then it is flat', () => {
  assert.deepEqual(grown(samplesOf('serverMegabytes', (seconds) => 400 - seconds / 4)), []);
});

test('given a few samples far off, when it is judged, then they do not tilt the slope', () => {
  assert.deepEqual(grown(samplesOf('loopDelayMillis', (seconds) => (seconds > 560 ? 900 : 12))), []);
  assert.equal(slopeOf([0, 1, 2, 3, 4, 5, 6].map((x) => [x, x === 6 ? 700 : 1 + 2 * x])), 2);
});

test('given too few samples, when they are judged, then nothing is said to be flat', () => {
  assert.throws(() => judge(samplesOf('openFiles', () => 60).slice(0, 2)), /three samples/);
});
