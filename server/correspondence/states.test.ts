import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { attachmentMoves, type MessageStatus, messageMoves, messageStatuses, type StatusRow, visibleStatus } from './states.ts';

const migration = readFileSync(new URL('../db/migrations/0010-correspondence.sql', import.meta.url), 'utf8');

function statesOfTable(table: string): string[] {
  const check = new RegExp(`create table correspondence\\.${table} \\([^;]*?check \\(state in \\(([^)]*)\\)`, 's').exec(migration)![1]!;
  return [...check.matchAll(/'(\w+)'/g)].map(([, state]) => state!).sort();
}

test('given the machines, when they are compared with the database, then both know the same states', () => {
  assert.deepEqual(Object.keys(messageMoves).sort(), statesOfTable('message'));
  assert.deepEqual(Object.keys(attachmentMoves).sort(), statesOfTable('attachment'));
});

test('given the diagram of the states, when it is compared with the machine, then it shows every move and no other', () => {
  const drawing = readFileSync(new URL('states.md', import.meta.url), 'utf8');
  const drawn = [...drawing.matchAll(/^ {2}(\w+) --> (\w+): (\w+)$/gm)].map(([, from, to, event]) => `${from} ${event} ${to}`);
  const moves = Object.entries(messageMoves).flatMap(([from, events]) =>
    Object.entries(events).map(([event, to]) => `${from} ${event} ${to}`),
  );

  assert.deepEqual(drawn.sort(), moves.sort());
});

test('given every move, when it is made, then it leads to a state that exists', () => {
  for (const moves of [messageMoves, attachmentMoves]) {
    for (const [state, events] of Object.entries(moves)) {
      for (const target of Object.values(events)) assert.ok(target in moves, `${state} leads to ${target}`);
    }
  }
});

test('given a history, when clients ask for the status, then the highest is told and Fetched never', () => {
  const history = (...statuses: MessageStatus[]): StatusRow[] => statuses.map((status, i) => ({ status, text: `${i}`, at: new Date(i) }));

  assert.equal(visibleStatus(history('ReadyForPublish', 'Published', 'Fetched'))?.status, 'Published');
  assert.equal(visibleStatus(history('ReadyForPublish', 'Published', 'Confirmed', 'Read'))?.status, 'Confirmed');
  assert.equal(
    visibleStatus(history('Published', 'AttachmentsDownloaded', 'Confirmed', 'PurgedByRecipient'))?.status,
    'AttachmentsDownloaded',
  );
  assert.equal(visibleStatus(history('Published', 'AttachmentsDownloaded', 'AttachmentsDownloaded'))?.text, '2');
  assert.equal(visibleStatus(history('Fetched')), undefined);
  assert.equal(visibleStatus([]), undefined);
});

test('given the integers of clients, when they are listed, then they are those of the original', () => {
  assert.deepEqual(Object.values(messageStatuses), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
});
