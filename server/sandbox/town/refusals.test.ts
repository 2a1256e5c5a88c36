import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { openSandbox, stampsOf } from '../testing/open-sandbox.ts';
import { townErrors } from './errors.ts';

const sandbox = await openSandbox();
const [office, other, kari] = ['991825827', '310000000', '14886498226'];
const title = { nb: 'x', nn: 'x', en: 'x' };
const systemUser = '0198f0a0-0000-7000-8000-000000000001';
const base = {
  version: 1,
  parties: [
    { kind: 'organization', number: office, name: 'Kontoret', orgCode: 'kontor' },
    { kind: 'person', number: kari, name: 'Kari' },
  ],
  resources: [{ id: 'post', type: 'CorrespondenceService', owner: office, title }],
};
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const strong = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const client = { clientId: 'c', organization: office, scopes: [] };
const party = (more: object) => ({ version: 1, parties: [{ kind: 'organization', number: other, name: 'x', ...more }] });
const grant = (more: object) => ({ version: 1, grants: [{ to: kari, at: office, ...more }] });
const resource = (more: object) => ({
  version: 1,
  resources: [{ id: 'new-post', type: 'CorrespondenceService', owner: office, title, ...more }],
});
/** A policy in XACML that lets a role read a resource. */
const policyFor = (id: string, role: string) => {
  const match = (name: string, category: string, value: string) =>
    `<AnyOf><AllOf><Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal"><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${value}</AttributeValue>
    <AttributeDesignator AttributeId="${name}" Category="urn:oasis:names:tc:xacml:${category}" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="false"/></Match></AllOf></AnyOf>`;
  return `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0"
    RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><Target/>
    <Rule RuleId="r" Effect="Permit"><Target>
    ${match('urn:altinn:rolecode', '1.0:subject-category:access-subject', role)}
    ${match('urn:altinn:resource', '3.0:attribute-category:resource', id)}
    ${match('urn:oasis:names:tc:xacml:1.0:action:action-id', '3.0:attribute-category:action', 'read')}</Target></Rule></Policy>`;
};
const withClient = (more: object) => ({ version: 1, clients: [{ ...client, ...more }] });

const seeded = await sandbox.post('/budstikke/v1/sandbox/seed', {
  ...base,
  systemUsers: [{ id: systemUser, system: 's', owner: office, rights: [] }],
});
assert.equal(seeded.status, 200, await seeded.clone().text());

type Row = keyof typeof townErrors;
/** What is wrong, which row refuses it, and the place that the answer must name. */
const refused: readonly (readonly [Row, unknown, string])[] = [
  ['misfit', [], '/ must be object'],
  ['misfit', null, '/ must be object'],
  ['misfit', '"town"', '/ must be object'],
  ['misfit', {}, '/ must have required propert'],
  ['misfit', { version: 2 }, '/version'],
  ['misfit', { version: 1, parties: {} }, '/parties must be array'],
  ['misfit', party({ number: '12345678' }), '/parties/0/number'],
  ['misfit', party({ number: 310000000 }), '/parties/0/number must be string'],
  ['misfit', party({ name: '' }), '/parties/0/name'],
  ['misfit', party({ name: 'Kontoret\r\nBcc: alle@example.no' }), '/parties/0/name'],
  ['misfit', party({ language: 'se' }), '/parties/0/language'],
  ['misfit', { version: 1, parties: [{ ...base.parties[1], lastLogin: '2026-02-30' }] }, '/parties/0/lastLogin'],
  ['misfit', grant({ resource: 'post', actions: [] }), '/grants/0/actions'],
  ['misfit', grant({ package: 'jordbruk', until: 'soon' }), '/grants/0/until'],
  ['misfit', resource({ senders: 'everybody' }), '/resources/0/senders'],
  ['misfit', resource({ ladder: 'steep' }), '/resources/0/ladder'],
  ['misfit', resource({ title: { nb: 'x' } }), '/resources/0/title'],
  ['misfit', { version: 1, systemUsers: [{ id: 'x', system: 's', owner: office, rights: [] }] }, '/systemUsers/0/id'],
  ['unknownMember', { version: 1, partys: [] }, '/partys'],
  ['unknownMember', { ...base, Version: 1 }, '/Version'],
  ['unknownMember', party({ adress: 'x' }), '/parties/0/adress'],
  [
    'unknownMember',
    party({ contactPoints: [{ channel: 'email', address: 'a@b.c', 'odd/name': 1 }] }),
    '/parties/0/contactPoints/0/odd~1name',
  ],
  ['unknownMember', resource({ title: { ...title, se: 'x' } }), '/resources/0/title/se'],
  ['unknownMember', resource({ type: 'BrokerService', broker: { speed: 1 } }), '/resources/0/broker/speed'],
  ['badNumber', party({ number: '310000001' }), '/parties/0/number'],
  ['badNumber', { version: 1, parties: [{ kind: 'person', number: '14886498227', name: 'x' }] }, '/parties/0/number'],
  ['badNumber', { version: 1, parties: [{ kind: 'person', number: office, name: 'x' }] }, '/parties/0/number'],
  ['badNumber', { version: 1, roles: [{ holder: '14886498227', role: 'DAGL', at: office }] }, '/roles/0/holder'],
  ['badNumber', resource({ senders: [office, '123456789'] }), '/resources/0/senders/1'],
  ['badAddress', party({ contactPoints: [{ channel: 'email', address: 'nobody' }] }), '/parties/0/contactPoints/0/address'],
  ['badAddress', party({ contactPoints: [{ channel: 'sms', address: '99999999' }] }), '/parties/0/contactPoints/0/address'],
  ['duplicateKey', { version: 1, parties: [base.parties[0], base.parties[0]] }, '/parties/1'],
  ['duplicateKey', { version: 1, resources: [base.resources[0], { ...base.resources[0], type: 'BrokerService' }] }, '/resources/1'],
  ['duplicateKey', { version: 1, grants: [1, 2].map(() => ({ to: kari, at: office, package: 'jordbruk' })) }, '/grants/1'],
  ['duplicateKey', { version: 1, roles: ['DAGL', 'dagl'].map((role) => ({ holder: kari, role, at: office })) }, '/roles/1'],
  ['duplicateKey', { version: 1, clients: [client, client] }, '/clients/1'],
  [
    'duplicateKey',
    { version: 1, parties: [base.parties[0], { kind: 'organization', number: other, name: 'x', orgCode: 'kontor' }] },
    '/parties/1/orgCode',
  ],
  ['unknownParty', { version: 1, roles: [{ holder: '02013299997', role: 'DAGL', at: office }] }, '/roles/0/holder'],
  ['unknownParty', { version: 1, roles: [{ holder: kari, role: 'DAGL', at: other }] }, '/roles/0/at'],
  ['unknownParty', party({ parent: '974760673' }), '/parties/0/parent'],
  ['unknownParty', resource({ owner: other }), '/resources/0/owner'],
  ['unknownParty', { version: 1, accessLists: [{ id: 'l', owner: office, members: [office, other] }] }, '/accessLists/0/members/1'],
  ['unknownParty', withClient({ organization: other }), '/clients/0/organization'],
  ['unknownRole', { version: 1, roles: [{ holder: kari, role: 'SJEF', at: office }] }, '/roles/0/role (SJEF)'],
  ['unknownRole', resource({ readers: ['DAGL', 'SJEF'] }), '/resources/0/readers/1 (SJEF)'],
  ['unknownPackage', grant({ package: 'alt-mulig' }), '/grants/0/package (alt-mulig)'],
  ['unknownPackage', resource({ readers: ['package:alt-mulig'] }), '/resources/0/readers/0 (alt-mulig)'],
  ['unknownResource', grant({ resource: 'nowhere', actions: ['read'] }), '/grants/0/resource (nowhere)'],
  [
    'unknownResource',
    { version: 1, systemUsers: [{ id: systemUser, system: 's', owner: office, rights: [{ resource: 'nowhere', actions: ['read'] }] }] },
    '/systemUsers/0/rights/0/resource (nowhere)',
  ],
  ['unknownAccessList', resource({ accessList: 'nowhere' }), '/resources/0/accessList (nowhere)'],
  ['wrongMember', grant({ package: 'jordbruk', resource: 'post', actions: ['read'] }), '/grants/0 names either'],
  ['wrongMember', grant({}), '/grants/0 names either'],
  ['wrongMember', grant({ package: 'jordbruk', actions: ['read'] }), '/grants/0/actions'],
  ['wrongMember', grant({ resource: 'post' }), '/grants/0 names the actions'],
  ['wrongMember', { version: 1, parties: [{ ...base.parties[1], orgCode: 'x' }] }, '/parties/0/orgCode'],
  ['liesAhead', party({ deregistered: '2999-01-01' }), '/parties/0/deregistered'],
  ['liesAhead', { version: 1, parties: [{ ...base.parties[1], died: '2999-01-01' }] }, '/parties/0/died'],
  ['wrongMember', resource({ broker: {} }), '/resources/0/broker'],
  ['wrongMember', resource({ unreachable: 'fallback' }), '/resources/0/fallback'],
  ['wrongMember', resource({ type: 'BrokerService', demandsPerson: true }), '/resources/0/demandsPerson'],
  ['wrongMember', resource({ fallback: office }), '/resources/0/fallback'],
  ['wrongMember', withClient({ keyId: 'k' }), '/clients/0/keyId'],
  ['wrongMember', withClient({ publicKeyPem: 'x', jwk: {} }), '/clients/0 has one key'],
  ['wrongMember', { ...party({}), systemUsers: [{ id: systemUser, system: 's', owner: other, rights: [] }] }, '/systemUsers/0/owner'],
  ['policyUnread', resource({ policyXml: '<Policy/>' }), '/resources/0/policyXml /Policy, line 1: Policy is not read'],
  ['policyUnread', resource({ policyXml: '<Policy' }), '/resources/0/policyXml : It is not well-formed, line 1'],
  [
    'policyUnread',
    resource({ policyXml: policyFor('old-post', 'DAGL') }),
    '/resources/0/policyXml /Policy/Rule[1], line 3: it names another',
  ],
  ['unknownRole', resource({ policyXml: policyFor('new-post', 'SJEF') }), '/resources/0/policyXml (SJEF)'],
  ['wrongMember', resource({ policyXml: policyFor('new-post', 'DAGL'), readers: ['DAGL'] }), '/resources/0 says who may by policyXml'],
  ['confidentialContradicted', resource({ policyXml: policyFor('new-post', 'DAGL'), confidential: true }), '/resources/0/confidential'],
  ['confidentialContradicted', resource({ confidential: true }), '/resources/0/confidential'],
  [
    'confidentialContradicted',
    resource({ confidential: false, readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'] }),
    '/resources/0/confidential',
  ],
  ['confidentialContradicted', resource({ confidential: false, readers: ['package:eksplisitt'] }), '/resources/0/confidential'],
  ['badReader', resource({ readers: ['DAGL', 'urn:altinn:rolecode:DAGL'] }), '/resources/0/readers/1'],
  ['badKey', withClient({ publicKeyPem: 'x' }), '/clients/0/publicKeyPem'],
  ['badKey', withClient({ publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) }), '/clients/0/publicKeyPem'],
  ['badKey', withClient({ publicKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) }), '/clients/0/publicKeyPem'],
  ['badKey', withClient({ jwk: strong.privateKey.export({ format: 'jwk' }) }), '/clients/0/jwk'],
  ['badKey', withClient({ jwk: { kty: 'oct', k: 'AAAA' } }), '/clients/0/jwk'],
  ['badKey', withClient({ jwk: {} }), '/clients/0/jwk'],
  ['misfit', withClient({ redirectUris: ['not an address'] }), '/clients/0/redirectUris/0'],
  ['misfit', withClient({ redirectUris: ['https://app.example/#here'] }), '/clients/0/redirectUris/0'],
  ['badRedirect', withClient({ redirectUris: ['https://app.example/in', 'https://'] }), '/clients/0/redirectUris/1'],
  ['badRedirect', withClient({ postLogoutRedirectUris: ['javascript:alert(1)'] }), '/clients/0/postLogoutRedirectUris/0'],
  ['badRedirect', withClient({ frontchannelLogoutUri: 'app:out' }), '/clients/0/frontchannelLogoutUri'],
  [
    'parentAboveItself',
    {
      version: 1,
      parties: [
        { ...base.parties[0], parent: other },
        { kind: 'organization', number: other, name: 'x', parent: office },
      ],
    },
    '/parties/0/parent; /parties/1/parent',
  ],
  ['parentAboveItself', { version: 1, parties: [{ ...base.parties[0], parent: office }] }, '/parties/0/parent'],
  ['codeTaken', party({ orgCode: 'kontor' }), '/parties/0/orgCode (kontor)'],
  ['impliedRole', { version: 1, roles: [{ holder: kari, role: 'PRIV', at: office }] }, '/roles/0/role (PRIV)'],
];

test('given documents with one thing wrong, when they are loaded, then the answer names what and where, and no row is written', async () => {
  const before = await stampsOf(sandbox);
  for (const [row, town, place] of refused) {
    const what = `${row} ${JSON.stringify(town)?.slice(0, 300)}`;
    const answer = await sandbox.post('/budstikke/v1/sandbox/seed', town);
    const problem = (await answer.json()) as { code: string; errorCode: number; detail: string };

    assert.deepEqual([answer.status, problem.errorCode], [400, townErrors[row].code], `${what}: ${problem.detail}`);
    assert.match(problem.code, /^BUD-092\d\d$/);
    assert.ok(problem.detail.includes(place), `${what}: ${problem.detail}`);
    assert.ok(!problem.detail.includes(kari) && !problem.detail.includes('1488649822'), 'a person’s number is not repeated');
  }
  assert.deepEqual(await stampsOf(sandbox), before);
});

test('given an id that belongs to somebody else, when a system user claims it, then it is refused', async () => {
  const { rows } = await sandbox.db.pool.query<{ id: string }>(`select id from register.party where number = $1`, [kari]);
  const town = { version: 1, systemUsers: [{ id: rows[0]!.id.toUpperCase(), system: 's', owner: office, rights: [] }] };

  const answer = await sandbox.post('/budstikke/v1/sandbox/seed', town);

  assert.equal(((await answer.json()) as { errorCode: number }).errorCode, townErrors.notSystemUser.code);
});

test('given a document with a thousand things right and the last one wrong, when it is loaded, then nothing of it is written', async () => {
  const before = await stampsOf(sandbox);
  const parties = ['974760673', '313600947', other].map((number) => ({ kind: 'organization', number, name: 'x' }));
  const resources = Array.from({ length: 1000 }, (_, i) => ({ ...base.resources[0], id: `res-${i}` }));

  const answer = await sandbox.post('/budstikke/v1/sandbox/seed', {
    version: 1,
    parties,
    resources: [...resources, { ...base.resources[0], id: 'last', confidential: true }],
  });

  assert.equal(answer.status, 400);
  assert.deepEqual(await stampsOf(sandbox), before);
});

test('given many places with the same thing wrong, when they are told of, then twenty are named and the rest counted', async () => {
  const grants = Array.from({ length: 50 }, (_, i) => ({ to: kari, at: office, package: `not-there-${i}` }));

  const answer = await sandbox.post('/budstikke/v1/sandbox/seed', { version: 1, grants });

  const { detail } = (await answer.json()) as { detail: string };
  assert.equal(detail.match(/\/grants\/\d+\/package/g)?.length, 20);
  assert.match(detail, /and 30 more$/);
});

test('given every row of the catalogue, when the cases here are looked at, then each row is provoked', () => {
  const provoked = new Set([...refused.map(([row]) => row), 'notSystemUser']);
  assert.deepEqual(
    Object.keys(townErrors).filter((row) => !provoked.has(row)),
    [],
  );
});

test('given bodies that are no JSON, or not sent as such, when they are posted, then they are refused and nothing is written', async () => {
  const before = await stampsOf(sandbox);
  for (const body of ['', '{', '{"version":1', '\u0000', '['.repeat(100_000)]) {
    assert.equal((await sandbox.post('/budstikke/v1/sandbox/seed', body)).status, 400);
  }
  const form = await fetch(`${sandbox.url}/budstikke/v1/sandbox/seed`, { method: 'POST', body: new URLSearchParams({ version: '1' }) });
  assert.equal(form.status, 415);
  assert.deepEqual(await stampsOf(sandbox), before);
  assert.deepEqual(sandbox.lies, []);
});

test('given a document of ten thousand parties, when it is loaded, then it is taken; one over 64 MiB is not', async () => {
  const { organizationNumberFrom } = await import('../numbers.ts');
  const numbers = [...new Set(Array.from({ length: 10_000 }, (_, i) => organizationNumberFrom(`many ${i}`)))];
  const parties = numbers.map((number) => ({
    kind: 'organization',
    number,
    name: `Virksomhet ${number}`,
    contactPoints: [{ channel: 'email', address: `post@${number}.example` }],
  }));

  const taken = await sandbox.post('/budstikke/v1/sandbox/seed', { version: 1, parties });
  const tooLarge = await sandbox.post('/budstikke/v1/sandbox/seed', `"${'x'.repeat(64 * 1024 * 1024)}"`);

  assert.equal(taken.status, 200, await taken.clone().text());
  assert.equal(tooLarge.status, 413);
});
