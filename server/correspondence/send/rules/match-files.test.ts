import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceivedFile } from '#kernel/route.ts';
import { attachmentFiles, matchFiles } from './match-files.ts';

const file = (fileName: string, key = fileName, fieldName = 'attachments'): ReceivedFile => ({
  fieldName,
  fileName,
  key,
  sizeBytes: 1,
  md5: '',
  sha256: '',
});
const keys = (names: string[], files: ReceivedFile[]) => matchFiles(names, files)?.map(({ key }) => key);

test('given files and names, when they are matched, then place goes before name and a doubtful name is refused', () => {
  assert.deepEqual(keys([], []), []);
  assert.deepEqual(keys(['a', 'b'], [file('a'), file('b')]), ['a', 'b']);
  assert.deepEqual(keys(['a', 'b'], [file('b'), file('a')]), ['a', 'b']);
  assert.deepEqual(keys(['a', 'a'], [file('a', '1'), file('a', '2')]), ['1', '2']);
  assert.deepEqual(keys(['a', 'a', 'b'], [file('a', '1'), file('a', '2'), file('b')]), ['1', '2', 'b']);
  assert.equal(keys(['b', 'a', 'a'], [file('a', '1'), file('a', '2'), file('b')]), undefined);
  assert.equal(keys(['a', 'b', 'c'], [file('a'), file('b')]), undefined);
  assert.equal(keys([], [file('a')]), undefined);
  assert.equal(keys(['A'], [file('a')]), undefined);
  assert.equal(keys(['a', 'b'], [file('b', '1'), file('b', '2')]), undefined);
});

test('given parts of a form, when they are not named attachments, then they are not read', () => {
  const parts = [
    file('a', '1', 'Attachments'),
    file('b', '2', 'attachments[0]'),
    file('c', '3', 'avatar'),
    file('d', '4', 'request.attachments'),
  ];

  assert.deepEqual(
    attachmentFiles(parts).map(({ key }) => key),
    ['1', '2', '4'],
  );
});
