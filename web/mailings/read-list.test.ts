import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf } from '../../server/correspondence/send/mass/own-words.ts';
import { fieldsIn, newKey } from './letter-fields.ts';
import { readList } from './read-list.ts';
import { cellOf } from './save-file.ts';

const read = (text: string) => {
  const { lines, ...rest } = readList(text);
  return { ...rest, lines: lines.map((line) => JSON.parse(line) as unknown) };
};
const recipients = (text: string) => read(text).lines.map((line) => (line as { recipient: string }).recipient);

test('given numbers as people paste them, when they are read, then each is a recipient, in their order, and spaces do not count', () => {
  assert.deepEqual(recipients('991825827\r\n\r\n 991 825 827 \n219193 30756\n'), ['991825827', '991825827', '21919330756']);
  assert.deepEqual(recipients('991825827, 974760673; 21919330756'), ['991825827', '974760673', '21919330756']);
  assert.deepEqual(recipients('991825827;974760673'), ['991825827', '974760673']);
  assert.deepEqual(recipients('Lerkedal kommune\t263855272'), ['263855272']);
  assert.deepEqual(recipients('Lerkedal kommune\t26385527\tsak 1'), ['26385527']);
});

test('given what is no number, when it is read, then it is kept for the server to refuse by its line', () => {
  assert.deepEqual(recipients('991825827\nkommunen\n12345'), ['991825827', 'kommunen', '12345']);
  assert.deepEqual(recipients('kommunen\n991825827'), ['kommunen', '991825827']);
  assert.deepEqual(read(' \n\n'), { lines: [], fields: [], hasHeading: false });
});

test('given a table with a heading, when it is read, then number, reference and fields are told apart, also with quotes and line ends in a cell', () => {
  const table = '\ufeffNavn;Orgnr;Referanse;beløp\n"Bakeri; og sønn";991 825 827;sak-1;"1 ""250"""\n;263855272;;"to\nlinjer"\n';
  assert.deepEqual(read(table), {
    hasHeading: true,
    fields: ['Navn', 'beløp'],
    lines: [
      { recipient: '991825827', sendersReference: 'sak-1', fields: { Navn: 'Bakeri; og sønn', beløp: '1 "250"' } },
      { recipient: '263855272', fields: { Navn: '', beløp: 'to\nlinjer' } },
    ],
  });
  assert.deepEqual(read('recipient\nabc').lines, [{ recipient: 'abc' }]);
  assert.deepEqual(read('recipient,name\n991825827').lines, [{ recipient: '991825827', fields: { name: '' } }]);
});

test('given a letter, when its fields are looked for, then they are those that the server will ask of each line', () => {
  const texts = ['Til {{recipientName}}', '{{kroner}} og {{ kroner }} {{kroner}} {{1x}} {{årets}} {{a_b}}'];
  assert.deepEqual(fieldsIn(texts), ['kroner', 'a_b']);
  const asked = fieldsOf({ title: texts[0]!, summary: null, body: texts[1]! } as Parameters<typeof fieldsOf>[0]);
  assert.deepEqual(fieldsIn(texts), [...asked]);
  assert.match(newKey(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('given cells that a spreadsheet would take for formulas, when a table is saved, then they are text', () => {
  assert.deepEqual(['=1+1', '+47', '-1', '@x', 'a"b', '12'].map(cellOf), [`"'=1+1"`, `"'+47"`, `"'-1"`, `"'@x"`, '"a""b"', '"12"']);
});
