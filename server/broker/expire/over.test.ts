import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGrant } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import { deliverDueNotices, onHandedOver, whatIsToldTogether } from '#notifications/index.ts';
import { saveContactPoints } from '#register/index.ts';
import { findSealed, listSealed, listToldTogether, noteHandedOver, settleWatch, sweepVersions, takeDueSteps } from '#watch/index.ts';
import { personCaller } from '../../../test/world.ts';
import { notifyNewOpener } from '../../watch/climb/decide-step.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { saveNewSteps } from '../../watch/store/begin.ts';
import { refreshNextActions } from '../../watch/store/item.ts';
import { brokerInvariants } from '../invariants.ts';
import { createTown, openWire, organizationId, rows, transferOf } from '../testing/town.ts';
import { lookAfterKept } from './look-after-kept.ts';
import { purgeTransfers } from './purge-transfers.ts';

/** A file whose time is over lies for its sender alone: nobody is told to fetch it, reminded of it, or asked to let somebody in. */
const town = await createTown();
const { world, ctx, first } = town;
const kari = await world.person('KARI LEDER', { email: 'kari@porsgrunn.example' });
await world.role(kari, 'DAGL', first);
onHandedOver.fill(noteHandedOver);
whatIsToldTogether.fill(listToldTogether);
const wire = await openWire(town);
assert.equal((await wire.json('POST', '/serviceowner', 'owner', { name: 'ETATEN' })).status, 200);
const hour = 3600;
const steps = { ...ctx, addresses: { inbox: 'http://inbox', console: 'http://console' } };

/** By a service whose files are there for so long. */
async function send(hours: number, readers: readonly string[] = ['DAGL']): Promise<string> {
  const id = `timer-${hours}-${readers.join().replace(/\W/g, '-').toLowerCase()}`;
  await world.resource(id, town.agency, { type: 'BrokerService', senders: 'any', readers: [...readers], broker: {} });
  const set = await wire.json('PUT', `/resource/${id}`, 'owner', { fileTransferTimeToLive: `PT${hours}H` });
  assert.equal(set.status, 204, await set.text());
  return wire.send('sender', transferOf(town, { resourceId: id }), 'x');
}
const sweep = async () => {
  await purgeTransfers(ctx);
  await lookAfterKept(ctx);
  await sweepVersions(ctx);
  await takeDueSteps(steps);
};
const pass = async (hours: number) => {
  await world.advance(hours * hour + 1);
  await sweep();
};
interface Told {
  readonly purpose: string;
  readonly subject: string;
  readonly state: string;
}
const told = (to: string) =>
  rows<Told>(town, sql`select purpose, subject, state from notifications.notice where address like ${`${to}%`} order by id`);
/** What she has been told since the last look. */
let seen = 0;
async function toKari(): Promise<string[]> {
  const all = await told('kari');
  const fresh = all.slice(seen);
  seen = all.length;
  return fresh.map(({ purpose, state }) => `${purpose} ${state}`);
}
const stepsOf = async (id: string) =>
  (
    await rows<{ name: string; state: string; reason: string | null }>(
      town,
      sql`select name, state, reason from watch.step where about = ${id} and state <> 'due' and spec ->> 'who' in ('openers', 'grantors', 'key-roles', 'fallback') order by due_at, id`,
    )
  ).map(({ name, state, reason }) => [name, state, reason].filter(Boolean).join(' '));
const deliver = () =>
  deliverDueNotices({
    ...ctx,
    mail: { send: async () => ({ kind: 'handed-over', answer: '250' }) as const },
    sms: { send: async () => ({ kind: 'handed-over', answer: 'ok' }) as const },
    mailFrom: 'post@budstikke.example',
  });
async function holds(): Promise<void> {
  for (const { name, find } of [...brokerInvariants, ...watchInvariants].filter(({ name }) => !name.includes('late')))
    assert.deepEqual(await world.db.all(find), [], name);
}
/** Its sender lets it lie, so that no other file is spoken of with it. */
const decide = (id: string) =>
  world.db.transaction(async (tx) =>
    settleWatch(tx, [
      {
        about: id,
        party: first.id,
        outcome: 'accepted-unread',
        at: ctx.now(),
        by: kari.id,
        name: 'KARI LEDER',
        reason: 'ligger over tiden',
      },
    ]),
  );

test('given a file whose time is over unfetched, when its ladder goes on, then its sender is told, and nobody is reminded of what nobody can fetch', async () => {
  const id = await send(72);
  await pass(24);
  assert.deepEqual(await toKari(), ['new-file due']);
  await deliver();
  await pass(48);
  for (const days of [4, 1, 6]) await pass(days * 24);
  assert.deepEqual(await toKari(), []);
  assert.deepEqual(await stepsOf(id), ['notify done', 'remind skipped over']);
  assert.equal((await told('post@skien')).length, 3, 'when its time is over, on day 8 and on day 14');
  await holds();

  const next = await send(72);
  await pass(24);
  assert.deepEqual(await toKari(), ['new-file due']);
  assert.match((await told('kari')).at(-1)!.subject, /^Ny fil til/, 'it speaks of what can be fetched');
  for (const one of [id, next]) await decide(one);
});

test('given files whose time is short, when half of it is over, then people are told once, and as early as that', async () => {
  const short = await send(10);
  await pass(4);
  assert.deepEqual(await toKari(), []);
  await pass(1);
  assert.deepEqual(await toKari(), ['new-file due']);
  await deliver();
  await pass(20);
  assert.deepEqual([await toKari(), await stepsOf(short)], [[], ['notify-in-time done', 'notify skipped over']]);
  await decide(short);

  const longer = await send(40);
  await pass(20);
  assert.deepEqual(await toKari(), ['new-file due']);
  await deliver();
  await pass(4);
  assert.deepEqual([await toKari(), await stepsOf(longer)], [[], ['notify-in-time done', 'notify skipped told-already']]);
  await pass(17);
  await decide(longer);

  const newcomer = await send(20);
  await world.db.transaction(async (tx) => {
    saveNewSteps(
      tx,
      [{ about: newcomer, party: first.id, spec: notifyNewOpener, source: 'policy', orderId: null, dueAt: ctx.now(), rank: null }],
      ctx.now(),
    );
    refreshNextActions(tx, [{ about: newcomer, party: first.id }]);
  });
  await sweep();
  assert.deepEqual(await toKari(), ['new-file due']);
  await deliver();
  await pass(11);
  assert.deepEqual([await toKari(), await stepsOf(newcomer)], [[], ['notify-new-opener done', 'notify-in-time skipped told-already']]);
  await pass(10);
  await decide(newcomer);

  const long = await send(49);
  await pass(24);
  assert.deepEqual([await toKari(), await stepsOf(long)], [['new-file due'], ['notify done']]);
  await deliver();
  await holds();
  await decide(long);
});

test('given a notice that waits for the morning, when the time of the file is over before, then it is called off, and one that tells of others too goes', async () => {
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: kari.id, points: [{ channel: 'sms', address: '+4799999999' }] }]),
  );
  const atNight = new Date(ctx.now());
  atNight.setUTCHours(0, 30, 0, 0); // half past one or two in Norway
  const wait = async () => world.advance((atNight.getTime() + 48 * hour * 1000 - ctx.now().getTime()) / 1000);
  const sms = () =>
    rows<{ state: string; body: string }>(
      town,
      sql`select state, body from notifications.notice where channel = 'sms' and address = '+4799999999' order by id`,
    );
  await wait();
  const alone = await send(2);
  await pass(1);
  assert.deepEqual(
    (await sms()).map(({ state }) => state),
    ['due'],
  );
  await pass(1);
  assert.deepEqual(
    (await sms()).map(({ state }) => state),
    ['cancelled'],
  );
  await decide(alone);

  await world.advance(24 * hour - 2 * hour);
  const [over, stays] = [await send(2), await send(3)];
  await pass(1);
  await pass(1);
  const bundled = (await sms()).at(-1)!;
  assert.deepEqual([bundled.state, await stepsOf(over)], ['due', ['notify-in-time done']]);
  await pass(1);
  assert.equal((await sms()).at(-1)!.state, 'cancelled', 'all of them are over');
  for (const id of [over, stays]) await decide(id);
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: kari.id, points: [{ channel: 'email', address: 'kari@porsgrunn.example' }] }]),
  );
  await holds();
});

test('given a sealed file whose time is over, when those who could let somebody in look, then it is not there, and nobody is asked or told; whoever is let in later is not told to fetch it', async () => {
  const leader = personCaller(kari, ['altinn:portal/enduser'], { authLevel: 4 });
  const id = await send(72, ['package:eksplisitt']);
  await sweep();
  const before = await toKari();
  assert.deepEqual(
    before.map((line) => line.split(' ')[0]),
    ['file-sealed'],
  );
  assert.deepEqual(
    (await listSealed(ctx, leader)).sealed.map((row) => row.id),
    [id],
  );
  await pass(72);
  assert.deepEqual((await listSealed(ctx, leader)).sealed, []);
  assert.equal(await findSealed(world.db, kari.id, id), undefined);
  for (const days of [5, 1, 6]) await pass(days * 24);
  assert.deepEqual(
    (await toKari()).filter((line) => line.startsWith('file')),
    [],
  );
  const carl = await world.person('CARL KONSULENT', { email: 'carl@porsgrunn.example' });
  const given = { at: organizationId(first), to: `urn:altinn:party:uuid:${carl.id}`, resource: 'timer-72-package-eksplisitt' };
  await createGrant(ctx, leader, given);
  await sweep();
  assert.deepEqual([await told('carl'), (await stepsOf(id)).at(-1)], [[], 'notify-new-opener skipped over']);
  await holds();
});
