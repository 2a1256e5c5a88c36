import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { newId } from '#kernel/ids.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { openWire } from '../testing/wire.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import type { DecisionResult, Explained } from './wire.ts';

const world = await openWorld();
const [agency, skien] = [await world.organization('Skatteetaten', { orgCode: 'skd' }), await world.organization('SKIEN KOMMUNE')];
const [boss, clerk, stranger] = [await world.person('KARI'), await world.person('JONAS'), await world.person('OLA')];
await world.role(boss, 'DAGL', skien);
const letters = await world.resource({
  id: 'brev-fra-skd' as ResourceId,
  owner: agency,
  readers: ['DAGL', 'self', 'organization'],
  minLevel: 3,
});
const user = await world.systemUser(skien, letters, ['read']);
const wire = await openWire(world, {
  app: machineOf(agency, 'altinn:authorization/authorize'),
  other: machineOf(agency, 'altinn:serviceowner'),
  boss: callerOf(boss),
  clerk: callerOf(clerk),
  machine: { ...machineOf(skien, 'altinn:correspondence.read'), issuer: 'altinn' },
});

const path = '/authorization/api/v1/authorize';
const actionId = 'urn:oasis:names:tc:xacml:1.0:action:action-id';
const one = (attributes: Readonly<Record<string, unknown>>, more: object = {}) => ({
  attribute: Object.entries(attributes).map(([attributeId, value]) => ({ attributeId, value, dataType: 'string', issuer: null })),
  ...more,
});
const numberOf = (party: PartyId) => world.numberOf(party);
const partyIdOf = async (party: PartyId) =>
  (await world.db.pool.query<{ party_id: number }>('select party_id from register.party where id = $1', [party])).rows[0]!.party_id;

async function ask(
  subject: Readonly<Record<string, unknown>>,
  resource: Readonly<Record<string, unknown>>,
  action: string | undefined = 'read',
) {
  const request = {
    accessSubject: [one(subject)],
    action: [one(action === undefined ? {} : { [actionId]: action })],
    resource: [one(resource)],
  };
  const answer = await wire.send('POST', path, 'app', { request });
  assert.equal(answer.status, 200, answer.text);
  const { response } = answer.json<{ response: DecisionResult[] }>();
  assert.equal(response.length, 1);
  return response[0]!;
}
const decisionOf = async (...given: Parameters<typeof ask>) => (await ask(...given)).decision;
const atSkien = async () => ({ 'urn:altinn:resource': letters, 'urn:altinn:organization:identifier-no': await numberOf(skien) });

test('given a subject by each name that clients use, when a decision is asked for, then it is that of who bears it, with the level it obliges to', async () => {
  const uuid = { 'urn:altinn:party:uuid': boss };
  const byName: [Readonly<Record<string, unknown>>, string][] = [
    [{ 'urn:altinn:person:identifier-no': await numberOf(boss) }, 'Permit'],
    [{ 'urn:altinn:ssn': await numberOf(boss) }, 'Permit'],
    [uuid, 'Permit'],
    [{ 'URN:ALTINN:PARTY:UUID': boss.toUpperCase() }, 'Permit'],
    [{ 'urn:altinn:partyid': await partyIdOf(boss) }, 'Permit'],
    [{ 'urn:altinn:userid': String(await partyIdOf(boss)) }, 'Permit'],
    [
      { ...uuid, 'urn:altinn:userid': '1', 'urn:altinn:partyid': await partyIdOf(boss), 'urn:altinn:sessionid': 'x', 'urn:scope': 'a b' },
      'Permit',
    ],
    [{ ...uuid, 'urn:altinn:organization:identifier-no': await numberOf(agency), 'urn:altinn:org': 'skd' }, 'Permit'],
    [{ 'urn:altinn:organization:identifier-no': await numberOf(skien) }, 'Permit'],
    [{ 'urn:altinn:organizationnumber': await numberOf(skien) }, 'Permit'],
    [{ 'urn:altinn:systemuser:uuid': user }, 'Permit'],
    [{ 'urn:altinn:systemuser:uuid': user, 'urn:altinn:org': 'skd' }, 'Permit'],
    [{ 'urn:altinn:person:identifier-no': await numberOf(clerk) }, 'NotApplicable'],
    [{ 'urn:altinn:organization:identifier-no': await numberOf(agency) }, 'NotApplicable'],
    [{ 'urn:altinn:org': 'skd' }, 'NotApplicable'],
    [{ 'urn:altinn:partyid': 'tull' }, 'NotApplicable'],
    [{ 'urn:altinn:systemuser:uuid': boss }, 'NotApplicable'],
    [{ 'urn:altinn:person:identifier-no': '01010112345' }, 'NotApplicable'],
    [{}, 'NotApplicable'],
  ];
  for (const [subject, decision] of byName)
    assert.equal(await decisionOf(subject, await atSkien()), decision, JSON.stringify(Object.keys(subject)));

  const { obligations, status } = await ask(uuid, await atSkien());
  assert.deepEqual(status, { statusCode: { value: 'urn:oasis:names:tc:xacml:1.0:status:ok' } });
  assert.deepEqual(obligations, [
    {
      id: 'urn:altinn:obligation:authenticationLevel1',
      attributeAssignment: [
        {
          attributeId: 'urn:altinn:obligation1-assignment1',
          value: '3',
          category: 'urn:altinn:minimum-authenticationlevel',
          dataType: 'http://www.w3.org/2001/XMLSchema#integer',
          issuer: null,
        },
      ],
    },
  ]);
  assert.equal((await ask({ 'urn:altinn:party:uuid': clerk }, await atSkien())).obligations, undefined);
});

test('given roles, packages and lists that a request claims for its subject, when it is decided, then they count for nothing', async () => {
  const claims = {
    'urn:altinn:party:uuid': stranger,
    'urn:altinn:rolecode': 'DAGL',
    'urn:altinn:access-list': 'all',
    'urn:altinn:partytype': 'organization',
  };

  assert.equal(await decisionOf(claims, await atSkien()), 'NotApplicable');
});

test('given a party by each name, or none, when a decision is asked for, then it is at whom it names', async () => {
  const kari = { 'urn:altinn:party:uuid': boss };
  const resource = { 'urn:altinn:resource': letters };

  assert.equal(await decisionOf(kari, { ...resource, 'urn:altinn:partyid': await partyIdOf(skien) }), 'Permit');
  assert.equal(await decisionOf(kari, { ...resource, 'urn:altinn:party:uuid': skien }), 'Permit');
  assert.equal(await decisionOf(kari, { ...resource, 'urn:altinn:person:identifier-no': await numberOf(boss) }), 'Permit');
  assert.equal(await decisionOf(kari, { ...resource, 'urn:altinn:person:identifier-no': await numberOf(clerk) }), 'NotApplicable');
  assert.equal(await decisionOf(kari, resource), 'NotApplicable');
  assert.equal(await decisionOf(kari, { ...resource, 'urn:altinn:partyid': '999999' }), 'NotApplicable');
  const named = await world.resource({ id: 'navngitt-avsender' as ResourceId, owner: agency });
  assert.equal(await decisionOf({ 'urn:altinn:org': 'skd' }, { 'urn:altinn:resource': named }, 'write'), 'Permit');
  assert.equal(
    await decisionOf({ 'urn:altinn:org': 'skd' }, { 'urn:altinn:resource': named, 'urn:altinn:partyid': '999999' }, 'write'),
    'NotApplicable',
  );
});

test('given one message that was given to somebody, when it is asked about, then that message is permitted and no other', async () => {
  const [message, another] = [newId(), newId()];
  await world.grant({ at: skien, to: clerk, resource: letters, instance: message });
  const about = async (instance: string) => ({ ...(await atSkien()), 'urn:altinn:resource:instance-id': instance });

  assert.equal(await decisionOf({ 'urn:altinn:party:uuid': clerk }, await about(`urn:altinn:correspondence-id:${message}`)), 'Permit');
  assert.equal(await decisionOf({ 'urn:altinn:party:uuid': clerk }, await about(message)), 'Permit');
  assert.equal(await decisionOf({ 'urn:altinn:party:uuid': clerk }, await about(another)), 'NotApplicable');
  assert.equal(await decisionOf({ 'urn:altinn:party:uuid': clerk }, await about('50001/not-a-message')), 'NotApplicable');
});

test('given a resource with lists, when a right is asked for at a party outside them, then what the rules permit is denied', async () => {
  const resource = await world.resource({ id: 'bare-for-pilot' as ResourceId, owner: agency, readers: ['DAGL'], accessList: 'pilot' });
  await world.list('pilot', agency, []);
  const at = { 'urn:altinn:resource': resource, 'urn:altinn:party:uuid': skien };

  assert.equal(await decisionOf({ 'urn:altinn:party:uuid': boss }, at), 'Deny');
  assert.equal(await decisionOf({ 'urn:altinn:party:uuid': clerk }, at), 'NotApplicable');
  await world.list('pilot', agency, [skien]);
  assert.equal(await decisionOf({ 'urn:altinn:party:uuid': boss }, at), 'Permit');
});

test('given requests that cannot be decided, when they come, then each is Indeterminate with a status that says why', async () => {
  const [kari, at] = [{ 'urn:altinn:party:uuid': boss }, await atSkien()];
  const statusOf = async (...given: Parameters<typeof ask>) => {
    const { decision, status } = await ask(...given);
    assert.equal(decision, 'Indeterminate');
    assert.ok(status.statusMessage);
    return status.statusCode.value.replace('urn:oasis:names:tc:xacml:1.0:status:', '');
  };

  assert.equal(await statusOf(kari, { 'urn:altinn:party:uuid': skien }), 'missing-attribute');
  assert.equal(await statusOf(kari, at, ''), 'missing-attribute');
  assert.equal(await statusOf(kari, { ...at, 'urn:altinn:resource': ['a-resource', 'b-resource'] }), 'syntax-error');
  assert.equal(await statusOf(kari, { ...at, 'urn:altinn:resource': 'no-such-resource' }), 'processing-error');
  assert.equal(await statusOf(kari, { ...at, 'urn:altinn:party:uuid': agency }), 'syntax-error');
  assert.equal(await statusOf({ 'urn:altinn:party:uuid': [boss, clerk] }, at), 'syntax-error');
  assert.equal(await statusOf({ 'urn:altinn:systemuser:uuid': user, ...kari }, at), 'syntax-error');
});

test('given many questions in one request, when they are asked by reference, then there is one answer for each, in their order', async () => {
  const request = {
    AccessSubject: [one({ 'urn:altinn:party:uuid': boss }, { id: 's1' }), one({ 'urn:altinn:party:uuid': clerk }, { id: 's2' })],
    Action: [one({ [actionId]: 'read' }, { Id: 'a1' }), one({ [actionId]: 'write' }, { Id: 'a2' })],
    Resource: [one(await atSkien(), { id: 'r1' }), one({ 'urn:altinn:resource': 'no-such-resource' }, { id: 'r2' })],
    MultiRequests: {
      RequestReference: [
        ['s1', 'a1', 'r1'],
        ['s2', 'a1', 'r1'],
        ['s1', 'a2', 'r1'],
        ['s1', 'a1', 'r2'],
        ['s1', 'a1', 'r1'],
        ['s9', 'a1', 'r1'],
        [],
      ].map((ReferenceId) => ({
        ReferenceId,
      })),
    },
  };

  const answer = await wire.send('POST', path, 'app', { Request: request });

  const { response } = answer.json<{ response: DecisionResult[] }>();
  assert.deepEqual(
    response.map(({ decision }) => decision),
    ['Permit', 'NotApplicable', 'NotApplicable', 'Indeterminate', 'Permit', 'Indeterminate', 'Indeterminate'],
  );
  assert.match(response[5]!.status.statusCode.value, /syntax-error$/);
});

test('given several subjects and actions without references, when they are asked, then every combination has its answer', async () => {
  const request = {
    accessSubject: [one({ 'urn:altinn:party:uuid': boss }), one({ 'urn:altinn:party:uuid': clerk })],
    action: one({ [actionId]: 'read' }),
    category: [{ categoryId: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource', ...one(await atSkien()) }],
  };
  const marked = structuredClone(request);
  Object.assign(marked.accessSubject[0]!.attribute[0]!, { includeInResult: true });

  const plain = (await wire.send('POST', path, 'app', { request })).json<{ response: DecisionResult[] }>().response;
  const told = (await wire.send('POST', path, 'app', { request: marked })).json<{ response: DecisionResult[] }>().response;

  assert.deepEqual(
    plain.map(({ decision, category }) => [decision, category]),
    [
      ['Permit', undefined],
      ['NotApplicable', undefined],
    ],
  );
  assert.deepEqual(told[0]!.category, [
    {
      categoryId: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
      attribute: [{ attributeId: 'urn:altinn:party:uuid', value: boss }],
    },
  ]);
});

test('given more questions than one call may ask, or no request, when it comes, then it is refused and nothing is written', async () => {
  const many = Array.from({ length: 30 }, () => one({ 'urn:altinn:party:uuid': boss }));
  const request = {
    accessSubject: many,
    action: [one({ [actionId]: 'read' })],
    resource: Array.from({ length: 30 }, () => one({ 'urn:altinn:resource': letters })),
  };
  const references = { ...request, multiRequests: { requestReference: Array.from({ length: 501 }, () => ({ referenceId: ['x'] })) } };

  for (const body of [{ request }, { request: references }]) {
    const answer = await nothingWritten(world.db, () => wire.send('POST', path, 'app', body));
    assert.deepEqual([answer.status, answer.code], [400, 9783]);
  }
  for (const body of [{}, { request: [] }, { request: { accessSubject: [{ attribute: [{ value: 'x' }] }] } }, []]) {
    assert.equal((await nothingWritten(world.db, () => wire.send('POST', path, 'app', body))).status, 400, JSON.stringify(body));
  }
  assert.equal((await nothingWritten(world.db, () => wire.send('POST', path, 'other', { request }))).status, 403);
});

test('given a name that is nobody’s beside a weaker one, when a decision is asked for, then nobody is meant', async () => {
  const owned = await world.resource({ id: 'eierens-egen' as ResourceId, owner: agency });
  const own = { 'urn:altinn:resource': owned, 'urn:altinn:org': 'skd' };
  assert.equal(await decisionOf({ 'urn:altinn:org': 'skd' }, own, 'write'), 'Permit');
  for (const nobody of [
    { 'urn:altinn:person:identifier-no': '01010112345' },
    { 'urn:altinn:ssn': '01010112345' },
    { 'urn:altinn:party:uuid': newId() },
    { 'urn:altinn:party:uuid': 'tull' },
    { 'urn:altinn:party:uuid': user },
    { 'urn:altinn:partyid': '999999' },
    { 'urn:altinn:userid': '999999' },
    { 'urn:altinn:organization:identifier-no': '974760673' },
  ]) {
    assert.equal(await decisionOf({ ...nobody, 'urn:altinn:org': 'skd' }, own, 'write'), 'NotApplicable', JSON.stringify(nobody));
    if (!('urn:altinn:organization:identifier-no' in nobody)) {
      const beside = { ...nobody, 'urn:altinn:organization:identifier-no': await numberOf(skien) };
      assert.equal(await decisionOf(beside, await atSkien()), 'NotApplicable', JSON.stringify(nobody));
    }
  }
});

test('given categories that are referred to again and again, when their values are many together, then the call is refused unread', async () => {
  const attribute = Array.from({ length: 100 }, () => ({ attributeId: 'x', value: Array.from({ length: 200 }, () => 1) }));
  const of = (references: number) => ({
    request: {
      accessSubject: [{ id: 's', attribute }],
      multiRequests: { requestReference: Array.from({ length: references }, () => ({ referenceId: ['s'] })) },
    },
  });

  const answer = await nothingWritten(world.db, () => wire.send('POST', path, 'app', of(500)));

  assert.deepEqual([answer.status, answer.code], [400, 9838]);
  assert.equal((await wire.send('POST', path, 'app', of(2))).status, 200);
});

test('given decisions, when they were given, then each at a known party is written down with who asked, for whom and by which right', async () => {
  await world.db.pool.query(
    'alter table access.audit_entry disable trigger user; delete from access.audit_entry; alter table access.audit_entry enable trigger user',
  );
  await ask({ 'urn:altinn:party:uuid': boss }, await atSkien());
  await ask({ 'urn:altinn:party:uuid': clerk }, { 'urn:altinn:resource': letters });

  const { rows } = await world.db.pool.query(
    'select party_id, subject_id, asked_by, client_id, resource_id, action, decision, path from access.audit_entry',
  );

  assert.deepEqual(rows, [
    {
      party_id: skien,
      subject_id: boss,
      asked_by: agency,
      client_id: 'system',
      resource_id: letters,
      action: 'read',
      decision: 'Permit',
      path: [`role daglig-leder at ${await numberOf(skien)}`],
    },
  ]);
  await assert.rejects(world.db.pool.query('delete from access.audit_entry'), { code: 'BS004' });
  await assert.rejects(world.db.pool.query('truncate access.audit_entry'), { code: 'BS004' });
});

test('given somebody who asks how it may open, when it is told, then the sentence says through which role; of others only an administrator hears', async () => {
  const at = `urn:altinn:organization:identifier-no:${await numberOf(skien)}`;
  const explain = (by: string, more: object) =>
    wire.send('POST', '/budstikke/v1/decisions', by, { resource: letters, action: 'read', party: at, ...more });

  const own = (await explain('boss', {})).json<Explained>();
  assert.deepEqual([own.decision, own.path, own.minimumLevel], ['Permit', [`role daglig-leder at ${await numberOf(skien)}`], 3]);
  assert.equal(own.explanation[0]!.nb, `gjennom rollen Daglig leder i ${await numberOf(skien)}`);
  assert.equal((await explain('clerk', {})).json<Explained>().decision, 'NotApplicable');
  assert.equal((await explain('boss', { subject: `urn:altinn:party:uuid:${clerk}` })).json<Explained>().decision, 'NotApplicable');
  const toPerson = { subject: `urn:altinn:person:identifier-no:${await numberOf(boss)}` };
  for (const more of [
    toPerson,
    { subject: 'urn:altinn:party:uuid:0198f0a0-0000-7000-8000-000000000000' },
    { party: await numberOf(boss), subject: `urn:altinn:party:uuid:${boss}` },
  ]) {
    const refused = await nothingWritten(world.db, () => explain('clerk', more));
    assert.deepEqual([refused.status, refused.code], [403, 9784], JSON.stringify(more));
  }
  const self = `urn:altinn:person:identifier-no:${await numberOf(clerk)}`;
  const told = async (subject: string) => {
    const answer = await explain('clerk', { party: self, subject });
    assert.equal(answer.status, 200, answer.text);
    return answer.json<Explained>();
  };
  const [known, unknown] = [await told(toPerson.subject), await told('urn:altinn:person:identifier-no:02013299997')];
  assert.equal(known.decision, 'NotApplicable');
  assert.deepEqual(unknown, known, 'who is known shows by being asked about');
  assert.deepEqual(await told('urn:altinn:party:uuid:0198f0a0-0000-7000-8000-000000000000'), known);
  const byMachine = await nothingWritten(world.db, () => explain('machine', toPerson));
  assert.deepEqual([byMachine.status, byMachine.code], [403, 9784]);
  assert.equal((await explain('machine', {})).json<Explained>().decision, 'Permit');
  assert.equal((await explain('boss', { resource: 'no-such-resource' })).code, 9105);
  assert.equal((await explain('boss', { party: 'tull' })).code, 9100);
  assert.equal((await explain('boss', { party: 'urn:altinn:organization:identifier-no:999999999' })).code, 9101);
  assert.deepEqual(wire.lies, []);
});
