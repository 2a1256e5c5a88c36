import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from './body.ts';
import { Misfit } from './refused.ts';

const parse = (text: string): unknown => parseJson(Buffer.from(text), 2000);
const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;

test('given JSON sixty-four levels deep, when it is parsed, then it is read; with one more it is not', () => {
  assert.ok(parse(nested(64)));
  assert.ok(parse('['.repeat(64) + ']'.repeat(64)));
  assert.throws(() => parse(`[${nested(64)}]`), Misfit);
  assert.throws(() => parse(`{"a":${nested(64)}}`), Misfit);
});

test('given many brackets that do not nest or stand in text, when they are parsed, then they are read', () => {
  assert.equal((parse(`[${'[],'.repeat(1000)}{}]`) as unknown[]).length, 1001);
  assert.equal(parse(JSON.stringify('[{"\\'.repeat(500))), '[{"\\'.repeat(500));
});

test('given more values than a body may hold, when it is parsed, then it is refused for their number before it is built', () => {
  const list = (values: number): string => `[${Array(values).fill(0).join(',')}]`;
  assert.equal((parse(list(2000)) as unknown[]).length, 2000);
  assert.throws(
    () => parse(`${list(2001).slice(0, -1)}, this is not JSON`),
    (error) => {
      assert.ok(error instanceof Misfit);
      assert.deepEqual(error.violations, [{ key: '$', detail: 'The JSON body holds more than 2000 values.' }]);
      return true;
    },
  );
  assert.equal(parse(JSON.stringify(','.repeat(5000))), ','.repeat(5000), 'a comma in a text is no value');
});

test('given a byte order mark, when JSON is parsed, then it is passed over', () => {
  assert.deepEqual(parseJson(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"a":1}')]), 10), { a: 1 });
});

test('given any JSON value, when it is written and parsed, then it is the same, but for text that cannot be kept', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify(value);
      const unkeepable = /\\u0000|\\ud[89a-f]/i.test(text.replaceAll('\\\\', ''));
      if (unkeepable) return void assert.throws(() => parse(text), Misfit);
      assert.deepEqual(parse(text), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

test('given any bytes, when they are parsed, then they are JSON or do not fit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        parseJson(Buffer.from(bytes), 2000);
      } catch (error) {
        assert.ok(error instanceof Misfit);
      }
    }),
    { numRuns: 2000 },
  );
});
