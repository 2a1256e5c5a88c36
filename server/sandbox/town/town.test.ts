import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findResource, may, whoCanOpen } from '#access/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { findClient } from '#identity/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { contactPoints, findParty, partiesByNumber } from '#register/index.ts';
import { openSandbox, stampsOf } from '../testing/open-sandbox.ts';
import type { TownSummary } from './load-town.ts';
import { printTownSchema, type TownDocument } from './schema.ts';

const sandbox = await openSandbox();
const { db } = sandbox;
const confidential = 'package:post-til-virksomheten-med-taushetsbelagt-innhold';
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const systemUser = '0198f0a0-0000-7000-8000-000000000001';

/** The contract's own example, with a key that is one. */
const example = {
  version: 1,
  parties: [
    {
      kind: 'organization',
      number: '991825827',
      name: 'Digitaliseringsdirektoratet',
      orgCode: 'digdir',
      unitType: 'ORGL',
      parent: null,
      contactPoints: [{ channel: 'email', address: 'post@example.no' }],
    },
    {
      kind: 'person',
      number: '14886498226',
      name: 'Kari Nordmann',
      language: 'nb',
      reserved: false,
      lastLogin: '2026-11-01',
      contactPoints: [{ channel: 'sms', address: '+4799999999' }],
    },
  ],
  roles: [{ holder: '14886498226', role: 'DAGL', at: '991825827' }],
  grants: [
    { to: '14886498226', at: '991825827', package: 'ordinaer-post-til-virksomheten' },
    { to: '14886498226', at: '991825827', resource: 'some-resource', actions: ['read'], until: '2027-01-01' },
  ],
  accessLists: [{ id: 'pilot', owner: '991825827', members: ['991825827'] }],
  resources: [
    {
      id: 'some-resource',
      type: 'CorrespondenceService',
      owner: '991825827',
      title: { nb: 'Post', nn: 'Post', en: 'Post' },
      senders: 'owner',
      readers: ['DAGL', 'package:ordinaer-post-til-virksomheten', 'self', 'organization'],
      accessList: null,
      ladder: 'ordinary',
    },
    {
      id: 'some-files',
      type: 'BrokerService',
      owner: '991825827',
      title: { nb: 'Filer', nn: 'Filer', en: 'Files' },
      senders: 'any',
      readers: ['DAGL', 'organization'],
      broker: { maxFileTransferSize: 1000000000, fileTransferTimeToLive: 'P30D' },
    },
  ],
  clients: [
    {
      clientId: 'my-system',
      organization: '991825827',
      keyId: 'k1',
      publicKeyPem: pem,
      scopes: ['altinn:serviceowner', 'altinn:correspondence.write', 'altinn:broker.write', 'altinn:broker.read'],
    },
  ],
  systemUsers: [
    { id: systemUser, system: 'my-system', owner: '991825827', rights: [{ resource: 'some-files', actions: ['read', 'write'] }] },
  ],
} satisfies TownDocument;

async function load(town: unknown): Promise<TownSummary> {
  const answer = await sandbox.post('/budstikke/v1/sandbox/seed', town);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as TownSummary;
}

const idOf = async (number: string): Promise<PartyId> => (await partiesByNumber(db, [number])).get(number)!.id;
const person = (subject: PartyId): Caller => ({ ...anonymous, kind: 'person', issuer: 'altinn', subject, party: subject, authLevel: 4 });

test('given the schema in the repository, when it is held against what the server checks with, then they are the same', () => {
  assert.equal(readFileSync(new URL('../town.schema.json', import.meta.url), 'utf8'), printTownSchema());
});

test('given the example of the contract, when it is loaded, then everything in it holds', async () => {
  const summary = await load(example);

  assert.deepEqual(summary.parties, { created: 2, updated: 0, unchanged: 0 });
  assert.deepEqual(
    Object.values(summary).map(({ created }) => created),
    [2, 1, 1, 2, 2, 0, 0, 1, 1],
  );
  const [digdir, kari] = [await idOf('991825827'), await idOf('14886498226')];
  const organization = await findParty(db, digdir);
  assert.deepEqual([organization?.name, organization?.orgCode, organization?.unitType], ['Digitaliseringsdirektoratet', 'digdir', 'ORGL']);
  assert.deepEqual((await contactPoints(db, [kari])).get(kari), [{ channel: 'sms', address: '+4799999999' }]);
  assert.equal((await findResource(db, 'some-resource' as ResourceId))?.confidential, false);
  assert.deepEqual((await findResource(db, 'some-files' as ResourceId))?.broker, {
    maxFileTransferSize: 1000000000,
    fileTransferTimeToLive: 'P30D',
  });
  const client = await findClient(db, 'my-system');
  assert.deepEqual([client?.keyId, client?.organizationId, client?.publicJwk?.kty, client?.scopes.length], ['k1', digdir, 'RSA', 4]);
  assert.equal((await findParty(db, systemUser as PartyId))?.parentId, digdir);
  const reads = await may(db, person(kari), { action: 'read', resource: 'some-resource' as ResourceId, party: digdir });
  assert.equal(reads.permit, true);
  const writes = await may(
    db,
    { ...anonymous, kind: 'system-user', issuer: 'altinn', subject: systemUser as PartyId, party: digdir, authLevel: 3 },
    { action: 'write', resource: 'some-files' as ResourceId, party: digdir },
  );
  assert.equal(writes.permit, true);
});

test('given a resource with a policy in XACML, when it is loaded, then the policy decides, and loading it again touches nothing', async () => {
  const policyXml = readFileSync(new URL('../../access/policies/testing/moved-post.xml', import.meta.url), 'utf8');
  const town = {
    version: 1,
    parties: [
      { ...example.parties[0]!, orgCode: 'skd' },
      { kind: 'organization', number: '974760673', name: 'Brønnøysundregistrene' },
    ],
    roles: [{ holder: '14886498226', role: 'UTINN', at: '974760673' }],
    resources: [
      { id: 'moved-post', type: 'CorrespondenceService', owner: '991825827', title: { nb: 'Post', nn: 'Post', en: 'Post' }, policyXml },
    ],
  };
  await load(example);
  await load(town);
  const before = await stampsOf(sandbox);
  const [kari, at] = [await idOf('14886498226'), await idOf('974760673')];

  await load(town);

  assert.deepEqual(await stampsOf(sandbox), before);
  const asked = { resource: 'moved-post' as ResourceId, party: at };
  assert.equal((await may(db, person(kari), { ...asked, action: 'read' })).permit, true);
  assert.equal((await may(db, person(kari), { ...asked, action: 'write' })).permit, false);
  assert.equal((await findResource(db, 'moved-post' as ResourceId))?.minLevel, 2);
  await load(example);
});

test('given a town that is loaded, when it is loaded again, then no row of any table is touched, however its members are ordered', async () => {
  await load(example);
  const before = await stampsOf(sandbox);

  const summary = await load(example);
  const reordered = await load({
    ...Object.fromEntries(Object.entries(example).reverse()),
    grants: example.grants.map((g) => Object.fromEntries(Object.entries(g).reverse())),
  });

  assert.deepEqual(await stampsOf(sandbox), before);
  for (const counts of [...Object.values(summary), ...Object.values(reordered)]) assert.deepEqual([counts.created, counts.updated], [0, 0]);
});

test('given a loaded town, when a document names less, then nothing is removed and what it leaves out keeps what stands', async () => {
  await load(example);

  await load({ version: 1 });
  await load({ version: 1, parties: [{ kind: 'person', number: '14886498226', name: 'Kari Nordmann' }] });

  const kari = await idOf('14886498226');
  assert.deepEqual((await contactPoints(db, [kari])).get(kari), [{ channel: 'sms', address: '+4799999999' }]);
  assert.ok(await findClient(db, 'my-system'));
  const [login] = await db.all<{ on: string }>(sql`select last_login_on as on from register.party_face where id = ${kari}`);
  assert.equal(login?.on, '2026-11-01');
});

test('given a loaded town, when an item comes with other lists, then the lists are replaced, and the counts say so', async () => {
  await load(example);
  const [party] = example.parties.slice(1);
  const [files] = example.resources.slice(1);
  const [user] = example.systemUsers;

  const summary = await load({
    version: 1,
    parties: [{ ...party, contactPoints: [{ channel: 'email', address: 'kari@example.no' }] }],
    accessLists: [{ id: 'pilot', owner: '991825827', members: [] }],
    resources: [{ ...files, readers: ['organization'] }],
    systemUsers: [{ ...user, rights: [] }],
  });

  for (const list of ['parties', 'accessLists', 'resources', 'systemUsers'] as const)
    assert.deepEqual(summary[list], { created: 0, updated: 1, unchanged: 0 });
  const [digdir, kari] = [await idOf('991825827'), await idOf('14886498226')];
  assert.deepEqual((await contactPoints(db, [kari])).get(kari), [{ channel: 'email', address: 'kari@example.no' }]);
  const question = { action: 'read', resource: 'some-files' as ResourceId, party: digdir };
  assert.equal((await may(db, person(kari), question)).permit, false);
  const caller: Caller = {
    ...anonymous,
    kind: 'system-user',
    issuer: 'altinn',
    subject: systemUser as PartyId,
    party: digdir,
    authLevel: 3,
  };
  assert.equal((await may(db, caller, question)).permit, false);
  await load(example);
  assert.equal((await may(db, caller, question)).permit, true);
});

test('given a grant that was taken away, when the town is loaded again, then it stands again', async () => {
  await load(example);
  const [digdir, kari] = [await idOf('991825827'), await idOf('14886498226')];
  await db.transaction(async (tx) =>
    tx.send(sql`update access.access_grant set revoked_at = clock.now() where to_id = ${kari} and package is not null`),
  );

  await load(example);

  const live = await db.all(
    sql`select from access.access_grant where to_id = ${kari} and from_id = ${digdir} and package is not null and revoked_at is null`,
  );
  assert.equal(live.length, 1);
});

test('given units in any order, a subunit before its main unit, when they are loaded, then each lies where it should', async () => {
  await load({
    version: 1,
    parties: [
      { kind: 'organization', number: '310000000', name: 'Avdeling', unitType: 'BEDR', parent: '313600947' },
      { kind: 'organization', number: '313600947', name: 'Hovedenhet', unitType: 'KOMM' },
    ],
  });

  const parties = await partiesByNumber(db, ['310000000', '313600947']);
  assert.equal(parties.get('310000000')?.parentId, parties.get('313600947')?.id);
});

test('given confidential post, when its readers are only those with the package, then it is confidential without a word', async () => {
  const resource = { ...example.resources[0], id: 'sealed-post', readers: [confidential] };
  await load({ ...example, resources: [...example.resources, resource, { ...resource, id: 'sealed-said', confidential: true }] });

  for (const id of ['sealed-post', 'sealed-said']) assert.equal((await findResource(db, id as ResourceId))?.confidential, true);
});

test('given keys as PEM or JWK, of each kind, when clients are loaded, then the public JWK is kept', async () => {
  const keys = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa', { modulusLength: 3072 }),
  ];
  const clients = keys.flatMap((pair, i) => [
    { clientId: `pem-${i}`, organization: '991825827', publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }), scopes: [] },
    { clientId: `jwk-${i}`, organization: '991825827', jwk: pair.publicKey.export({ format: 'jwk' }), scopes: [] },
  ]);
  await load({ ...example, clients: [...clients, { clientId: 'no-key', organization: '991825827', scopes: ['a'] }] });

  for (const i of keys.keys()) {
    const [byPem, byJwk] = [await findClient(db, `pem-${i}`), await findClient(db, `jwk-${i}`)];
    assert.ok(byPem?.publicJwk && !('d' in byPem.publicJwk));
    assert.deepEqual(byPem.publicJwk, byJwk?.publicJwk);
  }
  assert.equal((await findClient(db, 'no-key'))?.publicJwk, null);
});

test('given two documents at once that name the same parties, when both are loaded, then both hold and each party is one', async () => {
  const town = (name: string) => ({
    version: 1,
    parties: ['974760673', '14886498226'].map((number) => ({ kind: number.length === 9 ? 'organization' : 'person', number, name })),
  });

  await Promise.all(Array.from({ length: 6 }, (_, i) => load(town(`Navn ${i}`))));

  const rows = await db.all(sql`select from register.party_face where number = '974760673'`);
  assert.equal(rows.length, 1);
});

test('given the demo’s town, when it is loaded, then nobody can open the police’s letter, the manager can give that right, and the citizen can open hers', async () => {
  const demo = JSON.parse(readFileSync(new URL('../towns/demo.json', import.meta.url), 'utf8')) as Required<TownDocument>;
  await load(demo);
  await load(demo);

  const numberOf = (name: string) => demo.parties.find((party) => party.name === name)!.number;
  const [municipality, manager, citizen] = await Promise.all(
    ['Lerkedal kommune', 'Kari Berg', 'Ola Nordmann'].map((name) => idOf(numberOf(name))),
  );
  const need = (resource: string) => [{ resource: resource as ResourceId, action: 'read', instance: null, what: 'message' as const }];
  const [sealed, tax] = await whoCanOpen(db, [
    { party: municipality!, needs: need('politiet-bekymringsmelding') },
    { party: citizen!, needs: need('skatt-varsel') },
  ]);

  assert.deepEqual([sealed?.class, sealed?.openers, sealed?.grantors.map(({ party }) => party)], ['GRANTABLE', [], [manager]]);
  assert.deepEqual(
    tax?.openers.map(({ party }) => party),
    [citizen],
  );
  assert.equal((await findResource(db, 'politiet-bekymringsmelding' as ResourceId))?.confidential, true);
});

test('given the demo’s town, when its numbers are looked at, then each is of the series of the invented', () => {
  const demo = JSON.parse(readFileSync(new URL('../towns/demo.json', import.meta.url), 'utf8')) as Required<TownDocument>;
  for (const { kind, number } of demo.parties) {
    assert.match(number, kind === 'organization' ? /^[23]\d{8}$/ : /^\d{2}(8[1-9]|9[0-2])\d{7}$/);
  }
});

test('given the ladders that a resource may name, when they are looked for, then the watch has each', async () => {
  for (const ladder of ['ordinary', 'confidential'] as const) {
    assert.equal((await db.all(sql`select from watch.ladder where id = ${ladder}`)).length > 0, true, ladder);
    await load({ ...example, resources: [...example.resources, { ...example.resources[0]!, id: `ladder-${ladder}`, ladder }] });
  }
});

test('given all that was answered here, when it is held against what the route declares, then it told the truth', () => {
  assert.deepEqual(sandbox.lies, []);
});

test('given an agent that acts by a role of its organization, when a document makes the client another form and then the old one again, then the agent has it no more, and it is told why', async () => {
  const [client, provider, agent] = ['315001307', '315001315', '06815912304'];
  const form = (unitType: string) => ({ kind: 'organization', number: client, name: 'SAMEIET TOPPEN', unitType });
  await load({
    version: 1,
    parties: [
      ...[form('ESEK'), { kind: 'organization', number: provider, name: 'FORVALTNING AS', unitType: 'AS' }],
      { kind: 'person', number: agent, name: 'ALF AGENT' },
    ],
    roles: [{ holder: provider, role: 'FFØR', at: client }],
    clientDelegations: [{ client, provider, agent, packages: ['forretningsforer-eiendom'] }],
    resources: [
      {
        ...{ id: 'sameier', type: 'CorrespondenceService', owner: provider, title: { nb: 'x', nn: 'x', en: 'x' } },
        readers: ['package:forretningsforer-eiendom'],
      },
    ],
  });
  const opens = async () =>
    (await may(db, person(await idOf(agent)), { action: 'read', resource: 'sameier' as ResourceId, party: await idOf(client) })).permit;
  assert.equal(await opens(), true);
  await load({ version: 1, parties: [form('ESEK')] });
  assert.equal(await opens(), true, 'the same said again changes nothing');

  await load({ version: 1, parties: [form('AS')] });
  await load({ version: 1, parties: [form('ESEK')] });

  assert.equal(await opens(), false);
  const told = await listEvidence(db, [await idOf(agent)]);
  assert.deepEqual(
    told.map(({ event, core }) => [event, core.cause]),
    [['AccessRevoked', 'provider-lost-it']],
  );
});

test('given agents, guardians, the dead and the merged, when a document names them, twice and then otherwise, then access follows what it said last', async () => {
  const [client, provider, old, heir] = ['315001005', '315001072', '315001145', '315001218'];
  const [agent, guardian, ward] = ['02826110743', '04846312159', '05856412875'];
  const organization = (number: string) => ({ kind: 'organization', number, name: `Enhet ${number}` });
  const human = (number: string) => ({ kind: 'person', number, name: `Person ${number}` });
  const document = {
    version: 1,
    parties: [
      ...[client, provider, heir].map((number) => organization(number!)),
      { ...organization(old!), deregistered: '2026-01-01', successor: heir },
      ...[agent, guardian, ward].map((number) => human(number!)),
    ],
    roles: [
      { holder: provider, role: 'REGN', at: client },
      { holder: guardian, role: 'DAGL', at: heir },
    ],
    clientDelegations: [{ client, provider, agent, packages: ['regnskapsforer-lonn'] }],
    guardians: [{ guardian, ward, roles: ['nav-familie', 'nav-arbeid'] }],
    resources: [
      {
        ...{ id: 'acting', type: 'CorrespondenceService', owner: client, title: { nb: 'x', nn: 'x', en: 'x' } },
        readers: ['package:regnskapsforer-lonn', 'nav-familie', 'DAGL'],
      },
    ],
  };
  await load(document);
  const opens = async (who: string, at: string) =>
    (await may(db, person(await idOf(who)), { action: 'read', resource: 'acting' as ResourceId, party: await idOf(at) })).permit;
  const all = async () => [await opens(agent!, client!), await opens(guardian!, ward!), await opens(guardian!, old!)];
  assert.deepEqual(await all(), [true, true, true]);
  assert.ok(Object.values(await load(document)).every(({ created, updated }) => created + updated === 0));

  await load({
    version: 1,
    parties: [
      { ...human(ward!), died: '2026-02-01' },
      { ...organization(old!), successor: null },
    ],
    clientDelegations: [{ client, provider, agent, packages: [] }],
  });
  assert.deepEqual(await all(), [false, false, false]);
  await load({ version: 1, parties: [{ ...human(ward!), died: null }], guardians: [{ guardian, ward, roles: ['nav-arbeid'] }] });
  assert.equal(await opens(guardian!, ward!), false, 'the roles replace those it had');

  for (const [list, item, place] of [
    ['guardians', { guardian, ward, roles: ['DAGL'] }, '/guardians/0/roles/0'],
    ['guardians', { guardian, ward: client, roles: [] }, '/guardians/0/ward'],
    ['clientDelegations', { client, provider, agent: heir, packages: [] }, '/clientDelegations/0/agent'],
    ['clientDelegations', { client, provider: client, agent, packages: [] }, '/clientDelegations/0/client'],
    ['clientDelegations', { client, provider, agent, packages: ['finnes-ikke'] }, '/clientDelegations/0/packages/0'],
    ['parties', { ...human(ward!), deregistered: '2026-01-01' }, '/parties/0/deregistered'],
    ['parties', { ...organization(old!), died: '2026-01-01' }, '/parties/0/died'],
    ['parties', { ...organization(old!), successor: old }, '/parties/0/successor'],
  ] as const) {
    const answer = await sandbox.post('/budstikke/v1/sandbox/seed', { version: 1, [list]: [item] });
    assert.deepEqual([answer.status, (await answer.text()).includes(place)], [400, true], place);
  }
});
