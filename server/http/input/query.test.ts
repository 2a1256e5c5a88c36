import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseQuery } from './query.ts';
import { Misfit } from './refused.ts';

test('given queries as clients write them, when they are parsed, then names and values are decoded and repeated names are lists', () => {
  assert.deepEqual(parseQuery(''), {});
  assert.deepEqual(parseQuery('a=1&b=x+y%2B&a=2&c&=d&&e=f=g'), { a: ['1', '2'], b: 'x y+', c: '', '': 'd', e: 'f=g' });
  assert.deepEqual(Object.entries(parseQuery('__proto__=1&constructor=2')), [
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
});

test('given a query that is no text, when it is parsed, then it does not fit', () => {
  for (const query of ['a=%', 'a=%zz', 'a=%ff', 'a=%ed%a0%80', '%00=a', 'a=%00', 'a&'.repeat(1001)])
    assert.throws(() => parseQuery(query), Misfit, query.slice(0, 20));
});

test('given any names and values, when they are written as a query and parsed, then they are the same', () => {
  const text = fc.string({ unit: 'binary' }).filter((one) => one.isWellFormed() && !one.includes('\0'));
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.tuple(
          text.filter((name) => name !== ''),
          text,
        ),
        { selector: ([name]) => name },
      ),
      (pairs) => {
        const query = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
        assert.deepEqual(new Map(Object.entries(parseQuery(query))), new Map(pairs));
      },
    ),
  );
});

test('given any text, when it is parsed, then it is parsed or does not fit', () => {
  fc.assert(
    fc.property(fc.string(), (query) => {
      try {
        parseQuery(query);
      } catch (error) {
        assert.ok(error instanceof Misfit);
      }
    }),
  );
});
