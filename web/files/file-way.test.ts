import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileState } from '../api/files.ts';
import type { Say } from '../ui/language.ts';
import { mustAct, standingText, wayOf } from './file-way.ts';

const say: Say = (key, values = {}) => [key, ...Object.values(values)].join(' ');
const day = (at: string) => at.slice(0, 10);
const at = (status: FileState, unfetched: number, confirmed: number, all = 2) => ({
  ...{ status, bytesUntil: null, recipients: { all, unfetched, confirmed, fetched: all - unfetched - confirmed } },
});

test('given files on their way, when they are drawn, then the stick is cut as far as all recipients are', () => {
  const cut = (...file: Parameters<typeof at>) => wayOf(at(...file)).cut;
  assert.deepEqual(
    [cut('Initialized', 2, 0), cut('UploadStarted', 2, 0), cut('UploadProcessing', 2, 0), cut('Failed', 2, 0)],
    [1, 1, 2, 2],
  );
  assert.deepEqual(
    [cut('Published', 2, 0), cut('Published', 1, 1), cut('Published', 0, 1), cut('AllConfirmedDownloaded', 0, 2)],
    [3, 3, 4, 5],
  );
  assert.deepEqual([cut('Cancelled', 2, 0), cut('Purged', 1, 1), cut('Purged', 0, 2)], [1, 3, 5]);
  assert.equal(wayOf(at('AllConfirmedDownloaded', 0, 2)).settled, true);
  assert.equal(wayOf(at('Purged', 1, 1)).settled, false);
});

test('given files on their way, when it is said where they stand, then it is what the sender wants to know', () => {
  assert.equal(standingText(say, at('UploadStarted', 2, 0), day), 'fileState.UploadStarted');
  assert.equal(standingText(say, at('Published', 2, 0), day), 'files.nobodyFetched');
  assert.equal(standingText(say, at('Published', 1, 0), day), 'files.fetchedOf 1 2');
  assert.equal(standingText(say, at('Published', 1, 1), day), 'files.confirmedOf 1 2');
  assert.deepEqual(
    (['Initialized', 'UploadStarted', 'Failed', 'Published', 'Purged'] as const).map((status) => mustAct(at(status, 2, 0))),
    [true, true, true, false, false],
  );
});

test('given a file whose time is over while its bytes are kept, when it is said where it stands, then it is not called deleted, and its sender must act', () => {
  const kept = { ...at('Purged', 2, 0), bytesUntil: '2027-03-30T22:00:00Z' };
  assert.equal(standingText(say, kept, day), 'files.keptUntil 2027-03-30');
  assert.equal(standingText(say, at('Purged', 2, 0), day), 'fileState.Purged', 'once they are gone');
  assert.deepEqual([mustAct(kept), mustAct(at('Purged', 2, 0))], [true, false]);
});
