import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#kernel/refusal.ts';
import { may } from './decide/may.ts';
import { attribute, category, type Match, matching } from './policy.ts';
import { saveRoleAssignments } from './store/roles.ts';
import { callerOf, machineOf, openWorld } from './testing/world.ts';

const world = await openWorld();
const police = await world.organization('Politidistrikt');
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const sealed = await world.resource({ owner: police, readers: [`package:${confidential}`] });

test('trap a: given a main administrator, when confidential post comes, then it cannot open it until it is granted, and is the one who can grant', async () => {
  const [skien, manager] = [await world.organization('Skien kommune'), await world.person('Daglig leder')];
  await world.role(manager, 'DAGL', skien);

  const before = await world.openability(skien, sealed);
  assert.equal(before.class, 'GRANTABLE');
  assert.deepEqual(before.openers, []);
  assert.deepEqual(
    before.grantors.map((grantor) => grantor.party),
    [manager],
  );
  const decision = await may(world.db, callerOf(manager), { action: 'read', resource: sealed, party: skien });
  assert.deepEqual([decision.permit, decision.by], [false, 'none']);

  await world.grant({ at: skien, to: manager, package: confidential });
  assert.deepEqual(await world.openers(skien, sealed), [manager]);
});

test('trap a: given somebody who was given the main administrator package, when post of any role comes, then it opens none of it and can give it', async () => {
  const [skien, clerk] = [await world.organization('Skien kommune'), await world.person('Administrator')];
  const byRole = await world.resource({ owner: police, readers: ['DAGL', 'A0236', 'package:ordinaer-post-til-virksomheten'] });
  await world.grant({ at: skien, to: clerk, package: 'hovedadministrator' });

  for (const resource of [sealed, byRole]) {
    const found = await world.openability(skien, resource);
    assert.equal(found.class, 'GRANTABLE');
    assert.deepEqual(found.openers, []);
    assert.deepEqual(
      found.grantors.map((grantor) => grantor.party),
      [clerk],
    );
  }
});

test('trap a: given the roles of administrators old and new, when their holders are asked for, then they give and do not open', async () => {
  const skien = await world.organization('Skien kommune');
  for (const role of ['hovedadministrator', 'HADM']) {
    const clerk = await world.person('Administrator');
    await world.role(clerk, role, skien);
    assert.ok(
      (await world.openability(skien, sealed)).grantors.some((grantor) => grantor.party === clerk),
      role,
    );
  }
  assert.deepEqual(await world.openers(skien, sealed), []);
});

test('trap a: given access managers, by role or by grant, when confidential post comes, then they can neither open nor give it', async () => {
  const [skien, partner, clerk] = [
    await world.organization('Skien ANS'),
    await world.person('Komplementar'),
    await world.person('Tilgangsstyrer'),
  ];
  await world.role(partner, 'KOMP', skien);
  await world.grant({ at: skien, to: clerk, package: 'tilgangsstyrer' });

  const found = await world.openability(skien, sealed);
  assert.deepEqual([found.class, found.openers, found.grantors], ['UNREACHABLE', [], []]);
});

test('trap a: given post that can only be delegated explicitly, when it comes, then the main administrator can give the resource and nobody opens', async () => {
  const [skien, manager, contact] = [
    await world.organization('Skien'),
    await world.person('Daglig leder'),
    await world.person('Kontaktperson'),
  ];
  const explicit = await world.resource({ owner: police, readers: ['package:eksplisitt'] });
  await world.role(manager, 'DAGL', skien);
  await world.role(contact, 'KOMK', skien);

  const found = await world.openability(skien, explicit);
  assert.deepEqual([found.class, found.openers], ['GRANTABLE', []]);
  assert.deepEqual(
    found.grantors.map((grantor) => grantor.party),
    [manager],
  );
});

test('trap a: given a municipality with a contact person only, when confidential post comes, then nobody can open and nobody can give', async () => {
  const [skien, contact] = [await world.organization('Skien kommune', { unitType: 'KOMM' }), await world.person('Kontaktperson')];
  await world.role(contact, 'KOMK', skien);

  assert.equal((await world.openability(skien, sealed)).class, 'UNREACHABLE');
});

test('trap b: given a policy by party id, organization number and code with actions of its own, when they ask, then each gets just that', async () => {
  const [skd, nav] = [await world.organization('Skatteetaten', { orgCode: 'skd' }), await world.organization('NAV')];
  const skien = await world.organization('Skien');
  const match = (attribute: string, value: string) => ({
    category: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
    attribute,
    match: 'urn:oasis:names:tc:xacml:1.0:function:string-equal',
    value,
  });
  const resource = await world.resource({
    owner: skd,
    rules: [
      { effect: 'permit', actions: ['publish', 'instantiate'], target: [[[match('urn:altinn:org', 'skd')]]] },
      { effect: 'permit', actions: ['read'], target: [[[match('urn:altinn:organization:identifier-no', await world.numberOf(nav))]]] },
    ],
  });
  const ask = async (caller: typeof nav, action: string) =>
    (await may(world.db, machineOf(caller), { action, resource, party: skien })).permit;

  assert.deepEqual([await ask(skd, 'publish'), await ask(skd, 'instantiate'), await ask(skd, 'read')], [true, true, false]);
  assert.deepEqual([await ask(nav, 'publish'), await ask(nav, 'read')], [false, true]);
});

test('trap b: given a policy that names its owner and another agency as readers, when post goes to where nobody holds anything, then nobody can open, and neither is a reader there', async () => {
  const other = await world.organization('Tilsynet');
  const named = (id: string): Match => ({ category: category.subject, attribute: attribute.partyUuid, match: matching.equal, value: id });
  const resource = await world.resource({
    owner: police,
    rules: [{ effect: 'permit', actions: ['read'], target: [[[named(police)], [named(other)]]] }],
  });
  const empty = await world.organization('Tomt hus');
  for (const agency of [police, other]) await world.seen(agency, { client: 'system', days: 1, reads: true });

  const found = await world.openability(empty, resource);
  assert.deepEqual([found.class, found.openers, found.possibleSystems], ['UNREACHABLE', [], 0]);
  for (const agency of [police, other]) {
    const { permit, by } = await may(world.db, machineOf(agency, 'altinn:serviceowner', 'altinn:correspondence.read'), {
      action: 'read',
      resource,
      party: empty,
    });
    assert.deepEqual([permit, by], [true, 'owner'], 'the policy permits it, and it is nobody there');
  }

  await world.grant({ at: empty, to: other, resource, actions: ['read'] });
  const given = await may(world.db, machineOf(other, 'altinn:correspondence.read'), { action: 'read', resource, party: empty });
  assert.equal(given.by, 'right', 'who was let in by the party reads for it');
});

test('trap c: given post for a person itself, when an organization is its own caller, then it has no right by being itself', async () => {
  const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
  const own = await world.resource({ owner: police, readers: ['self', 'PRIV', 'SELN'] });

  for (const caller of [callerOf(skien), machineOf(skien, 'altinn:correspondence.read')]) {
    assert.equal((await may(world.db, caller, { action: 'read', resource: own, party: skien })).permit, false);
  }
  const found = await world.openability(skien, own);
  assert.deepEqual([found.class, found.openers, found.possibleSystems], ['UNREACHABLE', [], 0]);
  assert.equal((await may(world.db, callerOf(kari), { action: 'read', resource: own, party: kari })).permit, true);
});

test('trap c: given a document that makes somebody private person at an organization, when it is saved, then it is refused', async () => {
  const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
  for (const role of ['PRIV', 'privatperson', 'SELN', 'urn:altinn:role:selvregistrert']) {
    await assert.rejects(
      world.db.transaction(async (tx) => saveRoleAssignments(tx, [{ holder: kari, role, at: skien }])),
      (error) => error instanceof Refusal && error.row.code === 9124,
    );
  }
  await world.role(kari, 'PRIV', kari);
  assert.equal(await world.version(kari), 0);
  await assert.rejects(
    world.db.pool.query(
      `insert into access.role_assignment (holder_id, at_id, role, source, changed_at) values ($1, $2, 'privatperson', 'x', clock.now())`,
      [kari, skien],
    ),
    { code: '23514' },
  );
});
