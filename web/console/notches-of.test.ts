import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step, TimelineEntry } from '../api/sent.ts';
import type { Say } from '../ui/language.ts';
import { happenedText, plannedFor } from './notches-of.ts';
import { isCalm } from './way-of.ts';

/** The key itself is what is said. */
const t = ((key: string) => key) as Say;
const at = '2026-01-15T12:00:00.000Z';
const turnOf = (name: string, who: Step['who']): Step => ({ name, who, dueAt: at, state: 'done' });

test('given steps of a ladder that were taken, when the stick tells of them, then each says what was done and toward whom', () => {
  const steps = [
    turnOf('tell-sender', 'sender'),
    turnOf('ask-sender', 'sender'),
    turnOf('ask-second', 'sender-fallback'),
    turnOf('print', 'print'),
  ];
  const told = (core: TimelineEntry['core']) => happenedText({ id: '1', at, event: 'LadderStep', sentence: '', core }, t, steps);
  assert.equal(told({ step: 'notify', toldKind: 'openers', told: 2 }), 'told.openers');
  assert.equal(told({ step: 'tell-sender' }), 'told.sender');
  assert.equal(told({ step: 'ask-sender' }), 'told.asked');
  assert.equal(told({ step: 'ask-second' }), 'told.sender-fallback');
  assert.equal(told({ step: 'print' }), 'step.print');
  assert.equal(told({ step: 'ask-sender', passedOver: 'no-contact-point' }), 'told.senderMissed');
  assert.equal(told({ step: 'remind', passedOver: 'no-opener' }), 'told.nobody');
});

test('given steps to come toward those who can open, when nobody can, then it is not said that they are told', () => {
  const due: Step[] = [
    { ...turnOf('remind', 'openers'), state: 'due' },
    { ...turnOf('tell-sender', 'sender'), state: 'due' },
  ];
  const said = (reach: 'UNREACHABLE' | 'GRANTABLE' | 'REACHABLE' | 'UNKNOWN') =>
    plannedFor({ steps: due, class: reach }, null, t).map(({ what }) => what);
  for (const reach of ['UNREACHABLE', 'GRANTABLE'] as const) assert.deepEqual(said(reach), ['step.openersIfAny', 'step.sender']);
  for (const reach of ['REACHABLE', 'UNKNOWN'] as const) assert.deepEqual(said(reach), ['step.openers', 'step.sender']);
  const [asked] = plannedFor({ steps: [{ ...turnOf('ask-sender', 'sender'), state: 'due' }], class: 'REACHABLE' }, null, t);
  assert.equal(asked!.what, 'step.asked', 'the sender is asked, and not only told');
});

test('given why post lies, when it is shown in lists and on its own page, then it stands out only where somebody must act', () => {
  assert.deepEqual(['notified-not-opened', 'waiting', 'not-notified', 'unknown'].map(isCalm), [true, true, true, true]);
  assert.deepEqual(['no-opener', 'grant-needed', 'returned', 'opened-not-confirmed'].map(isCalm), [false, false, false, false]);
});
