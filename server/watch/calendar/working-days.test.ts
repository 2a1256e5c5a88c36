import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from '#kernel/database.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { planSteps } from '../ladders/store.ts';
import type { StepSpec } from '../types.ts';

const { db } = await createTestDatabase();

const step: StepSpec = { name: 'x', after: 'P1D', workingDays: true, when: [], who: 'sender', channel: 'event', text: 'sender-unread' };

async function after(at: string, days: number): Promise<string> {
  const [planned] = await planSteps(db, [{ ...step, after: `P${days}D` }], new Date(at));
  return planned!.dueAt.toISOString();
}

/** The days off of some years as the almanac has them. */
const almanac: Readonly<Record<number, readonly string[]>> = {
  2024: ['01-01', '03-28', '03-29', '03-31', '04-01', '05-01', '05-09', '05-17', '05-19', '05-20', '12-25', '12-26'],
  2026: ['01-01', '04-02', '04-03', '04-05', '04-06', '05-01', '05-14', '05-17', '05-24', '05-25', '12-25', '12-26'],
  2027: ['01-01', '03-25', '03-26', '03-28', '03-29', '05-01', '05-06', '05-16', '05-17', '05-17', '12-25', '12-26'],
  2038: ['01-01', '04-22', '04-23', '04-25', '04-26', '05-01', '05-17', '06-03', '06-13', '06-14', '12-25', '12-26'],
};
for (const [year, days] of Object.entries(almanac)) {
  test(`given the almanac of ${year}, when the holidays of Norway are computed, then they are the same twelve, and no other weekday is off`, async () => {
    const found = await db.all<{ day: string }>(sql`select to_char(day, 'MM-DD') as day from watch.holidays(${Number(year)}) order by day`);
    assert.deepEqual(
      found.map(({ day }) => day),
      days,
    );
    const off = await db.all<{ day: string }>(sql`
      select to_char(d, 'MM-DD') as day from generate_series(make_date(${Number(year)}, 1, 1), make_date(${Number(year)}, 12, 31), interval '1 day') d
       where not watch.is_working_day(d::date) and extract(isodow from d) < 6 order by d`);
    const isWeekday = (day: string) => ![0, 6].includes(new Date(`${year}-${day}T12:00:00Z`).getUTCDay());
    assert.deepEqual(
      off.map(({ day }) => day),
      [...new Set(days)].filter(isWeekday),
    );
  });
}

test('given the years in which Easter is earliest and latest, when it is computed, then it is 22 March and 25 April', async () => {
  const found = await db.all<{ day: string }>(
    sql`select watch.easter_sunday(y)::text as day from unnest(array[1818, 2285, 1886, 1943, 2038, 2000, 2100]) y`,
  );
  assert.deepEqual(
    found.map(({ day }) => day),
    ['1818-03-22', '2285-03-22', '1886-04-25', '1943-04-25', '2038-04-25', '2000-04-23', '2100-03-28'],
  );
});

const cases: readonly (readonly [string, string, number, string])[] = [
  ['a Monday', '2026-11-23T10:00:00Z', 3, '2026-11-26T10:00:00.000Z'],
  ['a Friday', '2026-11-27T14:30:00Z', 1, '2026-11-30T14:30:00.000Z'],
  ['a Saturday, which counts from Monday', '2026-11-28T10:00:00Z', 1, '2026-11-30T23:00:00.000Z'],
  ['a Saturday, at once', '2026-11-28T10:00:00Z', 0, '2026-11-29T23:00:00.000Z'],
  ['the Wednesday before Easter', '2026-04-01T08:00:00Z', 1, '2026-04-07T08:00:00.000Z'],
  ['the Wednesday before Easter, over summer time', '2027-03-24T08:00:00Z', 1, '2027-03-30T07:00:00.000Z'],
  ['Good Friday', '2026-04-03T08:00:00Z', 2, '2026-04-08T22:00:00.000Z'],
  ['the day before 1 May', '2026-04-30T08:00:00Z', 1, '2026-05-04T08:00:00.000Z'],
  ['the day before 17 May on a Monday', '2027-05-14T08:00:00Z', 1, '2027-05-18T08:00:00.000Z'],
  ['the day before Ascension', '2026-05-13T08:00:00Z', 2, '2026-05-18T08:00:00.000Z'],
  ['the day before Christmas Eve, which is a working day', '2026-12-23T08:00:00Z', 1, '2026-12-24T08:00:00.000Z'],
  ['Christmas Eve', '2026-12-24T08:00:00Z', 1, '2026-12-28T08:00:00.000Z'],
  ["New Year's Eve, over the year", '2026-12-31T08:00:00Z', 1, '2027-01-04T08:00:00.000Z'],
  ['the Friday before summer time', '2026-03-27T09:00:00Z', 1, '2026-03-30T08:00:00.000Z'],
  ['the hour that is missing', '2026-03-29T01:30:00Z', 1, '2026-03-30T22:00:00.000Z'],
  ['the Friday before winter time', '2026-10-23T09:00:00Z', 1, '2026-10-26T10:00:00.000Z'],
  ['the hour that comes twice, first', '2026-10-25T00:30:00Z', 1, '2026-10-26T23:00:00.000Z'],
  ['the hour that comes twice, second', '2026-10-25T01:30:00Z', 1, '2026-10-26T23:00:00.000Z'],
  ['late in the evening of a Friday in Norway', '2026-11-27T22:59:59Z', 1, '2026-11-30T22:59:59.000Z'],
  ['a minute later, which is Saturday in Norway', '2026-11-27T23:00:00Z', 1, '2026-11-30T23:00:00.000Z'],
];
for (const [what, at, days, expected] of cases) {
  test(`given something published on ${what}, when ${days} working days are counted, then it is due ${expected}`, async () => {
    assert.equal(await after(at, days), expected);
  });
}

const instant = fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true });

test('given any instants and days, when steps are planned, then later ones never fall due earlier, and none on a day off', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(instant, fc.integer({ min: 0, max: 40 })), { minLength: 20, maxLength: 40 }), async (given) => {
      const near = given.map(([at, days], i): [Date, number] => [new Date(at.getTime() + (i % 7) * 3_600_000), days]);
      const all = [...given, ...near].sort(([a], [b]) => a.getTime() - b.getTime());
      const rows = await db.all<{ same: Date; more: Date; next: Date; off: boolean; early: boolean }>(sql`
        select watch.step_due_at(t.at, make_interval(days => t.days), true) as same,
               watch.step_due_at(t.at, make_interval(days => t.days + 1), true) as more,
               watch.step_due_at(t.at + interval '53 minutes', make_interval(days => t.days), true) as next,
               not watch.is_working_day((watch.step_due_at(t.at, make_interval(days => t.days), true) at time zone 'Europe/Oslo')::date) as off,
               watch.step_due_at(t.at, make_interval(days => t.days), true) < t.at as early
          from unnest(${all.map(([at]) => at)}::timestamptz[], ${all.map(([, days]) => days)}::integer[]) as t (at, days)`);
      for (const row of rows) {
        assert.equal(row.off, false);
        assert.equal(row.early, false);
        assert.ok(row.same < row.more);
        assert.ok(row.same <= row.next);
      }
    }),
    { numRuns: 40 },
  );
});

test('given the hours around each change of summer time, when one working day is counted, then a later instant is never due earlier', async () => {
  const rows = await db.all<{ due: Date }>(sql`
    select watch.add_working_days(t, 1) as due
      from unnest(array['2026-03-27', '2026-10-23', '2027-03-26', '2027-10-29']::timestamptz[]) with ordinality as d (day, n),
           generate_series(d.day, d.day + interval '4 days', interval '7 minutes') as t
     order by d.n, t`);
  const perChange = rows.length / 4;
  rows.forEach(({ due }, i) => {
    if (i % perChange !== 0) assert.ok(due >= rows[i - 1]!.due, `${rows[i - 1]!.due.toISOString()} before ${due.toISOString()}`);
  });
});
