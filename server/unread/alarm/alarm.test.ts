import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { Log } from '#kernel/log.ts';
import { saveContactPoints } from '#register/index.ts';
import type { UnreadContext } from '../context.ts';
import { unreadInvariants } from '../invariants.ts';
import { sendMail } from '../mail/send-mail.ts';
import { nextTime } from '../oslo.ts';
import { makeDueStatements } from '../statement/make-due-statements.ts';
import { createTown, letter, send } from '../testing/town.ts';
import { raiseAlarms } from './raise-alarms.ts';

const town = await createTown();
const { world, mails, citizen, orphan } = town;
await world.db.transaction(async (tx) =>
  saveContactPoints(tx, [{ party: town.agency.id, points: [{ channel: 'email', address: 'post@etat.example' }] }]),
);
const lines: object[] = [];
const log = { ...town.ctx.log, error: (facts: object) => void lines.push(facts) } as Log;
const ctx: UnreadContext = { ...town.ctx, log, invariants: unreadInvariants };
const rule = unreadInvariants[0]!.name;
const query = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
const metrics = (token?: string) => town.call('GET /../../metrics', token === undefined ? '' : `Bearer ${token}`);

/** What was raised by one look: lines of the log, and subjects of mail. */
async function look(by: UnreadContext = ctx): Promise<{ logged: number; mailed: string[] }> {
  const [before, sent] = [lines.length, mails.length];
  await raiseAlarms(by);
  await sendMail(by);
  return { logged: lines.length - before, mailed: mails.slice(sent).map(({ to, subject }) => `${to} ${subject}`) };
}

const daysSinceStatement = async () => /^budstikke_days_since_statement (\d+)$/m.exec(await (await metrics(ctx.metricsToken)).text())?.[1];
/** Seconds until it is this time of day in Norway the next time. */
const until = (hour: number, minutes = 0) =>
  (nextTime(world.ctx.now(), [1, 2, 3, 4, 5, 6, 7], hour).getTime() - world.ctx.now().getTime()) / 1000 + minutes * 60;

test('given an installation that has had no post, when days go by without a statement, then nothing is raised', async () => {
  await world.advance(5 * 86_400 + until(12));
  assert.deepEqual(await world.nothingWritten(() => look()), { logged: 0, mailed: [] });
  assert.equal(await daysSinceStatement(), undefined);
  await world.advance(61);
});

test('given that all is well, when the standing query is asked, then nothing is raised and nothing is written', async () => {
  await send(town, letter([citizen]));
  await town.days(1);
  assert.deepEqual(await world.nothingWritten(() => look()), { logged: 0, mailed: [] });
});

test('given a watch whose next action is late, when the standing query is asked, then the log tells each time, and the operator by mail once, and once when it is over', async () => {
  const late = await send(town, letter([orphan]));
  await town.days(0);
  await query(`update watch.item set next_action_at = next_action_at - interval '30 days' where about = $1`, [late]);

  assert.deepEqual(await look(), { logged: 1, mailed: ['drift@budstikke.example Budstikke: ALARM, 1 regler holder ikke'] });
  assert.deepEqual(lines.at(-1), { invariant: rule, violations: 1, first: late });
  assert.ok(mails.at(-1)!.body.includes(rule) && !mails.at(-1)!.body.includes(late));
  assert.deepEqual(await look(), { logged: 1, mailed: [] }, 'once by mail, however many look');
  const told = await (await metrics(ctx.metricsToken)).text();
  assert.match(told, /^budstikke_late_actions 1$/m);
  assert.match(told, /^budstikke_ladder_drift_seconds [1-9]\d{5}/m);

  await query(`update watch.item set next_action_at = next_action_at + interval '30 days' where about = $1`, [late]);
  assert.deepEqual(await look(), { logged: 0, mailed: ['drift@budstikke.example Budstikke: 1 regler holder igjen'] });
});

test('given a message that has lost its watch, and no operator by mail, when the standing query is asked, then the log tells', async () => {
  const lost = await send(town, letter([citizen]));
  await query('alter table watch.item disable trigger user');
  const { rows } = await query('delete from watch.item where about = $1 returning *', [lost]);
  const silent = { ...ctx, alarmEmail: undefined };
  assert.deepEqual(await look(silent), { logged: 1, mailed: [] });
  await query('insert into watch.item select * from jsonb_populate_record(null::watch.item, $1)', [JSON.stringify(rows[0])]);
  await query('alter table watch.item enable trigger user');
  assert.deepEqual(await look(silent), { logged: 0, mailed: [] });
});

test('given the metrics, when they are read, then they count what is open by cause and age and name nobody; without the token there are none', async () => {
  await world.advance(61);
  await town.days(0);
  const answer = await metrics(ctx.metricsToken);

  assert.match(answer.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const open = [...text.matchAll(/^budstikke_open_watches\{cause="[a-z-]+",age="d\w+",kind="message"\} (\d+)$/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
  const [counted] = await world.db.all<{ n: number }>(sql`select count(*)::int as n from watch.open_item`);
  assert.equal(open, counted!.n);
  for (const name of [
    'late_actions 0',
    'silent_watches 0',
    'ladder_drift_seconds 0',
    'causes_mended 0',
    'oldest_notice_seconds \\d+',
    'oldest_event_seconds \\d+',
    'notices_failed_last_hour 0',
    'broken_statements 0',
  ])
    assert.match(text, new RegExp(`^budstikke_${name}$`, 'm'));
  for (const secret of [citizen.number!, citizen.name, orphan.number!, 'brev']) assert.ok(!text.includes(secret));
  for (const wrong of [undefined, 'sender', `${ctx.metricsToken}x`]) assert.equal((await metrics(wrong)).status, 401);
});

test('given an installation whose first statements are not made, when the second midnight after its first post is past, then that is raised, and is over when they are', async () => {
  await world.advance(until(0, 10));
  await town.days(0);
  assert.deepEqual([(await look()).logged, await daysSinceStatement()], [0, '3'], 'the day of the first post is over since a day');
  await world.advance(10 * 60);
  await town.days(0);
  assert.deepEqual(await look(), { logged: 1, mailed: ['drift@budstikke.example Budstikke: ALARM, 1 regler holder ikke'] });
  assert.match((lines.at(-1) as { invariant: string }).invariant, /^no statement is a day late/);

  assert.equal(await makeDueStatements(ctx), undefined);

  assert.deepEqual((await look()).mailed, ['drift@budstikke.example Budstikke: 1 regler holder igjen']);
  assert.equal(await daysSinceStatement(), '1');
});

test('given an alarm that begins while the mail server is away, when that is back days later, then the operator hears of it within hours', async () => {
  const late = await send(town, letter([orphan]));
  await town.days(0);
  await query(`update watch.item set next_action_at = next_action_at - interval '30 days' where about = $1`, [late]);
  await raiseAlarms(ctx);
  const away = { ...ctx, mail: { send: async () => ({ kind: 'later', answer: 'ECONNREFUSED' }) as const } };
  for (let hours = 0; hours < 8 * 24; hours += 4) {
    await sendMail(away);
    await world.advance(4 * 3600);
  }
  const before = mails.length;
  await sendMail(ctx);
  assert.deepEqual(
    mails.slice(before).map(({ to, subject }) => `${to} ${subject}`),
    ['drift@budstikke.example Budstikke: ALARM, 1 regler holder ikke'],
  );
});
