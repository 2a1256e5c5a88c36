import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf } from './csv.ts';
import { addDays, addMonths, dayOf, daysOfMonth, isDay, isMonth, mondayOf } from './days.ts';

test('given names that a spreadsheet would run, quotes, breaks and numbers, when a table is made a file, then each is one harmless cell', () => {
  const rows = [
    ['=1+1', '@SUM(A1)', ' -2', 'a;b', 'si "hei"', 'to\nlinjer', 12.5, null, '−1'],
    ['+47', '\tx', 'vanlig', 'Åse', '', 'a,b', 0, -3, 'x'],
  ];
  assert.equal(
    csvOf(rows),
    `\uFEFF'=1+1;'@SUM(A1);' -2;"a;b";"si ""hei""";"to\nlinjer";12,5;;−1\r\n'+47;'\tx;vanlig;Åse;;"a,b";0;-3;x\r\n`,
  );
});

test('given instants around midnight and the change of clocks, when their day in Norway is asked for, then it is that of people there', () => {
  assert.deepEqual(['2026-03-28T22:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-10-25T22:59:59Z'].map(dayOf), [
    '2026-03-28',
    '2026-03-29',
    '2026-03-30',
    '2026-10-25',
  ]);
});

test('given days and months, when they are counted on and back, then years and leap days are heeded', () => {
  assert.deepEqual(
    [addDays('2026-03-28', 2), addDays('2027-01-01', -1), mondayOf('2026-11-29'), mondayOf('2026-11-30')],
    ['2026-03-30', '2026-12-31', '2026-11-23', '2026-11-30'],
  );
  assert.deepEqual([addMonths('2026-12', 1), addMonths('2026-01', -1)], ['2027-01', '2025-12']);
  assert.deepEqual([daysOfMonth('2028-02'), daysOfMonth('2026-12').to], [{ from: '2028-02-01', to: '2028-02-29' }, '2026-12-31']);
  assert.deepEqual(['2026-02-30', '2026-2-1', '2026-11-30', 'x'].map(isDay), [false, false, true, false]);
  assert.deepEqual(['2026-13', '0001-01', '2026-11'].map(isMonth), [false, false, true]);
});
