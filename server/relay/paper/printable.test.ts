import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlobKey, newId } from '#kernel/ids.ts';
import { linesOf } from '../addresses/find-addresses.ts';
import type { EnclosedFile, PaperLetter } from '../letter.ts';
import { mostEnclosedBytes, type NotPrintable, whyNotPrintable } from './printable.ts';

const address = ['OLA NORDMANN', 'Storgata 1', '3717 SKIEN'];
const file = (more: Partial<EnclosedFile> = {}): EnclosedFile => ({
  id: newId(),
  name: 'vedtak.pdf',
  blobKey: newId<BlobKey>(),
  sizeBytes: 1,
  sha256: '00',
  isEncrypted: false,
  isThere: true,
  hasOwnRight: false,
  ...more,
});
const letter = (more: Partial<PaperLetter> = {}): PaperLetter => ({
  id: newId(),
  language: 'nb',
  title: 'Vedtak',
  body: 'Hei',
  sender: 'ETATEN',
  recipient: 'OLA NORDMANN',
  reference: 'sak-1',
  date: new Date(0),
  files: [],
  ...more,
});

test('given letters, when it is asked whether they can go by paper, then each hindrance has its reason, and without any they can', () => {
  const rows: readonly [PaperLetter | undefined, string[] | undefined, NotPrintable | undefined][] = [
    [undefined, address, 'not-a-letter'],
    [letter(), undefined, 'no-postal-address'],
    [letter({ files: [file(), file({ isThere: false })] }), address, 'attachment-gone'],
    [letter({ files: [file({ blobKey: null })] }), address, 'attachment-gone'],
    [letter({ files: [file({ hasOwnRight: true })] }), address, 'attachment-of-own-right'],
    [letter({ files: [file({ isEncrypted: true })] }), address, 'attachment-not-printable'],
    [letter({ files: [file({ name: 'pdf' })] }), address, 'attachment-not-printable'],
    [letter({ files: [file({ sizeBytes: mostEnclosedBytes }), file()] }), address, 'attachments-too-large'],
    [letter({ files: [file({ name: '漢.pdf' })] }), address, 'characters-not-printable'],
    [letter(), ['漢', ...address], 'characters-not-printable'],
    [letter({ files: ['a.PDF', 'b.png', 'c.jpg', 'd.jpeg', 'e.txt'].map((name) => file({ name })) }), address, undefined],
  ];
  for (const [given, to, reason] of rows) assert.equal(whyNotPrintable(given, to), reason);
});

test('given addresses of the Register of Legal Entities, when a letter is addressed, then the postal one goes before that of business, and one without a place is none', () => {
  const [post, house] = [
    { lines: ['Postboks 1'], postalCode: '3701', place: 'SKIEN', municipality: null, country: 'NO' },
    { lines: ['Hovedgaden 2', 'C'], postalCode: '1000', place: 'KØBENHAVN', municipality: null, country: 'DK' },
  ];
  assert.deepEqual(linesOf({ postal: post, business: house }), ['Postboks 1', '3701 SKIEN']);
  assert.deepEqual(linesOf({ postal: { ...post, place: null }, business: house }), ['Hovedgaden 2', 'C', '1000 KØBENHAVN', 'DK']);
  assert.equal(linesOf({ postal: null, business: null }), undefined);
  assert.equal(linesOf(), undefined);
});
