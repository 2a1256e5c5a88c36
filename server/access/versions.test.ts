import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { partiesByNumber, saveParties } from '#register/index.ts';
import { announceAccessChanges, onAccessChanged, onPolicyChanged } from './announce.ts';
import { saveGrants } from './store/grants.ts';
import { saveAccessLists } from './store/lists.ts';
import { findResource } from './store/resources.ts';
import { endRoleAssignments, saveRoleAssignments } from './store/roles.ts';
import { openWorld } from './testing/world.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const told: { parties: PartyId[]; resources: ResourceId[] } = { parties: [], resources: [] };
onAccessChanged.fill(async (_tx, parties) => void told.parties.push(...parties));
onPolicyChanged.fill(async (_tx, resources) => void told.resources.push(...resources));

/** Which of these parties got a higher version by the work, and that exactly those which did are told. */
async function bumped(parties: Readonly<Record<string, PartyId>>, work: () => Promise<unknown>): Promise<string[]> {
  const before = new Map(await Promise.all(Object.values(parties).map(async (id) => [id, await world.version(id)] as const)));
  told.parties = [];
  await work();
  const names = [];
  for (const [name, id] of Object.entries(parties)) {
    const rose = (await world.version(id)) > before.get(id)!;
    assert.equal(told.parties.includes(id), rose, `${name} told`);
    if (rose) names.push(name);
  }
  return names;
}

test('given a role at an organization, when it begins and ends, then the organization and its subunits have a new version, and nobody else', async () => {
  const main = await world.organization('Skien kommune');
  const parties = { main, school: await world.subunit('Skole', main), other: await world.organization('Porsgrunn') };
  const kari = await world.person('Kari');

  assert.deepEqual(await bumped({ ...parties, kari }, () => world.role(kari, 'MEDL', main)), ['main', 'school']);
  const end = () =>
    world.db.transaction(async (tx) => {
      endRoleAssignments(tx, [{ holder: kari, role: 'MEDL', at: main }]);
      await announceAccessChanges(tx);
    });
  assert.deepEqual(await bumped({ ...parties, kari }, end), ['main', 'school']);
  assert.deepEqual(await bumped({ ...parties, kari }, end), [], 'ended already');
});

test('given an organization that others have given something, when its key roles change, then the givers and their subunits have a new version', async () => {
  const [giver, client, accountant] = [
    await world.organization('Giver'),
    await world.organization('Klient'),
    await world.organization('Byrå'),
  ];
  const parties = { giver, below: await world.subunit('Avdeling', giver), client, accountant, other: await world.organization('Annen') };
  await world.grant({ at: giver, to: accountant, package: 'ordinaer-post-til-virksomheten' });
  await world.role(accountant, 'REGN', client);
  const [leader, member] = [await world.person('Leder'), await world.person('Medlem')];

  assert.deepEqual(await bumped(parties, () => world.role(member, 'MEDL', accountant)), ['accountant']);
  assert.deepEqual(await bumped(parties, () => world.role(leader, 'DAGL', accountant)), ['giver', 'below', 'client', 'accountant']);
});

test('given a grant, when it is made, altered or made again, then the giver and its subunits have a new version where something changed', async () => {
  const [giver, kari] = [await world.organization('Giver'), await world.person('Kari')];
  const parties = { giver, below: await world.subunit('Avdeling', giver), kari };
  const resource = await world.resource({ owner });
  const grant = { at: giver, to: kari, resource };

  assert.deepEqual(await bumped(parties, () => world.grant(grant)), ['giver', 'below']);
  assert.deepEqual(await bumped(parties, () => world.grant(grant)), []);
  assert.deepEqual(await bumped(parties, () => world.grant({ ...grant, actions: ['read', 'write'] })), ['giver', 'below']);
});

test('given an access list, when a member comes or goes, then that party has a new version', async () => {
  const parties = { first: await world.organization('Første'), second: await world.organization('Andre') };
  assert.deepEqual(await bumped(parties, () => world.list('liste', owner, [parties.first])), ['first']);
  assert.deepEqual(await bumped(parties, () => world.list('liste', owner, [parties.second])), ['first', 'second']);
  assert.deepEqual(await bumped(parties, () => world.list('liste', owner, [parties.second])), []);
});

test('given somebody who holds roles and grants, when it dies, then the parties where it acted have a new version', async () => {
  const [led, client, giver, accountant] = [
    await world.organization('Ledet'),
    await world.organization('Klient'),
    await world.organization('Giver'),
    await world.organization('Byrå'),
  ];
  const kari = await world.person('Kari');
  await world.role(kari, 'DAGL', led);
  await world.role(kari, 'DAGL', accountant);
  await world.grant({ at: client, to: accountant, package: 'ordinaer-post-til-virksomheten' });
  await world.grant({ at: giver, to: kari, package: 'ordinaer-post-til-virksomheten' });
  const [parties, number] = [
    { led, client, giver, accountant, kari, other: await world.organization('Annen') },
    await world.numberOf(kari),
  ];
  const save = (more: object) =>
    world.db.transaction(async (tx) => {
      saveParties(tx, [{ kind: 'person', number, name: 'Kari', ...more }]);
      await announceAccessChanges(tx);
    });

  assert.deepEqual(await bumped(parties, () => save({ lastLoginOn: '2026-11-01' })), []);
  assert.deepEqual(await bumped(parties, () => save({ diedOn: '2026-11-01' })), ['led', 'client', 'giver', 'accountant', 'kari']);
});

test('given a unit that moves to another main unit, when it has moved, then its version is new', async () => {
  const [first, second] = [await world.organization('Første'), await world.organization('Andre')];
  const unit = await world.subunit('Avdeling', first);
  const [number, parentNumber] = [await world.numberOf(unit), await world.numberOf(second)];
  const move = () =>
    world.db.transaction(async (tx) => {
      saveParties(tx, [{ kind: 'organization', number, name: 'Avdeling', parentNumber }]);
      await announceAccessChanges(tx);
    });
  assert.deepEqual(await bumped({ unit, first, second }, move), ['unit']);
});

test('given many changes by one statement each, when they are saved, then each party rises once for each statement', async () => {
  const [a, b, kari] = [await world.organization('A'), await world.organization('B'), await world.person('Kari')];
  await world.db.transaction(async (tx) => {
    saveRoleAssignments(tx, [
      { holder: kari, role: 'DAGL', at: a },
      { holder: kari, role: 'LEDE', at: a },
      { holder: kari, role: 'DAGL', at: b },
    ]);
    saveGrants(tx, [{ at: b, to: kari, package: 'ordinaer-post-til-virksomheten' }]);
    saveAccessLists(tx, []);
  });
  assert.deepEqual([await world.version(a), await world.version(b)], [1, 2]);
});

test('given a resource, when its policy changes, then it has a new policy version and is told; a new title or the same again is not', async () => {
  told.resources = [];
  const id = await world.resource({ owner, readers: ['DAGL'] });
  assert.deepEqual(told.resources, [id]);
  const version = async () => (await findResource(world.db, id))?.policyVersion;
  assert.equal(await version(), 1);

  const silent = [{ readers: ['DAGL'] }, { readers: ['DAGL'], title: { nb: 'Ny', nn: 'Ny', en: 'New' } }];
  told.resources = [];
  for (const more of silent) await world.resource({ id, owner, ...more });
  assert.deepEqual([await version(), told.resources], [1, []]);

  const changes = [{ readers: ['LEDE'] }, { readers: ['LEDE'], minLevel: 4 }, { readers: ['LEDE'], minLevel: 4, senders: 'any' as const }];
  for (const more of changes) await world.resource({ id, owner, ...more });
  assert.deepEqual([await version(), told.resources], [4, [id, id, id]]);
});

test('given a change that is rolled back, when it is over, then no version rose', async () => {
  const [at, kari] = [await world.organization('A'), await world.person('Kari')];
  await assert.rejects(
    world.db.transaction(async (tx) => {
      saveRoleAssignments(tx, [{ holder: kari, role: 'DAGL', at }]);
      await announceAccessChanges(tx);
      throw new Error('no');
    }),
    { message: 'no' },
  );
  assert.equal(await world.version(at), 0);
  assert.equal((await partiesByNumber(world.db, [await world.numberOf(at)])).size, 1);
});
