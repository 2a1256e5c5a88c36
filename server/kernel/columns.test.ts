import assert from 'node:assert/strict';
import { test } from 'node:test';
import { column } from './columns.ts';

test('given ids, numbers and nothing, when a column is rendered, then PostgreSQL reads them one by one', () => {
  assert.equal(column(['a-1', 'urn:altinn:person:identifier-no:1', '/person/1']), '{a-1,urn:altinn:person:identifier-no:1,/person/1}');
  assert.equal(column([1, true, null, '']), '{1,true,NULL,""}');
  assert.equal(column([]), '{}');
  assert.equal(column([null]), '{NULL}');
});

test('given a text that would need quotes, when a column is rendered, then it is refused', () => {
  for (const text of ['a,b', 'a b', '"', '{', '\\', 'å']) assert.throws(() => column(['a', text]), /plain/);
});
