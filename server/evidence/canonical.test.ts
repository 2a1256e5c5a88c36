import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from './canonical.ts';

test('given members in any order, when written, then they are sorted by their UTF-16 code units without space', () => {
  const written = canonicalJson({ '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😂': 5, '\u0080': 6, ö: 7 });
  assert.deepEqual([...Object.keys(JSON.parse(written))].length, 7);
  assert.equal(written, '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😂":5,"\ufb33":3}');
});

test('given the published sample of a core part, when its members are written, then the text is that of the sample', () => {
  const core = {
    v: 1,
    time: new Date('2026-11-23T08:00:02Z'),
    message: '0199f000-0000-7000-8000-0000000000ff',
    id: '0199f000-0000-7000-8000-000000000002',
    event: 'ContentAccessTracking',
  };
  assert.equal(
    canonicalJson(core),
    '{"event":"ContentAccessTracking","id":"0199f000-0000-7000-8000-000000000002","message":"0199f000-0000-7000-8000-0000000000ff","time":"2026-11-23T08:00:02.000Z","v":1}',
  );
});

test('given members that are undefined, when written, then they are left out, and an empty part is {}', () => {
  assert.equal(canonicalJson({ a: undefined, b: null }), '{"b":null}');
  assert.equal(canonicalJson({}), '{}');
  assert.equal(canonicalJson([-0, 9007199254740991]), '[0,9007199254740991]');
});

const cycle: Record<string, unknown> = {};
cycle.self = cycle;

const refused: readonly (readonly [string, unknown])[] = [
  ['a fraction', 1.5],
  ['a number past 2^53 - 1', 2 ** 53],
  ['not a number', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a big integer', 1n],
  ['a lone surrogate', 'a\ud800b'],
  ['a lone surrogate in a name', { '\udc00': 1 }],
  ['a date that is none', new Date('nonsense')],
  ['a year of five digits', new Date(Date.UTC(12026, 0))],
  ['undefined in an array', [undefined]],
  ['a hole in an array', new Array(1)],
  ['a map', new Map()],
  ['a buffer', Buffer.from('a')],
  ['a function', () => 1],
  ['a cycle', cycle],
];
for (const [what, value] of refused) {
  test(`given ${what}, when it is to be written, then it is refused`, () => {
    assert.throws(() => canonicalJson({ value }), /cannot be canonical/);
  });
}

test('given any JSON of whole numbers, when written, then it reads back the same and is written the same again', () => {
  const whole = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 5 }),
    ),
  })).value;
  fc.assert(
    fc.property(whole, (value) => {
      const written = canonicalJson(value);
      assert.equal(canonicalJson(JSON.parse(written)), written);
      assert.equal(JSON.stringify(JSON.parse(written)).length, written.length);
    }),
  );
});
