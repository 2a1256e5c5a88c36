import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../server/watch/ladders/definition.ts';
import type { StepSpec } from '../../server/watch/types.ts';
import { type LadderStep, turnsTo } from '../api/services.ts';
import { channelsFor, newStep, readAfter, textsFor, writeAfter } from './ladder-steps.ts';

test('given durations of steps, when they are read and written again, then they are the same, and what is written otherwise is left alone', () => {
  for (const after of ['PT0S', 'P7D', 'PT12H', 'P365D']) assert.deepEqual(writeAfter(readAfter({ after })!), { after });
  assert.deepEqual(writeAfter(readAfter({ after: 'P3D', workingDays: true })!), { after: 'P3D', workingDays: true });
  assert.equal(readAfter({ after: 'P1DT2H' }), null);
  assert.deepEqual(writeAfter({ amount: -3.4, unit: 'days' }), { after: 'PT0S' });
  assert.deepEqual(writeAfter({ amount: Number.NaN, unit: 'hours' }), { after: 'PT0S' });
});

test('given whomever a step may turn to, by each way and in each of the words that the page offers, when it is made, then the server takes it', () => {
  for (const who of turnsTo) {
    const made = newStep(who, [], { after: 'P2D' });
    for (const channel of channelsFor(who))
      for (const text of textsFor(who))
        assert.deepEqual(faultsOf([{ ...made, channel, text } as StepSpec]), [], `${who} ${channel} ${text}`);
  }
});

test('given a ladder, when steps are added one by one, then each has a name of its own, and reminders follow the first word to readers', () => {
  const steps: LadderStep[] = [];
  for (const who of ['openers', 'openers', 'openers', 'sender', 'sender', 'key-roles'] as const)
    steps.push(newStep(who, steps, { after: 'P1D' }));
  assert.deepEqual(
    steps.map(({ name, text }) => `${name} ${text}`),
    [
      ...['notify new-mail', 'remind reminder', 'remind-2 reminder'],
      ...['tell-sender-step sender-unread', 'tell-sender-step-2 sender-unread', 'tell-key-roles key-roles'],
    ],
  );
  assert.deepEqual(faultsOf(steps as StepSpec[]), []);
});
