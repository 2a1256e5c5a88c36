import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Answer, type Client, enterpriseToken, organizationUrn, personalToken, personUrn } from '../../demo/client.ts';
import { startTarget, type Target } from './server.ts';
import { api, municipalityUrn, people, policyAtLevel4, resources, town as wireTown } from './town.ts';

/**
 * Every operation that gives, takes, shows or asks for access, on what belongs to the municipality and the directorate, by those who have
 * the scopes and no right: a stranger, another organization, and somebody whose access has ended.
 */
const ordinary = 'urn:altinn:accesspackage:ordinaer-post-til-virksomheten';
const highLevel = 'wire-high-level';

const town = {
  ...wireTown,
  grants: [
    { to: people.caseworker, at: people.municipality, package: 'hovedadministrator', until: '2020-01-01' },
    { to: people.caseworker, at: people.municipality, package: 'tilgangsstyrer', until: '2020-01-01' },
    { to: people.caseworker, at: people.municipality, package: 'ordinaer-post-til-virksomheten', until: '2020-01-01' },
  ],
  resources: [
    ...wireTown.resources,
    {
      ...{ id: highLevel, type: 'CorrespondenceService', owner: people.directorate, title: { nb: 'Høyt', nn: 'Høgt', en: 'High' } },
      policyXml: policyAtLevel4(highLevel),
    },
  ],
};
const covered =
  /^\/(?:accessmanagement|resourceregistry|authentication\/api\/v1\/system(?:register|user)|budstikke\/v1\/(?:grants|coverage|reachability|audit|sealed|system-user-requests))(?:\/|$)/;
/** Scopes of those who may look at or change what belongs to anybody: no stranger has them. */
const ofThePlatform = /admin$|audit|authorization\/authorize$/;
/** What anybody with the scope may ask: about nobody but itself, or what is public. */
const ownMatters =
  /authorizedparties$|serviceowner\/delegationrequests(?:\/package|\/resource)?$|my\/clients$|\/systemregister(?:\/vendor)?$|\/systemregister\/\{systemId\}|\/budstikke\/v1\/sealed$|systemuser\/byExternalId$/;

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly isForm: boolean;
  /** Each of them opens it. */
  readonly scopes: readonly string[];
}

let target: Target;
let operations: readonly Operation[];
let manager: Client;
let directorate: Client;
const callers = [
  { who: 'a stranger', number: people.stranger },
  { who: 'another organization', number: people.otherAgency },
  { who: 'somebody whose access has ended', number: people.caseworker },
];
const managers = ['altinn:portal/enduser', 'altinn:correspondence.read'];
const owners = [
  ...[
    'altinn:serviceowner',
    'altinn:correspondence.write',
    'altinn:resourceregistry/accesslist.write',
    'altinn:resourceregistry/accesslist.read',
  ],
  ...['altinn:authentication/systemregister.write', 'altinn:authentication/systemuser.request.write'],
  'altinn:serviceowner/delegationrequests.write',
];
const tokens = new Map<string, Client>();
let values: Readonly<Record<string, string>>;

before(async () => {
  target = await startTarget('access', town);
  const { client } = target;
  await readDocument(client);
  [manager, directorate] = [await clientOf(people.manager, managers), await clientOf(people.directorate, owners)];
  values = await makeThings();
});
after(() => target?.stop());

/** Somebody with a token of these scopes; a token holds so many and no more. */
async function clientOf(number: string, scopes: readonly string[]): Promise<Client> {
  const held = scopes.filter((_, i) => scopes.slice(0, i + 1).join(' ').length <= 500);
  const key = `${number} ${held.join(' ')}`;
  const make = number.length === 9 ? enterpriseToken : personalToken;
  const client = tokens.get(key) ?? target.client.with(await make(target.client, number, held));
  tokens.set(key, client);
  return client;
}

async function readDocument(client: Client): Promise<void> {
  interface Described {
    readonly security?: readonly Record<string, readonly string[]>[];
    readonly parameters?: readonly { in: string; name: string; required?: boolean }[];
    readonly requestBody?: { readonly content: object };
  }
  const { paths } = (await client.get('/openapi.json')).json<{ paths: Record<string, Record<string, Described>> }>();
  const found = Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([method, it]) => ({ path, method, it })));
  const closed = found.filter(({ path, it }) => covered.test(path) && (it.security ?? []).length > 0);
  operations = closed.map(({ path, method, it }) => ({
    name: `${method.toUpperCase()} ${path}`,
    ...{ method: method.toUpperCase(), path },
    query: (it.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name),
    scopes: [...new Set(it.security!.flatMap((one) => Object.values(one).flat()))].filter((scope) => !ofThePlatform.test(scope)),
    isForm: Object.keys(it.requestBody?.content ?? {}).some((type) => type.startsWith('multipart/')),
  }));
}

async function ok<T>(sent: Promise<Answer>): Promise<T> {
  const answer = await sent;
  assert.ok(answer.status >= 200 && answer.status < 300, `${answer.status} ${answer.text.slice(0, 300)}`);
  return (answer.text === '' ? undefined : answer.json<T>()) as T;
}

/** One of each kind of thing that operations are about, so that none is refused for want of it. */
async function makeThings(): Promise<Readonly<Record<string, string>>> {
  const parties = await ok<{ partyUuid: string; organizationNumber: string | null }[]>(
    manager.get('/accessmanagement/api/v1/enduser/authorizedparties'),
  );
  const party = parties.find(({ organizationNumber }) => organizationNumber === people.municipality)!.partyUuid;
  const self = parties.find(({ organizationNumber }) => organizationNumber === null)!.partyUuid;
  const grant = await ok<{ id: string }>(
    manager.post('/budstikke/v1/grants', { at: municipalityUrn, to: personUrn(people.citizen), lastName: 'Borger', package: ordinary }),
  );
  const lists = '/resourceregistry/api/v1/access-lists/wirea';
  await ok(directorate.put(`${lists}/wire-list`, { name: 'Liste' }));
  await ok(directorate.put(`${lists}/wire-list/members`, { data: [municipalityUrn] }));
  await ok(directorate.put(`${lists}/wire-list/resource-connections/${resources.letters}`, {}));
  const systemId = `${people.directorate}_wire`;
  const system = {
    ...{ id: systemId, vendor: { ID: `0192:${people.directorate}` }, clientId: [randomUUID()], accessPackages: [{ urn: ordinary }] },
    ...{ name: { nb: 'S', nn: 'S', en: 'S' }, description: { nb: 'S', nn: 'S', en: 'S' }, rights: [] },
  };
  await ok(directorate.post('/authentication/api/v1/systemregister/vendor', system));
  const asked = { systemId, partyOrgNo: people.municipality, accessPackages: [{ urn: ordinary }] };
  const request = await ok<{ id: string }>(
    directorate.post('/authentication/api/v1/systemuser/request/vendor', { ...asked, externalRef: 'ref' }),
  );
  const connection = { from: municipalityUrn, to: personUrn(people.citizen) };
  const delegation = await ok<{ id: string }>(
    directorate.post('/accessmanagement/api/v1/serviceowner/delegationrequests', { connection, package: ordinary }),
  );
  return {
    ...{
      party,
      from: party,
      at: municipalityUrn,
      to: self,
      owner: 'wirea',
      identifier: 'wire-list',
      resourceIdentifier: resources.letters,
    },
    ...{
      systemId,
      requestId: request.id,
      orgNo: people.municipality,
      externalRef: 'ref',
      'system-id': systemId,
      orgno: people.municipality,
    },
    ...{ 'external-ref': 'ref', grant: grant.id, delegation: delegation.id, package: ordinary, resource: resources.letters },
    ...{ instance: `urn:altinn:correspondence-id:${randomUUID()}`, systemUserId: randomUUID(), message: randomUUID() },
  };
}

/** Refused for their shape before anybody asks for a right, as they are tried here; the tests beside them try them with whole bodies. */
const shapedFirst = [
  'DELETE /resourceregistry/api/v1/access-lists/{owner}/{identifier}/members',
  'PATCH /resourceregistry/api/v1/access-lists/{owner}/{identifier}',
  'POST /budstikke/v1/reachability',
  'POST /resourceregistry/api/v1/resource',
  'PUT /authentication/api/v1/systemregister/vendor/{systemId}',
  'PUT /authentication/api/v1/systemregister/vendor/{systemId}/accesspackages',
  'PUT /authentication/api/v1/systemregister/vendor/{systemId}/rights',
  'PUT /resourceregistry/api/v1/resource/{id}',
];

const rightKeys = { directRightKeys: ['x'] };
/** Bodies with which those who may would be heard. */
const bodies: readonly (readonly [RegExp, () => object])[] = [
  [/\/rights$/, () => rightKeys],
  [/delegationrequests(?:\/\w+)?$/, () => ({ connection: { from: municipalityUrn, to: personUrn(people.citizen) }, package: ordinary })],
  [/\/members$/, () => ({ data: [organizationUrn(people.otherAgency)] })],
  [/\/access-lists\/\{owner\}\/\{identifier\}$/, () => ({ name: 'Min' })],
  [
    /(?:request|changerequest)\/vendor(?:\/agent)?$/,
    () => ({ systemId: values.systemId, partyOrgNo: people.municipality, accessPackages: [{ urn: ordinary }] }),
  ],
  [/\/sealed\/\{id\}\/grant$/, () => ({ what: 'message' })],
  [/\/budstikke\/v1\/grants$/, () => ({ at: municipalityUrn, to: personUrn(people.stranger), lastName: 'Fugl', package: ordinary })],
];

function attempt(client: Client, { method, path, query, isForm }: Operation): Promise<Answer> {
  const idOf = () =>
    /\/grants/.test(path)
      ? values.grant
      : /request/i.test(path)
        ? values.delegation
        : /resource\/\{id/.test(path)
          ? resources.letters
          : values.message;
  const valueFor = (name: string) => (name === 'id' ? idOf() : values[name]);
  const asked = query.flatMap((name) => {
    const value =
      name === 'party' && path.includes('memberships')
        ? municipalityUrn
        : name === 'party' && /reachability|\/audit/.test(path)
          ? municipalityUrn
          : valueFor(name);
    return value === undefined || name === 'externalRef' ? [] : [[name, value] as [string, string]];
  });
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueFor(name) ?? randomUUID());
  const url = asked.length > 0 ? `${filled}?${new URLSearchParams(asked)}` : filled;
  if (method === 'GET') return client.get(url);
  const body = bodies.find(([pattern]) => pattern.test(path))?.[1]();
  if (method === 'DELETE') return client.delete(url);
  const form = new FormData();
  form.append('policyFile', new Blob(['<Policy/>']), 'policy.xml');
  const send = method === 'PUT' ? client.put : method === 'PATCH' ? client.patch : client.post;
  return send(url, isForm ? form : (body ?? {}));
}

/** What stands, as those who may see it are told. */
async function standing(): Promise<readonly string[]> {
  const answers = [
    await manager.get(`/budstikke/v1/grants?${new URLSearchParams({ at: municipalityUrn })}`),
    await manager.get(`/authentication/api/v1/systemuser/request/${values.party}/${values.requestId}`),
    await directorate.get('/resourceregistry/api/v1/access-lists/wirea/wire-list?include=members'),
    await directorate.get('/resourceregistry/api/v1/access-lists/wirea/wire-list/resource-connections'),
    await directorate.get(`/authentication/api/v1/systemregister/vendor/${values.systemId}`),
    await directorate.get(`/resourceregistry/api/v1/resource/${resources.letters}`),
  ];
  for (const { status, text } of answers) assert.equal(status, 200, text.slice(0, 300));
  return answers.map(({ text }) => text);
}

const isEmpty = (text: string): boolean => ['[]', '{"grants":[],"next":null}'].includes(text);

test('given those who have every scope and no right, when each route of access is tried on what belongs to others, then it tells nothing and nothing is changed', async () => {
  assert.ok(operations.length >= 70, `${operations.length} operations`);
  const before = await standing();
  const unshaped: string[] = [];
  const wrong: string[] = [];
  for (const operation of operations) {
    for (const { who, number } of callers) {
      const client = await clientOf(number, operation.scopes);
      const { status, text } = await attempt(client, operation);
      const tried = `${operation.name} by ${who}: ${status} ${text.slice(0, 200)}`;
      if (status >= 500 || (status < 400 && !ownMatters.test(operation.path) && !isEmpty(text))) wrong.push(tried);
      if (operation.method !== 'GET' && !ownMatters.test(operation.path) && status === 400 && !/errorCode/.test(text))
        unshaped.push(operation.name);
      for (const word of ['Prøvedal', 'Kari Leder', people.manager]) if (text.includes(word)) wrong.push(`tells “${word}”: ${tried}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(await standing(), before);
  assert.deepEqual([...new Set(unshaped)].sort(), shapedFirst);
});

test('given somebody logged in at a level below what a service asks, when it reads or gives it, then it is refused, and at that level it is not', async () => {
  const { client } = target;
  const sent = await directorate.post(`${api}/correspondence`, {
    recipients: [municipalityUrn],
    correspondence: {
      ...{ resourceId: highLevel, sendersReference: randomUUID() },
      content: { language: 'nb', messageTitle: 'Høyt nivå', messageBody: 'Bare for noen.' },
    },
  });
  const { correspondences } = await ok<{ correspondences: { correspondenceId: string }[] }>(Promise.resolve(sent));
  const at = async (level: number): Promise<Client> => {
    const parameters = {
      env: 'tt02',
      ttl: '1800',
      pid: people.manager,
      authLvl: String(level),
      scopes: managers.join(' '),
    };
    const { text } = await client.get(`/api/GetPersonalToken?${new URLSearchParams(parameters)}`);
    return client.with(text.trim());
  };
  const read = async (level: number) =>
    (await (await at(level)).get(`${api}/correspondence/${correspondences[0]!.correspondenceId}/content`)).status;
  const give = async (level: number) =>
    (
      await (
        await at(level)
      ).post('/budstikke/v1/grants', { at: municipalityUrn, to: personUrn(people.citizen), lastName: 'Borger', resource: highLevel })
    ).status;
  assert.deepEqual([await read(3), await give(3)], [401, 403]);
  assert.deepEqual([await read(4), await give(4)], [200, 201]);

  const low = await at(2);
  const { party, grant } = values as { party: string; grant: string };
  const looks = [
    `coverage?party=${party}`,
    `grants?${new URLSearchParams({ at: municipalityUrn })}`,
    `audit?${new URLSearchParams({ party: municipalityUrn })}`,
    `reachability?${new URLSearchParams({ party: municipalityUrn, resource: resources.letters })}`,
  ];
  for (const look of looks) {
    assert.equal((await manager.get(`/budstikke/v1/${look}`)).status, 200, look);
    const { status, text } = await low.get(`/budstikke/v1/${look}`);
    assert.deepEqual([status, JSON.parse(text).errorCode], [403, 9790], look);
  }
  const given = { at: municipalityUrn, to: personUrn(people.citizen), lastName: 'Borger', resource: resources.letters };
  const tried = [
    await low.post('/budstikke/v1/grants', given),
    await low.delete(`/budstikke/v1/grants/${grant}`),
    await low.post(`/budstikke/v1/grants/${grant}/restore`),
  ];
  assert.deepEqual(
    tried.map(({ status }) => status),
    [403, 403, 403],
  );
  assert.equal((await low.get('/budstikke/v1/sealed')).status, 200, 'that something lies sealed is told to whoever could help');
  const connections = `/accessmanagement/api/v1/enduser/connections?${new URLSearchParams({ party, from: party })}`;
  assert.equal((await low.get(connections)).status, 200, 'the original asks no level here');
});
