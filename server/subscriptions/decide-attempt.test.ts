import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, decideAttempt, isTaken, waits } from './decide-attempt.ts';
import { asksFor } from './match-events.ts';

const at = new Date('2026-11-29T12:00:00Z');
const failed = (attempts: number, failures = attempts, failingSince = at) =>
  decideAttempt({ status: 500 }, { attempts, failures, failingSince, at });

test('given the waits, when they are added up, then an event is tried twelve times within about 35 hours', () => {
  assert.equal(waits.length, 11);
  assert.equal(Math.round(waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000), 35);
});

test('given answers of endpoints, when they are judged, then 2xx is taken and nothing else', () => {
  for (const status of [200, 201, 204, 299]) assert.ok(isTaken({ status }));
  for (const status of [0, 199, 301, 302, 400, 404, 410, 429, 500]) assert.ok(!isTaken({ status }));
  assert.deepEqual([answerOf({ status: 503 }), answerOf({ failure: 'timeout' })], ['503', 'timeout']);
});

test('given an event that fails again and again, when each attempt is decided, then it waits as long as the original has it, and its subscriber five minutes at most', () => {
  for (const [i, wait] of waits.entries()) {
    const settled = failed(i + 1);
    assert.ok(settled.kind === 'later');
    assert.equal(settled.nextAt.getTime() - at.getTime(), wait);
    assert.equal(settled.notBefore.getTime() - at.getTime(), Math.min(wait, 300_000));
  }
});

test('given the last attempt, when others went through meanwhile, then the event is given up, and when nothing did the subscription rests', () => {
  assert.deepEqual(failed(12, 3, new Date(at.getTime() - 3_600_000)), { kind: 'given-up' });
  assert.deepEqual(failed(12, 90, new Date(at.getTime() - 36 * 3_600_000)), { kind: 'paused' });
  assert.deepEqual(decideAttempt({ status: 204 }, { attempts: 12, failures: 90, failingSince: at, at }), { kind: 'delivered' });
});

test('given filters, when events are matched, then resource, type, source and subject must all agree', () => {
  const party = { id: 'p1', parentId: 'main' } as never;
  const event = { resource: 'brev', type: 'no.altinn.correspondence.correspondencepublished' };
  const all = {
    resource: 'brev',
    typeFilter: null,
    sourceFilter: null,
    subjectId: null,
    includeSubunits: false,
    ownEvents: false,
  } as never as Parameters<typeof asksFor>[0];
  const asks = (more: object, subject: never | undefined = party) => asksFor({ ...all, ...more }, event, 'https://x.no/a/b', subject);
  assert.ok(asks({}));
  const own = (more: object) =>
    asksFor({ ...all, ...more }, { ...event, type: 'no.budstikke.watch.step-taken' }, 'https://x.no/a/b', party);
  assert.deepEqual([own({}), own({ ownEvents: true }), own({ typeFilter: 'no.budstikke.watch.step-taken' })], [false, true, true]);
  assert.ok(!asks({ resource: 'annet' }));
  assert.deepEqual([asks({ typeFilter: event.type }), asks({ typeFilter: 'no.altinn' })], [true, false]);
  assert.deepEqual(
    [
      'https://x.no/a/b',
      'https://x.no/a',
      'https://x.no/a/',
      'https://x.no',
      'https://x.no/a/b/c',
      'https://x.no/a/bc',
      'https://y.no/a/b',
    ].map((sourceFilter) => asks({ sourceFilter })),
    [true, true, true, true, false, false, false],
  );
  assert.deepEqual(
    [asks({ subjectId: 'p1' }), asks({ subjectId: 'main' }), asks({ subjectId: 'main', includeSubunits: true }), asks({ subjectId: 'p2' })],
    [true, false, true, false],
  );
  assert.ok(!asksFor({ ...all, subjectId: 'p1' as never }, event, '', undefined));
});
