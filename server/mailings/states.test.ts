import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { mailingMoves } from './states.ts';
import { MailingStateName } from './wire.ts';

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('given the machine, when it is compared with the database and the wire, then all know the same states', () => {
  const check = /create table mailings\.mailing \(.*?check \(state in \(([^)]*)\)/s.exec(textOf('../db/migrations/0018-mailings.sql'))![1]!;
  const stored = [...check.matchAll(/'(\w+)'/g)].map(([, state]) => state);

  assert.deepEqual(Object.keys(mailingMoves).sort(), stored.sort());
  assert.deepEqual(Object.keys(mailingMoves).sort(), [...(MailingStateName as unknown as { enum: string[] }).enum].sort());
});

test('given the diagram of the README, when it is compared with the machine, then it shows every move and no other', () => {
  const drawn = [...textOf('README.md').matchAll(/^ {2}(\w+) --> (\w+): (\w+)$/gm)].map(([, from, to, move]) => `${from} ${move} ${to}`);
  const moves = Object.entries(mailingMoves).flatMap(([from, all]) => Object.entries(all).map(([move, to]) => `${from} ${move} ${to}`));

  assert.deepEqual(drawn.sort(), moves.sort());
});
