import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOfDay, instantInNorway } from './end-of-day.ts';

test('given a day that is chosen abroad, when its end is taken, then it is that day in Norway, in summer and winter', () => {
  assert.equal(endOfDay('2026-12-01'), '2026-12-01T22:59:59.000Z');
  assert.equal(endOfDay('2026-07-01'), '2026-07-01T21:59:59.000Z');
  assert.equal(endOfDay('2026-03-29'), '2026-03-29T21:59:59.000Z', 'clocks go forward');
  assert.equal(endOfDay('2026-10-25'), '2026-10-25T22:59:59.000Z', 'clocks go back');
  assert.equal(instantInNorway('2026-12-01T08:30'), '2026-12-01T07:30:00.000Z');
});

test('given what is no day, when its end is taken, then there is none, and nothing fails', () => {
  for (const date of ['', '20261-01-12', '2026-02-30', '2026-13-01', '0000', 'x', '2026-1-1']) assert.equal(endOfDay(date), null, date);
  assert.equal(instantInNorway('20261-01-12T08:30'), null);
});
