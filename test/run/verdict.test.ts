import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dearestFirst, theDearest } from './dearest.ts';
import type { FileRun } from './run-files.ts';
import { isToBeTriedAgain, verdict } from './verdict.ts';

const root = join(import.meta.dirname, '../..');
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

test('given files that failed, when there are at most two, then they are tried again, and three are not', () => {
  assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(isToBeTriedAgain), [false, true, true, false]);
});

test('given the list of the dearest files, when files are put in their order, then those come first as the list has them, the others by name, and each of the list is there', () => {
  const [first, second] = theDearest;

  assert.deepEqual(dearestFirst(['b', second!, 'a', first!]), [first, second, 'a', 'b']);
  assert.deepEqual(
    theDearest.filter((file) => !existsSync(join(root, file))),
    [],
  );
});
