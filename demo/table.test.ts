import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTable, RowNotTrue } from './table.ts';

function printed(columns = 120): { output: { write(text: string): boolean; columns: number }; text: () => string } {
  let text = '';
  return {
    output: {
      columns,
      write(more) {
        text += more;
        return true;
      },
    },
    text: () => text,
  };
}

test('given a row that is seen to be true, when it is printed, then it says who, what and how we know, in columns and without colour', async () => {
  const { output, text } = printed(100);
  const table = createTable(output);

  table.chapter('1  A letter', 'Somebody writes.');
  await table.row(
    'Kari Berg',
    'opens a letter that has a rather long name, so that it takes more than one line',
    async () => 'GET …/content 200',
  );
  await table.row('Skatteetaten', 'knows', async () => 'watch: opened');

  const lines = text().split('\n');
  assert.match(text(), /✓ {2}\d\d:\d\d:\d\d {2}Kari Berg/);
  assert.ok(
    lines.every((line) => line.length <= 100),
    'a line is wider than the window',
  );
  assert.ok(!text().includes('\u001b'), 'colour is written where nobody sees it');
  const column = (word: string): number => lines.find((line) => line.includes(word))!.indexOf(word);
  assert.equal(column('GET …/content 200'), column('watch: opened'));
  assert.equal(table.rows, 2);
});

test('given a row that is not true, when it is printed, then it says what was expected and what was seen, and the story ends', async () => {
  const { output, text } = printed();
  const table = createTable(output);

  await assert.rejects(
    table.row('the watch', 'is closed', async () => {
      assert.equal('REACHABLE', 'GRANTABLE');
      return 'never';
    }),
    (error) => error instanceof RowNotTrue && /the watch: is closed/.test(error.message),
  );

  assert.match(text(), /✗ .*the watch .*is closed .*NOT TRUE/);
  assert.match(text(), /expected {2}GRANTABLE\n.*saw {7}REACHABLE/);
});

test('given a row that could not be looked at, when it is printed, then it says why', async () => {
  const { output, text } = printed();

  await assert.rejects(
    createTable(output).row('Kari Berg', 'opens', async () => {
      throw new Error('no mail has come to kari@example.no');
    }),
  );

  assert.match(text(), /no mail has come to kari@example\.no/);
});

test('given a life that lasts longer than a day, when its stick is drawn, then later days are told, and the times stand in one column', () => {
  const { output, text } = printed();
  const first = new Date('2026-11-24T10:00:00Z');
  const later = new Date('2026-12-01T10:00:01Z');

  createTable(output).stick('A letter', [
    { at: first, what: 'laid in the inbox', how: 'ContentConsignment' },
    { at: later, what: 'opened', how: 'ContentAccessTracking' },
  ]);

  assert.match(text(), / day 7, 11:00:01 {2}opened .*\n.* {7}11:00:00 {2}laid in the inbox/);
});
