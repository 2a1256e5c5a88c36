import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lend, lendOwn, letGo } from './lent-bytes.ts';

test('given a chunk that is lent, when it is let go of twice, then whoever lent it hears of it once', () => {
  const heard: Buffer[] = [];
  const chunk = lend(Buffer.alloc(10), (bytes) => heard.push(bytes));

  letGo(chunk);
  letGo(chunk);
  letGo(Buffer.alloc(10));

  assert.deepEqual(heard, [chunk]);
  assert.equal(heard[0], chunk);
});

test('given chunks from outside, when they are let go of, then one that has its memory to itself gives it back, and one that shares it stays', () => {
  const whole = Buffer.allocUnsafeSlow(65_536);
  const half = Buffer.allocUnsafeSlow(65_536).subarray(0, 32_768);
  const small = Buffer.from('small');

  for (const chunk of [whole, half, small]) letGo(lendOwn(chunk));

  assert.deepEqual([whole.length, half.length, small.toString()], [0, 32_768, 'small']);
  letGo(whole);
});
