import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '#access/index.ts';
import { Refusal } from '#kernel/refusal.ts';
import { type MessageState, messageMoves } from '../states.ts';
import { decideConfirmation, decideMarkAsRead, decideOpening, decidePurge, decideView, type Facts } from './decide.ts';
import type { Standing } from './standing.ts';

const states = Object.keys(messageMoves) as MessageState[];
const published: MessageState[] = ['Published', 'Fetched', 'Read', 'Confirmed'];
const gone: MessageState[] = ['PurgedByRecipient', 'PurgedByAltinn'];
const yes: Decision = { permit: true, by: 'right', path: [] };
const no: Decision = { permit: false, by: 'none', path: [] };

const message = (state: MessageState, more: Partial<Facts> = {}): Facts => ({
  state,
  publishedAt: published.includes(state) || state === 'PurgedByRecipient' ? new Date(0) : null,
  fetchedAt: null,
  readAt: null,
  confirmedAt: null,
  isConfirmationNeeded: false,
  isTransmission: false,
  ...more,
});
const recipient: Standing = { asRecipient: yes, asSender: no, callingAsSender: false };
const sender: Standing = { asRecipient: no, asSender: yes, callingAsSender: true };
const bothAsSender: Standing = { asRecipient: yes, asSender: yes, callingAsSender: true };
const bothScopes: Standing = { asRecipient: yes, asSender: no, callingAsSender: true };

/** What a decision says, or the code it refuses with. */
function say<T>(decide: () => T): T | number {
  try {
    return decide();
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return error.row.code;
  }
}

const byState = <T>(decide: (state: MessageState) => T): Record<string, T | number> =>
  Object.fromEntries(states.map((state) => [state, say(() => decide(state))]));

test('given every state, when a recipient looks, then it sees what is published and nothing else', () => {
  const expected = Object.fromEntries(states.map((state) => [state, published.includes(state) ? 'recipient' : 1001]));

  assert.deepEqual(
    byState((state) => decideView(message(state), recipient, false).as),
    expected,
  );
  assert.deepEqual(
    byState((state) => decideView(message(state), recipient, true).as),
    expected,
  );
  assert.deepEqual(
    byState((state) => decideView(message(state), bothScopes, false).as),
    Object.fromEntries(states.map((state) => [state, published.includes(state) ? 'sender' : 1001])),
  );
});

test('given every state, when the sender looks, then it sees the content until the message is published', () => {
  assert.deepEqual(
    byState((state) => decideView(message(state), sender, false).showsContent),
    Object.fromEntries(states.map((state) => [state, gone.includes(state) ? 1001 : !published.includes(state)])),
  );
  assert.equal(decideView(message('PurgedByRecipient'), sender, true).showsContent, false);
  assert.equal(decideView(message('Read'), bothAsSender, false).showsContent, true);
});

test('given every state, when the body is asked for, then only a right to read gives it', () => {
  assert.deepEqual(
    byState((state) => decideOpening(message(state), recipient).leavesTrace),
    Object.fromEntries(states.map((state) => [state, published.includes(state) ? true : 1001])),
  );
  assert.deepEqual(
    byState((state) => decideOpening(message(state), bothAsSender).leavesTrace),
    Object.fromEntries(states.map((state) => [state, gone.includes(state) ? 1001 : false])),
  );
  assert.deepEqual(
    byState((state) => decideOpening(message(state), bothScopes).leavesTrace),
    Object.fromEntries(states.map((state) => [state, published.includes(state) ? false : 1001])),
  );
  assert.ok(states.every((state) => say(() => decideOpening(message(state), sender)) === 4001));
});

test('given what has happened, when it is marked or confirmed, then it must have been fetched and happens once', () => {
  const [fetchedAt, readAt, confirmedAt] = [new Date(1), new Date(2), new Date(3)];

  assert.equal(
    say(() => decideMarkAsRead(message('Published'))),
    1024,
  );
  assert.equal(
    say(() => decideMarkAsRead(message('Fetched', { fetchedAt }))),
    undefined,
  );
  assert.equal(
    say(() => decideMarkAsRead(message('Read', { fetchedAt, readAt }))),
    1040,
  );
  assert.equal(
    say(() => decideConfirmation(message('Published'))),
    1025,
  );
  assert.equal(
    say(() => decideConfirmation(message('Fetched', { fetchedAt }))),
    undefined,
  );
  assert.equal(
    say(() => decideConfirmation(message('Confirmed', { fetchedAt, confirmedAt }))),
    1041,
  );
  for (const state of states.filter((each) => !published.includes(each))) {
    assert.equal(
      say(() => decideMarkAsRead(message(state, { fetchedAt }))),
      1001,
      state,
    );
    assert.equal(
      say(() => decideConfirmation(message(state, { fetchedAt }))),
      1001,
      state,
    );
  }
});

test('given every state and caller, when a message is deleted, then each follows its own rule', () => {
  const mine: MessageState[] = ['Initialized', 'ReadyForPublish', 'Failed'];
  const senders = Object.fromEntries(states.map((state) => [state, gone.includes(state) ? 1014 : mine.includes(state) ? 'sender' : 1013]));
  const recipients = Object.fromEntries(
    states.map((state) => [state, gone.includes(state) ? 1014 : published.includes(state) ? 'recipient' : 1001]),
  );
  const either = Object.fromEntries(
    states.map((state) => [
      state,
      gone.includes(state) ? 1014 : mine.includes(state) ? 'sender' : published.includes(state) ? 'recipient' : 1013,
    ]),
  );

  assert.deepEqual(
    byState((state) => decidePurge(message(state), sender, false)),
    senders,
  );
  assert.deepEqual(
    byState((state) => decidePurge(message(state), bothAsSender, true)),
    senders,
  );
  assert.deepEqual(
    byState((state) => decidePurge(message(state), recipient, true)),
    recipients,
  );
  assert.deepEqual(
    byState((state) => decidePurge(message(state), bothScopes, true)),
    recipients,
  );
  assert.deepEqual(
    byState((state) => decidePurge(message(state), { ...bothAsSender, callingAsSender: false }, true)),
    recipients,
  );
  assert.deepEqual(
    byState((state) => decidePurge(message(state), { ...bothAsSender, callingAsSender: false }, false)),
    either,
  );
  assert.equal(
    say(() => decidePurge(message('Read', { isConfirmationNeeded: true }), recipient, true)),
    1026,
  );
  assert.equal(decidePurge(message('Confirmed', { isConfirmationNeeded: true, confirmedAt: new Date(1) }), recipient, true), 'recipient');
});
