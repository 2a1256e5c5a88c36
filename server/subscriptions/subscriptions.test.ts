import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { createHttp } from '#http/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { silentLog } from '#kernel/log.ts';
import { partyUrn } from '#register/index.ts';
import { takeDueSteps } from '#watch/index.ts';
import { personCaller } from '../../test/world.ts';
import { letter, send } from '../correspondence/testing/town.ts';
import { subscriptionErrors as e } from './errors.ts';
import { subscriptionInvariants } from './invariants.ts';
import { nextDeliveryDueAt } from './next-due.ts';
import { subscriptionRoutes } from './routes.ts';
import { mostSubscriptions, subscribe } from './subscribe.ts';
import { createHearing, publicUrl, subscriber } from './testing/hearing.ts';

const hearing = await createHearing();
const { town, ctx } = hearing;
const stranger = await town.world.organization('FREMMED AS');
await town.world.resource('alle', town.agency, { senders: 'any' });

const callers: Readonly<Record<string, Caller>> = {
  owner: subscriber(town.agency, true),
  bareOwner: subscriber(town.agency),
  municipality: subscriber(town.municipality),
  leader: personCaller(town.leader, ['altinn:events.subscribe']),
  stranger: subscriber(stranger),
  reader: personCaller(town.citizen),
  administrator: { ...subscriber(town.agency), actor: town.leader.id },
  unknown: { ...subscriber(stranger), party: null, subject: null, consumer: null },
};
const http = await createHttp({
  routes: subscriptionRoutes,
  context: ctx,
  authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
  blobs: town.world.ctx.blobs,
  log: silentLog,
  checkAnswers: true,
  publicUrl,
});
const port = await http.listen(0, '127.0.0.1');
after(async () => {
  await http.close(0);
  assert.deepEqual(http.lies, []);
});

async function call(method: string, path: string, by: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: by, ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  return { status: answer.status, headers: answer.headers, body: (text === '' ? undefined : JSON.parse(text)) as any };
}
const altinn = '/events/api/v1/subscriptions';
const own = '/budstikke/v1/subscriptions';
const brev = 'urn:altinn:resource:brev';
const asked = { endPoint: 'https://hooks.example.no/a', resourceFilter: brev };

test('given a service owner, when it subscribes, then it is answered as the original answers, and finds it again alone', async () => {
  const made = await call('POST', altinn, 'owner', { ...asked, SourceFilter: 'https://post.example.no/correspondence' });
  assert.equal(made.status, 201);
  assert.equal(made.headers.get('location'), `/events/api/v1/subscription/${made.body.id}`);
  const { id, created, ...rest } = made.body;
  assert.deepEqual(rest, {
    endPoint: 'https://hooks.example.no/a',
    sourceFilter: 'https://post.example.no/correspondence',
    resourceFilter: brev,
    subjectFilter: null,
    alternativeSubjectFilter: null,
    typeFilter: null,
    includeSubunits: false,
    consumer: '/org/etaten',
    createdBy: '/org/etaten',
    validated: false,
  });
  assert.ok(Number.isInteger(id) && Date.parse(created) > 0);
  assert.deepEqual((await call('GET', `${altinn}/${id}`, 'owner')).body, made.body);
  assert.deepEqual((await call('GET', altinn, 'owner')).body, { count: 1, subscriptions: [made.body] });
  for (const by of ['bareOwner', 'municipality', 'stranger', 'unknown']) {
    assert.deepEqual((await call('GET', altinn, by)).body, { count: 0, subscriptions: [] }, by);
    await town.world.nothingWritten(async () => {
      for (const [method, path] of [
        ['GET', `${altinn}/${id}`],
        ['DELETE', `${altinn}/${id}`],
        ['PUT', `${altinn}/validate/${id}`],
      ] as const)
        assert.deepEqual([(await call(method, path, by)).status, (await call(method, path, by)).body], [404, e.notFound.text], by);
      for (const [method, path, body] of [
        ['GET', `${own}/${id}`, undefined],
        ['DELETE', `${own}/${id}`, undefined],
        ['POST', `${own}/${id}/secret`, undefined],
        ['POST', `${own}/${id}/pause`, undefined],
        ['POST', `${own}/${id}/resume`, undefined],
        ['POST', `${own}/${id}/replay`, { from: '2026-01-01T00:00:00Z' }],
        ['GET', `${own}/${id}/deliveries`, undefined],
      ] as const) {
        const answer = await call(method, path, by, body);
        assert.deepEqual([answer.status, answer.body.errorCode], [404, 9760], `${method} ${path}`);
      }
    });
  }
  assert.equal((await call('DELETE', `${altinn}/${id}`, 'owner')).status, 200);
  assert.equal((await call('DELETE', `${altinn}/${id}`, 'owner')).status, 404);
});

test('given the same asked for again, also at the same moment, when it is answered, then it is one subscription and its secret is shown once', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', own, 'owner', asked)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  assert.equal(answers.filter(({ body }) => body.secret !== null).length, 1);
  const again = await call('POST', own, 'owner', asked);
  assert.equal(again.body.id, answers[0]!.body.id);
  const other = await call('POST', own, 'owner', { ...asked, typeFilter: 'x' });
  assert.notEqual(other.body.id, again.body.id);
  const elsewhere = await call('POST', altinn, 'owner', asked);
  assert.notEqual(elsewhere.body.id, again.body.id, 'at the other address less is asked for');
});

test('given what is wrong with a request, when it is made, then it is refused in the words of the original and nothing is written', async () => {
  const municipality = `/organisation/${town.municipality.number}`;
  const refused: readonly [by: string, body: object, status: number, text: string][] = [
    ['owner', { resourceFilter: brev }, 400, e.endpointNotValid.text],
    ['owner', { ...asked, endPoint: 'nowhere' }, 400, e.endpointNotValid.text],
    ['owner', { ...asked, endPoint: 'https://10.0.0.1/x' }, 400, e.endpointNotValid.text],
    ['owner', { ...asked, endPoint: 'http://169.254.169.254/' }, 400, e.endpointNotValid.text],
    ['owner', { ...asked, sourceFilter: 'http://post.example.no' }, 400, e.sourceNotHttps.text],
    ['owner', { ...asked, sourceFilter: '/correspondence' }, 400, e.sourceNotHttps.text],
    ['owner', { endPoint: asked.endPoint }, 400, e.resourceNotUrn.text],
    ['owner', { ...asked, resourceFilter: 'brev' }, 400, e.resourceNotUrn.text],
    [
      'owner',
      { ...asked, resourceFilter: 'urn:altinn:resource:ukjent' },
      403,
      'Not authorized to create a subscription for resource urn:altinn:resource:ukjent',
    ],
    ['owner', { ...asked, subjectFilter: 'nobody' }, 403, `Not authorized to create a subscription for resource ${brev}`],
    // Without altinn:serviceowner it is nobody's owner, and may hear of itself alone.
    ['bareOwner', asked, 403, `Not authorized to create a subscription for resource ${brev}`],
    ['stranger', asked, 403, `Not authorized to create a subscription for resource ${brev}`],
    ['stranger', { ...asked, alternativeSubjectFilter: municipality }, 403, `Not authorized to create a subscription for resource ${brev}`],
    [
      'municipality',
      { ...asked, alternativeSubjectFilter: `/person/${town.citizen.number}` },
      403,
      `Not authorized to create a subscription for resource ${brev}`,
    ],
    [
      'municipality',
      { ...asked, alternativeSubjectFilter: municipality, subjectFilter: partyUrn(stranger) },
      403,
      `Not authorized to create a subscription for resource ${brev}`,
    ],
    ['unknown', asked, 403, `Not authorized to create a subscription for resource ${brev}`],
  ];
  await town.world.nothingWritten(async () => {
    for (const [by, body, status, text] of refused) {
      const answer = await call('POST', altinn, by, body);
      assert.deepEqual([answer.status, answer.body], [status, text], JSON.stringify(body));
    }
    assert.equal((await call('POST', altinn, 'reader', asked)).status, 403);
    assert.equal((await call('POST', altinn, 'nobody', asked)).status, 401);
  });
});

test('given a resource by which everybody may send, when a stranger asks to hear of others by it, then that is refused, and of itself it may hear', async () => {
  const body = { endPoint: asked.endPoint, resourceFilter: 'urn:altinn:resource:alle' };
  await town.world.nothingWritten(async () => {
    assert.equal((await call('POST', altinn, 'stranger', body)).status, 403);
    assert.equal((await call('POST', altinn, 'stranger', { ...body, subjectFilter: partyUrn(town.municipality) })).status, 403);
  });
  assert.equal((await call('POST', altinn, 'stranger', { ...body, subjectFilter: partyUrn(stranger) })).status, 201);
});

test('given a leader, when she subscribes for her municipality, then she may; her name is that of a user', async () => {
  const answer = await call('POST', altinn, 'leader', { ...asked, subjectFilter: partyUrn(town.municipality) });
  assert.deepEqual([answer.status, answer.body.consumer], [201, `/user/${town.leader.partyId}`]);
});

test('given as many subscriptions as one may have, when another is asked for, then it is refused and nothing is written', async () => {
  await ctx.db.transaction(async (tx) => {
    await tx.run(sql`
      insert into subscriptions.subscription (party_id, consumer, endpoint, resource, include_subunits, own_events, media_type, fingerprint, caller, secret, state, created_at)
      select ${town.municipality.id}, 'x', 'https://x', 'brev', false, false, 'application/json', n::text, '{}', '\\x00', 'Unvalidated', clock.now()
        from generate_series(1, ${mostSubscriptions}) n`);
  });
  const body = { ...asked, subjectFilter: partyUrn(town.municipality) };
  await town.world.nothingWritten(async () => {
    const answer = await call('POST', altinn, 'municipality', body);
    assert.deepEqual([answer.status, answer.body], [400, `You have ${mostSubscriptions} subscriptions, and cannot have more`]);
  });
  await hearing.endAll();
});

test('given an endpoint that does not answer its validation, when letters are sent, then it gets none of them until it has answered', async () => {
  const receiver = await hearing.endpoint();
  receiver.answer = 403;
  const { subscription } = await subscribe(ctx, callers.owner!, { ...asked, endPoint: receiver.url });
  await send(town, letter([town.citizen]));
  await hearing.pass(60);
  assert.equal(receiver.events().length, 0);
  assert.ok(receiver.received.length >= 2, 'it is asked again');
  const early = await call('POST', `${own}/${subscription.id}/replay`, 'owner', { from: '2026-01-01T00:00:00Z' });
  assert.deepEqual([early.status, early.body.errorCode], [409, 9761]);
  assert.equal((await call('GET', `${own}/${subscription.id}`, 'owner')).body.state, 'Unvalidated');

  receiver.answer = 200;
  assert.equal((await call('PUT', `${altinn}/validate/${subscription.id}`, 'owner')).status, 200);
  await hearing.deliver();
  const { body } = await call('GET', `${own}/${subscription.id}`, 'owner');
  assert.deepEqual([body.state, body.validated, body.pending, body.lastNumber], ['Active', true, 0, 0]);
  await send(town, letter([town.citizen]));
  await hearing.deliver();
  assert.equal(receiver.events().length, 2);
});

test('given a subscription that is validated anew, when a letter is sent meanwhile, then its events wait and are not lost', async () => {
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(callers.owner!, receiver);
  receiver.answer = 500;
  await call('PUT', `${altinn}/validate/${subscription.id}`, 'owner');
  await hearing.deliver();
  await send(town, letter([town.citizen]));
  await hearing.deliver();
  assert.equal(receiver.events().length, 0);
  receiver.answer = 200;
  await hearing.pass(60);
  assert.equal(receiver.events().length, 2);
});

test('given our own operations, when a subscriber uses them, then secret, log and replay are there, and what makes no sense is refused', async () => {
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(callers.owner!, receiver);
  const id = await send(town, letter([town.citizen]));
  await hearing.deliver();

  assert.match((await call('POST', `${own}/${subscription.id}/secret`, 'owner')).body.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const log = (await call('GET', `${own}/${subscription.id}/deliveries?state=Delivered&after=1`, 'owner')).body;
  assert.deepEqual(
    log.deliveries.map(({ number, resourceInstance, state, lastAnswer, attempts }: Record<string, unknown>) => ({
      number,
      resourceInstance,
      state,
      lastAnswer,
      attempts,
    })),
    [{ number: 2, resourceInstance: id, state: 'Delivered', lastAnswer: '200', attempts: 1 }],
  );
  assert.equal(log.next, null);
  const from = new Date(ctx.now().getTime() - 60_000).toISOString();
  await town.world.nothingWritten(async () => {
    const backwards = await call('POST', `${own}/${subscription.id}/replay`, 'owner', { from, to: '2020-01-01T00:00:00Z' });
    assert.deepEqual([backwards.status, backwards.body.errorCode], [400, 9764]);
    const running = await call('POST', `${own}/${subscription.id}/resume`, 'owner');
    assert.deepEqual([running.status, running.body.errorCode], [409, 9762]);
  });
  assert.equal((await call('GET', own, 'owner')).body.subscriptions.length >= 1, true);
  assert.equal((await call('DELETE', `${own}/${subscription.id}`, 'owner')).status, 204);
});

test('given an endpoint, when its subscriber tests it, then it gets a signed event that stands in no log, and its answer is told; strangers, and who asks again at once, are refused', async () => {
  const receiver = await hearing.endpoint();
  const { subscription, secret } = await hearing.subscribed(callers.owner!, receiver);
  const path = `${own}/${subscription.id}/test`;
  await town.world.nothingWritten(async () => {
    const told = await call('POST', path, 'owner');
    assert.deepEqual([told.status, told.body.isTaken, told.body.answer], [200, true, '200']);
    const { event, headers, body } = receiver.events().at(-1)!;
    assert.deepEqual([event.type, event.id, headers['budstikke-number']], ['no.budstikke.subscription.test', told.body.eventId, undefined]);
    const key = Buffer.from(secret!.slice('whsec_'.length), 'base64');
    const signed = createHmac('sha256', key).update(`${event.id}.${headers['webhook-timestamp']}.${body}`).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${signed}`);
    const again = await call('POST', path, 'owner');
    assert.deepEqual([again.status, again.body.errorCode], [429, 9771]);
    for (const by of ['stranger', 'leader', 'unknown']) assert.equal((await call('POST', path, by)).status, 404, by);
    assert.equal((await call('POST', path, 'reader')).status, 403);
  });
  assert.equal(receiver.events().length, 1);

  const failing = await hearing.endpoint();
  const other = await hearing.subscribed(callers.owner!, failing);
  failing.answer = 503;
  const no = (await call('POST', `${own}/${other.subscription.id}/test`, 'owner')).body;
  assert.deepEqual([no.isTaken, no.answer], [false, '503']);
  const silent = await subscribe(ctx, callers.owner!, { ...asked, endPoint: 'https://hooks.example.no/never' });
  const early = await call('POST', `${own}/${silent.subscription.id}/test`, 'owner');
  assert.deepEqual([early.status, early.body.errorCode], [409, 9761]);
});

test('given more events in a time than one replay takes, when it is replayed, then it is refused and nothing is written', async () => {
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(callers.owner!, receiver);
  await ctx.db.transaction(async (tx) => {
    await tx.run(sql`
      insert into events.outbox (id, type, source, subject, resource, resource_instance, at, told_at, position)
      select gen_random_uuid(), 't', '/s', 'u', 'brev', 'i', '2020-06-01', clock.now(), -n from generate_series(1, 10001) n`);
  });
  await town.world.nothingWritten(async () => {
    const answer = await call('POST', `${own}/${subscription.id}/replay`, 'owner', {
      from: '2020-01-01T00:00:00Z',
      to: '2020-12-31T00:00:00Z',
    });
    assert.deepEqual([answer.status, answer.body.errorCode], [400, 9763]);
  });
  await ctx.db.transaction(async (tx) => void (await tx.run(sql`delete from events.outbox where position < 0`)));
});

test('given events, when they are fetched page by page, then each comes once, in order, by the address that the header gives', async () => {
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push(await send(town, letter([town.municipality])));
  await hearing.deliver();
  const published = 'no.altinn.correspondence.correspondencepublished';
  const seen: string[] = [];
  let path: string | null = `/events/api/v1/events?resource=${brev}&after=0&size=2&type=${published}`;
  for (;;) {
    const page = await call('GET', path, 'owner');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^application\/cloudevents\+json/);
    seen.push(...page.body.map((event: { resourceinstance: string }) => event.resourceinstance));
    const next = page.headers.get('next');
    if (next === null) break;
    assert.ok(next.startsWith(`${publicUrl}/events/api/v1/events?`));
    path = next.slice(publicUrl.length);
    if (page.body.length === 0) break;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen.slice(-3), ids);
});

test('given events of others, when somebody fetches them, then it sees what speaks of itself or of those it may read for, and a stranger nothing', async () => {
  await send(town, letter([town.citizen]));
  const forMunicipality = await send(town, letter([town.municipality]));
  await hearing.deliver();
  const path = `/events/api/v1/events?resource=${brev}&after=0&size=1000`;
  const subjectsOf = async (by: string, more = '', headers = {}) => {
    const { body } = await call('GET', path + more, by, undefined, headers);
    return [...new Set((body as { subject: string }[]).map(({ subject }) => subject))];
  };
  assert.deepEqual(await subjectsOf('municipality'), [partyUrn(town.municipality)]);
  assert.deepEqual(await subjectsOf('leader', `&subject=${partyUrn(town.municipality)}`), [partyUrn(town.municipality)]);
  assert.deepEqual(await subjectsOf('stranger'), []);
  assert.deepEqual(await subjectsOf('stranger', `&subject=${partyUrn(town.municipality)}`), []);
  assert.deepEqual(await subjectsOf('stranger', '', { 'altinn-alternativesubject': `/person/${town.citizen.number}` }), []);
  const { body } = await call('GET', path, 'owner', undefined, {
    'altinn-alternativesubject': `/organisation/${town.municipality.number}`,
  });
  assert.equal(body.at(-1).resourceinstance, forMunicipality);
});

test('given what is wrong with a question for events, when it is asked, then it is refused', async () => {
  for (const [query, status, text] of [
    ['after=0', 400, e.resourceNotGiven.text],
    ['resource=brev&after=0', 400, e.resourceNotUrn.text],
    [`resource=${brev}`, 400, e.afterNotValid.text],
    [`resource=${brev}&after=yesterday`, 400, e.afterNotValid.text],
  ] as const) {
    const answer = await call('GET', `/events/api/v1/events?${query}`, 'owner');
    assert.deepEqual([answer.status, answer.body], [status, text]);
  }
  const both = await call('GET', `/events/api/v1/events?resource=${brev}&after=0&subject=a`, 'owner', undefined, {
    'altinn-alternativesubject': 'b',
  });
  assert.deepEqual([both.status, both.body], [400, e.oneSubject.text]);
  assert.equal((await call('GET', `/events/api/v1/events?resource=${brev}&after=0&size=1001`, 'owner')).status, 400);
});

test('given an event that was deleted, when a reader goes on after it, then it misses nothing that came later', async () => {
  const first = await send(town, letter([town.municipality]));
  const second = await send(town, letter([town.municipality]));
  await hearing.deliver();
  const path = `/events/api/v1/events?resource=${brev}&size=1000&after=`;
  const all = (await call('GET', `${path}0`, 'municipality')).body as { id: string; resourceinstance: string }[];
  const seen = all.find(({ resourceinstance }) => resourceinstance === first)!;
  await ctx.db.transaction(async (tx) => void (await tx.run(sql`delete from events.outbox where id = ${seen.id}`)));
  const rest = (await call('GET', path + seen.id, 'municipality')).body as { resourceinstance: string }[];
  assert.deepEqual(
    rest.map(({ resourceinstance }) => resourceinstance),
    [second],
  );
  const end = (await call('GET', `${path}ffffffff-ffff-7fff-bfff-ffffffffffff`, 'municipality')).body;
  assert.deepEqual(end, []);
});

test('given events that wait and events that were told, when the invariants are asked and the clock looks ahead, then nothing is forgotten', async () => {
  await hearing.endAll();
  assert.equal(await nextDeliveryDueAt(ctx.db), null);
  const receiver = await hearing.endpoint();
  await hearing.subscribed(callers.owner!, receiver);
  await send(town, letter([town.citizen]));
  assert.equal((await nextDeliveryDueAt(ctx.db))?.getTime(), 0);
  receiver.answer = 500;
  await hearing.deliver();
  assert.ok((await nextDeliveryDueAt(ctx.db))! > new Date(0));
  receiver.answer = 200;
  await hearing.pass(60);
  assert.equal(await nextDeliveryDueAt(ctx.db), null);
  for (const { name, find } of subscriptionInvariants) assert.deepEqual(await ctx.db.all(find), [], name);
});

test('given a subscription at the original’s address and one at ours, when the watch takes a step, then the first hears of types that its clients know alone, as JSON', async () => {
  await hearing.endAll();
  const [theirs, ours, named] = [await hearing.endpoint(), await hearing.endpoint(), await hearing.endpoint()];
  await call('POST', altinn, 'owner', { ...asked, endPoint: theirs.url });
  await call('POST', altinn, 'owner', { ...asked, endPoint: named.url, typeFilter: 'no.budstikke.watch.step-taken' });
  await call('POST', own, 'owner', { ...asked, endPoint: ours.url });
  await hearing.deliver();
  const id = await send(town, letter([town.citizen]));
  await takeDueSteps({ ...ctx, addresses: { inbox: publicUrl, console: publicUrl } });
  await hearing.deliver();

  const typesAt = ({ events }: typeof theirs) => [...new Set(events().map(({ event }) => String(event.type).split('.')[1]))].sort();
  assert.deepEqual([typesAt(theirs), typesAt(named), typesAt(ours)], [['altinn'], ['budstikke'], ['altinn', 'budstikke']]);
  const mediaTypes = [theirs, ours].map(({ events }) => events()[0]!.headers['content-type']);
  assert.deepEqual(mediaTypes, ['application/json', 'application/cloudevents+json']);
  const page = await call('GET', `/events/api/v1/events?resource=${brev}&after=0&size=1000`, 'owner');
  const told = (page.body as { type: string; resourceinstance: string }[]).filter(({ resourceinstance }) => resourceinstance === id);
  assert.ok(told.length > 0 && told.every(({ type }) => type.startsWith('no.altinn.')));
});

test('given who administers access at an owner of services, when they act for it from a browser, then they subscribe as its client does, are named, and see what its clients have', async () => {
  await hearing.endAll();
  const receiver = await hearing.endpoint();
  const byClient = await call('POST', own, 'owner', { ...asked, endPoint: `${receiver.url}/client` });
  const bySelf = await call('POST', own, 'bareOwner', { ...asked, alternativeSubjectFilter: `/organisation/${town.agency.number}` });
  assert.deepEqual([byClient.status, bySelf.status, byClient.body.madeBy], [201, 201, null]);
  const made = await call('POST', own, 'administrator', { ...asked, endPoint: receiver.url });

  assert.deepEqual([made.status, made.body.consumer, made.body.madeBy], [201, '/org/etaten', town.leader.name]);
  assert.match(made.body.secret, /^whsec_/);
  const seen = (await call('GET', own, 'administrator')).body.subscriptions as { id: number }[];
  assert.deepEqual(
    seen.map(({ id }) => id),
    [byClient, bySelf, made].map(({ body }) => body.id),
  );
  assert.equal((await call('GET', `${own}/${made.body.id}`, 'owner')).body.madeBy, town.leader.name);
  assert.equal((await call('GET', `${own}/${byClient.body.id}`, 'bareOwner')).status, 404, 'a client sees its own alone');
  await hearing.deliver();
  await send(town, letter([town.citizen]));
  await hearing.deliver();
  assert.ok(receiver.events().filter(({ path }) => path === '/hook').length > 0, 'it hears of others than itself');
});

test('given a subscription that runs, when it is paused, then what happens waits, in any state of its deliveries, until it goes on; and the log tells the newest first', async () => {
  await hearing.endAll();
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(callers.owner!, receiver);
  const path = `${own}/${subscription.id}`;
  const first = await call('POST', `${path}/pause`, 'owner');
  assert.deepEqual([first.status, first.body.state, first.body.failures], [200, 'Paused', 0]);
  await send(town, letter([town.citizen]));
  await hearing.deliver();
  await town.world.nothingWritten(async () => {
    const again = await call('POST', `${path}/pause`, 'owner');
    assert.deepEqual([again.status, again.body.pausedAt], [200, first.body.pausedAt]);
  });
  const paused = (await call('GET', path, 'owner')).body;
  assert.ok(paused.pending > 0 && receiver.events().length === 0);

  assert.equal((await call('POST', `${path}/resume`, 'owner')).body.state, 'Active');
  await hearing.deliver();
  assert.equal(receiver.events().length, paused.pending);
  const oldest = (await call('GET', `${path}/deliveries`, 'owner')).body.deliveries as { number: number }[];
  const newest = (await call('GET', `${path}/deliveries?sort=newest`, 'owner')).body.deliveries as { number: number }[];
  assert.deepEqual(newest, oldest.toReversed());
  const older = (await call('GET', `${path}/deliveries?sort=newest&after=2`, 'owner')).body.deliveries as { number: number }[];
  assert.deepEqual(
    older.map(({ number }) => number),
    [1],
  );
});

test('given an event that is on its way, when its subscription is paused, then no more is posted, and that one comes once more when it goes on', async () => {
  await hearing.endAll();
  const receiver = await hearing.endpoint();
  const { subscription } = await hearing.subscribed(callers.owner!, receiver);
  let arrived = (): void => {};
  const coming = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let release = (): void => {};
  receiver.answer = (_post, response) => {
    release = () => response.writeHead(200).end();
    arrived();
  };
  await send(town, letter([town.citizen]));
  const delivering = hearing.deliver();
  await coming;
  assert.equal((await call('POST', `${own}/${subscription.id}/pause`, 'owner')).body.state, 'Paused');
  release();
  await delivering;
  assert.equal(receiver.events().length, 1);

  receiver.answer = 200;
  await call('POST', `${own}/${subscription.id}/resume`, 'owner');
  await hearing.deliver();
  const numbers = receiver.events().map(({ headers }) => headers['budstikke-number']);
  assert.deepEqual(numbers.slice(0, 2), ['1', '1']);
  assert.equal((await call('GET', `${own}/${subscription.id}`, 'owner')).body.pending, 0);
});

test('given an endpoint that has not answered, when its subscription is to be paused, then that is refused and nothing is written', async () => {
  await hearing.endAll();
  const { body } = await call('POST', own, 'owner', asked);
  await town.world.nothingWritten(async () => {
    const answer = await call('POST', `${own}/${body.id}/pause`, 'owner');
    assert.deepEqual([answer.status, answer.body.errorCode], [409, 9770]);
  });
});
