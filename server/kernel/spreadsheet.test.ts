import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutFormulas } from './spreadsheet.ts';

for (const [text, written] of [
  ['=1+1', "'=1+1"],
  ['+47', "'+47"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\t=1', "'\t=1"],
  ['\rx', "'\rx"],
  ['  =1', "'  =1"],
  ['＝4+4', "'＝4+4"],
  ['＋4', "'＋4"],
  ['－4', "'－4"],
  ['＠sum', "'＠sum"],
  ['\u200b=6+6', "'\u200b=6+6"],
  ['"=1', '\'"=1'],
  ['x;\u200b=5+5', "x;\u200b'=5+5"],
  ['X,=1+1,', "X,'=1+1,"],
  ['A; +B', "A; '+B"],
  ['a\n=1', "a\n'=1"],
  [`Navn ;"=1+cmd|' /C calc'!A0`, `Navn ;"'=1+cmd|' /C calc'!A0`],
  ['Øst & Vest - avd. 2', 'Øst & Vest - avd. 2'],
  ['a@b.example', 'a@b.example'],
  ['−1', '−1'],
  ['', ''],
] as const)
  test(`given the text ${JSON.stringify(text)}, when it is made harmless for a spreadsheet, then it is ${JSON.stringify(written)}`, () => {
    assert.equal(withoutFormulas(text), written);
  });
