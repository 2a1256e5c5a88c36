import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { saveParties } from '#register/index.ts';
import { may } from './decide/may.ts';
import { endClientDelegations, saveClientDelegations } from './store/client-delegations.ts';
import { endRoleAssignments, partiesOf } from './store/roles.ts';
import { callerOf, openWorld } from './testing/world.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten', { orgCode: 'skd' });

/** Both directions must say the same: may() for this person, and whoCanOpen() for everybody. */
async function opens(
  subject: PartyId,
  at: PartyId,
  resource: ResourceId,
  instance: string | null = null,
): Promise<readonly string[] | undefined> {
  const decision = await may(world.db, callerOf(subject), { action: 'read', resource, party: at, ...(instance ? { instance } : {}) });
  const found = await world.openability(at, resource, { instance });
  const opener = found.openers.find((each) => each.party === subject);
  assert.equal(decision.permit, opener !== undefined, 'may() and whoCanOpen() do not agree');
  assert.deepEqual(decision.permit ? decision.path : undefined, opener?.path);
  return opener?.path;
}

test('given a role at the organization, when its holder asks, then it opens what the role opens', async () => {
  const [skien, kari, ola] = [await world.organization('Skien'), await world.person('Kari'), await world.person('Ola')];
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.role(kari, 'daglig-leder', skien);
  await world.role(ola, 'MEDL', skien);

  assert.deepEqual(await opens(kari, skien, resource), [`role daglig-leder at ${await world.numberOf(skien)}`]);
  assert.equal(await opens(ola, skien, resource), undefined);
});

test('given a role from which another follows, when its holder asks, then it opens what the other opens', async () => {
  const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
  const resource = await world.resource({ owner, readers: ['A0236'] });
  await world.role(kari, 'KOMK', skien);

  assert.deepEqual(await opens(kari, skien, resource), [
    `role kontaktperson-kommune at ${await world.numberOf(skien)}`,
    'gives role a0236',
  ]);
});

test('given a role that gives an access package, when its holder asks, then it opens what the package opens', async () => {
  const [skien, kari, ola] = [await world.organization('Skien'), await world.person('Kari'), await world.person('Ola')];
  const resource = await world.resource({ owner, readers: ['package:ordinaer-post-til-virksomheten'] });
  await world.role(kari, 'LEDE', skien);
  await world.role(ola, 'KOMK', skien);

  assert.deepEqual(await opens(kari, skien, resource), [
    `role styreleder at ${await world.numberOf(skien)}`,
    'package ordinaer-post-til-virksomheten',
  ]);
  assert.equal(await opens(ola, skien, resource), undefined);
});

test('given a package that a role gives in one form of organization only, when it is asked elsewhere, then it is not there', async () => {
  const [foreign, local] = [await world.organization('Utenlandsk foretak', { unitType: 'NUF' }), await world.organization('Norsk foretak')];
  const kari = await world.person('Kari');
  const resource = await world.resource({ owner, readers: ['package:skatt-naering'] });
  await world.role(kari, 'FFØR', foreign);
  await world.role(kari, 'FFØR', local);

  assert.ok(await opens(kari, foreign, resource));
  assert.equal(await opens(kari, local, resource), undefined);
});

test('given a role at the main unit, when post lies at a subunit, then it opens; a role at the subunit opens nothing above', async () => {
  const main = await world.organization('Skien kommune');
  const [school, kindergarten] = [await world.subunit('Skole', main), await world.subunit('Barnehage', main)];
  const [kari, ola] = [await world.person('Kari'), await world.person('Ola')];
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.role(kari, 'DAGL', main);
  await world.role(ola, 'DAGL', school);

  assert.deepEqual(await opens(kari, school, resource), [`role daglig-leder at ${await world.numberOf(main)}`]);
  assert.ok(await opens(ola, school, resource));
  assert.equal(await opens(ola, main, resource), undefined);
  assert.equal(await opens(ola, kindergarten, resource), undefined);
});

test('given a package that was given to a person at the main unit, when post lies at a subunit, then it opens there too', async () => {
  const main = await world.organization('Skien kommune');
  const school = await world.subunit('Skole', main);
  const kari = await world.person('Kari');
  const resource = await world.resource({ owner, readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'] });
  await world.grant({ at: main, to: kari, package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });

  const path = [`grant of package post-til-virksomheten-med-taushetsbelagt-innhold at ${await world.numberOf(main)}`];
  assert.deepEqual(await opens(kari, main, resource), path);
  assert.deepEqual(await opens(kari, school, resource), path);
});

test('given a resource that was given to a person, when it asks, then it opens that resource and no other', async () => {
  const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
  const [given, other] = [await world.resource({ owner, readers: ['DAGL'] }), await world.resource({ owner, readers: ['DAGL'] })];
  await world.grant({ at: skien, to: kari, resource: given });

  assert.deepEqual(await opens(kari, skien, given), [`grant of resource ${given} at ${await world.numberOf(skien)}`]);
  assert.equal(await opens(kari, skien, other), undefined);
});

test('given one message that was given to a person, when it asks, then it opens that message and no other', async () => {
  const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  const [message, other] = [newId(), newId()];
  await world.grant({ at: skien, to: kari, resource, instance: message });

  assert.deepEqual(await opens(kari, skien, resource, message), [
    `grant of one item of resource ${resource} at ${await world.numberOf(skien)}`,
  ]);
  assert.equal(await opens(kari, skien, resource, other), undefined);
  assert.equal(await opens(kari, skien, resource), undefined);
});

test('given a grant to an organization, when those who lead it ask, then they open, and its other people do not', async () => {
  const [skien, accountant] = [await world.organization('Skien'), await world.organization('Regnskapsbyrået')];
  const [leader, employee] = [await world.person('Leder'), await world.person('Ansatt')];
  const resource = await world.resource({ owner, readers: ['package:ordinaer-post-til-virksomheten'] });
  await world.role(leader, 'DAGL', accountant);
  await world.role(employee, 'MEDL', accountant);
  await world.grant({ at: skien, to: accountant, package: 'ordinaer-post-til-virksomheten' });

  assert.deepEqual(await opens(leader, skien, resource), [
    `grant of package ordinaer-post-til-virksomheten at ${await world.numberOf(skien)}`,
    `role daglig-leder at ${await world.numberOf(accountant)}`,
  ]);
  assert.equal(await opens(employee, skien, resource), undefined);
});

test('given a grant to a subunit, when those who lead its main unit ask, then they open', async () => {
  const [skien, main] = [await world.organization('Skien'), await world.organization('Regnskapsbyrået')];
  const branch = await world.subunit('Filialen', main);
  const leader = await world.person('Leder');
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.role(leader, 'INNH', main);
  await world.grant({ at: skien, to: branch, resource });

  assert.ok(await opens(leader, skien, resource));
});

test('given an organization that holds a role, when those who lead it ask, then they hold it', async () => {
  const [skien, accountant] = [await world.organization('Skien'), await world.organization('Regnskapsbyrået')];
  const leader = await world.person('Leder');
  const resource = await world.resource({ owner, readers: ['REGN'] });
  await world.role(accountant, 'REGN', skien);
  await world.role(leader, 'DAGL', accountant);

  assert.deepEqual(await opens(leader, skien, resource), [
    `role regnskapsforer at ${await world.numberOf(skien)}`,
    `role daglig-leder at ${await world.numberOf(accountant)}`,
  ]);
});

test('given a system user, when it asks, then it opens what it was given directly and nothing of its owner', async () => {
  const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
  await world.role(kari, 'DAGL', skien);
  const [given, other] = [await world.resource({ owner, readers: ['DAGL'] }), await world.resource({ owner, readers: ['organization'] })];
  const system = await world.systemUser(skien, given, ['read']);

  assert.ok(await opens(system, skien, given));
  assert.equal(await opens(system, skien, other), undefined);
  const found = await world.openability(skien, given);
  assert.equal(found.openers.find((opener) => opener.party === system)?.kind, 'system');
});

test('given a person, when it asks for its own post, then it opens by itself what is for the person itself', async () => {
  const [kari, ola] = [await world.person('Kari'), await world.person('Ola')];
  const resource = await world.resource({ owner, readers: ['self'] });

  assert.deepEqual(await opens(kari, kari, resource), ['self']);
  assert.equal(await opens(ola, kari, resource), undefined);
});

test('given a guardian, when it asks for the ward post that the role opens, then it opens and the path names no person', async () => {
  const [ward, guardian] = [await world.person('Kari'), await world.person('Verge')];
  const resource = await world.resource({ owner, readers: ['nav-familie'] });
  await world.role(guardian, 'nav-familie', ward);

  assert.deepEqual(await opens(guardian, ward, resource), ['role nav-familie at the person']);
});

test('given a policy that names a person or a party outright, when it asks, then it opens at every party', async () => {
  const [skien, kari, ola] = [await world.organization('Skien'), await world.person('Kari'), await world.person('Ola')];
  const subject = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
  const equal = 'urn:oasis:names:tc:xacml:1.0:function:string-equal';
  const match = { category: subject, attribute: 'urn:altinn:person:identifier-no', match: equal, value: await world.numberOf(kari) };
  const resource = await world.resource({ owner, rules: [{ effect: 'permit', actions: ['read'], target: [[[match]]] }] });

  assert.deepEqual(await opens(kari, skien, resource), ['named by the policy']);
  assert.equal(await opens(ola, skien, resource), undefined);
});

test('given a grant that has ended, or ends tomorrow, when it is asked, then only the latter opens', async () => {
  const [skien, kari, ola] = [await world.organization('Skien'), await world.person('Kari'), await world.person('Ola')];
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.grant({ at: skien, to: kari, resource, until: '2020-01-01' });
  await world.grant({ at: skien, to: ola, resource, until: new Date(Date.now() + 86_400_000).toISOString() });

  assert.equal(await opens(kari, skien, resource), undefined);
  assert.ok(await opens(ola, skien, resource));
});

test('given a role that has ended, when its former holder asks, then it opens no more', async () => {
  const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.role(kari, 'DAGL', skien);
  await world.db.transaction(async (tx) => endRoleAssignments(tx, [{ holder: kari, role: 'dagl', at: skien }]));

  assert.equal(await opens(kari, skien, resource), undefined);
});

test('given somebody dead, a deleted organization or a system of one, when they are asked about, then they have no rights', async () => {
  const [skien, gone] = [await world.organization('Skien'), await world.organization('Opphørt byrå')];
  const [kari, leader] = [await world.person('Kari'), await world.person('Leder')];
  const resource = await world.resource({ owner, readers: ['DAGL', 'self'] });
  await world.role(kari, 'DAGL', skien);
  await world.role(leader, 'DAGL', gone);
  await world.grant({ at: skien, to: gone, resource });
  const system = await world.systemUser(gone, resource, ['read']);
  await world.grant({ at: skien, to: system, resource });
  assert.ok((await opens(kari, skien, resource)) && (await opens(leader, skien, resource)) && (await opens(system, skien, resource)));

  const numbers = [await world.numberOf(kari), await world.numberOf(gone)] as const;
  await world.db.transaction(async (tx) =>
    saveParties(tx, [
      { kind: 'person', number: numbers[0], name: 'Kari', diedOn: '2026-11-01' },
      { kind: 'organization', number: numbers[1], name: 'Opphørt byrå', deletedAt: '2026-11-01T00:00:00Z' },
    ]),
  );

  for (const subject of [kari, leader, system]) assert.equal(await opens(subject, skien, resource), undefined);
  assert.equal(await opens(kari, kari, resource), undefined);
});

test('given an accountant that lets an employee act for a client, when they ask, then each opens what it has there, and other employees nothing', async () => {
  const [client, provider] = [await world.organization('Klient'), await world.organization('Regnskapsbyrået')];
  const [agent, other] = [await world.person('Ansatt'), await world.person('Annen ansatt')];
  const [payroll, signing] = [
    await world.resource({ owner, readers: ['package:regnskapsforer-lonn'] }),
    await world.resource({ owner, readers: ['package:regnskapsforer-med-signeringsrettighet'] }),
  ];
  const below = await world.subunit('Avdeling', client);
  await world.role(provider, 'REGN', client);
  await world.delegate({ client, provider, agent, package: 'regnskapsforer-lonn' });

  const path = [
    `role regnskapsforer at ${await world.numberOf(client)}`,
    'package regnskapsforer-lonn',
    `agent of ${await world.numberOf(provider)}`,
  ];
  assert.deepEqual([await opens(agent, client, payroll), await opens(agent, below, payroll)], [path, path]);
  assert.deepEqual([await opens(agent, client, signing), await opens(other, client, payroll)], [undefined, undefined]);
  assert.ok((await partiesOf(world.db, agent)).includes(client));

  const before = await world.version(client);
  await world.endRole(provider, 'REGN', client);
  assert.equal(await opens(agent, client, payroll), undefined, 'a provider hands on what it has, and no longer');
  assert.ok((await world.version(client)) > before);
});

test('given a provider that was given a package, when it or its agent leaves, then the agent has it no more', async () => {
  const [client, provider, agent] = [await world.organization('Klient'), await world.organization('Byrå'), await world.person('Ansatt')];
  const resource = await world.resource({ owner, readers: ['package:ordinaer-post-til-virksomheten'] });
  await world.grant({ at: client, to: provider, package: 'ordinaer-post-til-virksomheten' });
  await world.role(agent, 'agent', provider);
  const row = { client, provider, agent, package: 'ordinaer-post-til-virksomheten' };
  await world.delegate(row);
  assert.ok(await opens(agent, client, resource));

  await world.endRole(agent, 'agent', provider);
  assert.equal(await opens(agent, client, resource), undefined);
  await world.delegate(row);
  assert.ok(await opens(agent, client, resource));
  await world.db.transaction(async (tx) => endClientDelegations(tx, [row]));
  assert.equal(await opens(agent, client, resource), undefined);
});

test('given an administrator package that an agent was given, when it asks what it may give, then it may give nothing', async () => {
  const [client, provider, agent] = [await world.organization('Klient'), await world.organization('Byrå'), await world.person('Ansatt')];
  const resource = await world.resource({ owner, readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'] });
  await world.grant({ at: client, to: provider, package: 'hovedadministrator' });
  await world.db.transaction(async (tx) => saveClientDelegations(tx, [{ client, provider, agent, package: 'hovedadministrator' }]));
  assert.deepEqual((await world.openability(client, resource)).grantors, []);
});

test('given a person who has died, when guardians, those whom it gave access and a policy that names somebody are asked, then nobody opens and nobody can give', async () => {
  const [kari, guardian, friend] = [await world.person('Kari'), await world.person('Verge'), await world.person('Venn')];
  const resource = await world.resource({ owner, readers: ['self', 'nav-familie', 'DAGL'] });
  await world.role(guardian, 'nav-familie', kari);
  await world.grant({ at: kari, to: friend, resource });
  assert.ok((await opens(guardian, kari, resource)) && (await opens(friend, kari, resource)));
  const before = await world.version(kari);

  await world.save({ kind: 'person', number: await world.numberOf(kari), name: 'Kari', diedOn: '2026-11-01' });

  for (const subject of [kari, guardian, friend]) assert.equal(await opens(subject, kari, resource), undefined);
  const found = await world.openability(kari, resource);
  assert.deepEqual([found.class, found.openers, found.grantors], ['UNREACHABLE', [], []]);
  assert.ok((await world.version(kari)) > before);
});

test('given an organization that is closed, when its people are asked, then neither they nor those of its subunits open what lies there', async () => {
  const [main, kari, local] = [await world.organization('Konkurs AS'), await world.person('Kari'), await world.person('Lokal')];
  const below = await world.subunit('Avdeling', main);
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.role(kari, 'DAGL', main);
  await world.role(local, 'DAGL', below);
  assert.ok((await opens(kari, below, resource)) && (await opens(local, below, resource)));

  await world.save({ kind: 'organization', number: await world.numberOf(main), name: 'Konkurs AS', deletedAt: '2026-11-01T00:00:00Z' });

  for (const at of [main, below]) for (const who of [kari, local]) assert.equal(await opens(who, at, resource), undefined);
  assert.equal((await world.openability(below, resource)).class, 'UNREACHABLE');
});

test('given a subunit that is closed, when those of its main unit ask, then they still open what lies there', async () => {
  const [main, kari, local] = [await world.organization('Kommune'), await world.person('Kari'), await world.person('Lokal')];
  const below = await world.subunit('Avdeling', main);
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.role(kari, 'DAGL', main);
  await world.role(local, 'DAGL', below);
  await world.save({ kind: 'organization', number: await world.numberOf(below), name: 'Avdeling', deletedAt: '2026-11-01T00:00:00Z' });

  assert.deepEqual([Boolean(await opens(kari, below, resource)), await opens(local, below, resource)], [true, undefined]);
});

test('given an organization that was merged into another, when the people of both ask, then those of the successor open what lies at it and its subunits', async () => {
  const [old, heir] = [await world.organization('Gamle Skien'), await world.organization('Nye Skien')];
  const below = await world.subunit('Avdeling', old);
  const [former, present] = [await world.person('Forrige'), await world.person('Nåværende')];
  const resource = await world.resource({ owner, readers: ['DAGL'] });
  await world.role(former, 'DAGL', old);
  await world.role(present, 'DAGL', heir);
  const [number, successorNumber] = [await world.numberOf(old), await world.numberOf(heir)];
  await world.save({ kind: 'organization', number, name: 'Gamle Skien', deletedAt: '2026-11-01T00:00:00Z', successorNumber });

  for (const at of [old, below]) {
    assert.deepEqual(await opens(present, at, resource), [`role daglig-leder at ${successorNumber}`]);
    assert.equal(await opens(former, at, resource), undefined);
  }
  assert.ok((await partiesOf(world.db, present)).includes(old));
  const before = await world.version(old);
  await world.endRole(present, 'DAGL', heir);
  assert.equal(await opens(present, old, resource), undefined);
  assert.ok((await world.version(old)) > before, 'what changes at the successor changes here');
});

test('given an access list, when the party is not on it or is a person, then nobody opens and nobody can give', async () => {
  const [listed, other] = [await world.organization('På listen'), await world.organization('Utenfor')];
  const kari = await world.person('Kari');
  await world.list('piloten', owner, [listed]);
  const resource = await world.resource({ owner, readers: ['DAGL', 'self'], accessList: 'piloten' });
  for (const at of [listed, other]) await world.role(kari, 'DAGL', at);

  assert.ok(await opens(kari, listed, resource));
  assert.equal(await opens(kari, other, resource), undefined);
  assert.equal(await opens(kari, kari, resource), undefined);
  assert.deepEqual((await world.openability(other, resource)).grantors, []);
});

test('given a rule that denies a role, when its holder has the right otherwise, then it does not open', async () => {
  const [skien, kari, ola] = [await world.organization('Skien'), await world.person('Kari'), await world.person('Ola')];
  const role = (value: string) => ({
    category: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
    attribute: 'urn:altinn:rolecode',
    match: 'urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case',
    value,
  });
  const resource = await world.resource({
    owner,
    rules: [
      { effect: 'permit', actions: ['read'], target: [[[role('DAGL')], [role('LEDE')]]] },
      { effect: 'deny', actions: ['read'], target: [[[role('OBS')]]] },
    ],
  });
  await world.role(kari, 'DAGL', skien);
  await world.role(kari, 'OBS', skien);
  await world.role(ola, 'LEDE', skien);

  assert.equal(await opens(kari, skien, resource), undefined);
  assert.ok(await opens(ola, skien, resource));
});
