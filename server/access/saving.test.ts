import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { nothingWritten } from '../../test/nothing-written.ts';
import { may } from './decide/may.ts';
import { accessInvariants } from './invariants.ts';
import { onUnknownResources, resolveResource } from './resolve-resource.ts';
import type { SaveResource } from './resource.ts';
import { saveResources } from './seed/save-resources.ts';
import { saveSystemUsers } from './seed/save-system-users.ts';
import { partiesWithRole } from './store/held-roles.ts';
import { findResource, findResources } from './store/resources.ts';
import { listUnknownNames, partiesOf, saveRoleAssignments } from './store/roles.ts';
import { callerOf, openWorld } from './testing/world.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const confidential = 'package:post-til-virksomheten-med-taushetsbelagt-innhold';

function resource(more: Partial<SaveResource> = {}): SaveResource {
  return { id: 'en-ressurs' as ResourceId, type: 'CorrespondenceService', owner, title: { nb: 'Post', nn: 'Post', en: 'Mail' }, ...more };
}

const save = (more: Partial<SaveResource>) => world.db.transaction(async (tx) => saveResources(tx, [resource(more)]));

test('given a resource with nothing but its owner and title, when it is saved, then the defaults stand', async () => {
  await save({});
  const found = await findResource(world.db, 'en-ressurs' as ResourceId);
  assert.deepEqual(
    { ...found, policyClass: null, updatedAt: null },
    {
      id: 'en-ressurs',
      type: 'CorrespondenceService',
      ownerId: owner,
      ownerNumber: await world.numberOf(owner),
      title: { nb: 'Post', nn: 'Post', en: 'Mail' },
      confidential: false,
      strictAltinn: false,
      minLevel: 0,
      accessList: null,
      ladder: 'ordinary',
      unreachable: 'accept',
      demandsPerson: false,
      packages: ['ordinaer-post-til-virksomheten'],
      broker: null,
      policyVersion: 1,
      policyClass: null,
      fallback: null,
      listsEnabled: false,
      deletedAt: null,
      updatedAt: null,
      implicit: false,
    },
  );
});

test('given readers by the confidential package, when it is saved, then the resource is confidential with the ladder for it', async () => {
  await save({ id: 'taushet' as ResourceId, readers: [confidential], confidential: true });
  await save({ id: 'eksplisitt' as ResourceId, readers: ['package:eksplisitt'] });
  const found = await findResources(world.db, ['taushet', 'eksplisitt', 'finnes-ikke'] as ResourceId[]);
  assert.deepEqual([...found.values()].map((each) => [each.id, each.confidential, each.ladder]).sort(), [
    ['eksplisitt', true, 'confidential'],
    ['taushet', true, 'confidential'],
  ]);
});

test('given a resource that cannot be read, when it is saved, then it is refused by its name and nothing is written', async () => {
  const cases: [number, Partial<SaveResource>][] = [
    [9150, { policyXml: '<xacml:Policy/>' }],
    [9151, { policyXml: '<Policy/>' }],
    [9121, { readers: [confidential], confidential: false }],
    [9121, { confidential: true }],
    [9122, { readers: ['alle'.repeat(0)] }],
    [9123, { senders: ['123'] }],
  ];
  for (const [code, more] of cases) {
    await nothingWritten(world.db, () =>
      assert.rejects(
        save({ id: 'ny' as ResourceId, ...more }),
        (error) => error instanceof Refusal && error.row.code === code && error.message.includes('ny'),
      ),
    );
  }
});

test('given a role or package that nobody knows, when it is saved, then nothing is written and the name is told, also beforehand', async () => {
  const kari = await world.person('Kari');
  for (const more of [{ readers: ['DAGLE'] }, { readers: ['package:finnes-ikke'] }]) {
    await nothingWritten(world.db, () =>
      assert.rejects(save({ id: 'ny' as ResourceId, ...more }), { code: 'BS005', message: /dagle|finnes-ikke/ }),
    );
  }
  await nothingWritten(world.db, () =>
    assert.rejects(
      world.db.transaction(async (tx) => saveRoleAssignments(tx, [{ holder: kari, role: 'DAGLE', at: owner }])),
      { code: 'BS005' },
    ),
  );
  const names = {
    roles: ['DAGL', 'FFØR', 'urn:altinn:rolecode:lede', 'DAGLE'],
    packages: ['eksplisitt', 'urn:altinn:accesspackage:jordbruk', 'x'],
  };
  assert.deepEqual(await listUnknownNames(world.db, names), ['DAGLE', 'x']);
});

test('given a policy of many rules, when it is replaced by one of fewer, then no rule of the former is left', async () => {
  await save({ id: 'bytt' as ResourceId, readers: ['DAGL'], senders: 'any' });
  await save({ id: 'bytt' as ResourceId, readers: [], senders: [] });
  const { rows } = await world.db.pool.query(`select count(*)::int as n from access.rule where resource_id = 'bytt'`);
  assert.equal(rows[0].n, 0);
});

test('given a role in any of its spellings, when it is saved, then it is one role', async () => {
  const [at, kari] = [await world.organization('Skien'), await world.person('Kari')];
  for (const role of ['DAGL', 'dagl', 'Daglig-Leder', 'urn:altinn:rolecode:DAGL', 'urn:altinn:external-role:ccr:daglig-leder'])
    await world.role(kari, role, at);
  const { rows } = await world.db.pool.query('select role, source from access.role_assignment where holder_id = $1', [kari]);
  assert.deepEqual(rows, [{ role: 'daglig-leder', source: 'town' }]);
});

test('given a system user, when its rights are saved anew, then they replace those it had, and the same again changes nothing', async () => {
  const at = await world.organization('Skien');
  const [first, second] = [await world.resource({ owner, readers: [] }), await world.resource({ owner, readers: [] })];
  const id = newId<PartyId>();
  const set = (...resources: ResourceId[]) =>
    world.db.transaction(async (tx) =>
      saveSystemUsers(tx, [
        { id, system: 'Fagsystem', owner: at, rights: resources.map((each) => ({ resource: each, actions: ['read', 'write'] })) },
      ]),
    );
  const can = async (each: ResourceId, action = 'read') =>
    (await may(world.db, callerOf(id, { kind: 'system-user', party: at }), { action, resource: each, party: at })).permit;

  await set(first);
  assert.deepEqual([await can(first), await can(first, 'write'), await can(second)], [true, true, false]);
  const version = await world.version(at);
  await nothingWritten(world.db, () => set(first));
  assert.equal(await world.version(at), version);
  await set(second);
  assert.deepEqual([await can(first), await can(second)], [false, true]);
});

test('given the parties of somebody, when they are listed, then all where it could have a right are there, and itself', async () => {
  const [at, led, client] = [await world.organization('Skien'), await world.organization('Byrå'), await world.organization('Klient')];
  const [below, branch] = [await world.subunit('Under', at), await world.subunit('Filial', led)];
  const [kari, stranger] = [await world.person('Kari'), await world.person('Fremmed')];
  await world.role(kari, 'MEDL', at);
  await world.role(kari, 'DAGL', led);
  await world.grant({ at: client, to: branch, package: 'ordinaer-post-til-virksomheten' });

  assert.deepEqual(await partiesOf(world.db, kari), [at, below, led, branch, client, kari].sort());
  assert.deepEqual(await partiesOf(world.db, stranger), [stranger]);
});

test('given key roles at organizations, when it is asked where one is held, then the main unit counts for its subunits and the dead do not', async () => {
  const [main, alone, empty] = [await world.organization('Hoved'), await world.organization('Alene'), await world.organization('Tom')];
  const below = await world.subunit('Under', main);
  const [kari, dead] = [await world.person('Kari'), await world.person('Død', { diedOn: '2026-01-01' })];
  await world.role(kari, 'DAGL', main);
  await world.role(kari, 'MEDL', empty);
  await world.role(dead, 'LEDE', alone);

  const found = await partiesWithRole(world.db, [main, below, alone, empty], ['daglig-leder', 'styreleder']);
  assert.deepEqual([...found].sort(), [main, below].sort());
});

test('given a resource that nobody knows, when it is named, then the hook may let it come to be, once', async () => {
  const asked: string[] = [];
  onUnknownResources.fill(async (ctx, { id, owner: by }) => {
    asked.push(id);
    if (by) await ctx.db.transaction(async (tx) => saveResources(tx, [resource({ id, owner: by, implicit: true })]));
  });
  const id = 'underveis' as ResourceId;
  assert.equal(await resolveResource(world.ctx, id, { type: 'CorrespondenceService', owner: null }), undefined);
  assert.equal((await resolveResource(world.ctx, id, { type: 'CorrespondenceService', owner }))?.implicit, true);
  assert.equal((await resolveResource(world.ctx, id, { type: 'CorrespondenceService', owner }))?.ownerId, owner);
  assert.deepEqual(asked, [id, id]);
});

test('given all that these tests have saved, when the invariants are asked, then all hold; a policy that cannot be read breaks one', async () => {
  for (const { name, find } of accessInvariants) assert.deepEqual(await world.db.all(find), [], name);
  await world.db.pool.query(
    `insert into access.rule (resource_id, ordinal, effect, actions, target)
     values ('en-ressurs', 9, 'permit', '{read}', '[[[{"category": "c", "attribute": "urn:altinn:task", "match": "m", "value": "v"}]]]')`,
  );
  assert.equal((await world.db.all(accessInvariants[2]!.find)).length, 1);
});
