import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileRun } from './run-files.ts';
import { isToBeTriedAgain, verdict } from './verdict.ts';

const ran = (file: string, ...failures: string[]): FileRun => ({ file, seconds: 1, passed: 1, failures, skipped: [] });

test('given files that all passed, when it is judged, then the run passes and nothing is said', () => {
  assert.deepEqual(verdict([ran('a'), ran('b')], []), { passes: true, lines: [] });
});

test('given a file that failed and was not tried again, when it is judged, then the run fails and names each test', () => {
  assert.deepEqual(verdict([ran('a'), ran('b', 'one', 'two')], []), { passes: false, lines: ['FAILED: b: one', 'FAILED: b: two'] });
});

test('given a file that failed and passed alone, when it is judged, then the run passes and says loudly which test it was', () => {
  assert.deepEqual(verdict([ran('a'), ran('b', 'one')], [ran('b')]), { passes: true, lines: ['FAILED FIRST, PASSED ALONE: b: one'] });
});

test('given two files that failed, when one of them fails alone too, though by another test, then the run fails', () => {
  const { passes, lines } = verdict([ran('a', 'one'), ran('b', 'two')], [ran('a'), ran('b', 'three')]);

  assert.equal(passes, false);
  assert.deepEqual(lines, ['FAILED FIRST, PASSED ALONE: a: one', 'FAILED: b: two']);
});

test('given a second run that was broken off, when a file that failed is not in it, then the run fails', () => {
  assert.equal(verdict([ran('a', 'one'), ran('b', 'two')], [ran('a')]).passes, false);
});

test('given processes that failed, when there are at most six, then their files are tried again, and seven are not', () => {
  assert.deepEqual([0, 1, 6, 7].map(isToBeTriedAgain), [false, true, true, false]);
});
