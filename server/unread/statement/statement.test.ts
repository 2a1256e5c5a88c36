import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { findViolations } from '#desk/index.ts';
import { type Reader, type Sql, sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { noteRelayed, noteReturned } from '#watch/index.ts';
import { unreadInvariants } from '../invariants.ts';
import { dayInOslo, nextTime } from '../oslo.ts';
import { measureThirtyDays, measureTimeToOpen } from '../store/time-to-open.ts';
import { createTown, enduser, letter, send } from '../testing/town.ts';
import { brokenRules, ruleNames, type Statement } from './compose-statement.ts';
import { makeDueStatements } from './make-due-statements.ts';
import type { Statements, TimeToOpen } from './wire.ts';

const town = await createTown();
const { world, citizen, municipality, orphan, leader, reading, sender } = town;
town.callers.whole = { ...sender, scopes: new Set([...sender.scopes, 'altinn:broker.write']) };

/** To half an hour past the next midnight in Norway. */
async function nextDay(): Promise<string> {
  const now = world.ctx.now();
  const over = dayInOslo(now);
  await world.advance((nextTime(now, [1, 2, 3, 4, 5, 6, 7], 0).getTime() - now.getTime()) / 1000 + 1800);
  await town.days(0);
  while ((await makeDueStatements(town.ctx)) === 'more');
  return over;
}
const list = (from: string, to: string, by = 'whole') => town.json<Statements>(`GET /statements?from=${from}&to=${to}`, by);
const of = async (day: string) => {
  const [kept] = (await list(day, day)).statements;
  return { kept: kept!, statement: JSON.parse(kept!.canonical!) as Statement };
};
const dayAfter = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
const nonZero = (counts: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];

await nextDay(); // the tests begin with a day
const sealed = await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true }));
const [read, lies] = [await send(town, letter([citizen])), await send(town, letter([orphan]))];
const recalled = await send(town, letter([citizen]));
await town.days(0);
await town.open(read, reading);
await town.json(`POST /correspondence/${recalled}/decision`, 'sender', { decision: 'recall', name: 'Kari', reason: 'Feil' });
const firstDay = await nextDay();

test('given a day with all kinds of ends, when it is over, then its statement adds up, and says what began, ended and stayed open, and why', async () => {
  const { kept, statement } = await of(firstDay);

  assert.deepEqual([kept.holds, kept.broken], [true, []]);
  assert.equal(createHash('sha256').update(kept.canonical!).digest('hex'), kept.sha256);
  assert.deepEqual(statement.stock, { openBefore: 0, accepted: 4, returned: 0, closed: 2, openAfter: 2 });
  assert.deepEqual([nonZero(statement.closedBy), nonZero(statement.openBy)], [{ opened: 1, recalled: 1 }, { 'younger-than-a-day': 2 }]);
  assert.deepEqual(
    [nonZero(statement.openByClass), statement.acceptedMessages, statement.silent],
    [{ GRANTABLE: 1, UNREACHABLE: 1 }, 4, 0],
  );
  assert.deepEqual(
    statement.resources.map(({ resource, stock }) => [resource, stock.accepted]),
    [
      ['brev', 3],
      ['taushetsbelagt', 1],
    ],
  );
  assert.deepEqual([statement.timeToOpen!.published, statement.timeToOpen!.opened], [4, 1]);
  const text = await (await town.call(`GET /statements/text?from=${firstDay}&to=${firstDay}`, 'sender')).text();
  assert.match(text, /tatt imot 4, avsluttet 2, åpne ved døgnets slutt 2/);
  assert.match(text, /Delene går opp i helheten/);
  const inLanguage = async (language: string) => {
    await world.db.pool.query('update register.party set language = $2 where id = $1', [town.agency.id, language]);
    return (await town.call(`GET /statements/text?from=${firstDay}&to=${firstDay}`, 'sender')).text();
  };
  assert.match(await inLanguage('nn'), /tekne imot 4, avslutta 2, opne ved slutten av døgnet 2\n.*Delane går opp i heilskapen/s);
  const english = await inLanguage('en');
  assert.match(english, /accepted 4, ended 2, open when it was over 2\n.*The parts add up/s);
  assert.doesNotMatch(english, /[æøå]/);
  await inLanguage('nb');
});

test('given sealed post from one day, when access to it is given in one step and it is opened on another, then both days add up and hang together', async () => {
  await nextDay();
  const grantedOn = dayInOslo(world.ctx.now());
  await town.json(`POST /sealed/${sealed}/grant`, 'leader', { what: 'message' });
  await town.days(0);
  assert.equal(await town.open(sealed, enduser(leader)), 'Du har fått et vedtak.');
  assert.equal(await nextDay(), grantedOn);

  const { statements } = await list(firstDay, grantedOn);
  const days = statements.map(({ canonical }) => JSON.parse(canonical!) as Statement);
  assert.deepEqual(
    days.map(({ stock }) => [stock.openBefore, stock.accepted, stock.closed, stock.openAfter]),
    [
      [0, 4, 2, 2],
      [2, 0, 0, 2],
      [2, 0, 1, 1],
    ],
  );
  assert.deepEqual(days.map(({ openBy }) => nonZero(openBy)).slice(1), [{ 'younger-than-a-day': 2 }, { 'no-opener': 1 }]);
  assert.deepEqual(statements.map(({ previousSha256 }) => previousSha256).slice(1), statements.map(({ sha256 }) => sha256).slice(0, -1));
  assert.ok(
    statements.every(({ holds }) => holds),
    JSON.stringify(statements.map(({ broken }) => broken)),
  );
});

test('given sealed post that is opened up a few minutes past midnight, when the statement of the day before is made, then all of it is as it was at the day’s end', async () => {
  const id = await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true }));
  for (let days = 0; days < 2; days++) await nextDay();
  const now = world.ctx.now();
  const over = dayInOslo(now);
  await world.advance((nextTime(now, [1, 2, 3, 4, 5, 6, 7], 0).getTime() - now.getTime()) / 1000 + 60);
  await town.json(`POST /sealed/${id}/grant`, 'leader', { what: 'message' });
  await town.days(0);
  assert.equal(await nextDay(), dayInOslo(new Date(world.ctx.now().getTime() - 86_400_000)), 'made a day late');

  const { kept, statement } = await of(over);

  assert.deepEqual([kept.holds, kept.broken], [true, []]);
  assert.deepEqual([statement.openBy['grant-needed'], statement.openByClass.GRANTABLE], [1, 1]);
  assert.deepEqual(nonZero(statement.openByClass), { GRANTABLE: 1, UNREACHABLE: 1 });
  assert.equal(statement.nextAction['not-known'], 1, 'its ladder has moved since, and the statement does not guess');
});

test('given letters that are posted on paper and come back, on later days or the same, when the days are over, then each is counted as it was: ended, come back, and open until its sender decides', async () => {
  const paper = (ids: readonly string[], note: typeof noteRelayed) =>
    world.db.transaction((tx) =>
      note(
        tx,
        ids.map((about) => ({ about, party: citizen.id })),
        world.ctx.now(),
      ),
    );
  const comesBack = (id: string) =>
    world.db.transaction((tx) =>
      noteReturned(tx, [{ about: id, party: citizen.id }], { at: world.ctx.now(), console: 'https://post.example.no' }),
    );
  const [late, soon, stays] = [
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
  ];
  const days = [await nextDay()];
  await world.advance(12 * 3600); // older than a day, so that each has a cause that is stored
  await paper([late, soon, stays], noteRelayed);
  await comesBack(soon);
  days.push(await nextDay());
  await comesBack(late);
  const board = await town.json<{ items: { id: string; decisionAsked: boolean; decisions: string[] }[] }>(
    'GET /unread?cause=returned',
    'sender',
  );
  assert.deepEqual(board.items.map(({ id }) => id).sort(), [late, soon].sort());
  assert.deepEqual(board.items[0]!.decisions, ['recall', 'resend', 'read-elsewhere', 'accept-as-unread']);
  days.push(await nextDay());
  await town.json(`POST /correspondence/${late}/decision`, 'sender', {
    decision: 'accept-as-unread',
    name: 'Kari',
    reason: 'Ukjent adresse',
  });
  await town.json(`POST /correspondence/${soon}/decision`, 'sender', { decision: 'resend', name: 'Kari', reason: 'Ny adresse' });
  days.push(await nextDay());

  const made = await Promise.all(days.map(of));
  assert.deepEqual(
    made.map(({ kept }) => kept.broken),
    days.map(() => []),
  );
  assert.deepEqual(
    made.map(({ statement: { stock } }) => [stock.accepted, stock.returned, stock.closed]),
    [
      [3, 0, 0],
      [0, 1, 3],
      [0, 1, 0],
      [1, 0, 2],
    ],
  );
  assert.deepEqual(
    made.map(({ statement: { openBy } }) => openBy.returned),
    [0, 1, 2, 0],
  );
  assert.equal(made[1]!.statement.closedBy.relayed, 3);
  assert.match(
    await (await town.call(`GET /statements/text?from=${days[1]}&to=${days[1]}`, 'sender')).text(),
    /kom i retur på papir 1, avsluttet 3/,
  );
});

const breaks: Readonly<Record<string, (s: Writable) => void>> = {
  'openAfter = openBefore + accepted + returned - closed': (s) => (s.stock.accepted += 1),
  'closedBy adds up to closed': (s) => (s.closedBy.opened += 1),
  'openBy adds up to openAfter': (s) => (s.openBy.waiting += 1),
  'openAge adds up to openAfter': (s) => (s.openAge.d0 += 1),
  'openByClass adds up to openAfter': (s) => (s.openByClass.COLD += 1),
  'openByClass fits openBy': (s) => (s.openBy['no-opener'] += 9),
  'nextAction adds up to openAfter': (s) => (s.nextAction.later += 1),
  'openBefore is openAfter of the statement before': (s) => (s.previous!.openAfter += 1),
  'accepted messages are those that there are': (s) => (s.acceptedMessages += 1),
  'messages and files add up to all': (s) => (s.files.acts.opened += 1),
  'resources add up to all': (s) => (s.resources[0]!.acts.opened += 1),
  'accepted files are those that there are': (s) => (s.acceptedFiles += 1),
  'everything open has a next action': (s) => (s.nextAction.none += 1),
  'nothing is silent': (s) => (s.silent += 1),
  'for another: openAfter = openBefore + accepted + returned - closed': (s) => (s.forAnother.stock.closed += 1),
  'for another: closedBy adds up to closed': (s) => (s.forAnother.closedBy.recalled += 1),
  'for another: openBy adds up to openAfter': (s) => (s.forAnother.openBy.waiting += 1),
  'for another: openAge adds up to openAfter': (s) => (s.forAnother.openAge.d0 += 1),
  'for another: openByClass adds up to openAfter': (s) => (s.forAnother.openByClass.COLD += 1),
  'for another: openByClass fits openBy': (s) => (s.forAnother.openBy['grant-needed'] += 9),
  'for another: nextAction adds up to openAfter': (s) => (s.forAnother.nextAction.later += 1),
  'for another: everything open has a next action': (s) => (s.forAnother.nextAction.none += 1),
  'for another: resources add up to all': (s) => (s.forAnother.acts.opened += 1),
  'for another: accepted messages are those that there are': (s) => (s.forAnother.acceptedMessages += 1),
  'for another: nothing is silent': (s) => (s.forAnother.silent += 1),
  'for another: openBefore is openAfter of the statement before': (s) => (s.previous.openAfterForAnother = 9),
};
// biome-ignore lint/suspicious/noExplicitAny: a statement that is spoilt on purpose
type Writable = any;
for (const [rule, spoil] of Object.entries(breaks))
  test(`given a statement, when it is spoilt so that "${rule}" no longer holds, then that is told`, async () => {
    const { statement } = await of(dayAfter(firstDay));
    assert.deepEqual(brokenRules(statement), []);
    const spoilt = structuredClone(statement);
    spoil(spoilt);
    assert.ok(brokenRules(spoilt).includes(rule), brokenRules(spoilt).join());
  });
test('given the rules of a statement, when they are compared with what is spoilt here, then each is', async () => {
  assert.deepEqual(Object.keys(breaks).toSorted(), ruleNames.toSorted());
});
test('given a statement from before files were counted twice, when its rules are asked again, then it breaks none for what it did not count', async () => {
  const { statement } = await of(firstDay);
  const { acceptedFiles: _, forAnother: __, ...old } = structuredClone(statement);
  assert.deepEqual(brokenRules({ ...old, v: 1 }), []);
  assert.ok(brokenRules({ ...old, v: 2 }).includes('accepted files are those that there are'));
});
test('given files, and one that loses its watch, when the days are over, then statements count the files themselves, and say that it does not add up', async () => {
  await town.sendFile('files', town.agency, [municipality]);
  await town.sendFile('files', town.agency, [municipality, orphan]);
  const { kept, statement } = await of(await nextDay());
  assert.deepEqual([kept.broken, statement.files.stock.accepted, statement.acceptedFiles, statement.acceptedMessages], [[], 3, 3, 0]);

  const partOf = async (by: string) => {
    const [{ canonical, messages, files }] = (await list(kept.day, kept.day, by)).statements as [Statements['statements'][number]];
    const text = await (await town.call(`GET /statements/text?from=${kept.day}&to=${kept.day}`, by)).text();
    return { canonical, messages, files, text };
  };
  const whole = await partOf('whole');
  assert.deepEqual([whole.canonical, whole.messages, whole.files], [kept.canonical, statement.messages, statement.files]);
  assert.match(whole.text, / {2}Filer: åpne ved døgnets start 0, tatt imot 3, /);
  const ofFiles = await partOf('files');
  assert.deepEqual([ofFiles.canonical, ofFiles.messages, ofFiles.files], [null, null, statement.files], 'of messages it may know nothing');
  assert.match(ofFiles.text, /Bare det du kan sende: filer\.\n {2}Åpne ved døgnets start 0, tatt imot 3, /);
  assert.doesNotMatch(ofFiles.text, /[Mm]eldinger/);
  const ofLetters = await partOf('sender');
  assert.deepEqual([ofLetters.canonical, ofLetters.messages, ofLetters.files], [null, statement.messages, null], 'nor of files');
  const beforeFiles = (await list(firstDay, firstDay, 'sender')).statements[0]!;
  assert.ok(beforeFiles.canonical, 'a day without files is whole to who sends letters');
  const services = async (by: string) => [
    ...new Set(
      (await town.json<TimeToOpen>(`GET /time-to-open?from=${firstDay}&to=${kept.day}`, by)).groups.map(({ resource }) => resource),
    ),
  ];
  assert.deepEqual(
    [await services('files'), await services('sender'), (await services('whole')).toSorted()],
    [['filer'], ['brev', 'taushetsbelagt'], ['brev', 'filer', 'taushetsbelagt']],
  );

  const lost = await town.sendFile('files', town.agency, [orphan]);
  await world.db.pool.query('alter table watch.item disable trigger user');
  await world.db.pool.query('delete from watch.item where about = $1', [lost]);
  await world.db.pool.query('alter table watch.item enable trigger user');
  const [zeroSilent] = await findViolations(world.db, unreadInvariants);
  assert.match(zeroSilent!.name, /^zero silent messages/);
  assert.deepEqual(
    zeroSilent!.rows.map((row) => (row as { id: string }).id),
    [lost],
  );
  const spoilt = await of(await nextDay());

  assert.deepEqual(spoilt.kept.broken, ['accepted files are those that there are', 'nothing is silent']);
  assert.deepEqual([spoilt.statement.files.stock.accepted, spoilt.statement.acceptedFiles, spoilt.statement.silent], [0, 1, 1]);
});
test('given a message that loses its watch, and a watch that appears from nowhere, when the day is over, then the statement is made and says that it does not add up', async () => {
  const lost = await send(town, letter([citizen]));
  const query = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
  await query('alter table watch.item disable trigger user');
  await query('delete from watch.item where about = $1', [lost]);
  await query(
    `insert into watch.item (about, party_id, sender_id, resource_id, confidential, confirm_needed, begun_at, ladder, ladder_version, published_at, class, openers, grantors, access_version, computed_at, next_action, next_action_at)
    select $1, party_id, sender_id, resource_id, false, false, begun_at, ladder, ladder_version, published_at, class, openers, grantors, access_version, computed_at, next_action, next_action_at from watch.item where about = $2`,
    [newId(), lies],
  );
  await query('alter table watch.item enable trigger user');

  const day = await nextDay();

  const { kept } = await of(day);
  assert.equal(kept.holds, false);
  assert.deepEqual(kept.broken.toSorted(), [
    'accepted messages are those that there are',
    'nothing is silent',
    'openBefore is openAfter of the statement before',
  ]);
});

test('given a statement that cannot be made, when the day is over, then those of others are, the operator is alarmed, and so it is of a day that is late', async () => {
  const foreign = (await world.db.all<{ id: string }>(sql`select id from register.party where name = 'ANNEN ETAT'`))[0]!.id;
  const query = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
  const alarms = async () =>
    (await findViolations(world.db, unreadInvariants)).filter(({ name }) => /statement/.test(name))[0]!.rows.length;
  await query(
    `insert into unread.statement (sender_id, day, made_at, canonical, sha256, broken) values ($1, $2, clock.now(), 'nonsense', repeat('0', 64), '{}')`,
    [foreign, firstDay],
  );
  assert.equal(await alarms(), 0);

  const day = await nextDay();

  assert.ok((await of(day)).kept);
  const [row] = await world.db.all<{ failed: string[] }>(sql`select failed from unread.statement_day where day = ${day}::date`);
  assert.deepEqual([row!.failed, await alarms()], [[foreign], 1]);
  await query('alter table unread.statement disable trigger user');
  await query('delete from unread.statement where sender_id = $1', [foreign]);
  await query('alter table unread.statement enable trigger user');
  await query(`update unread.statement_day set failed = '{}'`);
  assert.equal(await alarms(), 0);
  await world.advance(2 * 86_400);
  assert.equal(await alarms(), 1, 'nobody has made the statement of a day');
  while ((await makeDueStatements(town.ctx)) === 'more');
  assert.equal(await alarms(), 0);
});

test('given statements, when two workers make them, a day is asked for again, or one is changed, then there is one for each day and it stays as it is', async () => {
  const before = (await list(firstDay, dayAfter(firstDay))).statements;
  await world.advance(3 * 86_400);
  await Promise.all([makeDueStatements(town.ctx), makeDueStatements(town.ctx)]);
  while ((await makeDueStatements(town.ctx)) === 'more');
  await world.nothingWritten(() => makeDueStatements(town.ctx));
  const days = await world.db.all<{ n: number; days: number }>(sql`
    select count(*)::int as n, (max(day) - min(day) + 1)::int as days from unread.statement where sender_id = ${town.agency.id}`);
  assert.equal(days[0]!.n, days[0]!.days, 'the days that were missed are made, each once');
  for (const change of [
    sql`update unread.statement set made_at = now()`,
    sql`delete from unread.statement`,
    sql`truncate unread.statement`,
  ])
    await assert.rejects(
      world.db.transaction((tx) => tx.run(change)),
      { code: 'BS040' },
    );
  assert.deepEqual((await list(firstDay, dayAfter(firstDay))).statements, before);
});

test('given strangers, persons and wrong periods, when statements or times are asked for, then nothing of anybody else is told', async () => {
  town.callers.system = { ...sender, kind: 'system-user', subject: citizen.id };
  for (const path of ['/statements', '/time-to-open', '/statements/text']) {
    const period = `from=${firstDay}&to=${dayAfter(firstDay)}`;
    const others = await (await town.call(`GET ${path}?${period}`, 'other')).text();
    assert.match(others, /^$|"(statements|groups)":\[\]/);
    assert.deepEqual(await codeOf(await town.call(`GET ${path}?${period}`, 'system')), [403, 'BUD-09712']);
    assert.equal((await town.call(`GET ${path}?${period}`, 'citizen')).status, 403);
    for (const wrong of [
      'from=2026-02-30&to=2026-03-01',
      `from=${dayAfter(firstDay)}&to=${firstDay}`,
      'from=2024-01-01&to=2026-01-01',
      'from=0000-01-01&to=0000-01-02',
    ])
      assert.deepEqual(await codeOf(await town.call(`GET ${path}?${wrong}`, 'sender')), [400, 'BUD-09713'], wrong);
    assert.equal((await town.call(`GET ${path}`, 'sender')).status, 400);
  }
});

test('given other senders, when it is measured for one, then only its own post is read', async () => {
  const plans: string[] = [];
  const client = await world.db.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local enable_seqscan = off');
    const reader = {
      all: async ({ text, values }: Sql) => {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...values]);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return [];
      },
    } as unknown as Reader;
    await measureTimeToOpen(reader, {
      sender: town.agency.id,
      kinds: ['message'],
      from: new Date('2026-01-01'),
      to: new Date('2026-02-01'),
    });
    await measureThirtyDays(reader, [town.agency.id], new Date('2026-02-01'));
  } finally {
    await client.query('rollback');
    client.release();
  }
  assert.equal(plans.length, 2);
  for (const plan of plans) {
    assert.match(plan, /item_ended_sender on item.*\n\s+Index Cond: \(\(sender_id = .* AND \(published_at >= /, plan);
    assert.doesNotMatch(plan, /item_begun_blocks|Seq Scan on item/, plan);
  }
});

test('given post that was opened after a day, after ten, and never, when the time is measured, then shares and times are those of the rows, by the cause a week on', async () => {
  const asked = await world.organization('TIDTAKERNE AS', { email: 'tid@example.no' });
  const boss = await world.person('TIDA TAKER', { email: 'tida@example.no' });
  await world.role(boss, 'DAGL', asked);
  const letters = await world.resource('tid', town.agency);
  const ids: Awaited<ReturnType<typeof send>>[] = [];
  for (let i = 0; i < 4; i++) ids.push(await send(town, letter([asked], { resourceId: letters })));
  const from = dayInOslo(world.ctx.now());
  await town.days(1);
  await town.open(ids[0]!, enduser(boss));
  await town.days(9);
  await town.open(ids[1]!, enduser(boss));

  const to = dayInOslo(world.ctx.now());
  const { groups } = await town.json<TimeToOpen>(`GET /time-to-open?from=${from}&to=${to}`, 'sender');

  const its = groups.filter(({ resource }) => resource === 'tid');
  assert.deepEqual(
    its.map(({ recipientKind, causeAtDay7, published, opened, closed, neverOpened }) => [
      ...[recipientKind, causeAtDay7, published, opened, closed],
      neverOpened,
    ]),
    [
      ['organization', null, 1, 1, 1, 0],
      ['organization', 'notified-not-opened', 3, 1, 1, 2 / 3],
    ],
  );
  const [quick, slow] = its;
  assert.deepEqual(quick!.openedWithin, { days1: 0, days3: 1, days7: 1, days14: null, days30: null });
  assert.deepEqual(slow!.openedWithin, { days1: 0, days3: 0, days7: 0, days14: null, days30: null });
  assert.equal(Math.round(quick!.medianSeconds! / 3600), 24);
  assert.equal(Math.round(slow!.p90Seconds! / 86_400), 10);

  const later = await send(town, letter([asked], { resourceId: letters }));
  const again = () => town.call(`GET /time-to-open?from=${from}&to=${to}`, 'sender').then((answer) => answer.text());
  const first = await again();
  await town.open(later, enduser(boss));
  assert.equal(await again(), first, 'a period is measured once a day');
  const periods = [0, 1, 2].map((n) => new Date(Date.parse(from) - n * 86_400_000).toISOString().slice(0, 10));
  const answers = await Promise.all(periods.map((day) => town.call(`GET /time-to-open?from=${day}&to=${day}`, 'sender')));
  assert.ok(answers.some(({ status }) => status === 200));
  for (const answer of answers) if (answer.status !== 200) assert.deepEqual(await codeOf(answer), [429, 'BUD-09727']);
  await town.days(5);
  const young = await send(town, letter([asked], { resourceId: letters }));
  const today = dayInOslo(world.ctx.now());
  const { groups: now } = await town.json<TimeToOpen>(`GET /time-to-open?from=${from}&to=${today}`, 'sender');
  const [fresh] = now.filter(({ resource, causeAtDay7 }) => resource === 'tid' && causeAtDay7 === null);
  assert.ok((await town.watch(young)).publishedAt);
  assert.deepEqual(
    [fresh!.published, fresh!.opened, fresh!.openedWithin.days1, fresh!.openedWithin.days14],
    [3, 2, 1 / 2, 1],
    'one is too young to be counted',
  );
});
