import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendsFor } from '#access/index.ts';
import { listEvidence } from '#evidence/index.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { partyUrn, saveContactPoints, saveParties } from '#register/index.ts';
import { organizationCaller, personCaller, scopes } from '../../../test/world.ts';
import { initializeCorrespondence } from '../../correspondence/send/initialize-correspondence.ts';
import { scan } from '../../correspondence/testing/town.ts';
import { showTimeline } from '../../desk/show-timeline.ts';
import { showWatch } from '../../desk/show-watch.ts';
import type { DecisionAnswers } from '../decide/wire.ts';
import type { Figures } from '../figures/wire.ts';
import { sendMail } from '../mail/send-mail.ts';
import { dayInOslo, nextTime } from '../oslo.ts';
import { sendDueExtract } from '../routine/send-due-extracts.ts';
import type { RoutineView } from '../routine/wire.ts';
import type { Statement } from '../statement/compose-statement.ts';
import { makeDueStatements } from '../statement/make-due-statements.ts';
import type { Statements } from '../statement/wire.ts';
import { createTown, letter, send } from '../testing/town.ts';
import type { Board, Summary } from './wire.ts';

/** A service in which many may send: its owner sees what all have sent, each of them its own. */
const town = await createTown();
const { world, agency, citizen, municipality, leader } = town;
await world.resource('felles', agency, { senders: 'any' });
const [one, two] = [await world.organization('EN KOMMUNE'), await world.organization('TO KOMMUNE')];
town.callers.one = organizationCaller(one, scopes.sender);
town.callers.two = organizationCaller(two, scopes.sender);

async function sentBy(by: string, to = citizen): Promise<CorrespondenceId> {
  const body = letter([to], { resourceId: 'felles' });
  return (await initializeCorrespondence(world.ctx, town.callers[by]!, { body, files: [] })).correspondences[0]!
    .correspondenceId as CorrespondenceId;
}
const seenBy = async (by: string, query = '') => (await town.json<Board>(`GET /unread${query}`, by)).items.map(({ id }) => id);

const first = await sentBy('one');
const ofTwo = await sentBy('two');
const third = await sentBy('one', municipality);
const ofOwner = await send(town, letter([citizen]));

test('given a service of another, when those who have sent there look at their board, then each sees its own and the owner all, page by page', async () => {
  assert.deepEqual(await seenBy('one'), [first, third]);
  assert.deepEqual(await seenBy('two'), [ofTwo]);
  assert.deepEqual(await seenBy('sender'), [first, ofTwo, third, ofOwner]);
  assert.deepEqual(await seenBy('other'), []);
  assert.deepEqual(await seenBy('one', '?sort=newest'), [third, first]);
  const { items, next } = await town.json<Board>('GET /unread?limit=1', 'one');
  assert.deepEqual([items.map(({ id }) => id), await seenBy('one', `?limit=1&after=${next}`)], [[first], [third]]);
  const soonest = await town.json<Board>('GET /unread?limit=1&sort=next', 'one');
  const after = await seenBy('one', `?limit=1&sort=next&after=${soonest.next}`);
  assert.deepEqual([...soonest.items.map(({ id }) => id), ...after].sort(), [first, third].sort());
  assert.deepEqual(await seenBy('one', `?recipient=${municipality.number}`), [third]);
  assert.deepEqual(await seenBy('one', '?kind=file'), []);
  const { total, groups } = await town.json<Summary>('GET /unread/summary', 'one');
  assert.deepEqual([total, groups.map(({ resource, count }) => [resource, count])], [2, [['felles', 2]]]);
  assert.equal((await (await town.call('GET /unread/extract', 'one')).text()).trim().split('\r\n').length, 3);
});

/** To half an hour past the next midnight in Norway, when what is due is done. */
async function nextDay(): Promise<string> {
  const now = world.ctx.now();
  await world.advance((nextTime(now, [1, 2, 3, 4, 5, 6, 7], 0).getTime() - now.getTime()) / 1000 + 1800);
  await town.days(0);
  while ((await makeDueStatements(town.ctx)) === 'more');
  return dayInOslo(now);
}
async function statementOf(day: string, by: string): Promise<{ holds: boolean; broken: string[]; statement: Statement }> {
  const { statements } = await town.json<Statements>(`GET /statements?from=${day}&to=${day}`, by);
  return { ...statements[0]!, statement: JSON.parse(statements[0]!.canonical!) as Statement };
}

test('given what one has sent on the service of another, when the day is over, then both statements tell of it, apart from what they answer for, and add up from day to day', async () => {
  const days = [await nextDay(), await nextDay()];

  for (const [i, day] of days.entries()) {
    const [mine, theirs] = [await statementOf(day, 'one'), await statementOf(day, 'sender')];
    assert.deepEqual([mine.broken, theirs.broken], [[], []]);
    const { stock, forAnother, acceptedMessages, previous } = mine.statement;
    assert.deepEqual([stock.openAfter, acceptedMessages, forAnother!.stock.openAfter], [0, 0, 2]);
    assert.deepEqual([forAnother!.acceptedMessages, forAnother!.stock.openBefore], i === 0 ? [2, 0] : [0, 2]);
    assert.equal(previous?.openAfterForAnother ?? null, i === 0 ? null : 2);
    assert.deepEqual(
      forAnother!.resources.map(({ resource, stock: of }) => [resource, of.openAfter]),
      [['felles', 2]],
    );
    assert.deepEqual([theirs.statement.stock.openAfter, theirs.statement.forAnother!.stock.openAfter], [4, 0]);
  }
  assert.deepEqual((await town.json<Statements>(`GET /statements?from=${days[0]}&to=${days[1]}`, 'other')).statements, []);
});

test('given the text of such a day, when it is read, then it tells of what was sent on the service of another as of everything else', async () => {
  const day = dayInOslo(new Date(world.ctx.now().getTime() - 86_400_000));
  const text = await (await town.call(`GET /statements/text?from=${day}&to=${day}`, 'one')).text();
  assert.match(
    text,
    /\n {2}Sendt på andres tjenester, som eieren svarer for \(ikke med i tallene over\):\n {2}Åpne ved døgnets start 2, tatt imot 0, /,
  );
  assert.match(text, /hvem som kan åpne:\n +2 {2}noen/);
  const owner = await (await town.call(`GET /statements/text?from=${day}&to=${day}`, 'sender')).text();
  assert.match(owner, /\n {2}Åpne ved døgnets start 4, tatt imot 0, avsluttet 0, åpne ved døgnets slutt 4\n/);
  assert.match(owner, /\n {2}Meldinger: åpne ved døgnets start 4, .*\n {2}Filer: åpne ved døgnets start 0, /);
  assert.doesNotMatch(owner, /andres tjenester/);
});

test('given a fault in what tells who has sent for another, or a letter of one that loses its watch, when the day is over, then the statement of that one says so', async () => {
  const query = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
  const [{ view }] = (await query(`select pg_get_viewdef('correspondence.sent_for_another') as view`)).rows as [{ view: string }];
  const lost = await sentBy('two');
  await query(`create or replace view correspondence.sent_for_another as ${view.replace(/;\s*$/, '')} and false`);
  const blind = await statementOf(await nextDay(), 'two');
  await query(`create or replace view correspondence.sent_for_another as ${view}`);
  assert.deepEqual(
    [blind.broken.filter((rule) => /accepted/.test(rule)), blind.statement.forAnother!.stock.accepted],
    [['for another: accepted messages are those that there are'], 0],
  );
  assert.equal(blind.statement.forAnother!.acceptedMessages, 1);

  const unwatched = await sentBy('two');
  await query('alter table watch.item disable trigger user');
  await query('delete from watch.item where about = $1', [unwatched]);
  await query('alter table watch.item enable trigger user');
  const silent = await statementOf(await nextDay(), 'two');
  assert.equal(silent.statement.forAnother!.silent, 1);
  for (const rule of ['for another: nothing is silent', 'for another: accepted messages are those that there are'])
    assert.ok(silent.broken.includes(rule), rule);
  assert.ok(
    (await statementOf(dayInOslo(new Date(world.ctx.now().getTime() - 86_400_000)), 'sender')).broken.includes('nothing is silent'),
  );
  assert.equal(
    (await town.call(`POST /correspondence/${lost}/decision`, 'two', { decision: 'recall', name: 'Kari', reason: 'Feil' })).status,
    200,
  );
});

test('given that it has asked for extracts by mail, when their time comes, then who sends on the service of another is told of its own there, as long as it may send there', async () => {
  const day = { days: [1, 2, 3, 4, 5, 6, 7], hour: 8, sendAs: 'attachment', addresses: ['post@en.example'] };
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: one.id, points: [{ channel: 'email', address: 'post@en.example' }] }]),
  );
  const { nextAt } = await town.json<RoutineView>('PUT /unread/routine', 'one', day);
  const extracts = async () => {
    await world.advance(Math.max(0, (new Date(nextAt).getTime() - world.ctx.now().getTime()) / 1000) + 900);
    const before = town.mails.length;
    while ((await sendDueExtract(town.ctx)) === 'more');
    while ((await sendMail(town.ctx)) === 'more');
    return town.mails.slice(before);
  };

  const [mail, ...more] = await extracts();

  assert.deepEqual([mail!.to, mail!.subject, more], ['post@en.example', 'Ulest post fra EN KOMMUNE: 2', []]);
  const lines = mail!.attachments![0]!.text.trim().split('\r\n').slice(1);
  assert.deepEqual(
    lines.map((line) => line.slice(0, 36)),
    [first, third],
  );
  await world.resource('felles', agency, { senders: [two.number!] });
  await world.advance(86_400);
  assert.deepEqual(await extracts(), [], 'it may not send there any more');
  await world.resource('felles', agency, { senders: 'any' });
});

test('given what is shown to who has sent for another, when it is decided about, then only by who has sent it or whose service it is', async () => {
  const decide = async (id: string, by: string) =>
    (await town.call(`POST /correspondence/${id}/decision`, by, { decision: 'accept-as-unread', name: 'Kari', reason: 'avtalt' })).status;
  assert.deepEqual([await decide(ofTwo, 'one'), await decide(ofTwo, 'two')], [404, 200]);
  assert.deepEqual(await seenBy('two'), []);
});

test('given that it sends on a service of its own too, and may send on the other’s no longer, when it looks, then it sees both, and then its own alone', async () => {
  await world.resource('egen', one);
  const own = (await initializeCorrespondence(world.ctx, town.callers.one!, { body: letter([citizen], { resourceId: 'egen' }), files: [] }))
    .correspondences[0]!.correspondenceId;
  assert.deepEqual(await seenBy('one'), [first, third, own]);
  await town.open(third, { ...town.leading, party: leader.id });
  assert.deepEqual(await seenBy('one'), [first, own]);
  await world.resource('felles', agency, { senders: 'owner' });
  assert.deepEqual(await seenBy('one'), [own]);
  assert.deepEqual(await seenBy('sender'), [first, ofOwner]);
});

test('given a sender that is gone, when the one that it went into looks, then that one sees and decides what lies unread as the sender did, and nobody else does; it sends nothing in its name', async () => {
  const [old, gone, heir] = [
    await world.organization('ELDRE KOMMUNE'),
    await world.organization('GAMLE KOMMUNE'),
    await world.organization('NYE KOMMUNE'),
  ];
  const both = [...scopes.sender.filter((scope) => scope !== 'altinn:serviceowner'), 'altinn:broker.write', 'altinn:broker.read'];
  for (const [name, party] of Object.entries({ old, gone, heir })) {
    town.callers[name] = organizationCaller(party, both);
    if (party !== heir) await world.resource(`egen-${name}`, party);
  }
  await world.resource('felles', agency, { senders: 'any' });
  const sendAs = async (by: string, resourceId: string, to = citizen) => {
    const answer = await initializeCorrespondence(world.ctx, town.callers[by]!, { body: letter([to], { resourceId }), files: [] });
    return answer.correspondences[0]!.correspondenceId as CorrespondenceId;
  };
  const attached = { resourceId: 'egen-gone', content: { attachments: [{ fileName: 'vedtak.pdf', sendersReference: '1' }] } };
  const { correspondences, attachmentIds } = await initializeCorrespondence(world.ctx, town.callers.gone!, {
    body: letter([citizen], attached),
    files: [await world.file('vedtak.pdf', 'et vedtak')],
  });
  await scan(town, attachmentIds);
  const letters = [
    await sendAs('old', 'egen-old'),
    correspondences[0]!.correspondenceId as CorrespondenceId,
    await sendAs('gone', 'egen-gone', municipality),
  ];
  const files = [await town.sendFile('gone', gone, [municipality]), await town.sendFile('gone', gone, [municipality])];
  const elsewhere = await sendAs('gone', 'felles');
  const day = await nextDay();
  const of = (number: string) => `GET /statements?from=${day}&to=${day}&sender=${number}`;
  const close = (party: typeof gone, successorNumber: string | null) =>
    world.db.transaction(async (tx) =>
      saveParties(tx, [
        { kind: 'organization', number: party.number, name: party.name, deletedAt: '2026-01-01T00:00:00Z', successorNumber },
      ]),
    );
  assert.deepEqual(await seenBy('heir'), [], 'they are alive');
  assert.equal((await town.call(of(gone.number!), 'heir')).status, 404);

  const boss = await world.person('KARI NY');
  await world.role(boss, 'DAGL', heir);
  const clerk = personCaller(boss);
  assert.deepEqual(await sendsFor(world.db, clerk, [heir.id]), new Map());

  await close(old, gone.number);
  await close(gone, heir.number);

  assert.deepEqual(await sendsFor(world.db, clerk, [heir.id, two.id]), new Map([[heir.id, 'administrator']]), 'also from a browser');

  assert.deepEqual((await seenBy('heir')).toSorted(), [...letters, ...files, elsewhere].toSorted());
  assert.deepEqual((await seenBy('heir', '?kind=file')).toSorted(), files.toSorted());
  assert.equal((await town.json<Summary>('GET /unread/summary', 'heir')).total, 6);
  assert.equal((await (await town.call('GET /unread/extract', 'heir')).text()).trim().split('\r\n').length, 7);
  const [watch, timeline] = [
    await showWatch(world.ctx, town.callers.heir!, letters[0]!),
    await showTimeline(world.ctx, town.callers.heir!, letters[1]!, {}),
  ];
  assert.deepEqual([watch.about, timeline.correspondenceId], [letters[0], letters[1]]);
  const ofFile = `/budstikke/v1/filetransfer/${files[0]}/recipients/${municipality.number}/watch`;
  const statusOf = async (what: string, by: string, body?: string) => (await town.raw(what, by, body)).status;
  assert.equal(await statusOf(`GET ${ofFile}`, 'heir'), 200);
  const { statements } = await town.json<Statements>(of(gone.number!), 'heir');
  assert.deepEqual(
    statements.map(({ messages, files: its }) => [messages!.stock!.accepted, its!.stock!.accepted]),
    [[2, 2]],
  );
  assert.equal((await town.json<Figures>(of(old.number!).replace('/statements', '/unread/figures'), 'heir')).total.published, 1);

  town.callers.system = { ...town.callers.heir!, kind: 'system-user', subject: two.id };
  for (const by of ['two', 'system', 'gone']) {
    assert.ok(!(await seenBy(by)).some((id) => letters.includes(id as CorrespondenceId)), by);
    await assert.rejects(showWatch(world.ctx, town.callers[by]!, letters[1]!), /that you have sent/, by);
  }
  assert.equal(await statusOf(`GET ${ofFile}`, 'files'), 404);
  const refused = await town.call(of(gone.number!), 'two');
  assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [404, 'BUD-09728']);
  assert.equal(
    await statusOf(`GET /correspondence/api/v1/correspondence/${letters[1]}/content`, 'heir'),
    403,
    'what it says is another matter',
  );
  await assert.rejects(sendAs('heir', 'egen-gone'));
  town.callers.owner = organizationCaller(gone, [...both, 'altinn:serviceowner']);
  await assert.rejects(
    world.nothingWritten(() => sendAs('owner', 'egen-gone')),
    /someone with access to the resource/,
    'nor the one that is gone',
  );
  const fileAsOwner = world.nothingWritten(() => town.sendFile('owner', gone, [municipality]));
  await assert.rejects(fileAsOwner, 'nor files');

  const decide = async (items: readonly object[], decision: string, by = 'heir', to: string | null = null) =>
    (
      await town.json<DecisionAnswers>('POST /unread/decisions', by, { decision, name: 'Kari', reason: 'Ny kommune', items, to })
    ).answers.map(({ error, outcome, resentAs }) => error?.code ?? `${outcome}${resentAs ? ' anew' : ''}`);
  const items = [...letters.map((id) => ({ id })), ...files.map((id) => ({ id, recipient: municipality.number }))];
  assert.deepEqual(await world.nothingWritten(() => decide(items, 'recall', 'two')), [
    'BUD-09501',
    'BUD-09501',
    'BUD-09501',
    'BUD-09720',
    'BUD-09720',
  ]);
  assert.deepEqual(await world.nothingWritten(() => decide(items, 'accept-as-unread', 'owner')), [
    ...letters.map(() => 'BUD-09501'),
    ...files.map(() => 'BUD-09960'),
  ]);
  const notToAnother = () => decide([items[1]!, items[4]!, { id: elsewhere }], 'resend', 'heir', heir.number!);
  assert.deepEqual(await world.nothingWritten(notToAnother), ['BUD-09729', 'BUD-09729', 'BUD-09729'], 'it would read them');
  assert.deepEqual(await decide([items[0]!, items[3]!], 'accept-as-unread'), ['accepted-unread', 'accepted-unread']);
  const toTheSame = await decide([items[1]!, items[4]!], 'resend', 'heir', null);
  assert.deepEqual(toTheSame, ['recalled anew', 'recalled anew']);
  const anew = (await seenBy('heir', '?kind=message')).filter((id) => ![...letters, elsewhere].includes(id as CorrespondenceId));
  const onceMore = () => decide([{ id: anew[0]! }], 'resend', 'heir', heir.number!);
  assert.deepEqual(await world.nothingWritten(onceMore), ['BUD-09729'], 'nor what it has sent anew itself');
  assert.deepEqual(await decide([items[2]!], 'recall'), ['recalled']);
  const { who } = (await listEvidence(world.db, [letters[2]!])).find(({ event }) => event === 'Recalled')!;
  assert.deepEqual(who.right, [`in the place of ${gone.number}`]);
  assert.equal((await seenBy('heir')).length, 3, 'the two that went anew, and the one on the service of another');

  await close(gone, null);
  assert.deepEqual(await seenBy('heir'), [], 'it is in the place of nobody');
  const part = { kind: 'organization', number: gone.number, name: gone.name, parentNumber: heir.number } as const;
  await world.db.transaction(async (tx) => saveParties(tx, [part]));
  assert.equal((await seenBy('heir')).length, 3, 'what was part of it and is closed');
  await world.db.transaction(async (tx) => saveParties(tx, [{ ...part, deletedAt: null }]));
  assert.deepEqual(await seenBy('heir'), [], 'what is part of it and is alive looks after its own');
});

test('given what one has sent on the service of another, when nobody opens it for a week, then it is told of it by mail and by an event of its own', async () => {
  const three = await world.organization('TRE KOMMUNE', { email: 'post@tre.example' });
  town.callers.three = organizationCaller(three, scopes.sender);
  const id = await sentBy('three');
  await town.days(9);
  assert.deepEqual(
    town.mails.filter(({ to }) => to === 'post@tre.example').map(({ subject }) => subject),
    ['1 melding fra TRE KOMMUNE er ikke åpnet eller bekreftet'],
  );
  const { rows } = await world.db.pool.query<{ subject: string }>(
    `select subject from events.outbox where resource_instance = $1 and type = 'no.budstikke.watch.unread' order by id`,
    [id],
  );
  assert.deepEqual(
    rows.map(({ subject }) => subject),
    [partyUrn(three), partyUrn(agency)],
  );
});
