import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { revokeGrant } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { saveContactPoints } from '#register/index.ts';
import { takeDueSteps } from '#watch/index.ts';
import { personCaller } from '../../test/world.ts';
import { openMessage } from '../correspondence/read/open-message.ts';
import { letter, send } from '../correspondence/testing/town.ts';
import { listDeliveries } from './list-deliveries.ts';
import { replay } from './replay.ts';
import { leaseDue } from './store/lease.ts';
import { renewSecret, resume } from './tend-subscription.ts';
import { createHearing, publicUrl, subscriber } from './testing/hearing.ts';

const hearing = await createHearing();
const { town, ctx } = hearing;
const owner = subscriber(town.agency, true);
beforeEach(() => hearing.endAll());
await ctx.db.transaction(async (tx) =>
  saveContactPoints(tx, [{ party: town.agency.id, points: [{ channel: 'email', address: 'drift@etaten.example' }] }]),
);

const typesOf = (posts: readonly { event: Readonly<Record<string, unknown>> }[]) =>
  posts.map(({ event }) => String(event.type).replace('no.altinn.correspondence.', ''));

test('given a service owner who subscribes to a resource, when a letter is sent, then its endpoint gets a validation event and then every event, signed and numbered', async () => {
  const receiver = await hearing.endpoint();
  const { subscription, secret } = await hearing.subscribed(owner, receiver);
  const id = await send(town, letter([town.municipality]));
  await hearing.deliver();

  const [validation, ...events] = receiver.received;
  assert.deepEqual(Object.keys(validation!.event).sort(), ['id', 'source', 'specversion', 'type']);
  assert.equal(validation!.event.source, `${publicUrl}/events/api/v1/subscriptions/${subscription.id}`);
  assert.deepEqual(typesOf(events), ['correspondenceinitialized', 'correspondencepublished']);
  const [initialized, published] = events;
  assert.deepEqual(published!.event, {
    id: published!.event.id,
    specversion: '1.0',
    type: 'no.altinn.correspondence.correspondencepublished',
    source: `${publicUrl}/correspondence/api/v1/correspondence`,
    subject: `urn:altinn:organization:identifier-no:${town.municipality.number}`,
    alternativesubject: `/organisation/${town.municipality.number}`,
    time: published!.event.time,
    resource: 'urn:altinn:resource:brev',
    resourceinstance: id,
    data: null,
  });
  assert.equal(initialized!.event.subject, `urn:altinn:organization:identifier-no:${town.agency.number}`);
  assert.deepEqual(
    events.map(({ headers }) => [headers['content-type'], headers['budstikke-number']]),
    [
      ['application/cloudevents+json', '1'],
      ['application/cloudevents+json', '2'],
    ],
  );
  for (const { headers, body } of receiver.received) new Webhook(secret!).verify(body, headers as Record<string, string>);
});

test('given a secret that was renewed, when an event is delivered, then it is signed with the new one and for a day with the former', async () => {
  const receiver = await hearing.endpoint();
  const { subscription, secret } = await hearing.subscribed(owner, receiver);
  const { secret: renewed } = await renewSecret(ctx, owner, subscription.id);
  await send(town, letter([town.citizen]));
  await hearing.deliver();

  const { body, headers } = receiver.events()[0]!;
  for (const each of [secret!, renewed]) new Webhook(each).verify(body, headers as Record<string, string>);
  const foreign = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  assert.throws(() => new Webhook(foreign).verify(body, headers as Record<string, string>));

  await town.world.db.transaction(async (tx) => {
    await tx.run(
      sql`update subscriptions.subscription set former_until = statement_timestamp() - interval '1 second' where id = ${subscription.id}`,
    );
  });
  await send(town, letter([town.citizen]));
  await hearing.deliver();
  const later = receiver.events().at(-1)!;
  new Webhook(renewed).verify(later.body, later.headers as Record<string, string>);
  assert.throws(() => new Webhook(secret!).verify(later.body, later.headers as Record<string, string>));
});

test('given a recipient who subscribes for itself, when letters go to it and to others, then it hears of its own alone', async () => {
  const receiver = await hearing.endpoint();
  await hearing.subscribed(subscriber(town.municipality), receiver, {
    subjectFilter: `urn:altinn:organization:identifier-no:${town.municipality.number}`,
  });
  const id = await send(town, letter([town.municipality]));
  await send(town, letter([town.citizen]));
  await hearing.deliver();

  assert.deepEqual(typesOf(receiver.events()), ['correspondencepublished']);
  assert.equal(receiver.events()[0]!.event.resourceinstance, id);
});

test('given filters of type and source, when a letter is read, then only what they name is delivered, with the media type that was asked for', async () => {
  const receiver = await hearing.endpoint();
  await hearing.subscribed(owner, receiver, {
    typeFilter: 'no.altinn.correspondence.correspondencereceiverread',
    sourceFilter: `${publicUrl}/correspondence/api/v1/correspondence`,
    mediaType: 'application/json',
  });
  const elsewhere = await hearing.endpoint();
  await hearing.subscribed(owner, elsewhere, { sourceFilter: `${publicUrl}/correspondence/api/v1/attachment` });
  const id = await send(town, letter([town.citizen]));
  await openMessage(ctx, town.reading, id);
  await hearing.deliver();

  assert.deepEqual(typesOf(receiver.events()), ['correspondencereceiverread']);
  assert.equal(receiver.events()[0]!.headers['content-type'], 'application/json');
  assert.deepEqual(elsewhere.events(), []);
});

test('given a subscriber that hangs and one that is gone, when events come, then another gets its own without waiting for them', async () => {
  const hanging = await hearing.endpoint();
  const gone = await hearing.endpoint();
  const well = await hearing.endpoint();
  for (const receiver of [hanging, gone, well])
    await hearing.subscribed(owner, receiver, { typeFilter: 'no.altinn.correspondence.correspondencepublished' });
  await gone.stop().catch(() => {});
  const order: string[] = [];
  hanging.answer = (_, response) => void setTimeout(() => response.end(), 10_000).unref();
  well.answer = (_, response) => {
    order.push('well');
    response.writeHead(204).end();
  };
  await send(town, letter([town.citizen]));
  await hearing.deliver().then(() => order.push('all tried'));

  assert.deepEqual(order, ['well', 'all tried']);
  const states = await ctx.db.all<{ answer: string | null; state: string; attempts: number }>(sql`
    select d.last_answer as answer, d.state, d.attempts from subscriptions.delivery d join subscriptions.subscription s on s.id = d.subscription_id
     where s.endpoint = any(${[hanging, gone, well].map(({ url }) => url)}) order by s.id`);
  assert.deepEqual(states, [
    { answer: 'timeout', state: 'Pending', attempts: 1 },
    { answer: 'not reached', state: 'Pending', attempts: 1 },
    { answer: '204', state: 'Delivered', attempts: 1 },
  ]);
});

test('given a stranger with a hundred endpoints in each condition, when others are due too, then they are served beside a few of the stranger’s', async () => {
  const conditions = { healthy: ['Active', 0], failing: ['Active', 1], new: ['Unvalidated', 0] } as const;
  const save = (of: string, party: string, [state, failures]: readonly [string, number], count: number) =>
    ctx.db.transaction(async (tx) => {
      await tx.run(sql`
        insert into subscriptions.subscription (party_id, consumer, endpoint, resource, include_subunits, own_events, media_type, fingerprint,
               caller, secret, state, failures, due_at, created_at, validated_at)
        select ${party}, ${of}, 'https://x', 'brev', false, false, 'application/json', ${`${state} ${failures} `} || n, '{}', '\\x00', ${state},
               ${failures}, clock.now() - interval '1 hour', clock.now(), clock.now()
          from generate_series(1, ${count}::int) n`);
    });
  for (const condition of Object.values(conditions)) await save('stranger', town.municipality.id, condition, 100);
  for (const condition of Object.values(conditions)) await save('other', town.orphan.id, condition, 1);
  const take = (condition: keyof typeof conditions) =>
    ctx.db.transaction((tx) => leaseDue(tx, { lease: newId(), limit: 40, mostOfOne: 3, condition, leaseSeconds: 60 }));

  for (const condition of ['healthy', 'failing', 'new'] as const) {
    const taken = await take(condition);
    assert.deepEqual(
      Object.entries(Object.groupBy(taken, ({ partyId }) => partyId))
        .map(([party, all]) => [party, all!.length])
        .sort(),
      [
        [town.municipality.id, 3],
        [town.orphan.id, 1],
      ].sort(),
    );
    assert.deepEqual(await take(condition), [], 'nobody has let go');
  }
});

test('given a subscriber that is down for two minutes, when it is back, then it gets all events once, in their order', async () => {
  const receiver = await hearing.endpoint();
  await hearing.subscribed(owner, receiver);
  receiver.answer = 503;
  const ids = [await send(town, letter([town.citizen])), await send(town, letter([town.citizen]))];
  await hearing.pass(120);
  const triedWhileDown = receiver.events();
  assert.ok(triedWhileDown.length >= 3);
  assert.deepEqual([...new Set(triedWhileDown.map(({ headers }) => headers['budstikke-number']))], ['1']);
  receiver.received.length = 0;
  receiver.answer = 200;
  await hearing.pass(300);

  assert.deepEqual(
    receiver.events().map(({ headers, event }) => [headers['budstikke-number'], event.resourceinstance]),
    [
      ['1', ids[0]],
      ['2', ids[0]],
      ['3', ids[1]],
      ['4', ids[1]],
    ],
  );
});

test('given an event that a subscriber chokes on, when others come, then they pass it, and after its last try it is given up and its owner hears of it', async () => {
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(owner, receiver);
  const bad = await send(town, letter([town.citizen]));
  receiver.answer = ({ event }, response) =>
    void response.writeHead(event.resourceinstance === bad && String(event.type).endsWith('published') ? 500 : 200).end();
  const good = await send(town, letter([town.citizen]));
  await hearing.pass(1_200);
  assert.ok(receiver.events().some(({ event }) => event.resourceinstance === good && String(event.type).endsWith('published')));
  await hearing.pass(36 * 3_600);

  const log = await listDeliveries(ctx, owner, subscription.id, {});
  const given = log.deliveries.filter(({ state }) => state === 'GivenUp');
  assert.deepEqual(
    given.map(({ resourceInstance, attempts, lastAnswer }) => [resourceInstance, attempts, lastAnswer]),
    [[bad, 12, '500']],
  );
  assert.ok(receiver.events().some(({ event }) => event.type === 'no.budstikke.subscription.event-given-up'));
});

test('given a subscriber that stays away, when two days have passed, then it is paused, its other subscription tells it, and resuming delivers all that came meanwhile', async () => {
  const dead = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(owner, dead);
  const alive = await hearing.endpoint();
  await hearing.subscribed(owner, alive, { typeFilter: 'no.budstikke.subscription.paused' });
  dead.answer = 500;
  await send(town, letter([town.citizen]));
  await hearing.pass(48 * 3_600);
  await send(town, letter([town.citizen]));
  await hearing.pass(60);
  const tried = dead.received.length;
  await hearing.pass(3_600);

  assert.equal(dead.received.length, tried, 'a paused subscriber is left alone');
  assert.deepEqual(
    alive.events().map(({ event }) => event.data),
    [{ subscription: subscription.id }],
  );
  const notices = await ctx.db.all(
    sql`select purpose, to_id as "to", channel from notifications.notice where purpose = 'subscription-paused'`,
  );
  assert.deepEqual(notices, [{ purpose: 'subscription-paused', to: town.agency.id, channel: 'email' }]);
  dead.received.length = 0;
  dead.answer = 200;
  await resume(ctx, owner, subscription.id);
  await hearing.deliver();
  const numbers = dead.events().map(({ headers }) => Number(headers['budstikke-number']));
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
  assert.ok(numbers.length >= 4);
});

test('given a recipient that lost its right after an event was queued, when it is delivered, then nothing is sent and the number stays as a gap', async () => {
  const helper = await town.world.organization('REGNSKAP AS');
  await town.world.grant(helper, town.municipality, { package: 'ordinaer-post-til-virksomheten' });
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(subscriber(helper), receiver, {
    alternativeSubjectFilter: `/organisation/${town.municipality.number}`,
  });
  await send(town, letter([town.municipality]));
  await hearing.deliver();
  assert.equal(receiver.events().length, 1);

  receiver.answer = 503;
  await send(town, letter([town.municipality]));
  await hearing.deliver();
  receiver.answer = 200;
  receiver.received.length = 0;
  const grant = await ctx.db.one<{ id: string }>(sql`select id from access.access_grant where to_id = ${helper.id}`);
  await revokeGrant(ctx, personCaller(town.leader, ['altinn:portal/enduser']), grant.id);
  await hearing.pass(60);

  assert.deepEqual(receiver.events(), []);
  const { deliveries } = await listDeliveries(ctx, subscriber(helper), subscription.id, {});
  assert.deepEqual(
    deliveries.map(({ number, state, type }) => [number, state, type !== '']),
    [
      [1, 'Delivered', true],
      [2, 'Withheld', false],
    ],
  );
});

test('given what happened before a subscription and after it, when a time is replayed, then what had a number keeps it and the rest gets the next ones', async () => {
  const from = new Date(ctx.now().getTime());
  const before = await send(town, letter([town.citizen]));
  await hearing.deliver();
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(owner, receiver, { typeFilter: 'no.altinn.correspondence.correspondencepublished' });
  const afterwards = await send(town, letter([town.citizen]));
  await hearing.deliver();
  receiver.received.length = 0;

  assert.deepEqual(await replay(ctx, owner, subscription.id, { from: from.toISOString() }), { again: 1, added: 1 });
  await hearing.deliver();
  assert.deepEqual(
    receiver.events().map(({ headers, event }) => [headers['budstikke-number'], event.resourceinstance]),
    [
      ['1', afterwards],
      ['2', before],
    ],
  );
});

test('given two processes that tell and deliver at once, when many letters are sent, then each event is numbered once and posted once', async () => {
  const receiver = await hearing.endpoint();
  await hearing.subscribed(owner, receiver, { typeFilter: 'no.altinn.correspondence.correspondencepublished' });
  await Promise.all([
    ...Array.from({ length: 20 }, () => send(town, letter([town.citizen]))),
    ...Array.from({ length: 4 }, () => hearing.deliver()),
  ]);
  await hearing.deliver();

  assert.deepEqual(
    receiver.events().map(({ headers }) => Number(headers['budstikke-number'])),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

test('given a letter that nobody opens, when its ladder is climbed, then the sender hears of each step by its subscription, and the recipient does not', async () => {
  const receiver = await hearing.endpoint();
  await hearing.subscribed(owner, receiver);
  const recipient = await hearing.endpoint();
  await hearing.subscribed(subscriber(town.municipality), recipient, {
    alternativeSubjectFilter: `/organisation/${town.municipality.number}`,
  });
  const id = await send(town, letter([town.municipality]));
  for (let day = 0; day < 15; day++) {
    await town.world.advance(86_400);
    await takeDueSteps({ ...ctx, addresses: { inbox: publicUrl, console: publicUrl } });
  }
  await hearing.deliver();

  const told = receiver
    .events()
    .filter(({ event }) => event.resourceinstance === id && String(event.type).startsWith('no.budstikke.watch.'));
  const types = new Set(told.map(({ event }) => event.type));
  for (const step of ['step-taken', 'unread', 'decision-needed']) assert.ok(types.has(`no.budstikke.watch.${step}`), step);
  for (const { event } of told) {
    assert.equal(event.subject, `urn:altinn:organization:identifier-no:${town.agency.number}`);
    assert.equal(event.source, `${publicUrl}/budstikke/v1/watch`);
  }
  assert.deepEqual(typesOf(recipient.events()), ['correspondencepublished']);
});
