import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, createGrant } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import {
  deliverDueNotices,
  type HandOver,
  onDeliveryFailed,
  onHandedOver,
  whatIsToldTogether,
  whichArePointless,
} from '#notifications/index.ts';
import {
  findNoLongerTheirs,
  listToldTogether,
  noteDeliveryFailed,
  noteHandedOver,
  noteOpened,
  sweepVersions,
  takeDueSteps,
} from '#watch/index.ts';
import { personCaller } from '../../test/world.ts';
import { revokeGrant } from '../access/grants/revoke-grant.ts';
import type { FileNotices, FileTimeline } from '../desk/files-wire.ts';
import { deskRoutes } from '../desk/routes.ts';
import { watchInvariants } from '../watch/invariants.ts';
import { brokerInvariants } from './invariants.ts';
import { brokerRoutes } from './routes.ts';
import { createTown, fetchWhole, octets, openWire, organizationId, rows, transferOf } from './testing/town.ts';

/** What people hear of files: of files and not of letters, never what they are called, and once for many. */
const town = await createTown();
const { world, ctx, first } = town;
const kari = await world.person('KARI LEDER', { email: 'kari@porsgrunn.example' });
await world.role(kari, 'DAGL', first);
onDeliveryFailed.fill(noteDeliveryFailed);
onHandedOver.fill(noteHandedOver);
whatIsToldTogether.fill(listToldTogether);
const wire = await openWire(town, {}, ctx, [...brokerRoutes, ...deskRoutes]);
const day = 86_400;
const steps = { ...ctx, addresses: { inbox: 'http://inbox', console: 'http://console' } };

const send = (content: string) => wire.send('sender', transferOf(town, { fileName: 'hemmelig-navn.zip' }), content);
const confirm = async (id: string) => {
  await fetchWhole(wire, id, 'first');
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);
};
interface Told {
  readonly address: string;
  readonly purpose: string;
  readonly subject: string;
  readonly body: string;
  readonly state: string;
}
const told = () => rows<Told>(town, sql`select address, purpose, subject, body, state from notifications.notice order by due_at, id`);
const toKari = async () => (await told()).filter(({ address }) => address.startsWith('kari'));
const pass = async (days: number) => {
  await world.advance(days * day + 1);
  await takeDueSteps(steps);
};
const sms = { send: async () => ({ kind: 'handed-over', answer: 'ok' }) as const };
const deliver = (answer: HandOver) =>
  deliverDueNotices({ ...ctx, mail: { send: async () => answer }, sms, mailFrom: 'post@budstikke.example' });
async function holds(): Promise<void> {
  for (const { name, find } of [...brokerInvariants, ...watchInvariants].filter(({ name }) => !name.includes('late')))
    assert.deepEqual(await world.db.all(find), [], name);
}

test('given one file that nobody fetches, when a day, a week and two pass, then people and its sender are told of a file, by its right address', async () => {
  const id = await send('en');
  for (const days of [1, 6, 1, 6]) await pass(days);
  assert.deepEqual(
    (await toKari()).map(({ purpose, subject }) => [purpose, subject]),
    [
      ['new-file', 'Ny fil til PORSGRUNN KOMMUNE fra SKIEN KOMMUNE'],
      ['file-reminder', 'Påminnelse: en fil til PORSGRUNN KOMMUNE fra SKIEN KOMMUNE er ikke hentet'],
    ],
  );
  const toSender = (await told()).filter(({ address }) => address.startsWith('post@skien'));
  assert.deepEqual(
    toSender.map(({ purpose, subject }) => [purpose, subject]),
    [
      ['files-unread', 'Ikke hentet eller bekreftet: en fil fra SKIEN KOMMUNE'],
      ['files-decision', 'Venter på din beslutning: en fil fra SKIEN KOMMUNE'],
    ],
  );
  assert.match(toSender[1]!.body, /POST \/budstikke\/v1\/filetransfer\/\(id\)\/recall og POST .*accept-unfetched/);
  for (const { subject, body } of await told()) assert.doesNotMatch(subject + body, /hemmelig|correspondence|post fra|melding/);
  await holds();
  await confirm(id);
});

test('given a file that was fetched and not confirmed, when two weeks pass, then nobody hears that it has come, people are reminded to confirm, and its sender is asked to decide each week', async () => {
  const before = (await toKari()).length;
  const id = await send('hentet');
  await fetchWhole(wire, id, 'first');
  for (const days of [1, 6, 1, 6]) await pass(days);
  assert.deepEqual(
    (await toKari()).slice(before).map(({ purpose }) => purpose),
    ['file-confirm'],
  );
  const asked = async () =>
    (await rows(town, sql`select 1 from events.outbox where resource_instance = ${id} and type = 'no.budstikke.watch.decision-needed'`))
      .length;
  assert.equal(await asked(), 1);
  await pass(7);
  assert.equal(await asked(), 2);
  await confirm(id);
});

test('given many files from one sender, when they all fall due, in two batches and later that day, then each address hears once a day, and of all of them', async () => {
  const before = (await toKari()).length;
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await send(`mange ${n}`));
  await pass(1);
  const fresh = async () => (await toKari()).slice(before);
  assert.deepEqual(
    (await fresh()).map(({ purpose, subject, state }) => [purpose, subject, state]),
    [['new-file', '5 nye filer til PORSGRUNN KOMMUNE fra SKIEN KOMMUNE', 'due']],
  );
  await deliver({ kind: 'handed-over', answer: '250' });
  for (let n = 0; n < 3; n++) ids.push(await send(`flere ${n}`));
  await world.db.transaction(
    async (tx) =>
      void (await tx.run(
        sql`update watch.step set due_at = clock.now() where about = any(${ids}::uuid[]) and state = 'due' and name = 'notify'`,
      )),
  );
  await takeDueSteps(steps);
  const later = (await fresh())[1]!;
  assert.deepEqual([(await fresh()).length, later.subject, later.state], [2, '8 nye filer til PORSGRUNN KOMMUNE fra SKIEN KOMMUNE', 'due']);
  const [due] = await rows<{ hour: number }>(
    town,
    sql`select extract(hour from due_at at time zone 'Europe/Oslo')::int as hour from notifications.notice where subject = ${later.subject}`,
  );
  assert.equal(due?.hour, 8, 'the next morning');

  const isFresh = async () =>
    (
      await rows<{ fresh: boolean }>(
        town,
        sql`select fresh_at > clock.now() - interval '1 day' as fresh from register.contact_point where party_id = ${kari.id}`,
      )
    )[0]!.fresh;
  await world.db.transaction((tx) =>
    tx.run(sql`update register.contact_point set fresh_at = clock.now() - interval '30 days' where party_id = ${kari.id}`),
  );
  await world.db.transaction((tx) =>
    noteOpened(tx, [{ about: ids[4]!, party: first.id, at: ctx.now(), by: town.agency.id, kind: 'person' }]),
  );
  assert.equal(await isFresh(), false, 'somebody else has fetched');
  await world.db.transaction((tx) => noteOpened(tx, [{ about: ids[0]!, party: first.id, at: ctx.now(), by: kari.id, kind: 'person' }]));
  assert.equal(await isFresh(), true, 'whoever fetches one of the files is still at the address that told of all');

  for (const id of ids) {
    assert.equal((await fresh())[1]!.state, 'due', 'somebody is still waited for');
    await confirm(id);
  }
  assert.equal((await fresh())[1]!.state, 'cancelled', 'nothing waits any more');
  await holds();
});

test('given a notice for many files that no server takes, when it has failed, then each of them has its sender told at once', async () => {
  await pass(1); // a common notice of today was called off above
  const ids = [await send('ingen adresse'), await send('heller ikke')];
  await pass(1);
  await deliver({ kind: 'refused', answer: '550 no such user', reason: 'address-rejected' });
  await takeDueSteps(steps);
  for (const id of ids) {
    const failed = await rows<{ together: boolean }>(
      town,
      sql`select (e.core::jsonb ->> 'together')::boolean as together from evidence.evidence e join evidence.event v on v.code = e.event
           where e.about = ${id} and v.name = 'ConsignmentNotificationFailure'`,
    );
    assert.ok(failed.length > 0 && failed.every(({ together }) => together), 'each file has the evidence of the attempt');
    const ask = (what: string, by = 'sender') =>
      fetch(`http://127.0.0.1:${wire.port}/budstikke/v1/filetransfer/${id}/${what}`, { headers: { authorization: by } });
    const { notices } = (await (await ask('notices')).json()) as FileNotices;
    assert.ok(notices.length > 0);
    for (const { recipient, together, state, failure, attempts } of notices)
      assert.deepEqual(
        [recipient, together, state, failure, attempts.map(({ outcome }) => outcome)],
        [first.number, true, 'failed', 'address-rejected', ['refused']],
      );
    assert.ok(!JSON.stringify(notices).includes('kari@porsgrunn.example'));
    const { entries } = (await (await ask('timeline?language=en')).json()) as FileTimeline;
    assert.ok(entries.some(({ event, recipient }) => event === 'ConsignmentNotificationFailure' && recipient === first.number));
    for (const what of ['notices', 'timeline']) assert.equal((await ask(what, 'stranger')).status, 404);
  }
  const state = (id: string) =>
    rows<{ name: string }>(
      town,
      sql`select name from watch.step where about = ${id} and name in ('notify-otherwise', 'tell-sender') and state <> 'due' order by name`,
    );
  for (const id of ids) {
    await takeDueSteps(steps);
    assert.deepEqual(
      (await state(id)).map(({ name }) => name),
      ['notify-otherwise', 'tell-sender'],
    );
  }
  await holds();
});

test('given a scanner that is away and an upload that hangs, when a day passes, then their sender is told', async () => {
  const scanning = await wire.send('sender', transferOf(town, { disableVirusScan: false }), 'venter');
  const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town));
  const { fileTransferId: never } = (await made.json()) as { fileTransferId: string };
  await pass(1);
  await pass(1);
  for (const id of [scanning, never]) {
    const events = await rows(
      town,
      sql`select 1 from events.outbox where resource_instance = ${id} and type = 'no.budstikke.watch.unread'`,
    );
    assert.ok(events.length >= 1, id);
  }
  assert.equal((await wire.request('POST', `/filetransfer/${never}/upload`, 'sender', { body: 'x', headers: octets })).status, 200);
});

test('given files of two services that different people read, when they fall due, then each is told of those that they may fetch, and at the same time', async () => {
  const britt = await world.person('BRITT REGNSKAP', { email: 'britt@porsgrunn.example' });
  await world.role(britt, 'LEDE', first);
  const other = await world.resource('filer-leder', town.agency, { type: 'BrokerService', senders: 'any', readers: ['LEDE'], broker: {} });
  const before = (await told()).length;
  for (const n of [1, 2]) await send(`den ene ${n}`);
  for (const n of [1, 2, 3]) await wire.send('sender', transferOf(town, { resourceId: other, fileName: 'styret.zip' }), `den andre ${n}`);
  await pass(1);
  const fresh = (await told()).slice(before).filter(({ purpose, address }) => purpose === 'new-file' && !address.startsWith('post'));
  const [waiting] = await rows<{ n: number }>(
    town,
    sql`select count(*)::int as n from watch.item where resource_id = ${town.files} and settled_at is null and opened_at is null and published_at is not null`,
  );
  assert.deepEqual(fresh.map(({ address, subject }) => [address, subject]).sort(), [
    ['britt@porsgrunn.example', '3 nye filer til PORSGRUNN KOMMUNE fra SKIEN KOMMUNE'],
    ['kari@porsgrunn.example', `${waiting!.n} nye filer til PORSGRUNN KOMMUNE fra SKIEN KOMMUNE`],
  ]);
});

test('given files that people are to hear of, when all are fetched before the notice goes, then it does not go, and they are reminded to confirm', async () => {
  const before = (await toKari()).length;
  const ids = [await send('før den ene'), await send('før den andre')];
  await pass(1);
  const fresh = async () => (await toKari()).slice(before).map(({ purpose, state }) => [purpose, state]);
  assert.deepEqual(await fresh(), [['new-file', 'due']]);
  await fetchWhole(wire, ids[0]!, 'first');
  assert.deepEqual(await fresh(), [['new-file', 'due']], 'one waits');
  for (const { id } of await rows<{ id: string }>(
    town,
    sql`select about as id from watch.item where resource_id = ${town.files} and settled_at is null and opened_at is null and published_at is not null`,
  ))
    await fetchWhole(wire, id, 'first');
  assert.deepEqual(await fresh(), [['new-file', 'cancelled']]);
  await pass(6);
  assert.deepEqual((await fresh()).at(-1), ['file-confirm', 'due']);
});

test('given a file that nobody may fetch and others of its service that somebody was let in to, when who could let somebody in is told, then the mail speaks of what nobody can fetch', async () => {
  const carl = await world.person('CARL KONSULENT', { email: 'carl@porsgrunn.example' });
  const closed = await world.resource('filer-lukket', town.agency, {
    type: 'BrokerService',
    senders: 'any',
    readers: ['package:eksplisitt'],
    broker: {},
  });
  const sendClosed = (n: number) => wire.send('sender', transferOf(town, { resourceId: closed, fileName: 'lukket.zip' }), `lukket ${n}`);
  const toGrantor = async () =>
    (await toKari()).filter(({ purpose }) => purpose === 'file-sealed').map(({ body }) => /Det har kommet (.*?) til/.exec(body)?.[1]);
  const chief = personCaller(kari, ['altinn:portal/enduser', 'altinn:broker.read'], { authLevel: 4 });
  const given = { at: organizationId(first), to: `urn:altinn:party:uuid:${carl.id}`, resource: closed };
  const grants: string[] = [];
  for (const instance of [await sendClosed(1), await sendClosed(2)])
    grants.push((await createGrant(world.ctx, chief, { ...given, instance })).grant.id);
  await sendClosed(3);
  await takeDueSteps(steps);
  assert.deepEqual(await toGrantor(), ['en fil']);

  await sendClosed(4);
  await takeDueSteps(steps);
  assert.deepEqual(await toGrantor(), ['en fil', '2 filer']);
  await deliver({ kind: 'handed-over', answer: '250' });
  await world.advance(600);
  for (const id of grants) await revokeGrant(world.ctx, chief, id);
  await sweepVersions(ctx);
  await takeDueSteps(steps);
  assert.deepEqual(await toGrantor(), ['en fil', '2 filer', '4 filer'], 'those that were sealed since are news');
});

test('given a common notice to two who lead, when one of them leads no more before it goes, then it goes to the other alone', async () => {
  const per = await world.person('PER PERMISJON', { email: 'per@porsgrunn.example' });
  await world.role(per, 'DAGL', first);
  for (const content of ['før permisjonen', 'også før']) await send(content);
  await pass(1);
  const to = async (who: string) => (await told()).filter(({ address }) => address.startsWith(who)).at(-1)!;
  assert.deepEqual([(await to('per')).state, (await to('kari')).state], ['due', 'due']);
  await world.db.transaction(async (tx) => {
    await tx.run(sql`delete from access.role_assignment where holder_id = ${per.id}`);
    await announceAccessChanges(tx);
  });
  await sweepVersions(ctx);
  whichArePointless.fill(findNoLongerTheirs);
  await deliver({ kind: 'handed-over', answer: '250' });
  whichArePointless.fill(async () => new Map());
  assert.deepEqual([(await to('per')).state, (await to('kari')).state], ['cancelled', 'handed-over']);
});
