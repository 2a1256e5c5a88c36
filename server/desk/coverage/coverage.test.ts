import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, endRoleAssignments, saveResources, saveRoleAssignments } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { newId, type ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { personCaller } from '../../../test/world.ts';
import { inPieces } from '../../access/coverage/find-coverage.ts';
import type { Right } from '../../access/coverage/rights.ts';
import { countUnits, listUnits, pathTo, type Service } from '../../access/coverage/store.ts';
import { createTown, letter, send } from '../../correspondence/testing/town.ts';
import { showCoverage } from './show-coverage.ts';
import type { Coverage, CoverageQuery } from './wire.ts';

/** A municipality with two departments, one of which has a school of its own, and a sender with five services. */
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const ordinary = 'ordinaer-post-til-virksomheten';
const town = await createTown();
const { world, agency } = town;
const unit = (name: string, parent: Party) => world.organization(name, { unitType: 'BEDR', parentNumber: parent.number! });
const municipality = await world.organization('LERKEDAL KOMMUNE', { unitType: 'KOMM' });
const [culture, schools] = [await unit('KULTUR', municipality), await unit('OPPVEKST', municipality)];
const school = await unit('LERKEDAL SKOLE', schools);
const [leader, clerk, head, stranger] = [
  await world.person('LENE LEDER'),
  await world.person('SIV SAKSBEHANDLER'),
  await world.person('REKTOR RIIS'),
  await world.person('STIG STRANGER'),
];
await world.role(leader, 'DAGL', municipality);
await world.role(head, 'DAGL', school);
await world.role(stranger, 'DAGL', await world.organization('ANDRE AS'));
await world.resource('brev', agency);
await world.resource('varsler', agency);
await world.resource('taushetsbelagt-post', agency, { readers: [`package:${confidential}`], unreachable: 'accept' });
await world.resource('enkeltvis', agency, { readers: ['package:eksplisitt'], unreachable: 'accept' });
await world.resource('bare-personer', agency, { readers: ['self'] });
await world.resource('filer', agency, { type: 'BrokerService', readers: ['DAGL', 'organization'], broker: {} });
await world.db.all(sql`update register.party set last_login_on = clock.now()::date where id = ${leader.id}`);
await world.db.all(sql`update register.party set last_login_on = clock.now()::date - 60 where id = ${clerk.id}`);

const ask = (query: Partial<CoverageQuery> = {}, by: Caller = personCaller(leader)): Promise<Coverage> =>
  showCoverage(world.ctx, by, { party: municipality.id, ...query });
const rightsAt = async (party: Party, query: Partial<CoverageQuery> = {}) =>
  (await ask(query)).units.find(({ id }) => id === party.id)!.rights;
const endGrants = (to: Party) =>
  world.db.transaction(async (tx) => {
    await tx.run(sql`update access.access_grant set revoked_at = clock.now() where to_id = ${to.id} and revoked_at is null`);
    await announceAccessChanges(tx);
  });
const of = async (party: Party, key: string) =>
  (await rightsAt(party)).find(({ kind, package: code, resource }) => key === (code ?? resource) || key === kind)!;

/** The confidential services that are given one by one, of which it is told together. */
const oneByOne = async (party: Party) => (await rightsAt(party)).find((right) => right.oneByOne !== null)!;

test('given a tree of units, when who administers it looks, then each stands where it belongs with what may come there', async () => {
  const { units, total, next } = await ask();
  assert.deepEqual(
    units.map(({ name, depth, parent }) => [name, depth, parent]),
    [
      ['LERKEDAL KOMMUNE', 0, null],
      ['KULTUR', 1, municipality.id],
      ['OPPVEKST', 1, municipality.id],
      ['LERKEDAL SKOLE', 2, schools.id],
    ],
  );
  assert.deepEqual([total, next], [4, null]);
  const rights = await rightsAt(municipality);
  assert.deepEqual(
    rights
      .filter(({ owner }) => owner === null || owner === agency.name)
      .map((r) => [r.kind, r.package, r.resource, r.unwatched > 0])
      .slice(0, 2),
    [
      ['confidential', null, null, true],
      ['confidential', confidential, null, true],
    ],
    'confidential post that nobody watches comes first',
  );
  assert.deepEqual(
    (await oneByOne(municipality)).oneByOne!.map(({ resource, owner }) => [resource, owner]),
    [['enkeltvis', agency.name]],
  );
  assert.ok(!rights.some(({ resource }) => resource === 'bare-personer'), 'what is for persons alone does not come here');
});

test('given what roles and grants give, when it is counted, then it is who can open, who was here lately, and who could let somebody in', async () => {
  const post = await of(municipality, ordinary);
  assert.ok(post.services >= 2);
  assert.deepEqual([post.persons, post.recent, post.unwatched, post.youMayGive], [1, 1, 0, true]);
  assert.deepEqual(
    post.openerNames!.map(({ name, recent }) => [name, recent]),
    [['LENE LEDER', true]],
  );
  const sealed = await of(municipality, confidential);
  assert.deepEqual([sealed.persons, sealed.unwatched, sealed.grantors, sealed.youMayGive], [0, sealed.services, 1, true]);
  assert.deepEqual(
    sealed.grantorNames!.map(({ name }) => name),
    ['LENE LEDER'],
  );

  await world.grant(clerk, municipality, { package: confidential });

  const opened = await of(municipality, confidential);
  assert.deepEqual([opened.persons, opened.recent, opened.unwatched, opened.grantors], [1, 0, 0, 1]);
  assert.equal((await of(culture, confidential)).persons, 1, 'and at the units below');
});

test('given confidential services that are given one by one, when one of them was given, then who may not read on it is told that one is watched, and whatever it asks does not tell which', async () => {
  await world.resource('enkeltvis-2', agency, { readers: ['package:eksplisitt'], unreachable: 'accept' });
  await world.grant(clerk, culture, { resource: 'enkeltvis' as ResourceId });
  await world.grant(clerk, schools, { resource: 'enkeltvis-2' as ResourceId });
  const [one, other] = [await oneByOne(culture), await oneByOne(schools)];
  assert.deepEqual([one.services, one.unwatched, one.persons, one.openerNames!.map(({ name }) => name)], [2, 1, 1, [clerk.name]]);
  assert.deepEqual(one, other, 'the two answers are the same, whichever was given');
  assert.ok(!(await rightsAt(culture)).some(({ resource }) => resource === 'enkeltvis' || resource === 'enkeltvis-2'));

  await world.grant(leader, culture, { resource: 'enkeltvis' as ResourceId });
  const [named, rest] = [await of(culture, 'enkeltvis'), await oneByOne(culture)];
  assert.deepEqual([named.unwatched, named.persons], [0, 2], 'whoever may read on it is told');
  assert.deepEqual([rest.services, rest.unwatched, rest.persons, rest.unread], [1, 1, 0, null]);
  await endGrants(leader);
});

test('given post that lies unread, when it is counted, then at its unit and by what it takes; of a confidential service that stands alone nothing is told', async () => {
  await send(town, letter([culture], { resourceId: 'brev' }));
  await send(town, letter([culture], { resourceId: 'taushetsbelagt-post', isConfidential: true }));
  await send(town, letter([culture], { resourceId: 'enkeltvis', isConfidential: true }));
  assert.deepEqual(
    [(await of(culture, ordinary)).unread, (await of(culture, confidential)).unread, (await oneByOne(culture)).unread],
    [1, 1, 1],
  );
  assert.equal((await of(schools, ordinary)).unread, 0);

  const others = sql`update access.resource set deleted_at = clock.now() where confidential and id not in ('taushetsbelagt-post', 'enkeltvis')`;
  await world.db.all(others);
  assert.deepEqual(
    [(await of(culture, confidential)).services, (await of(culture, confidential)).unread, (await oneByOne(culture)).unread],
    [1, null, null],
  );
  assert.equal((await of(culture, confidential)).owner, null, 'also where only one service asks for the package');
  await world.db.all(sql`update access.resource set deleted_at = null`);
});

test('given post that lies unread on a service that was taken out of the registry since, or at a unit that was closed, when it is looked at, then it is counted there as long as it lies', async () => {
  await world.resource('nedlagt', agency);
  const closing = await unit('NEDLAGT ENHET', municipality);
  const below = await unit('LEVENDE UNDER NEDLAGT', closing);
  const empty = await unit('TOM NEDLAGT', municipality);
  const before = await of(culture, ordinary);
  await send(town, letter([culture], { resourceId: 'nedlagt' }));
  await send(town, letter([closing], { resourceId: 'nedlagt' }));
  await world.db.all(sql`update access.resource set deleted_at = clock.now() where id = 'nedlagt'`);
  await world.db.all(sql`update register.party set deleted_at = clock.now() where id in (${closing.id}, ${empty.id})`);

  const after = await of(culture, ordinary);
  assert.deepEqual([after.services, after.unread], [before.services, before.unread! + 1]);
  assert.equal((await of(schools, ordinary)).services, before.services - 1, 'nothing lies there on it');
  const { units } = await ask();
  const closed = units.find(({ id }) => id === closing.id)!;
  assert.deepEqual(
    [closed.alive, closed.rights.map(({ services, unwatched, unread }) => [services, unwatched, unread])],
    [false, [[1, 0, 1]]],
    'those of the main unit still open it',
  );
  assert.deepEqual([units.find(({ id }) => id === below.id)?.parent, units.some(({ id }) => id === empty.id)], [closing.id, false]);
});

test('given a unit two steps down, when who leads the top looks, then it hears how many and not who; its own leader hears who', async () => {
  const post = (await ask()).units.find(({ id }) => id === school.id)!.rights.find(({ package: code }) => code === ordinary)!;
  assert.deepEqual([post.persons, post.openerNames, post.grantorNames, post.youMayGive], [1, null, null, false]);
  const own = await ask({ party: school.id }, personCaller(head));
  assert.deepEqual(
    own.units[0]!.rights.find(({ package: code }) => code === ordinary)!.openerNames!.map(({ name }) => name),
    ['REKTOR RIIS'],
  );
});

test('given those who may not, when they look, then each is refused, and nobody learns whether there is such an organization', async () => {
  const code = (caller: Caller, party: string = municipality.id) =>
    world.nothingWritten(() =>
      ask({ party }, caller).then(
        () => 0,
        (error: unknown) => (error instanceof Refusal ? error.row.code : error),
      ),
    );
  assert.deepEqual(
    [
      await code(personCaller(stranger)),
      await code(personCaller(clerk)),
      await code(personCaller(stranger), newId()),
      await code(town.sender),
    ],
    [9801, 9801, 9801, 9111],
  );
  assert.equal(await code({ ...personCaller(leader), authLevel: 2 }), 9790, 'a login by which no access is administered');
  assert.equal(await code(personCaller(leader), leader.id), 9801, 'a person has no units');
  await assert.rejects(ask({ after: 'watched.nobody' }), (error) => error instanceof Refusal && error.row.code === 9114);
  await assert.rejects(ask({ after: `unwatched.${stranger.id}` }), (error) => error instanceof Refusal && error.row.code === 9114);
});

test('given sixty units of which some are watched, when they are read page by page, then the unwatched come first, each once, and alone where only they are asked for', async () => {
  const group = await world.organization('KONSERN AS');
  const chief = await world.person('KONSERNSJEF');
  await world.role(chief, 'DAGL', group);
  for (const code of [confidential]) await world.grant(chief, group, { package: code });
  const units: Party[] = [];
  for (let n = 0; n < 60; n += 1) units.push(await unit(`AVDELING ${String(n).padStart(2, '0')}`, group));
  const explicit = (
    await world.db.all<{ id: ResourceId }>(sql`select id from access.resource where confidential and id like 'enkeltvis%'`)
  ).map(({ id }) => id);
  const watched = units.filter((_, n) => n % 3 === 0);
  for (const at of watched) for (const resource of explicit) await world.grant(chief, at, { resource });
  const read = async (more: Partial<CoverageQuery>) => {
    const all: string[] = [];
    for (let after: string | undefined, pages = 0; pages < 30; pages += 1) {
      const page = await ask({ party: group.id, ...more, ...(after ? { after } : {}) }, personCaller(chief));
      assert.ok(page.units.length <= 20);
      assert.equal(page.total, pages === 0 ? 61 : null, 'counted once');
      all.push(...page.units.map(({ name }) => name));
      if (page.next === null) return all;
      after = page.next;
    }
    return assert.fail('there is no end');
  };

  const all = await read({});
  const names = watched.map(({ name }) => name);
  assert.equal(new Set(all).size, 61);
  assert.equal(all.length, 61);
  assert.deepEqual(all.slice(41), names);
  assert.deepEqual(await read({ unwatched: true }), all.slice(0, 41));
});

test('given a service that keeps organizations out by its list, when coverage is looked at, then it stands only where it may send', async () => {
  await world.db.transaction(async (tx) => {
    const { saveAccessLists } = await import('#access/index.ts');
    saveAccessLists(tx, [{ id: 'noen', owner: agency.id, members: [schools.id] }]);
    saveResources(tx, [
      {
        ...{ id: 'lukket' as ResourceId, type: 'CorrespondenceService', owner: agency.id, title: { nb: 'x', nn: 'x', en: 'x' } },
        ...{ accessList: 'noen', readers: ['package:eksplisitt'] },
      },
    ]);
    await announceAccessChanges(tx);
  });
  const has = async (party: Party) => (await oneByOne(party)).oneByOne!.some(({ resource }) => resource === 'lukket');
  assert.deepEqual([await has(schools), await has(culture)], [true, false]);
});

test('given an access that ends, when coverage is looked at again, then it is as it is now', async () => {
  const one = { holder: leader.id, role: 'DAGL', at: municipality.id };
  const deputy = await world.person('NESTE LEDER');
  await world.db.transaction(async (tx) => {
    saveRoleAssignments(tx, [{ ...one, holder: deputy.id }]);
    endRoleAssignments(tx, [one]);
    await announceAccessChanges(tx);
  });
  await assert.rejects(ask(), (error) => error instanceof Refusal && error.row.code === 9801);
  const { units } = await ask({}, personCaller(deputy));
  const post = units[0]!.rights.find(({ package: code }) => code === ordinary)!;
  assert.deepEqual(
    post.openerNames!.map(({ name, recent }) => [name, recent]),
    [['NESTE LEDER', false]],
  );
});

test('given five thousand units, closed ones and a circle among them, when the tree is read in pieces, then each is there once, in the order of the whole, and each place is found again', async () => {
  const top = await world.organization('STORT KONSERN', { unitType: 'ORGL' });
  await world.db.all(sql`
    insert into register.party (id, kind, number, name, unit_type, parent_id, deleted_at)
    select gen_random_uuid(), 'organization', (400000000 + n)::text, (array['ÅS', 'ÆRE', 'ØST', 'AA', 'vest', 'Vest'])[1 + n % 6] || ' ' || n % 700, 'BEDR', ${top.id},
           case when n % 50 = 0 then clock.now() end
      from generate_series(1, 5040) n`);
  await world.db.all(sql`
    update register.party p set parent_id = m.id
      from register.party m
     where p.number between '400002001' and '400005040' and m.number = (400000000 + (p.number::integer - 400000000) / 3)::text`);
  await world.db.all(
    sql`update register.party set parent_id = (select id from register.party where number = '400002100') where id = ${top.id}`,
  );
  const whole = await listUnits(world.db, top.id, { after: null, limit: 10_000 });
  assert.deepEqual([whole.length, new Set(whole.map(({ id }) => id)).size], [5041, 5041]);
  assert.ok(
    whole.some(({ depth }) => depth === 2) && whole.every(({ parent }, i) => i === 0 || whole.slice(0, i).some(({ id }) => id === parent)),
  );

  const read: typeof whole = [];
  for (;;) {
    const last = read.at(-1);
    const piece = await listUnits(world.db, top.id, { after: last?.path ?? null, limit: 700 });
    if (piece.length === 0) break;
    read.push(...piece);
    assert.deepEqual(await pathTo(world.db, top.id, read.at(-1)!.id), read.at(-1)!.path);
  }
  assert.deepEqual(read, whole);
  assert.equal(await pathTo(world.db, top.id, municipality.id), undefined);
  const { living, closed } = await countUnits(world.db, top.id);
  assert.deepEqual([living, closed.length], [whole.filter(({ alive }) => alive).length, whole.filter(({ alive }) => !alive).length]);
});

test('given rights of any number of services, when they are asked about in pieces, then each service is in one, and a right of many in several', () => {
  const service = (n: number) => ({ id: `s${n}` as ResourceId }) as Service;
  const right = (key: string, from: number, to: number) =>
    ({ key, services: Array.from({ length: to - from }, (_, i) => service(from + i)) }) as unknown as Right;
  const pieces = inPieces([right('a', 0, 3), right('b', 3, 4), right('c', 4, 15), right('d', 15, 16)], 4);
  assert.deepEqual(
    pieces.map((piece) => piece.map(({ key, services }) => `${key}${services.length}`)),
    [['a3', 'b1'], ['c4'], ['c4'], ['c3', 'd1']],
  );
  assert.equal(new Set(pieces.flat(2).flatMap(({ services }) => services.map(({ id }) => id))).size, 16);
});

test('given more than two thousand services, when coverage is looked at, then all are counted, and who can open them once', async () => {
  const chief = await world.person('MANGE TJENESTER');
  const small = await world.organization('LITE AS');
  await world.role(chief, 'DAGL', small);
  const post = async () =>
    (await ask({ party: small.id }, personCaller(chief))).units[0]!.rights.find(({ package: code }) => code === ordinary)!;
  const before = await post();
  await world.db.transaction(async (tx) => {
    saveResources(
      tx,
      Array.from({ length: 2050 }, (_, n) => ({
        ...{ id: `mange-${n}` as ResourceId, type: 'CorrespondenceService' as const, owner: agency.id },
        title: { nb: 'Post', nn: 'Post', en: 'Post' },
      })),
    );
    await announceAccessChanges(tx);
  });
  const after = await post();
  assert.deepEqual(
    [after.services, after.unwatched, after.persons, after.openerNames!.map(({ name }) => name)],
    [before.services + 2050, 0, 1, [chief.name]],
  );
});
