import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reader, Sql } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { recordOpening } from '../store/openings.ts';
import { openWorld } from '../testing/world.ts';
import { type Need, type Thing, whoCanOpen } from './who-can-open.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const resource = await world.resource({ owner, readers: ['DAGL', 'organization'] });

async function led(more: Parameters<typeof world.person>[1] = {}): Promise<{ at: PartyId; leader: PartyId }> {
  const [at, leader] = [await world.organization('Skien'), await world.person('Leder', more)];
  await world.role(leader, 'DAGL', at);
  return { at, leader };
}

const classOf = async (at: PartyId, what = resource) => (await world.openability(at, what)).class;

test('given an organization where nobody holds anything, when it is classed, then it is out of reach', async () => {
  assert.equal(await classOf(await world.organization('Tom')), 'UNREACHABLE');
});

test('given a leader who can be told of post or was here lately, when it is classed, then it is reachable; else cold', async () => {
  const reached = await led({ email: 'a@example.no' });
  assert.equal(await classOf(reached.at), 'REACHABLE');
  await world.db.pool.query(
    `update register.contact_point set fresh_at = clock.now() - interval '18 months' where address = 'a@example.no'`,
  );
  assert.equal(await classOf(reached.at), 'COLD', 'nobody writes to an address that is stale');
  assert.equal(await classOf((await led({ lastLoginOn: new Date().toISOString().slice(0, 10) })).at), 'REACHABLE');
  assert.equal(await classOf((await led()).at), 'COLD');
  assert.equal(await classOf((await led({ email: 'b@example.no', lastLoginOn: '2020-01-01' })).at), 'COLD');
});

test('given what identity has seen of a leader, when it is classed, then days and level of login count', async () => {
  const [here, long, low] = [await led(), await led({ email: 'a@example.no' }), await led()];
  await world.seen(here.leader, { days: 179 });
  await world.seen(long.leader, { days: 181 });
  await world.seen(low.leader, { level: 3 });
  const high = await world.resource({ owner, readers: ['DAGL'], minLevel: 4 });

  assert.equal(await classOf(here.at), 'REACHABLE');
  assert.equal(await classOf(long.at), 'COLD');
  assert.equal(await classOf(low.at), 'REACHABLE');
  assert.equal(await classOf(low.at, high), 'COLD');
});

test('given an organization whose machine may read, when it was never seen to fetch, then it is a possible system and reaches nobody', async () => {
  const at = await world.organization('Med fagsystem');
  const before = await world.openability(at, resource);
  assert.deepEqual([before.class, before.openers, before.possibleSystems], ['UNREACHABLE', [], 1]);

  await world.seen(at, { client: 'fagsystem', days: 29, reads: true });
  const after = await world.openability(at, resource);
  assert.deepEqual([after.class, after.possibleSystems], ['REACHABLE', 0]);
  assert.deepEqual(after.openers, [{ party: at, kind: 'system', path: [`organization ${await world.numberOf(at)} itself`] }]);
});

test('given a machine that was seen too long ago or without a scope to read, when it is classed, then it is a possible system', async () => {
  const [late, writer] = [await world.organization('Sen'), await world.organization('Skriver')];
  await world.seen(late, { client: 'fagsystem', days: 31, reads: true });
  await world.seen(writer, { client: 'fagsystem', reads: false });
  for (const at of [late, writer]) assert.equal((await world.openability(at, resource)).possibleSystems, 1);
});

test('given post that somebody opened for the party, when it was within 90 days, then it is proven on that resource only', async () => {
  const { at } = await led();
  const other = await world.resource({ owner, readers: ['DAGL'] });
  await world.db.transaction(async (tx) => {
    recordOpening(tx, [
      { party: at, resource, at: new Date(Date.now() - 89 * 86_400_000) },
      { party: at, resource, at: new Date('2020-01-01') },
      { party: at, resource: other, at: new Date(Date.now() - 91 * 86_400_000) },
    ]);
    recordOpening(tx, [{ party: at, resource, at: new Date('2021-01-01') }]);
  });
  assert.equal(await classOf(at), 'PROVEN');
  assert.equal(await classOf(at, other), 'COLD');
});

test('given an attachment on a resource of its own, when no opener of the message can open it, then it is locked, and those who can give it are told', async () => {
  const { at, leader } = await led({ email: 'a@example.no' });
  const enclosure = await world.resource({ owner, readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'] });
  const need = (what: Need['what'], on: ResourceId): Need => ({ resource: on, action: 'read', instance: newId(), what });
  const thing: Thing = { party: at, needs: [need('message', resource), need('attachment', resource), need('attachment', enclosure)] };

  const [locked] = await whoCanOpen(world.db, [thing]);
  assert.deepEqual(
    locked?.openers.map((opener) => opener.party),
    [leader],
  );
  assert.deepEqual(locked?.lockedNeeds, [thing.needs[2]]);
  assert.deepEqual(
    locked?.grantors.map((grantor) => grantor.party),
    [leader],
  );

  const outsider = await world.person('Uten melding');
  await world.grant({ at, to: outsider, package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  assert.equal((await whoCanOpen(world.db, [thing]))[0]?.lockedNeeds.length, 1);

  await world.grant({ at, to: leader, package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  assert.deepEqual((await whoCanOpen(world.db, [thing]))[0]?.lockedNeeds, []);
});

test('given a grant of one attachment, when it is asked for, then it unlocks that attachment and no other', async () => {
  const { at, leader } = await led();
  const enclosure = await world.resource({ owner, readers: ['package:eksplisitt'] });
  const [one, other] = [newId(), newId()];
  await world.grant({ at, to: leader, resource: enclosure, instance: one });
  const needs: Need[] = [
    { resource, action: 'read', instance: newId(), what: 'message' },
    { resource: enclosure, action: 'read', instance: one, what: 'attachment' },
    { resource: enclosure, action: 'read', instance: other, what: 'attachment' },
  ];
  assert.deepEqual((await whoCanOpen(world.db, [{ party: at, needs }]))[0]?.lockedNeeds, [needs[2]]);
});

test('given an attachment that everybody may read, when only a system has a right to the message, then it is not locked, whatever was asked before', async () => {
  const at = await world.organization('Skien');
  const open = await world.resource({ owner, rules: [{ effect: 'permit', actions: ['read'], target: [] }] });
  const system = await world.systemUser(at, resource, ['read']);
  const message: Need = { resource, action: 'read', instance: newId(), what: 'message' };
  const attachment: Need = { resource: open, action: 'read', instance: newId(), what: 'attachment' };

  await whoCanOpen(world.db, [{ party: at, needs: [{ ...attachment, what: 'message' }] }]);
  const [found] = await whoCanOpen(world.db, [{ party: at, needs: [message, attachment] }]);

  assert.deepEqual(
    found?.openers.map(({ party }) => party),
    [system],
  );
  assert.deepEqual(found?.lockedNeeds, []);
});

test('given a policy that denies everybody, when it is asked, then no gift would help and nobody is a grantor', async () => {
  const { at } = await led();
  const closed = await world.resource({ owner, rules: [{ effect: 'deny', actions: [], target: [] }] });
  const found = await world.openability(at, closed);
  assert.deepEqual([found.class, found.grantors], ['UNREACHABLE', []]);
});

test('given a policy that permits everybody, when it is asked, then nobody in particular is reachable by it', async () => {
  const at = await world.organization('Tom');
  const open = await world.resource({ owner, rules: [{ effect: 'permit', actions: ['read'], target: [] }] });
  const found = await world.openability(at, open);
  assert.deepEqual([found.class, found.possibleSystems], ['UNREACHABLE', 1]);
});

test('given an unknown resource, an unknown party and many things at once, when they are asked, then each gets its answer in order', async () => {
  const { at, leader } = await led();
  const thing = (party: PartyId, what: ResourceId): Thing => ({
    party,
    needs: [{ resource: what, action: 'read', instance: newId(), what: 'message' }],
  });
  const found = await whoCanOpen(world.db, [
    thing(at, 'finnes-ikke' as ResourceId),
    thing(newId<PartyId>(), resource),
    ...Array.from({ length: 50 }, () => thing(at, resource)),
  ]);
  assert.deepEqual(
    found.slice(0, 2).map((each) => each.class),
    ['UNREACHABLE', 'UNREACHABLE'],
  );
  assert.ok(found.slice(2).every((each) => each.openers[0]?.party === leader));
  assert.deepEqual(await whoCanOpen(world.db, []), []);
});

test('given one thing or five hundred, when they are asked, then the number of statements is the same', async () => {
  let asked = 0;
  const counting: Reader = {
    contents: world.db.contents,
    all: <T>(query: Sql) => {
      asked += 1;
      return world.db.all<T>(query);
    },
    maybe: () => assert.fail('one by one'),
    one: () => assert.fail('one by one'),
  };
  const things = (n: number): Thing[] =>
    Array.from({ length: n }, () => ({
      party: newId<PartyId>(),
      needs: [{ resource, action: 'read', instance: newId(), what: 'message' }],
    }));
  await whoCanOpen(counting, things(1));
  asked = 0;
  await whoCanOpen(counting, things(1));
  const forOne = asked;
  await whoCanOpen(counting, things(500));
  assert.equal(asked, 2 * forOne);
});
