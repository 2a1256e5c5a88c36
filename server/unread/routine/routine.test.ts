import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findViolations } from '#desk/index.ts';
import { sql } from '#kernel/database.ts';
import { type HandOver, onReports } from '#notifications/index.ts';
import { saveContactPoints, saveParties } from '#register/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { settleReports } from '../../notifications/reports/settle-reports.ts';
import { findNextExtract, nextMailDueAt, noteComeBack } from '../index.ts';
import { unreadInvariants } from '../invariants.ts';
import { sendMail } from '../mail/send-mail.ts';
import { dayInOslo, nextTime } from '../oslo.ts';
import { createTown, letter, send } from '../testing/town.ts';
import { sendDueExtract } from './send-due-extracts.ts';
import type { RoutineRequest, RoutineView } from './wire.ts';

const town = await createTown();
const { world, ctx, mails, citizen, municipality, agency } = town;
const secret = 'HEMMELIG TITTEL';
const own = 'post@etaten.example';
await world.db.transaction(async (tx) => saveContactPoints(tx, [{ party: agency.id, points: [{ channel: 'email', address: own }] }]));

const everyDay: RoutineRequest = { days: [1, 2, 3, 4, 5, 6, 7], hour: 8, addresses: [own] };
const set = (request: RoutineRequest, by = 'sender') => town.json<RoutineView>('PUT /unread/routine', by, request);
const show = () => town.json<RoutineView>('GET /unread/routine', 'sender');
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];
/** Time goes on to a quarter past the routine's next time, and what is due is sent. */
async function toNext(): Promise<typeof mails> {
  await world.advance((new Date((await show()).nextAt).getTime() - ctx.now().getTime()) / 1000 + 900);
  return sendDue();
}
async function sendDue(): Promise<typeof mails> {
  const before = mails.length;
  while ((await sendDueExtract(ctx)) === 'more');
  while ((await sendMail(ctx)) === 'more');
  return mails.slice(before);
}

test('given nothing unread, when the time of the routine comes, then nobody is written to, unless the sender asked for that', async () => {
  await set(everyDay);
  assert.deepEqual(await toNext(), []);
  await set({ ...everyDay, sendEmpty: true });
  assert.equal((await toNext()).length, 1);
  assert.deepEqual(
    (await show()).extracts.map(({ items, sentAs }) => [items, sentAs]),
    [
      [0, 'link'],
      [0, 'nothing'],
    ],
  );
});

test('given unread post, when the time comes, then each address gets one link, at the hour of Norway, once however many workers look', async () => {
  await send(town, letter([citizen], { content: { messageTitle: secret, messageBody: secret } }));
  await send(
    town,
    letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true, content: { messageTitle: secret, messageBody: secret } }),
  );
  const { nextAt } = await set(everyDay);
  assert.match(new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', timeStyle: 'short' }).format(new Date(nextAt)), /^08:00/);
  assert.deepEqual(await sendDue(), [], 'not before its time');

  await world.advance((new Date(nextAt).getTime() - ctx.now().getTime()) / 1000 + 900);
  const before = mails.length;
  await Promise.all([sendDueExtract(ctx), sendDueExtract(ctx), sendDueExtract(ctx)]);
  await Promise.all([sendMail(ctx), sendMail(ctx)]);

  const sent = mails.slice(before);
  assert.deepEqual(
    sent.map(({ to, subject, attachments }) => [to, subject, attachments]),
    [[own, 'Ulest post fra ETATEN: 2', undefined]],
  );
  assert.match(sent[0]!.body, /2 forsendelser fra ETATEN er ikke åpnet\. Hent oversikten som CSV.*\/budstikke\/v1\/unread\/extract/);
  assert.ok(!JSON.stringify(sent).includes(secret) && !JSON.stringify(sent).includes(citizen.number!));
  assert.deepEqual(await sendDue(), [], 'once');
});

test('given a sender that chose attachments and a filter, when the time comes, then the CSV holds that and no identity number or title', async () => {
  await set({ ...everyDay, sendAs: 'attachment', causes: ['notified-not-opened', 'not-notified', 'waiting'], olderThan: 'P1D' });
  await town.days(2);
  const [mail, ...more] = await toNext();
  assert.equal(more.length, 0);
  const [file] = mail!.attachments!;
  assert.equal(file!.fileName, `ulest-post-${dayInOslo(ctx.now())}.csv`);
  const lines = file!.text.split('\r\n');
  assert.deepEqual([lines.length, lines[1]!.includes(citizen.name)], [3, true]);
  assert.ok(!JSON.stringify(mail).includes(citizen.number!) && !JSON.stringify(mail).includes(secret));
  const [kept] = await world.db.all<{ n: number }>(
    sql`select count(*)::int as n from unread.mail where state <> 'due' and (file_text is not null or body <> '')`,
  );
  assert.equal(kept!.n, 0, 'what was sent is not kept');
});

test('given a sender that narrows the extract to some recipients, when the time comes, then it holds their post and nobody else’s; a number that nobody has is refused, and nothing is set', async () => {
  const attached = { ...everyDay, sendAs: 'attachment' as const };
  const numbersOf = (...parties: { number: string | null }[]) => parties.map(({ number }) => number!);
  const namesIn = async () => {
    const [mail, ...more] = await toNext();
    assert.deepEqual(more, []);
    const lines = mail!.attachments![0]!.text.trim().split('\r\n').slice(1);
    assert.equal(mail!.subject, `Ulest post fra ETATEN: ${lines.length}`);
    return new Set([citizen, municipality].flatMap(({ name }) => (lines.some((line) => line.includes(name)) ? [name] : [])));
  };
  const both = numbersOf(citizen, municipality);
  assert.deepEqual((await set({ ...attached, recipients: [...both, ...both] })).recipients, both);
  assert.deepEqual(await namesIn(), new Set([citizen.name, municipality.name]));
  await set({ ...attached, recipients: numbersOf(municipality) });
  assert.deepEqual([await namesIn(), (await show()).recipients], [new Set([municipality.name]), numbersOf(municipality)]);

  const unknown = { ...attached, recipients: [citizen.number!, '310000000'] };
  assert.deepEqual(await codeOf(await world.nothingWritten(() => town.call('PUT /unread/routine', 'sender', unknown))), [400, 'BUD-09731']);
  const odd = { ...attached, recipients: ['12345'] };
  assert.equal((await world.nothingWritten(() => town.call('PUT /unread/routine', 'sender', odd))).status, 400);
  await set({ ...attached, recipients: numbersOf(agency) });
  assert.deepEqual(await toNext(), [], 'nothing lies with it');
  assert.deepEqual((await set(attached)).recipients, []);
  assert.deepEqual(await namesIn(), new Set([citizen.name, municipality.name]));
});

test('given an address that is not the sender’s own, when it is set, then it is written to only after somebody there has confirmed it', async () => {
  const foreign = 'kari@privat.example';
  const view = await set({ ...everyDay, addresses: [own, ` ${foreign.toUpperCase()} `] });
  const linkUntil = new Date(ctx.now().getTime() + 7 * 86_400_000).toISOString();
  assert.deepEqual(
    view.addresses.map((one) => ({ ...one, linkUntil: one.linkUntil?.slice(0, 10) ?? null })),
    [
      { email: foreign, confirmed: false, linkUntil: linkUntil.slice(0, 10) },
      { email: own, confirmed: true, linkUntil: null },
    ],
  );
  const [ask] = await sendDue();
  assert.equal(ask!.to, foreign);
  await set({ ...everyDay, addresses: [own, foreign] });
  assert.deepEqual(await sendDue(), [], 'nobody is asked twice');
  assert.deepEqual(
    (await toNext()).map(({ to }) => to),
    [own],
  );

  const token = /addresses\/([\w-]{43})/.exec(ask!.body)![1]!;
  const press = (of: string) =>
    town.raw(`POST /budstikke/v1/unread/routine/addresses/${of}`, 'nobody', '', 'application/x-www-form-urlencoded');
  const follow = (of: string) => town.call(`GET /unread/routine/addresses/${of}`, 'nobody');
  const browse = (of: string) => town.browse(`/budstikke/v1/unread/routine/addresses/${of}`);
  for (const how of [follow, press])
    assert.deepEqual(await codeOf(await world.nothingWritten(() => how('x'.repeat(43)))), [404, 'BUD-09723']);
  const page = await world.nothingWritten(() => follow(token));
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  assert.match(page.headers.get('content-security-policy')!, /default-src 'none'; form-action 'self'/);
  assert.match(await page.text(), /<form method="post"><button/);
  assert.deepEqual((await show()).addresses[0]!.confirmed, false, 'who looks through mail has followed the link');
  for (let twice = 0; twice < 2; twice++) assert.match(await (await press(token)).text(), /Adressen er bekreftet/);
  assert.deepEqual((await toNext()).map(({ to }) => to).sort(), [foreign, own]);

  await set({ ...everyDay, addresses: [own, 'sein@privat.example'] });
  const late = /addresses\/([\w-]{43})/.exec((await sendDue())[0]!.body)![1]!;
  await world.advance(8 * 86_400);
  for (const how of [follow, press]) assert.deepEqual(await codeOf(await how(late)), [404, 'BUD-09723']);
  const gone = await browse(late);
  assert.deepEqual([gone.status, gone.headers.get('content-type')], [404, 'text/html; charset=utf-8']);
  assert.match(await gone.text(), /Lenken gjelder ikke lenger.*lang="nn".*lang="en"/s);
  await set({ ...everyDay, isOn: false });
  await world.advance(10 * 86_400);
  assert.deepEqual(await sendDue(), [], 'it is off');
});

test('given an address that was not confirmed in time, when the routine is set again, then it is asked anew; and one that has become the sender’s own is confirmed', async () => {
  const late = 'treg@privat.example';
  await set({ ...everyDay, addresses: [late] });
  const [first] = await sendDue();
  await world.advance(8 * 86_400);
  assert.ok(new Date((await show()).addresses[0]!.linkUntil!) < ctx.now(), 'the sender sees that the link is over');
  await set({ ...everyDay, addresses: [late] });
  const [second, ...more] = await sendDue();
  assert.deepEqual([first!.to, second!.to, more.length], [late, late, 0]);
  const token = /addresses\/([\w-]{43})/.exec(second!.body)![1]!;
  const pressed = await town.raw(`POST /budstikke/v1/unread/routine/addresses/${token}`, 'nobody', '', 'application/x-www-form-urlencoded');
  assert.deepEqual([pressed.status, (await show()).addresses[0]!.confirmed], [200, true]);

  const soon = 'snart@etaten.example';
  await set({ ...everyDay, addresses: [soon] });
  const points = (of: string[]) =>
    world.db.transaction(async (tx) =>
      saveContactPoints(tx, [{ party: agency.id, points: of.map((address) => ({ channel: 'email' as const, address })) }]),
    );
  await points([own, soon]);
  assert.deepEqual((await set({ ...everyDay, addresses: [soon] })).addresses, [{ email: soon, confirmed: true, linkUntil: null }]);
  await points([own]);
  await sendDue();
});

test('given an address that was the sender’s own, when the register has another, then it gets no extract any more and is asked like any when it is named again; one that was confirmed stays so', async () => {
  await world.advance(86_400);
  const [former, kept, now] = ['gammel@etaten.example', 'bekreftet@privat.example', 'ny@etaten.example'];
  const register = (...of: string[]) =>
    world.db.transaction(async (tx) =>
      saveContactPoints(tx, [{ party: agency.id, points: of.map((address) => ({ channel: 'email' as const, address })) }]),
    );
  await register(former, kept);
  const wish = { ...everyDay, sendEmpty: true, sendAs: 'attachment' as const, addresses: [former, kept] };
  const confirmed = (view: RoutineView) => view.addresses.map(({ email, confirmed: is, linkUntil }) => [email, is, linkUntil !== null]);
  const both = [
    [kept, true, false],
    [former, true, false],
  ];
  assert.deepEqual(confirmed(await set(wish)), both);
  const to = (sent: typeof mails) => sent.map((mail) => mail.to).sort();
  assert.deepEqual(to(await toNext()), [kept, former]);

  await register(former);
  await set(wish);
  const [ask] = await sendDue();
  assert.equal(ask!.to, kept);
  const token = /addresses\/([\w-]{43})/.exec(ask!.body)![1]!;
  await town.raw(`POST /budstikke/v1/unread/routine/addresses/${token}`, 'nobody', '', 'application/x-www-form-urlencoded');
  await register(now);
  const without = [
    [kept, true, false],
    [former, false, false],
  ];
  assert.deepEqual(confirmed(await show()), without);
  assert.deepEqual(to(await toNext()), [kept]);
  assert.deepEqual(confirmed(await set(wish)), [without[0], [former, false, true]]);
  assert.deepEqual(to(await sendDue()), [former]);
  await register(now, former);
  assert.deepEqual(confirmed(await show()), both);
  assert.deepEqual(to(await toNext()), [kept, former]);
  await register(own);
});

test('given an extract whose last address is the sender’s own no more, when it is due and there is something to tell, then it says that it went to nobody, and the alarm rings until an address is asked', async () => {
  const rings = async () =>
    (await world.db.all(unreadInvariants.find(({ name }) => name.startsWith('no extract had something'))!.find)).length;
  const last = async () => (await show()).extracts[0]!.sentAs;
  await set({ ...everyDay, addresses: [own] });
  await send(town, letter([citizen]));
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: agency.id, points: [{ channel: 'email', address: 'flyttet@etaten.example' }] }]),
  );
  assert.equal(await rings(), 0, 'nothing has been due since');
  assert.deepEqual(await toNext(), []);
  assert.deepEqual([await last(), await rings()], ['nobody', 1]);
  await set({ ...everyDay, addresses: [own] });
  assert.deepEqual([(await sendDue()).map(({ to }) => to), await rings()], [[own], 0], 'it is asked, as any other is');
  await world.advance(8 * 86_400);
  assert.equal(await rings(), 1, 'and nobody there has confirmed');
  await set({ ...everyDay, addresses: ['flyttet@etaten.example'] });
  await toNext();
  assert.deepEqual([await last(), await rings()], ['link', 0]);
  await world.db.transaction(async (tx) => saveContactPoints(tx, [{ party: agency.id, points: [{ channel: 'email', address: own }] }]));
});

test('given a sender that sets and unsets addresses of others, when it goes on, then nobody is asked twice on a day by anybody, and no more than five are asked', async () => {
  await world.advance(2 * 86_400);
  const victim = 'offer@privat.example';
  for (let i = 0; i < 4; i++) {
    await set({ ...everyDay, addresses: [victim] });
    await set({ ...everyDay, addresses: [] });
  }
  await set({ ...everyDay, addresses: [victim] }, 'other');
  assert.deepEqual(
    (await sendDue()).map(({ to }) => to),
    [victim],
  );
  const crowd = Array.from({ length: 10 }, (_, i) => `nr${i}@privat.example`);
  await Promise.all([set({ ...everyDay, addresses: crowd }), set({ ...everyDay, addresses: crowd })]);
  assert.deepEqual((await sendDue()).map(({ to }) => to).sort(), crowd.slice(0, 4), 'the victim was the first of five');
  assert.equal((await show()).addresses.filter(({ linkUntil }) => linkUntil === null).length, 6);
  await world.advance(86_400);
  await set({ ...everyDay, addresses: crowd });
  assert.deepEqual(
    (await sendDue())
      .filter(({ to }) => to !== own)
      .map(({ to }) => to)
      .sort(),
    crowd.slice(4, 9),
    'the next day the next five',
  );
  const days = await world.db.all<{ n: number }>(
    sql`select count(distinct on_day)::int as n from unread.asking where sender_id = ${agency.id}`,
  );
  assert.equal(days[0]!.n, 1, 'who was asked before is forgotten');
  await world.db.transaction((tx) => tx.run(sql`delete from unread.routine where sender_id <> ${agency.id}`));
});

test('given a routine, when the sandbox asks what is due next, then it is the extract, and its mail until that has gone', async () => {
  await set(everyDay);
  const { nextAt } = await show();
  assert.deepEqual(await findNextExtract(world.db), new Date(nextAt));
  await world.advance((new Date(nextAt).getTime() - ctx.now().getTime()) / 1000);
  await sendDueExtract(ctx);
  assert.ok((await nextMailDueAt(world.db))! <= ctx.now());
  assert.ok((await findNextExtract(world.db))! > ctx.now());
  await sendDue();
  assert.equal(await nextMailDueAt(world.db), null);
});

test('given an extract that is due and not made yet, when the routine is set again, then it is made all the same, once, with what is set now; one that is turned off makes none', async () => {
  await set({ ...everyDay, sendEmpty: true });
  const { nextAt } = await show();
  await world.advance((new Date(nextAt).getTime() - ctx.now().getTime()) / 1000 + 3);
  await set({ ...everyDay, sendEmpty: true });
  await set({ ...everyDay, days: [1], hour: 20, sendEmpty: true, sendAs: 'attachment' });
  const [mail, ...more] = await sendDue();
  assert.deepEqual([mail!.to, mail!.attachments?.length, more], [own, 1, []]);
  const { extracts, nextAt: later } = await show();
  assert.deepEqual([extracts[0]!.dueAt, later], [nextAt, nextTime(ctx.now(), [1], 20).toISOString()]);

  await world.advance((new Date(later).getTime() - ctx.now().getTime()) / 1000 + 3);
  await set({ ...everyDay, isOn: false });
  await set({ ...everyDay, sendEmpty: true });
  assert.deepEqual(await sendDue(), []);
});

test('given an extract that cannot be made, when it and another sender’s are due, then the other’s goes out, and an hour later the operator is alarmed; mended, it goes too', async () => {
  const other = 'annen@etaten.example';
  await set({ ...everyDay, sendEmpty: true });
  const { rows } = await world.db.pool.query(
    `insert into unread.routine select (jsonb_populate_record(r, jsonb_build_object('sender_id', $1::uuid, 'next_at', r.next_at + interval '1 minute'))).*
       from unread.routine r returning next_at`,
    [town.callers.other!.party],
  );
  await world.db.pool.query(
    `insert into unread.address (sender_id, email, asked_at, confirmed_at) values ($1, $2, clock.now(), clock.now())`,
    [town.callers.other!.party, other],
  );
  await world.db.pool.query(
    `insert into unread.extract select gen_random_uuid(), sender_id, next_at, next_at, 0, 'nothing', 0 from unread.routine where sender_id = $1`,
    [agency.id],
  );
  const alarms = async () =>
    (await findViolations(world.db, unreadInvariants)).filter(({ name, rows: of }) => of.length > 0 && /routine/.test(name)).length;
  await world.advance((rows[0].next_at.getTime() - ctx.now().getTime()) / 1000 + 60);

  const to = (sent: typeof mails) => sent.map((mail) => mail.to);
  assert.deepEqual(to(await sendDue()), [other]);
  assert.deepEqual([await sendDueExtract(ctx), await alarms()], [undefined, 0], 'it waits for a while');
  await world.advance(3600);
  assert.deepEqual([to(await sendDue()), await alarms()], [[], 1]);

  await world.db.pool.query(`delete from unread.extract where sender_id = $1 and sent_as = 'nothing' and made_at = due_at`, [agency.id]);
  await world.advance(301);
  assert.deepEqual([to(await sendDue()), await alarms()], [[own], 0]);
  for (const table of ['routine', 'address', 'extract'])
    await world.db.pool.query(`delete from unread.${table} where sender_id <> $1`, [agency.id]);
});

test('given a mail that one worker is slow to hand over, when another has handed it over meanwhile, then it stays so, and is not sent once more without its words', async () => {
  await set({ ...everyDay, addresses: ['sakte@privat.example'] });
  const quick: string[] = [];
  const send = async ({ body }: { body: string }): Promise<HandOver> => {
    quick.push(body);
    return { kind: 'handed-over', answer: 'ok' };
  };
  await sendMail({
    ...ctx,
    mail: {
      send: async () => {
        await world.advance(121);
        await sendMail({ ...ctx, mail: { send } });
        return { kind: 'later', answer: 'timed out' };
      },
    },
  });
  await world.advance(86_400);
  assert.deepEqual(await sendDue(), []);
  assert.equal(quick.length, 1);
  assert.match(quick[0]!, /Bekreft med denne lenken/);
  assert.deepEqual(await world.db.all(sql`select body from unread.mail where state = 'due'`), []);
  await set(everyDay);
});

test('given a mail server that is down, when it comes back, then the mail goes with the same Message-ID; one that refuses for good is given up', async () => {
  await set(everyDay);
  await world.advance((new Date((await show()).nextAt).getTime() - ctx.now().getTime()) / 1000 + 900);
  await sendDueExtract(ctx);
  const seen: string[] = [];
  const answering = (kind: 'later' | 'refused') => ({
    ...ctx,
    mail: {
      send: async ({ messageId }: { messageId: string }): Promise<HandOver> => {
        seen.push(messageId);
        return kind === 'later' ? { kind, answer: 'down' } : { kind, answer: 'no', reason: 'address-rejected' };
      },
    },
  });
  for (let i = 0; i < 3; i++) {
    await sendMail(answering('later'));
    await world.advance(3600);
  }
  const [mail] = await sendDue();
  assert.deepEqual(seen, [mail!.messageId, mail!.messageId, mail!.messageId]);
  await toNext().then(() => {});
  await set({ ...everyDay, addresses: ['ny@privat.example'] });
  await sendMail(answering('refused'));
  assert.deepEqual(await sendDue(), []);
});

test('given a question to an address, when the mail server is away for two days, then it goes when that is back; given up after three days, or sent back, it counts as not asked, and is asked when the routine is set again', async () => {
  const away = { ...ctx, mail: { send: async () => ({ kind: 'later', answer: 'ECONNREFUSED' }) as const } };
  const passWithoutServer = async (days: number) => {
    for (let hours = 0; hours < days * 24; hours += 4) {
      await sendMail(away);
      await world.advance(4 * 3600);
    }
  };
  await world.advance(86_400);
  await set({ ...everyDay, days: [1] });
  await sendDue();
  const ask = async (email: string) => (await set({ ...everyDay, days: [1], isOn: false, addresses: [email] })).addresses[0]!;
  const linkOf = async () => (await show()).addresses[0]!.linkUntil;
  await ask('to-dager@privat.example');
  await passWithoutServer(2);
  const to = (sent: typeof mails) => sent.map((mail) => mail.to);
  assert.deepEqual(to(await sendDue()), ['to-dager@privat.example']);

  const four = 'fire-dager@privat.example';
  assert.ok((await ask(four)).linkUntil);
  await passWithoutServer(4);
  assert.deepEqual([await sendDue(), await linkOf()], [[], null]);
  assert.ok((await ask(four)).linkUntil);
  const [asked, ...more] = await sendDue();
  assert.deepEqual([asked!.to, more], [four, []]);

  onReports.fill(noteComeBack);
  const back = { notice: null, messageId: asked!.messageId, outcome: 'failed' as const, reason: null, answer: '550 no such user' };
  assert.equal(await settleReports(ctx, [back]), 1);
  assert.deepEqual([await linkOf(), (await ask(four)).linkUntil], [null, null], 'nobody is asked twice on a day');
  await world.advance(86_400);
  assert.ok((await ask(four)).linkUntil);
  assert.deepEqual(to(await sendDue()), [four]);
  const token = /addresses\/([\w-]{43})/.exec(asked!.body)![1]!;
  assert.equal(
    (await town.call(`GET /unread/routine/addresses/${token}`, 'nobody')).status,
    404,
    'the new link takes the place of the old',
  );
  await set(everyDay);
});

test('given others than a sender’s own client, when they ask for a routine or set one, then they are refused and nothing is written', async () => {
  town.callers.system = { ...town.sender, kind: 'system-user', subject: citizen.id };
  const closed = await world.organization('GAMMEL ETAT');
  await world.db.transaction(async (tx) =>
    saveParties(tx, [{ kind: 'organization', number: closed.number, name: closed.name, deletedAt: '2026-01-01T00:00:00Z' }]),
  );
  town.callers.gone = organizationCaller(closed, scopes.sender);
  const tries = [
    [403, 'BUD-09712', () => town.call('PUT /unread/routine', 'system', everyDay)],
    [403, 'BUD-09712', () => town.call('GET /unread/routine', 'system')],
    [404, 'BUD-09722', () => town.call('GET /unread/routine', 'other')],
    [403, 'BUD-09712', () => town.call('PUT /unread/routine', 'gone', everyDay)],
    [400, 'BUD-09721', () => town.call('PUT /unread/routine', 'sender', { ...everyDay, addresses: ['a@b.no, c@d.no'] })],
  ] as const;
  for (const [status, code, attempt] of tries) assert.deepEqual(await codeOf(await world.nothingWritten(attempt)), [status, code]);
  assert.equal((await town.call('PUT /unread/routine', 'citizen', everyDay)).status, 403);
  for (const wrong of [{ days: [] }, { days: [8] }, { hour: 24 }, { addresses: Array(11).fill(own) }])
    assert.equal((await town.call('PUT /unread/routine', 'sender', { ...everyDay, ...wrong })).status, 400);
});

test('given a sender that was closed, when its extract is due, then it goes to who stands in for it until that one has an extract of its own, and never to the addresses that the closed one had; with nobody there it stops, and says so', async () => {
  await world.advance(60);
  const heir = await world.organization('ARVTAKER');
  const [at, old] = ['post@arvtaker.example', 'leder@nedlagt.example'];
  const closed = await world.organization('SOM LEGGES NED');
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [
      { party: heir.id, points: [{ channel: 'email', address: at }] },
      { party: closed.id, points: [{ channel: 'email', address: old }] },
    ]),
  );
  town.callers.closing = organizationCaller(closed, scopes.sender);
  town.callers.heir = organizationCaller(heir, scopes.sender);
  await world.resource('fra-den-nedlagte', closed);
  await send({ ...town, sender: town.callers.closing }, letter([citizen], { resourceId: 'fra-den-nedlagte' }));
  await set({ ...everyDay, isOn: false });
  await set({ ...everyDay, addresses: [old], sendAs: 'attachment' }, 'closing');
  const next = async () => {
    const { nextAt } = await town.json<RoutineView>('GET /unread/routine', 'closing');
    await world.advance((new Date(nextAt).getTime() - ctx.now().getTime()) / 1000 + 900);
    return (await sendDue()).filter(({ subject }) => subject.includes(closed.name));
  };
  const close = (more: object) =>
    world.db.transaction(async (tx) =>
      saveParties(tx, [{ kind: 'organization', number: closed.number, name: closed.name, deletedAt: ctx.now().toISOString(), ...more }]),
    );
  const facts = async () =>
    (await town.json<RoutineView>('GET /unread/routine', 'closing')).extracts.map(({ items, sentAs, standIn }) => [items, sentAs, standIn]);
  assert.deepEqual(
    (await next()).map(({ to }) => to),
    [old],
  );

  await close({});
  assert.deepEqual([await next(), (await facts())[0]], [[], [1, 'stopped', null]], 'nobody stands in for it');

  await close({ successorNumber: heir.number });
  const [mail, ...more] = await next();
  assert.deepEqual([mail!.to, mail!.subject, mail!.attachments, more.length], [at, `Ulest post fra ${closed.name}: 1`, undefined, 0]);
  assert.match(mail!.body, /SOM LEGGES NED er slettet i registeret, og ARVTAKER følger opp posten i stedet/);
  assert.deepEqual((await facts())[0], [1, 'link', heir.number]);
  assert.match(await (await town.call('GET /unread/extract', 'heir')).text(), new RegExp(citizen.name), 'the link has it');

  await set({ ...everyDay, addresses: [at], isOn: false }, 'heir');
  assert.deepEqual([await next(), (await facts())[0]], [[], [1, 'stopped', null]], 'it has said itself when it is told');
  await world.db.transaction((tx) => tx.run(sql`delete from unread.routine where sender_id <> ${agency.id}`));
});

for (const [after, days, hour, expected] of [
  ['2026-03-28T12:00:00Z', [7], 8, '2026-03-29T06:00:00.000Z'], // the clock goes forward that night
  ['2026-10-24T12:00:00Z', [7], 8, '2026-10-25T07:00:00.000Z'], // and back
  ['2026-03-28T12:00:00Z', [7], 2, '2026-03-29T01:00:00.000Z'], // there is no two o'clock that night, and it is three
  ['2026-10-24T12:00:00Z', [6, 7], 2, '2026-10-25T00:00:00.000Z'], // two o'clock comes twice that night
  ['2026-10-25T00:00:00Z', [1, 7], 2, '2026-10-26T01:00:00.000Z'], // and the second time is not another
  ['2026-11-30T06:59:59Z', [1], 8, '2026-11-30T07:00:00.000Z'],
  ['2026-11-30T07:00:00Z', [1], 8, '2026-12-07T07:00:00.000Z'],
] as const)
  test(`given ${after}, when a routine is for ${days} at ${hour}, then it is next at ${expected}`, () => {
    assert.equal(nextTime(new Date(after), days, hour).toISOString(), expected);
  });

test('given an extract whose mail comes back, when no other address has it, then the routine says so and the alarm rings until an extract has gone; and all of it is in the language of the sender', async () => {
  const rings = async () =>
    (await world.db.all(unreadInvariants.find(({ name }) => name.startsWith('no extract has reached nobody'))!.find)).length;
  const speaks = (language: string) => world.db.pool.query('update register.party set language = $2 where id = $1', [agency.id, language]);
  await speaks('en');
  onReports.fill(noteComeBack);
  await set({ ...everyDay, addresses: [own] });
  await send(town, letter([citizen]));
  const [sent, ...others] = await toNext();
  assert.deepEqual([others, await rings()], [[], 0]);
  assert.match(`${sent!.subject} ${sent!.body}`, /^Unread post from ETATEN: \d+ Hello\. Not opened: .*See who, why, and what happens now/s);
  const back = { notice: null, messageId: sent!.messageId, outcome: 'failed' as const, reason: null, answer: '550 no such user' };
  assert.deepEqual([await settleReports(ctx, [back]), await settleReports(ctx, [back])], [1, 0]);
  const last = async () => {
    const [{ sentAs, addresses, failed }] = (await show()).extracts as [RoutineView['extracts'][number]];
    return { sentAs, addresses, failed };
  };
  assert.deepEqual([await last(), await rings()], [{ sentAs: 'failed', addresses: 1, failed: 1 }, 1]);
  for (let day = 0; day < 2; day++) {
    const [next] = await toNext();
    const taken = [{ sentAs: 'link', addresses: 1, failed: 0 }, true];
    assert.deepEqual([await last(), (await rings()) > 0], taken, 'a server took it, and it may come back');
    await world.advance(3600);
    assert.equal(await settleReports(ctx, [{ ...back, messageId: next!.messageId }]), 1);
    assert.ok((await rings()) > 0, 'it rings without a break');
  }
  await toNext();
  await world.advance(6 * 3600);
  assert.deepEqual([await last(), await rings()], [{ sentAs: 'link', addresses: 1, failed: 0 }, 0], 'one has stood for some hours');

  await set({ ...everyDay, addresses: ['new@people.example'] });
  const [ask] = await sendDue();
  assert.match(ask!.body, /Confirm by this link within seven days/);
  const token = /addresses\/([\w-]{43})/.exec(ask!.body)![1]!;
  assert.match(
    await (await town.call(`GET /unread/routine/addresses/${token}`, 'nobody')).text(),
    /<html lang="en">.*Confirm the address/s,
  );
  await speaks('nb');
});

for (const [what, answer] of Object.entries<HandOver>({
  'takes it': { kind: 'handed-over', answer: '250' },
  'says not now': { kind: 'later', answer: '451' },
}))
  test(`given an extract whose mail server sends its bounce first and then ${what}, when it is noted, then the mail has failed, is not sent again, and its words are gone`, async () => {
    onReports.fill(noteComeBack);
    await set({ ...everyDay, addresses: [own], sendEmpty: true });
    await world.advance((new Date((await show()).nextAt).getTime() - ctx.now().getTime()) / 1000 + 900);
    while ((await sendDueExtract(ctx)) === 'more');
    const said: unknown[] = [];
    let id = '';
    const send = async ({ messageId }: { messageId: string }) => {
      id = messageId.slice(1, messageId.indexOf('@'));
      const back = { notice: null, messageId, outcome: 'failed' as const, reason: null, answer: '550 no such user' };
      said.push(await settleReports(ctx, [back]), await settleReports(ctx, [back]));
      return answer;
    };
    while ((await sendMail({ ...ctx, mail: { send } })) === 'more');

    assert.deepEqual(said, [1, 0]);
    const [row] = await world.db.all(sql`select state, answer, body from unread.mail where id = ${id}`);
    assert.deepEqual(row, { state: 'failed', answer: '550 no such user', body: '' });
    await world.advance(3600);
    assert.deepEqual(await sendDue(), []);
  });
