import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createDatabase } from '#db/index.ts';
import type { Reader, Sql } from '#kernel/database.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../test/database.ts';
import { may, mayEach } from './decide/may.ts';
import { type Thing, whoCanOpen } from './decide/who-can-open.ts';
import { attribute, category, matching, type Rule } from './policy.ts';
import { seedAccess } from './seed/seed-access.ts';
import { findLiveGrant, saveGrants, saveRevocation } from './store/grants.ts';
import { callerOf, World } from './testing/world.ts';

const { url, ctx } = await createTestDatabase();
await seedAccess(ctx);
const world = new World(ctx);
const owner = await world.organization('Politidistrikt');
const explicit = await world.resource({ owner, readers: ['package:eksplisitt'] });
const elsewhere = createDatabase({ url, maxConnections: 4, applicationName: 'budstikke test, another process' });
after(() => elsewhere.close());

const thing = (party: PartyId, instance: string | null = newId(), resource = explicit): Thing => ({
  party,
  needs: [{ resource, action: 'read', instance, what: 'message' }],
});
const openersOf = async (...things: Thing[]) =>
  (await whoCanOpen(world.db, things)).map(({ openers }) => openers.map((opener) => opener.party));
const subjectIs = (name: string, value: string): Rule => ({
  effect: 'permit',
  actions: ['read'],
  target: [[[{ category: category.subject, attribute: name, match: matching.equal, value }]]],
});

/** Counts statements. */
function counting(): { reader: Reader; statements: () => number } {
  let n = 0;
  const counted = <T>(read: Promise<T>) => {
    n += 1;
    return read;
  };
  const { db } = world;
  const reader: Reader = {
    contents: db.contents,
    all: <T>(query: Sql) => counted(db.all<T>(query)),
    maybe: <T>(query: Sql) => counted(db.maybe<T>(query)),
    one: <T>(query: Sql) => counted(db.one<T>(query)),
  };
  return { reader, statements: () => n };
}

test('given five hundred parties that were asked about, when they are asked about again, then it takes one statement; so do persons of whom nothing is known', async () => {
  const resource = await world.resource({ owner });
  const [organization, leader] = [await world.organization('Skien'), await world.person('Leder', { email: 'a@example.no' })];
  await world.role(leader, 'DAGL', organization);
  const persons = await Promise.all(['Kari', 'Ola', 'Per'].map((name) => world.person(name)));
  const many = Array.from({ length: 250 }, () => [thing(organization, newId(), resource), thing(persons[0]!, newId(), resource)]).flat();
  const first = await whoCanOpen(world.db, many);

  const { reader, statements } = counting();
  assert.deepEqual(await whoCanOpen(reader, many), first);
  assert.equal(statements(), 1);
  await whoCanOpen(
    reader,
    persons.map((party) => thing(party, newId(), resource)),
  );
  assert.equal(statements(), 2);

  const question = { action: 'read', resource, party: organization };
  await may(world.db, callerOf(leader), question);
  const again = await mayEach(reader, [
    { caller: callerOf(leader), question },
    { caller: callerOf(persons[1]!), question: { ...question, party: persons[1]! } },
  ]);
  assert.deepEqual([again.map(({ permit }) => permit), statements()], [[true, true], 3]);
});

test('given a right that was asked about here, when another process takes it away and gives it again, then every answer after the commit knows it', async () => {
  const [at, clerk] = [await world.organization('Skien'), await world.person('Saksbehandler')];
  const opens = async () => {
    const [decision, [openers]] = await Promise.all([
      may(world.db, callerOf(clerk), { action: 'read', resource: explicit, party: at }),
      openersOf(thing(at)),
    ]);
    assert.equal(decision.permit, openers!.includes(clerk));
    return decision.permit;
  };
  let isOver = false;
  const askers = Array.from({ length: 3 }, async () => {
    while (!isOver) await Promise.all([whoCanOpen(world.db, [thing(at)]), mayEach(world.db, [])]);
  });
  for (let round = 0; round < 10; round += 1) {
    await elsewhere.transaction(async (tx) => saveGrants(tx, [{ at, to: clerk, resource: explicit }]));
    assert.equal(await opens(), true, `given, round ${round}`);
    const grant = await findLiveGrant(world.db, at, clerk, { package: null, resource: explicit, instance: null });
    await elsewhere.transaction(async (tx) => saveRevocation(tx, grant!.id, clerk, ctx.now()));
    assert.equal(await opens(), false, `taken, round ${round}`);
  }
  isOver = true;
  await Promise.all(askers);
});

test('given a change that its own transaction asks about, when it is rolled back and another change takes its version, then what was found out is not remembered', async () => {
  const [at, clerk, other] = [await world.organization('Skien'), await world.person('Saksbehandler'), await world.person('Annen')];
  const question = { action: 'read', resource: explicit, party: at };
  await assert.rejects(
    world.db.transaction(async (tx) => {
      saveGrants(tx, [{ at, to: clerk, resource: explicit }]);
      assert.equal((await whoCanOpen(tx, [thing(at)]))[0]!.openers[0]?.party, clerk);
      assert.equal((await may(tx, callerOf(clerk), question)).permit, true);
      throw new Error('no');
    }),
    { message: 'no' },
  );
  await world.grant({ at, to: other, resource: explicit });
  assert.deepEqual(await openersOf(thing(at)), [[other]]);
  assert.equal((await may(world.db, callerOf(clerk), question)).permit, false);
});

test('given a policy that its own transaction changes, when that is rolled back and another takes its version, then the other counts', async () => {
  const [at, leader] = [await world.organization('Skien'), await world.person('Leder')];
  await world.role(leader, 'DAGL', at);
  const resource = await world.resource({ owner, readers: ['LEDE'] });
  const question = { action: 'read', resource, party: at };
  const change = sql`
    update access.resource set policy_version = 2, policy_hash = 'x', changed_in = pg_current_xact_id() where id = ${resource}`;
  await assert.rejects(
    world.db.transaction(async (tx) => {
      await tx.run(change);
      await tx.run(sql`update access.rule set target = replace(target::text, 'lede', 'dagl')::jsonb where resource_id = ${resource}`);
      assert.equal((await may(tx, callerOf(leader), question)).permit, true);
      assert.equal((await whoCanOpen(tx, [thing(at, null, resource)]))[0]!.openers.length, 1);
      throw new Error('no');
    }),
    { message: 'no' },
  );
  await world.db.transaction(async (tx) => tx.run(change));
  assert.equal((await may(world.db, callerOf(leader), question)).permit, false);
  assert.deepEqual(await openersOf(thing(at, null, resource)), [[]]);
});

test('given one message that was given to somebody, when others were asked about first, then it opens, and the others do not', async () => {
  const [at, clerk, given] = [await world.organization('Skien'), await world.person('Saksbehandler'), newId()];
  await world.grant({ at, to: clerk, resource: explicit, instance: given });
  const asks = (instance: string) => ({ caller: callerOf(clerk), question: { action: 'read', resource: explicit, party: at, instance } });

  assert.deepEqual(await openersOf(thing(at)), [[]]);
  assert.deepEqual(await openersOf(thing(at, given), thing(at)), [[clerk], []]);
  assert.equal((await mayEach(world.db, [asks(newId())]))[0]!.permit, false);
  assert.deepEqual(
    (await mayEach(world.db, [asks(given), asks(newId())])).map(({ permit }) => permit),
    [true, false],
  );
});

test('given rules that name a party by its code, when the code comes to be another, then it is another that may, and none is an opener where it has nothing', async () => {
  const [at, first, second] = [await world.person('Kari'), await world.organization('Første'), await world.organization('Andre')];
  const resource = await world.resource({ owner, rules: [subjectIs(attribute.orgCode, 'etat')] });
  const rename = async (party: PartyId, orgCode: string | null) => {
    const number = await world.numberOf(party);
    await world.db.transaction(async (tx) => saveParties(tx, [{ kind: 'organization', number, name: 'x', orgCode }]));
    await world.seen(party, { client: newId(), reads: true });
  };
  const whoMay = async () => {
    const asked = [first, second].map((who) => ({ caller: callerOf(who), question: { action: 'read', resource, party: owner } }));
    return (await mayEach(world.db, asked)).map(({ permit }) => permit);
  };

  await rename(first, 'etat');
  assert.deepEqual(
    [await whoMay(), await openersOf(thing(at, null, resource), thing(owner, null, resource))],
    [
      [true, false],
      [[], []],
    ],
  );
  await rename(first, null);
  await rename(second, 'etat');
  assert.deepEqual(
    [await whoMay(), await openersOf(thing(at, null, resource), thing(owner, null, resource))],
    [
      [false, true],
      [[], []],
    ],
  );
});

test('given rules that speak of one recipient, when persons in whose matters nobody acts are asked about together, then each has its own answer', async () => {
  const [kari, ola] = [await world.person('Kari'), await world.person('Ola')];
  const ofKari: Rule = {
    effect: 'permit',
    actions: ['read'],
    target: [
      [[{ category: category.subject, attribute: attribute.role, match: matching.equal, value: 'priv' }]],
      [[{ category: category.resource, attribute: attribute.personNumber, match: matching.equal, value: await world.numberOf(kari) }]],
    ],
  };
  const resource = await world.resource({ owner, rules: [ofKari] });
  assert.deepEqual(await openersOf(thing(ola, null, resource), thing(kari, null, resource)), [[], [kari]]);
});

test('given plans that were made while nothing was there, when the tables are full, then a question reads some rows by their keys', async () => {
  const { ctx: empty } = await createTestDatabase({ maxConnections: 1 });
  await seedAccess(empty);
  const town = new World(empty);
  const [at, leader] = [await town.organization('Skien'), await town.person('Leder')];
  const resource = await town.resource({ owner: at });
  const ask = async () => {
    assert.equal((await whoCanOpen(town.db, [thing(at, null, resource)]))[0]!.openers.length, 1);
    assert.equal((await may(town.db, callerOf(leader), { action: 'read', resource, party: at })).permit, true);
  };
  for (let n = 0; n < 7; n += 1) {
    await town.role(leader, 'DAGL', at);
    await ask();
    await town.endRole(leader, 'DAGL', at);
  }
  await town.role(leader, 'DAGL', at);
  await fill(town, await town.organization('Byrå'));
  const before = await rowsRead(town);
  await ask();
  const read = (await rowsRead(town)) - before;
  assert.ok(read > 0 && read < 200, `${read} rows were read`);
});

/** 5,000 persons and organizations who were seen, can be told, hold roles, give access and had post opened. */
async function fill({ db }: World, agent: PartyId): Promise<void> {
  await db.pool.query(`
    insert into register.party (id, kind, number, name)
    select gen_random_uuid(), 'person', (20000000000 + n)::text, 'x' from generate_series(1, 4000) n
    union all select gen_random_uuid(), 'organization', (800000000 + n)::text, 'x' from generate_series(1, 1000) n`);
  await db.pool.query(
    `insert into register.contact_point select id, 1, 'email', 'a@example.no' from register.party on conflict do nothing`,
  );
  await db.pool.query(
    `insert into identity.activity (party_id, last_seen_at) select id, clock.now() from register.party on conflict do nothing`,
  );
  await db.pool.query(
    `insert into access.role_assignment (holder_id, at_id, role, source, changed_at)
     select $1, id, 'styremedlem', 'test', clock.now() from register.party where id <> $1 on conflict do nothing`,
    [agent],
  );
  await db.pool.query(
    `insert into access.access_grant (id, from_id, to_id, package, actions, created_at)
     select gen_random_uuid(), id, $1, 'skatt-naering', '{}', clock.now() from register.party where id <> $1`,
    [agent],
  );
  await db.pool.query(`insert into access.opening select id, 'x', clock.now() from register.party`);
}

async function rowsRead({ db }: World): Promise<number> {
  await db.pool.query('select pg_stat_force_next_flush()');
  const { rows } = await db.pool.query<{ n: string }>(`
    select (select sum(seq_tup_read) from pg_stat_user_tables where schemaname in ('register', 'identity', 'access')
                                                                   and relname in ('party', 'contact_point', 'activity', 'role_assignment', 'access_grant', 'opening', 'party_version'))
         + (select sum(idx_tup_read) from pg_stat_user_indexes where schemaname in ('register', 'identity', 'access')
                                                                   and relname in ('party', 'contact_point', 'activity', 'role_assignment', 'access_grant', 'opening', 'party_version')) as n`);
  return Number(rows[0]!.n);
}

test('given a system that was given something at another organization, when the organization that owns it is closed, then nobody remembers that it opens there', async () => {
  const resource = await world.resource({ owner });
  const [vendor, customer] = [await world.organization('Leverandør'), await world.organization('Kunde')];
  const system = await world.systemUser(vendor, resource, ['write']);
  await world.grant({ at: customer, to: system, resource, actions: ['read'] });
  assert.deepEqual(await openersOf(thing(customer, null, resource)), [[system]]);
  const before = await world.version(customer);

  await world.save({ kind: 'organization', number: await world.numberOf(vendor), name: 'Leverandør', deletedAt: '2026-01-01T00:00:00Z' });
  assert.deepEqual(await openersOf(thing(customer, null, resource)), [[]]);
  assert.ok((await world.version(customer)) > before);
});
