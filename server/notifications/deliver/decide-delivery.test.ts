import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HandOver } from '../ports.ts';
import { noticeMoves } from '../states.ts';
import { decideDelivery, waits } from './decide-delivery.ts';

const now = new Date('2026-11-24T10:00:00Z');
const results: readonly HandOver[] = [
  { kind: 'handed-over', answer: '250' },
  { kind: 'refused', answer: '550', reason: 'address-rejected' },
  { kind: 'refused', answer: '552', reason: 'mailbox-full' },
  { kind: 'refused', answer: '554', reason: 'carrier-refused' },
  { kind: 'later', answer: '451' },
];

test('given every answer at every attempt, when decided, then a yes ends it, a no ends it, and a not-yet waits longer each time until it ends', () => {
  for (const result of results) {
    for (let attempts = 1; attempts <= waits.length + 2; attempts++) {
      const decided = decideDelivery({ channel: 'email', attempts }, result, now);
      assert.ok(decided.state in noticeMoves);
      if (result.kind === 'handed-over') assert.deepEqual(decided, { state: 'handed-over' });
      if (result.kind === 'refused') assert.deepEqual(decided, { state: 'failed', reason: result.reason });
      if (result.kind !== 'later') continue;
      const wait = waits[attempts - 1];
      assert.deepEqual(
        decided,
        wait ? { state: 'due', dueAt: new Date(now.getTime() + wait * 1000) } : { state: 'failed', reason: 'carrier-timeout' },
      );
    }
  }
  assert.deepEqual(
    [...waits],
    [...waits].sort((a, b) => a - b),
  );
});

test('given a gateway that is away just before the hours of SMS end, when it is tried again, then within the hours alone, and mail at any', () => {
  const now = new Date('2027-03-28T14:58:00Z'); // 16:58 in Norway
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });
  for (let attempts = 1; attempts <= waits.length; attempts++) {
    const decided = decideDelivery({ channel: 'sms', attempts }, { kind: 'later', answer: '503' }, now);
    assert.ok(decided.state === 'due');
    const at = Number(hour.format(decided.dueAt));
    assert.ok(at >= 9 && at < 17, `attempt ${attempts} would ring at ${decided.dueAt.toISOString()}`);
  }
  assert.deepEqual(decideDelivery({ channel: 'sms', attempts: 2 }, { kind: 'later', answer: '503' }, now), {
    state: 'due',
    dueAt: new Date('2027-03-29T07:00:00Z'),
  });
  const code = decideDelivery({ channel: 'sms', attempts: 2, anyHour: true }, { kind: 'later', answer: '503' }, now);
  assert.deepEqual(code, { state: 'due', dueAt: new Date('2027-03-28T15:03:00Z') }, 'somebody waits for it');
  assert.deepEqual(decideDelivery({ channel: 'email', attempts: 2 }, { kind: 'later', answer: '451' }, now), {
    state: 'due',
    dueAt: new Date('2027-03-28T15:03:00Z'),
  });
});

test('given every state of a notice, when its moves are read, then each leads to a state that exists, and what is over stays over', () => {
  for (const moves of Object.values(noticeMoves)) for (const to of Object.values(moves)) assert.ok((to as string) in noticeMoves);
  for (const over of ['delivered', 'failed', 'cancelled'] as const) assert.deepEqual(noticeMoves[over], {});
});
