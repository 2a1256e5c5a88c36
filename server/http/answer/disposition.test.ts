import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { growthOf } from '../../../test/growth.ts';
import { parseDisposition } from './disposition.ts';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test('given the headers that clients write, when they are parsed, then name and file name are theirs', () => {
  const cases: [string, string, string | undefined][] = [
    ['form-data; name="recipients[0]"', 'recipients[0]', undefined],
    ["form-data; name=attachments; filename=a.pdf; filename*=utf-8''a.pdf", 'attachments', 'a.pdf'],
    ['Form-Data;NAME="a" ; FileName="b c.pdf" ;', 'a', 'b c.pdf'],
    ['form-data; name="a"; filename=""', 'a', undefined],
    ['form-data; name=""; filename="x"', '', 'x'],
    ['form-data; name="a"; filename="x;y=z.pdf"', 'a', 'x;y=z.pdf'],
    ['form-data; name="a"; filename="say \\"hi\\".txt"', 'a', 'say "hi".txt'],
    ['form-data; name="a"; filename="C:\\dir\\x.txt"', 'a', 'C:\\dir\\x.txt'],
    ['form-data; name="a"; filename="../../x.pdf"', 'a', '../../x.pdf'],
    [latin1('form-data; name="a"; filename="årsmelding.pdf"'), 'a', 'årsmelding.pdf'],
    ['form-data; name="a"; filename="\xe5r.pdf"', 'a', 'år.pdf'],
    ['form-data; name="a"; filename="=?utf-8?B?w6VyLnBkZg==?="', 'a', 'år.pdf'],
  ];
  for (const [header, name, fileName] of cases) assert.deepEqual(parseDisposition(header), { name, fileName }, header);
});

test('given an extended file name, when it stands before or after the plain one, then it wins', () => {
  for (const parts of [
    ["filename*=UTF-8''%c3%a5r.pdf", 'filename="ar.pdf"'],
    ['filename="ar.pdf"', "filename*=utf-8'nb'%C3%A5r.pdf"],
    ["filename*=iso-8859-1''%E5r.pdf", 'filename=ar.pdf'],
  ]) {
    assert.equal(parseDisposition(`form-data; name="a"; ${parts.join('; ')}`)?.fileName, 'år.pdf');
  }
});

test('given an extended file name that cannot be decoded, when there is a plain one, then that one holds', () => {
  for (const star of ["utf-8''%c3", "koi8-r''%c1", 'nonsense', "utf-8''%zz", "utf-8''"]) {
    assert.equal(parseDisposition(`form-data; name="a"; filename*=${star}; filename="plain.pdf"`)?.fileName, 'plain.pdf', star);
  }
});

test('given a header that is no form part, when it is parsed, then there is nothing', () => {
  for (const header of [
    '',
    'form-data',
    'attachment; name="a"',
    'form-data; filename="x"',
    'form-data; name="a',
    'form-data; name="a" filename="b"',
    'form-datax; name="a"',
    'form-data; ="a"',
  ]) {
    assert.equal(parseDisposition(header), undefined, header);
  }
});

test('given any text, when it is parsed, then nothing is thrown', () => {
  const piece = fc.constantFrom(
    'form-data',
    ';',
    ' ',
    'name',
    'filename',
    '*',
    '=',
    '"',
    '\\',
    "utf-8''",
    '%c3',
    'x',
    '\t',
    '=?utf-8?B?',
    '?=',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => void parseDisposition(pieces.join(''))),
    { numRuns: 3000 },
  );
});

test('given headers meant to be slow, when they are four times as long, then reading them takes no more than its share', () => {
  const hostile: readonly ((length: number) => string)[] = [
    (length) => `form-data; name="${'\\'.repeat(length)}`,
    (length) => `form-data${'; a'.repeat(length / 3)}`,
    (length) => `form-data;${' '.repeat(length)}`,
    (length) => `form-data; name=${'a '.repeat(length / 2)}"`,
  ];
  const growth = growthOf((length) => hostile.forEach((header) => void parseDisposition(header(length))), 4_000);

  assert.ok(growth < 10, `${growth} times as much for four times the length`);
});
