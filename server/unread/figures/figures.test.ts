import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { dayInOslo } from '../oslo.ts';
import { createTown, enduser, letter, send } from '../testing/town.ts';
import type { Figures } from './wire.ts';

const town = await createTown();
const { world, citizen, municipality, orphan, leader, reading } = town;
const today = () => dayInOslo(world.ctx.now());
const addDays = (day: string, count: number) => new Date(Date.parse(day) + count * 86_400_000).toISOString().slice(0, 10);
const figuresOf = (from: string, to: string, by = 'sender') => town.json<Figures>(`GET /unread/figures?from=${from}&to=${to}`, by);
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];

const begun = today();
const [read, lies, recalled] = [
  await send(town, letter([citizen])),
  await send(town, letter([orphan])),
  await send(town, letter([citizen])),
];
const late = await send(town, letter([municipality]));
await town.days(0);
await world.advance(3600);
await town.open(read, reading);
await town.json(`POST /correspondence/${recalled}/decision`, 'sender', { decision: 'recall', name: 'Kari', reason: 'Feil' });

test('given post that was opened, taken back and is unread, when its sender asks for figures, then each way to count it makes the same whole', async () => {
  await town.days(8);
  await town.open(late, enduser(leader));
  const figures = await figuresOf(begun, today());

  const { published, opened, endedUnopened, unread, within } = figures.total;
  assert.deepEqual({ published, opened, endedUnopened, unread }, { published: 4, opened: 2, endedUnopened: 1, unread: 1 });
  assert.deepEqual(
    [within.days1, within.days7, within.days14],
    [
      { opened: 1, of: 4 },
      { opened: 1, of: 4 },
      { opened: 0, of: 0 },
    ],
  );
  for (const part of ['weeks', 'resources', 'recipientKinds'] as const) {
    for (const name of ['published', 'opened', 'endedUnopened', 'unread'] as const)
      assert.equal(
        figures[part].reduce((sum, row) => sum + row[name], 0),
        figures.total[name],
        `${part} ${name}`,
      );
  }
  assert.deepEqual(
    figures.recipientKinds.map(({ recipientKind, published: n, unread: lying }) => [recipientKind, n, lying]),
    [
      ['organization', 2, 1],
      ['person', 2, 0],
    ],
  );
  assert.deepEqual(figures.causesAtDay7.map(({ cause, published: n, opened: later }) => [cause, n, later]).sort(), [
    ['no-opener', 1, 0],
    ['notified-not-opened', 1, 1],
  ]);
  const [monday] = await world.db.all<{ day: string }>(sql`select to_char(date_trunc('week', ${begun}::date), 'YYYY-MM-DD') as day`);
  assert.deepEqual(
    figures.weeks.map(({ week }) => week),
    [monday!.day],
  );
  assert.ok(figures.resources[0]!.medianSeconds! > 3600);
  assert.ok(lies);
});

test('given a period that was measured, when it is asked for again on the same day, then the answer is the same; a period without post is a whole of none', async () => {
  const [one, two] = [await figuresOf(begun, today()), await figuresOf(begun, today())];
  assert.equal(one.measuredAt, two.measuredAt);
  const before = await figuresOf(addDays(begun, -20), addDays(begun, -10));
  assert.deepEqual([before.total.published, before.total.medianSeconds, before.weeks, before.causesAtDay7], [0, null, [], []]);
});

test('given a token that may only send files, when it asks for figures, then letters are in none of them', async () => {
  assert.equal((await figuresOf(begun, today(), 'files')).total.published, 0);
  await town.sendFile('files', town.agency, [municipality]);
  town.callers.both = { ...town.sender, scopes: new Set(['altinn:serviceowner', 'altinn:correspondence.write', 'altinn:broker.write']) };
  const from = addDays(begun, -1);
  const counts = [];
  for (const by of ['files', 'sender', 'both']) counts.push((await figuresOf(from, today(), by)).total.published);
  assert.deepEqual(counts, [1, 4, 5]);
});

test('given another sender, a person, and a period that is none, when they ask, then one sees nothing of it and the others are refused', async () => {
  assert.equal((await figuresOf(begun, today(), 'other')).total.published, 0);
  assert.equal((await town.call(`GET /unread/figures?from=${begun}&to=${begun}`, 'citizen')).status, 403);
  town.callers.clerk = { ...enduser(leader), party: town.agency.id, scopes: new Set(['altinn:correspondence.write']), actor: leader.id };
  assert.deepEqual(await codeOf(await town.call(`GET /unread/figures?from=${begun}&to=${begun}`, 'clerk')), [403, 'BUD-09712']);
  for (const [from, to] of [
    ['2026-02-30', '2026-03-01'],
    ['2026-02-02', '2026-02-01'],
    ['2025-01-01', '2026-06-01'],
  ])
    assert.deepEqual(await codeOf(await town.call(`GET /unread/figures?from=${from}&to=${to}`, 'sender')), [400, 'BUD-09713']);
});

test('given a period that is being measured, when another is asked for at the same moment, then its sender is told to come again', async () => {
  const paths = [1, 2, 3].map((back) => `GET /unread/figures?from=${addDays(begun, -back)}&to=${today()}`);
  const answers = await Promise.all(paths.map((path) => town.call(path, 'sender')));
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.includes(200) && statuses.every((status) => status === 200 || status === 429), statuses.join(' '));
});
