import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { createTestDatabase } from '../../../test/database.ts';
import type { StepSpec } from '../types.ts';
import { daysAfter, faultsOf } from './definition.ts';
import { millisOf, wholeDaysOf } from './duration.ts';
import { beyond, type LadderLimits } from './limits.ts';

const step = (over: Partial<StepSpec> = {}): StepSpec => ({
  name: 'first',
  after: 'P3D',
  when: [],
  who: 'sender',
  channel: 'preferred',
  text: 'sender-unread',
  ...over,
});
const notify = step({ name: 'notify', after: 'PT0S', who: 'openers', text: 'new-mail' });
const late = step({ name: 'later', after: 'P40D' });

test('given every preset and draft that comes with the program, when it is read as an owner would write it, then nothing is wrong with it', async () => {
  const { db } = await createTestDatabase();
  const ladders = await db.all<{ id: string; steps: StepSpec[]; draft: boolean; fact: string | null; source: string | null }>(
    sql`select id, steps, is_draft as draft, fact, fact_from as source from watch.ladder order by id, version`,
  );
  assert.deepEqual(
    ladders.map(({ id, draft }) => [id, draft]),
    [
      ['confidential', false],
      ['cz-data-box', true],
      ['de-retrieval', true],
      ['file-transfer', false],
      ['it-platform', true],
      ['ks-paper', true],
      ['ordinary', false],
    ],
  );
  for (const { id, steps, draft, fact, source } of ladders) {
    assert.deepEqual(faultsOf(steps), [], id);
    assert.equal(draft, fact !== null && source !== null, id);
  }
});

test('given four hundred years of the calendar, when working days are counted from any moment, then none takes longer than is said, and the few just as long', async () => {
  const { db } = await createTestDatabase();
  const off = await db.all<{ days: number[] }>(sql`select watch.days_off(y) as days from generate_series(2000, 2400) y`);
  const free = new Set(off.flatMap(({ days }) => days));
  const sinceMonday = (year: number) => (Date.UTC(year, 0, 1) - new Date('0001-01-01T00:00:00Z').getTime()) / 86_400_000;
  const working: number[] = [];
  for (let day = sinceMonday(2000); day < sinceMonday(2401); day++) if (day % 7 < 5 && !free.has(day)) working.push(day);
  /** Of what is published at midnight after one working day, and counts from the next. */
  const longest = (n: number) => working.slice(1, -n - 1).reduce((most, _, i) => Math.max(most, working[i + 1 + n]! - working[i]! - 1), 0);
  const said = (n: number) => daysAfter(step({ after: `P${n}D`, workingDays: true }))!;
  const days = Array.from({ length: 251 }, (_, n) => n);
  assert.deepEqual(
    days.filter((n) => said(n) < longest(n)),
    [],
  );
  assert.deepEqual(days.slice(0, 21).map(said), days.slice(0, 21).map(longest));
});

const wrong: readonly (readonly [string, readonly StepSpec[], RegExp])[] = [
  ['two steps of one name', [notify, notify, step()], /notify: another step has the same name/],
  ['a name that every watch may have', [step({ name: 'await-decision' })], /every watch may have/],
  ['a name of the second try', [step({ name: 'notify-otherwise' })], /every watch may have/],
  ['what senders order, toward others', [step({ name: 'remind' })], /for those who can open/],
  ['working days with hours', [step({ after: 'P1DT2H', workingDays: true })], /counted whole/],
  ['working weeks', [step({ after: 'P1W', workingDays: true })], /counted whole/],
  ['a step after more than a year', [step({ after: 'P366D' })], /no later than 365 days/],
  ['too many working days', [step({ after: 'P251D', workingDays: true })], /250 working days/],
  [
    'an event for those who can open',
    [notify, step({ name: 'x', who: 'openers', channel: 'event', text: 'reminder' })],
    /not told by event/,
  ],
  ['an inbox for the sender', [step({ channel: 'inbox' })], /sender are not told by inbox/],
  ['an SMS to the sender', [step({ channel: 'sms' })], /sender are not told by sms/],
  [
    'an e-mail to the second contact',
    [step(), step({ name: 'y', who: 'sender-fallback', channel: 'email' })],
    /sender-fallback are not told by email/,
  ],
  ['a letter by mail', [step({ name: 'p', who: 'print', text: 'print' }), step()], /print are not told by preferred/],
  ['words of another', [step({ text: 'reminder' })], /not told in the words of reminder/],
  ['a sender who turns to others', [step({ otherwise: 'grantors' })], /only a step toward openers/],
  ['a cause twice', [step({ when: ['waiting', 'waiting'] }), step({ name: 'y' })], /stands twice/],
  ['a cause before publication', [step({ when: ['not-published'] }), step({ name: 'y' })], /begins when the post is published/],
  [
    'a reminder to nobody',
    [step({ name: 'x', who: 'openers', text: 'reminder', when: ['no-opener', 'grant-needed'] }), step()],
    /says nothing to anybody/,
  ],
  ['grantors who are not needed', [step({ name: 'x', who: 'grantors', text: 'sealed', when: ['waiting'] }), step()], /says nothing/],
  ['a sender in the dark for long', [notify, step({ after: 'P31D' })], /within 30 days/],
  ['a sender told for some causes only, and late', [notify, step({ after: 'P30D', when: ['no-opener'] })], /within 30 days/],
  [
    'a sender told by events alone, and late',
    [notify, step({ channel: 'event' }), step({ name: 'y', after: 'P365D', who: 'openers', channel: 'inbox', text: 'reminder' })],
    /by mail/,
  ],
  ['working days that may be more than thirty', [step({ after: 'P17D', workingDays: true }), late], /within 30 days/],
  [
    'no word to the sender and a long way to its end',
    [notify, step({ name: 'remind', after: 'P24D', who: 'openers', text: 'reminder' })],
    /30 days/,
  ],
];
for (const [what, steps, fault] of wrong) {
  test(`given a ladder with ${what}, when it is read, then it says what is wrong`, () => {
    assert.match(faultsOf(steps).join('; '), fault);
  });
}

const right: readonly (readonly [string, readonly StepSpec[]])[] = [
  ['one step', [notify]],
  ['late steps only', [step({ after: 'P29D' }), step({ name: 'later', after: 'P365D', who: 'sender-fallback' })]],
  ['conditions on every step', [step({ after: 'P2D', when: ['notified-not-opened'] })]],
  [
    'a reminder that turns to grantors',
    [step({ name: 'x', who: 'openers', otherwise: 'grantors', text: 'reminder', when: ['grant-needed'] })],
  ],
  ['working days', [step({ after: 'P10D', workingDays: true })]],
  ['three working weeks', [step({ after: 'P15D', workingDays: true }), late]],
  ['working days that are thirty days at most', [step({ after: 'P16D', workingDays: true }), late]],
];
for (const [what, steps] of right) {
  test(`given a ladder with ${what}, when it is read, then nothing is wrong`, () => {
    assert.deepEqual(faultsOf(steps), []);
  });
}

const limits: LadderLimits = {
  ladders: [],
  own: true,
  mostSteps: 2,
  turnsTo: ['openers', 'sender'],
  notBefore: 'P1D',
  within: 'P14D',
};
const tooFar: readonly (readonly [string, readonly StepSpec[], Partial<LadderLimits>, RegExp | null])[] = [
  ['within them', [notify, step()], {}, null],
  ['nothing is allowed', [notify], { own: false }, /no sender write steps/],
  ['one step too many', [notify, step(), step({ name: 'y' })], {}, /2 steps/],
  ['somebody else is told', [notify, step({ who: 'key-roles' })], {}, /no sender turn to key-roles/],
  ['too early', [step({ after: 'PT2H' })], {}, /not before P1D/],
  ['too late', [step({ after: 'P15D' })], {}, /not later than P14D/],
  ['too late by working days', [step({ after: 'P14D', workingDays: true })], {}, /not later than P14D/],
  ['without bounds in time', [step({ after: 'PT2H' }), step({ name: 'y', after: 'P300D' })], { notBefore: null, within: null }, null],
];
for (const [what, steps, over, fault] of tooFar) {
  test(`given the limits of a resource, when a sender's steps are ${what}, then it is ${fault ? 'refused in words' : 'let through'}`, () => {
    const faults = beyond({ steps, leftOut: [], daysAfter: (each) => daysAfter(each)! }, { ...limits, ...over }).join('; ');
    if (fault) assert.match(faults, fault);
    else assert.equal(faults, '');
  });
}

test('given durations, when read, then weeks, days, hours and minutes count, and what is none is none', () => {
  const day = 86_400_000;
  assert.deepEqual(['PT0S', 'P1W', 'P2DT3H', 'PT90M', 'P1WT1M'].map(millisOf), [
    0,
    7 * day,
    2 * day + 3 * 3_600_000,
    5_400_000,
    7 * day + 60_000,
  ]);
  for (const none of ['', 'P', 'PT', 'P1DT', '3D', 'P1M', 'P1Y', 'P-1D', 'P1000D', 'P1.5D', 'PT1S', 'P1D2W'])
    assert.equal(millisOf(none), undefined, none);
  assert.deepEqual(['P3D', 'P1W', 'PT0S', 'P1DT1H'].map(wholeDaysOf), [3, undefined, undefined, undefined]);
});
