import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Item } from '../api/inbox.ts';
import { appendLetters, belongsTo, type Known, mergeBeginning, replaceLetter } from './merge-letters.ts';

const line = (id: string, more: Partial<Item> = {}): Item => ({
  ...{ id, kind: 'message', title: id, titleLanguage: 'nb', sender: { name: 'S' }, recipient: { id: 'p', name: 'P' }, publishedAt: null },
  ...{ dueAt: null, unread: true, openedAt: null, confirmNeeded: false, confirmedAt: null, confidential: false, attachmentCount: 0 },
  ...{ labels: [], folder: 'inbox', canOpen: true },
  ...more,
});
const list = (ids: string, next: string | null): Known => ({ letters: [...ids].map((id) => line(id)), next });
const idsOf = ({ letters }: Known) => letters.map(({ id }) => id).join('');

test('given three pages that are known, when the first is asked for again, then what is new comes in, what left it goes, and the rest stays with its way on', () => {
  const known = list('abcdefghi', 'after i');
  for (const [fresh, expected] of [
    ['abc', 'abcdefghi'],
    ['xab', 'xabcdefghi'],
    ['xyzab', 'xyzabcdefghi'],
    ['acd', 'acdefghi'],
    ['xac', 'xacdefghi'],
  ] as const) {
    const merged = mergeBeginning(known, list(fresh, 'after the first'));
    assert.deepEqual([idsOf(merged), merged.next], [expected, 'after i'], fresh);
  }
});

test('given one page, when it is asked for again, then nothing is lost between it and what follows', () => {
  const merged = mergeBeginning(list('abc', 'after c'), list('xab', 'after b'));
  assert.deepEqual([idsOf(merged), merged.next], ['xabc', 'after c']);
  const shorter = mergeBeginning(list('abc', 'after c'), list('bcd', 'after d'));
  assert.deepEqual([idsOf(shorter), shorter.next], ['bcd', 'after d'], 'what moved up is followed by what comes after it');
  const same = mergeBeginning(list('abc', 'after c'), list('abc', 'after c'));
  assert.deepEqual([idsOf(same), same.next], ['abc', 'after c']);
});

test('given a list that changed beyond what one answer holds, or that ends in it, when it is asked for again, then only what is certain is known', () => {
  assert.deepEqual(mergeBeginning(list('abc', 'after c'), list('xyz', 'after z')), list('xyz', 'after z'));
  assert.deepEqual(mergeBeginning(list('abcdef', null), list('ab', null)), list('ab', null));
  assert.deepEqual(mergeBeginning(list('', null), list('ab', 'after b')), list('ab', 'after b'));
});

test('given a letter that moved up, when the first page comes, then it stands once, and nothing before the tie is taken for gone', () => {
  const merged = mergeBeginning(list('abcdefghi', 'after i'), list('hab', 'after b'));
  assert.equal(idsOf(merged), 'habcdefgi');
});

test('given more that was read, when some of it is known already, then each letter stands once, as it is now', () => {
  const read = appendLetters(list('abc', 'after c'), { letters: [line('c', { unread: false }), line('d')], next: null });
  assert.deepEqual([idsOf(read), read.next, read.letters[2]!.unread], ['abcd', null, false]);
});

test('given one letter that changed, when its line is known, then it is as it is now, or gone', () => {
  assert.equal(replaceLetter(list('abc', null), 'b', line('b', { unread: false })).letters[1]!.unread, false);
  assert.equal(idsOf(replaceLetter(list('abc', null), 'b', null)), 'ac');
});

test('given what was asked for, when a letter no longer fits it, then it belongs there no more', () => {
  const wanted = { party: 'p', folder: 'inbox' } as const;
  const now = line('a', { unread: false, confirmNeeded: true, confirmedAt: '2026-01-01T00:00:00Z', labels: ['sak'] });
  assert.equal(belongsTo(now, wanted), true);
  assert.equal(belongsTo(now, { ...wanted, label: 'sak' }), true);
  for (const more of [{ unread: true }, { confirm: true }, { due: true }, { confidential: true }, { label: 'annet' }])
    assert.equal(belongsTo(now, { ...wanted, ...more }), false, JSON.stringify(more));
  assert.equal(belongsTo(line('a', { folder: 'bin' }), wanted), false);
});
