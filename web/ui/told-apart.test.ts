import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldApart } from './told-apart.ts';

const byPlace = (name: string, nth: number, of: number): string => `${name} (${nth} of ${of})`;

for (const [what, things, expected] of [
  ['nothing is shared', [['tax'], ['map', 'map, Monday']], ['tax', 'map']],
  [
    'a name is shared',
    [
      ['tax', 'tax, Monday'],
      ['map', 'map, Monday'],
      ['tax', 'tax, Tuesday'],
    ],
    ['tax, Monday', 'map', 'tax, Tuesday'],
  ],
  ['all is shared', [['tax', 'tax, Monday'], ['tax', 'tax, Monday'], ['tax']], ['tax, Monday (1 of 2)', 'tax, Monday (2 of 2)', 'tax']],
  ['there is one name each, and none', [['tax'], [], ['tax']], ['tax (1 of 2)', '', 'tax (2 of 2)']],
  ['there is nothing', [], []],
] as const) {
  test(`given things of which ${what}, when one chooses among them, then no two are called the same`, () => {
    assert.deepEqual(toldApart(things, byPlace), expected);
  });
}
