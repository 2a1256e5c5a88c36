import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestDatabase } from '../../../test/database.ts';
import { onPolicyChanged } from '../announce.ts';
import { accessInvariants } from '../invariants.ts';
import { World } from '../testing/world.ts';
import { seedAccess } from './seed-access.ts';
import { builtInSeed, implicationsOf, readSeedDocument, rolePackagesOf, type SeedDocument } from './seed-document.ts';

const { ctx, db } = await createTestDatabase();
const world = new World(ctx);
const built = builtInSeed();

test('given an empty database, when many processes load the built-in document at once, then one of them loads it', async () => {
  const loaded = await Promise.all([seedAccess(ctx), seedAccess(ctx), seedAccess(ctx)]);
  assert.deepEqual(loaded.filter(Boolean), [true]);
  const { rows } = await db.pool.query(
    `select (select count(*)::int from access.role) roles, (select count(*)::int from access.package) packages, (select version from access.seed) version`,
  );
  assert.deepEqual(rows[0], { roles: 148, packages: 223, version: built.version });
});

test('given the built-in document, when it is loaded, then an administrator has nothing by administering', async () => {
  const { rows } = await db.pool.query(`select distinct kind from access.role_implication where has = 'hovedadministrator'`);
  assert.deepEqual(rows, [{ kind: 'can-delegate' }]);
  for (const { name, find } of accessInvariants) assert.deepEqual(await db.all(find), [], name);
});

test('given a document in which an administrator would have access, when it is read, then it is read as something to hand on, whatever the steps', () => {
  const twisted: SeedDocument = {
    ...built,
    implications: {
      hovedadministrator: ['daglig-leder'],
      'daglig-leder': ['a0236', 'hovedadministrator'],
      a0236: ['a0237'],
      a0237: ['a0236'],
    },
    rolePackages: [
      { role: 'hovedadministrator', unitType: null, hasAccess: true, canDelegate: true, packages: ['jordbruk'] },
      { role: 'a0237', unitType: null, hasAccess: true, canDelegate: false, packages: ['dyrehold'] },
    ],
  };
  const has = implicationsOf(twisted).filter((each) => each.kind === 'has');
  assert.deepEqual(
    has.filter((each) => each.has === 'hovedadministrator'),
    [],
  );
  assert.deepEqual(
    has
      .filter((each) => each.has === 'daglig-leder')
      .map((each) => each.gets)
      .sort(),
    ['a0236', 'a0237', 'hovedadministrator'],
  );
  assert.deepEqual(
    implicationsOf(twisted)
      .filter((each) => each.has === 'hovedadministrator')
      .map((each) => [each.gets, each.kind])
      .sort(),
    [
      ['a0236', 'can-delegate'],
      ['a0237', 'can-delegate'],
      ['daglig-leder', 'can-delegate'],
    ],
  );
  const packages = rolePackagesOf(twisted);
  assert.deepEqual(
    packages.filter((each) => each.package === 'jordbruk' && each.hasAccess),
    [],
  );
  assert.deepEqual(
    packages
      .filter((each) => each.package === 'dyrehold')
      .map((each) => each.role)
      .sort(),
    ['a0236', 'a0237', 'daglig-leder'],
  );
});

test('given a newer document, when it is loaded, then what it says holds at once, every policy is new and told; an older one changes nothing', async () => {
  const [owner, skien, kari] = [await world.organization('Skd'), await world.organization('Skien'), await world.person('Kari')];
  const resource = await world.resource({ owner, readers: ['package:ordinaer-post-til-virksomheten'] });
  await world.role(kari, 'KOMK', skien);
  assert.deepEqual(await world.openers(skien, resource), []);
  const told: string[] = [];
  onPolicyChanged.fill(async (_tx, resources) => void told.push(...resources));

  const more = {
    role: 'kontaktperson-kommune',
    unitType: null,
    hasAccess: true,
    canDelegate: false,
    packages: ['ordinaer-post-til-virksomheten'],
  };
  const newer = { ...built, version: built.version + 1, rolePackages: [...built.rolePackages, more] };
  assert.equal(await seedAccess(ctx, readSeedDocument(JSON.parse(JSON.stringify(newer)))), true);
  assert.deepEqual(await world.openers(skien, resource), [kari]);
  assert.deepEqual(told, [resource]);

  assert.equal(await seedAccess(ctx, built), false);
  assert.deepEqual(await world.openers(skien, resource), [kari]);
});

test('given something that is no such document, when it is handed in, then it is refused and the place is named', () => {
  for (const [given, place] of [
    [{}, 'the whole'],
    [{ ...built, version: 'ny' }, '/version'],
    [{ ...built, roles: [{ code: 'x' }] }, '/roles/0'],
    [{ ...built, extra: 1 }, '/extra'],
  ] as const) {
    assert.throws(() => readSeedDocument(given), new RegExp(`no document of roles and access packages: ${place}`));
  }
});
