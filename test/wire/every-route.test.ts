import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Answer, type Client, enterpriseToken, personalToken } from '../../demo/client.ts';
import { type Operation as Described, operationsOf } from '../fuzz/operations.ts';
import { startTarget, type Target } from './server.ts';
import { type Named, shapedRequest } from './shaped-request.ts';
import {
  accepted,
  api,
  type Callers,
  callersOf,
  letter,
  municipalityUrn,
  people,
  policyAtLevel4,
  resources,
  senderScopes,
  town as wireTown,
} from './town.ts';

/** What is served to anybody. Each is named here on purpose: a new route that asks for no token fails the test until somebody has thought about it. */
const openRoutes = new Set([
  'GET /',
  'GET /health',
  'GET /healthz',
  'GET /openapi.json',
  'GET /docs',
  'GET /dialogporten/api/v1/metadata/limits',
  'GET /dialogporten/api/v1/.well-known/jwks.json',
  'GET /dialogporten/api/v1/.well-known/oauth-authorization-server',
  'POST /budstikke/v1/setup/{token}',
  // by X-API-Key
  'POST /correspondence/api/v1/statistics/generate-daily-summary',
  'POST /correspondence/api/v1/statistics/download-daily-report',
  'POST /correspondence/api/v1/statistics/generate-and-download-daily-summary',
  'POST /broker/api/v1/statistics/generate-daily-summary',
  'POST /broker/api/v1/statistics/download-daily-report',
  'POST /broker/api/v1/statistics/generate-and-download-daily-summary',
  'GET /budstikke/v1/forwarded/{token}',
  // by the secret of a mail
  'GET /budstikke/v1/unread/routine/addresses/{token}',
  'POST /budstikke/v1/unread/routine/addresses/{token}',
  'GET /budstikke/v1/second-contact/addresses/{token}',
  'POST /budstikke/v1/second-contact/addresses/{token}',
  'GET /metrics', // by a token of its own
  'GET /correspondence/api/v1/idporten-callback',
  // a browser comes to log in, comes back, or is logged out by its provider; none opens anything
  'GET /login',
  'GET /login/callback',
  'GET /logout/frame',
  'POST /logout', // of the browser's own session, from its own page; also where that is over
  'POST /logout/token',
  'GET /budstikke/v1/certificate', // by the certificate that is shown; opens nothing
]);
/** Of the resource registry what is read, as in the original: who may what with a resource is no secret. */
const openInRegistry = /^GET \/resourceregistry\/api\/v1\/resource\/|^POST \/resourceregistry\/api\/v1\/resource\/bysubjects$/;

/** Answers as long as somebody listens, with nothing but what is theirs: `inbox.test.ts` and the feature's own tests listen. */
const neverEnds = 'GET /budstikke/v1/inbox/changes';

/** The sandbox's own pages and generators, which production does not mount. */
const openInSandbox = [
  /^\/budstikke\/v1\/sandbox\//,
  /^\/api\//,
  /^\/outbox/,
  /^\/maskinporten\//,
  /\/\.well-known\//,
  /^\/(?:correspondence|broker)\/api\/v1\/webhooks\/malwarescanresults$/, // production asks for a secret
  /^\/authentication\/api\/v1\/exchange\//,
];

/** Where a browser without a token is sent to log in; `download-login.test.ts` goes along. */
const forBrowsers = /^GET .*\/(?:correspondence\/\{\w+\}\/attachment\/\{\w+\}\/download|attachments\/downloadall)$/;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly mediaTypes: readonly string[];
  /** Each of these is enough. */
  readonly scopes: readonly (readonly string[])[];
  /** As the document describes it. */
  readonly described?: Described;
}

const [highLevel, anyFiles] = ['wire-high-letters', 'wire-any-files'];
const everything = [
  'hovedadministrator',
  'tilgangsstyrer',
  'ordinaer-post-til-virksomheten',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
];
/** Somebody whose access has ended, and a service that asks for the highest level of login. */
const town = {
  ...wireTown,
  grants: everything.map((code) => ({ to: people.caseworker, at: people.municipality, package: code, until: '2020-01-01' })),
  resources: [
    ...wireTown.resources,
    {
      ...{ id: highLevel, type: 'CorrespondenceService', owner: people.directorate, title: { nb: 'Høyt', nn: 'Høgt', en: 'High' } },
      policyXml: policyAtLevel4(highLevel),
    },
    {
      ...{ id: anyFiles, type: 'BrokerService', owner: people.directorate, title: { nb: 'Filer', nn: 'Filer', en: 'Files' } },
      ...{ senders: 'any', readers: ['organization'], broker: {} },
    },
  ],
};

let target: Target;
let callers: Callers;
let operations: readonly Operation[];
interface Secret {
  readonly messageId: string;
  readonly attachmentId: string;
  readonly dialogId: string;
}
let secret: Secret;
let high: Secret;
before(async () => {
  target = await startTarget('routes', town);
  callers = await callersOf(target.client);
  operations = await listOperations(target.client);
  secret = await send(resources.sealed, true);
  high = await send(highLevel, false);
});
after(() => target?.stop());

async function listOperations(client: Client): Promise<readonly Operation[]> {
  const answer = await client.get('/openapi.json');
  assert.equal(answer.status, 200, answer.text.slice(0, 200));
  const { openapi, paths } = answer.json<{
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: { content: object }; security?: Record<string, readonly string[]>[] }>>;
  }>();
  assert.match(openapi, /^3\.1\./);
  const described = new Map(operationsOf(answer.json()).map((each) => [each.name, each]));
  const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, { requestBody, security }]) => ({
        method: method.toUpperCase(),
        path,
        name: `${method.toUpperCase()} ${path}`,
        mediaTypes: Object.keys(requestBody?.content ?? {}),
        scopes: (security ?? []).map((one) => Object.values(one).flat()),
        described: described.get(`${method.toUpperCase()} ${path}`)!,
      })),
  );
}

const words = { title: 'Sommerfuglprøve', body: 'Kolibrisvermeren flyr baklengs.', file: 'nattsvermer.txt' } as const;

/** A message with a file to a municipality: a confidential one that nobody there may open, or one that takes a higher login. */
async function send(resource: string, confidential: boolean): Promise<Secret> {
  const form = new FormData();
  form.append('recipients[0]', municipalityUrn);
  form.append('correspondence.resourceId', resource);
  form.append('correspondence.sendersReference', `secret-${randomUUID()}`);
  form.append('correspondence.isConfidential', String(confidential));
  form.append('correspondence.content.messageTitle', words.title);
  form.append('correspondence.content.messageBody', words.body);
  form.append('correspondence.content.attachments[0].fileName', words.file);
  form.append('correspondence.content.attachments[0].sendersReference', '1');
  form.append('attachments', new Blob([words.body]), words.file);
  const { correspondences, attachmentIds } = accepted(await callers.directorate.post(`${api}/correspondence/upload`, form));
  const messageId = correspondences[0]!.correspondenceId;
  const { externalReferences } = (await callers.directorate.get(`${api}/correspondence/${messageId}`)).json<{
    externalReferences: { referenceType: string; referenceValue: string }[];
  }>();
  const dialogId = externalReferences.find(({ referenceType }) => referenceType === 'DialogportenDialogId')!.referenceValue;
  return { messageId, attachmentId: attachmentIds[0]!, dialogId };
}

const isOpen = ({ name, path }: Operation): boolean =>
  openRoutes.has(name) || openInRegistry.test(name) || openInSandbox.some((pattern) => pattern.test(path));

/** Tries an operation on a message, with a body of the type that the route takes. */
function attempt(client: Client, operation: Operation, on: Secret = secret): Promise<Answer> {
  return attemptOn(client, operation, (name) =>
    /attachment/i.test(name) ? on.attachmentId : /dialog/i.test(name) ? on.dialogId : on.messageId,
  );
}

function attemptOn(client: Client, { method, path, mediaTypes }: Operation, idOf: (name: string) => string): Promise<Answer> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => idOf(name));
  if (method === 'GET') return client.get(filled);
  if (method === 'DELETE') return client.delete(filled);
  const send = method === 'PUT' ? client.put : method === 'PATCH' ? client.patch : client.post;
  if (mediaTypes.some((type) => type.startsWith('multipart/'))) {
    const form = new FormData();
    form.append('x', 'y');
    return send(filled, form);
  }
  if (mediaTypes.includes('application/octet-stream'))
    return send(filled, { mediaType: 'application/octet-stream', bytes: Buffer.from('abc') });
  return send(filled, mediaTypes.length > 0 ? {} : undefined);
}

test('given the document of the API, when its routes are counted, then the main line is among them', () => {
  const names = new Set(operations.map(({ name }) => name.toLowerCase().replaceAll(/\{\w+\}/g, '{}')));
  const message = `${api}/correspondence`;
  for (const name of [
    `post ${message}`,
    `post ${message}/upload`,
    `get ${message}`,
    `get ${message}/{}`,
    `get ${message}/{}/details`,
    `get ${message}/{}/content`,
    `post ${message}/{}/markasread`,
    `post ${message}/{}/confirm`,
    `delete ${message}/{}/purge`,
    `get ${message}/{}/attachment/{}/download`,
    `post ${api}/attachment`,
    `post ${api}/attachment/{}/upload`,
    `get ${api}/attachment/{}`,
    'post /broker/api/v1/filetransfer',
    'post /broker/api/v1/filetransfer/{}/upload',
    'post /broker/api/v1/filetransfer/upload',
    'get /broker/api/v1/filetransfer/{}',
    'get /broker/api/v1/filetransfer/{}/download',
    'post /broker/api/v1/filetransfer/{}/confirmdownload',
    'put /broker/api/v1/resource/{}',
    'get /budstikke/v1/sealed',
    'post /budstikke/v1/grants',
    'get /budstikke/v1/correspondence/{}/watch',
    'get /budstikke/v1/correspondence/{}/timeline',
    'get /budstikke/v1/watch/invariants',
  ]) {
    assert.ok(names.has(name), `${name} is not in the document`);
  }
});

test('given no token, when every route is tried, then each that is not open answers 401 with nothing in it', async () => {
  const tried = operations.filter((operation) => !isOpen(operation));
  assert.ok(tried.length >= 18, `only ${tried.length} routes ask for a token`);
  for (const operation of tried) {
    const answer = await attempt(callers.nobody, operation);
    if (forBrowsers.test(operation.name)) {
      assert.deepEqual([answer.status, answer.text], [302, ''], operation.name);
      assert.ok(answer.headers.get('location')!.includes('/idporten/authorize?'), operation.name);
      continue;
    }
    assert.deepEqual([answer.status, answer.text], [401, ''], operation.name);
    assert.ok(answer.headers.get('www-authenticate'), operation.name);
  }
});

test('given a token of the wrong scope, when every route is tried, then each that is not open answers 403 with nothing in it', async () => {
  const machine = callers.nobody.with(await enterpriseToken(target.client, people.directorate, ['altinn:somewhere.else']));
  const person = callers.nobody.with(await personalToken(target.client, people.manager, ['altinn:somewhere.else']));
  for (const operation of operations.filter((one) => !isOpen(one))) {
    for (const client of [machine, person]) {
      const answer = await attempt(client, operation);
      assert.deepEqual([answer.status, answer.text], [403, ''], operation.name);
    }
  }
});

const manyScopes = [
  ...senderScopes,
  'altinn:correspondence.read',
  'altinn:portal/enduser',
  'altinn:enduser',
  'digdir:dialogporten',
  'altinn:broker.write',
  'altinn:broker.read',
];
/** Scopes of those who may look at what belongs to anybody, and of other systems of the platform: no stranger has them. */
const ofThePlatform = /admin$|forward\.check$|maintenance$|condition\.check$|systemuser\.read$|^budstikke:|authorization\/authorize$/;

/** Somebody with whatever scopes an operation asks for: with many of them, or, where these are not enough, with its own. */
function somebody(make: (scopes: readonly string[]) => Promise<string>): (operation: Operation) => Promise<Client> {
  const clients = new Map<string, Promise<Client>>();
  return ({ scopes }) => {
    const ways = scopes.filter((some) => !some.some((scope) => ofThePlatform.test(scope)));
    const isMet = ways.length === 0 || ways.some((some) => some.every((scope) => manyScopes.includes(scope)));
    const held = isMet ? manyScopes : ways[0]!;
    const client = clients.get(held.join()) ?? make(held).then((token) => callers.nobody.with(token));
    clients.set(held.join(), client);
    return client;
  };
}
const machine = (number: string) => somebody((scopes) => enterpriseToken(target.client, number, [...scopes]));
const person = (number: string) => somebody((scopes) => personalToken(target.client, number, [...scopes]));

test('given strangers with every scope, and somebody whose access has ended, when every route is tried on a message that is not theirs, then none of them sees a word of it', async () => {
  const manager = person(people.manager);
  const strangers = [
    machine(people.otherAgency),
    machine(people.municipality),
    person(people.stranger),
    person(people.caseworker),
    manager,
  ];
  for (const operation of operations.filter((one) => !isOpen(one) && one.name !== neverEnds)) {
    for (const stranger of strangers) {
      const answer = await attempt(await stranger(operation), operation);
      assert.ok(answer.status < 500, `${operation.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
      // The log of its own organization, the envelope of post there that it could let somebody in to, and why it does not see that itself.
      const administers = stranger === manager && /^\/budstikke\/v1\/(?:(?:audit|sealed)\/|inbox\/\{id\}\/absence$)/.test(operation.path);
      if (operation.path.includes('{') && !administers)
        assert.ok(answer.status >= 400, `${operation.name} answers ${answer.status} to a stranger: ${answer.text.slice(0, 300)}`);
      for (const word of Object.values(words)) assert.ok(!answer.text.includes(word), `${operation.name} tells a stranger "${word}"`);
    }
  }

  const { status, json } = await callers.directorate.get(`${api}/correspondence/${secret.messageId}`);
  assert.equal(status, 200);
  assert.equal(json<{ read: string | null }>().read, null);
});

/** A whole request to an operation, on real things of the municipality and the directorate. */
async function tryWhole(client: Client, { described }: Operation, named: Named, ids: Readonly<Record<string, string>>): Promise<Answer> {
  const { method, path, body } = shapedRequest(described!, named, (name) => {
    const ofKind = Object.entries(ids).find(([at]) => at.startsWith('/') && described!.path.startsWith(at));
    return (name === 'id' && ofKind?.[1]) || ids[name] || secret.messageId;
  });
  if (method === 'GET') return client.get(path);
  if (method === 'DELETE') return client.delete(path);
  return (method === 'PUT' ? client.put : method === 'PATCH' ? client.patch : client.post)(path, body);
}

/** Those of access are tried with whole requests of their own in `access-routes.test.ts`. */
const ofAccess =
  /^\/(?:accessmanagement|resourceregistry|authentication\/api\/v1\/system(?:register|user)|budstikke\/v1\/(?:grants|coverage|reachability|audit|sealed|system-user-requests))(?:\/|$)/;

/** Refused for something else before anybody asks for a right, or answered about nobody but whoever asks, as they are tried here. */
const notRefusedForWant: readonly string[] = [
  // the header of resumable uploads is asked for first
  'DELETE /broker/api/v1/filetransfer/upload/tus/{fileTransferId} 412',
  'DELETE /broker/api/v1/filetransfer/upload/tus/{fileTransferId}/partial/{partialId} 412',
  'DELETE /broker/api/v1/filetransfer/upload/tus/{fileTransferId}/{partialId} 412',
  'OPTIONS /broker/api/v1/filetransfer/upload/tus/{fileTransferId} 412',
  'PATCH /broker/api/v1/filetransfer/upload/tus/{fileTransferId} 412',
  'PATCH /broker/api/v1/filetransfer/upload/tus/{fileTransferId}/partial/{partialId} 412',
  'PATCH /broker/api/v1/filetransfer/upload/tus/{fileTransferId}/{partialId} 412',
  'POST /broker/api/v1/filetransfer/upload/tus/{fileTransferId} 412',
  // ids are numbers: tried below on a subscription that is there
  'DELETE /budstikke/v1/subscriptions/{id} 400',
  'DELETE /events/api/v1/subscriptions/{id} 400',
  'GET /budstikke/v1/subscriptions/{id} 400',
  'GET /budstikke/v1/subscriptions/{id}/deliveries 400',
  'GET /events/api/v1/subscriptions/{id} 400',
  'POST /budstikke/v1/subscriptions/{id}/pause 400',
  'POST /budstikke/v1/subscriptions/{id}/replay 400',
  'POST /budstikke/v1/subscriptions/{id}/resume 400',
  'POST /budstikke/v1/subscriptions/{id}/secret 400',
  'POST /budstikke/v1/subscriptions/{id}/test 400',
  'PUT /events/api/v1/subscriptions/validate/{id} 400',
  // presets, which every sender may read; one of its own is another's only by its owner
  'GET /budstikke/v1/ladders/{ladderId} 200',
  'POST /budstikke/v1/ladders/preview 400',
  'PUT /budstikke/v1/ladders/{ladderId} 400',
  // about the caller's own organization, which these bodies do not fit
  'POST /budstikke/v1/decisions 400',
  'POST /budstikke/v1/subscriptions 400',
  'POST /events/api/v1/subscriptions 400',
  'PUT /budstikke/v1/contact-addresses/quiet-hours 400',
  'PUT /budstikke/v1/second-contact 400',
  'PUT /budstikke/v1/unread/routine 400',
  // their shape is checked by rules of the original that the document does not tell
  'GET /broker/api/v1/resource/{resourceId} 400',
  'GET /broker/api/v1/serviceowner 400',
  'GET /broker/api/v1/statistics/monthly 400',
  'GET /correspondence/api/v1/correspondence 400',
  'GET /events/api/v1/events 400',
  'POST /broker/api/v1/filetransfer/upload 400',
  'POST /broker/api/v1/serviceowner 400',
  'POST /budstikke/v1/mailings/{mailingId}/release 400',
  'POST /correspondence/api/v1/correspondence/upload 400',
];

test('given strangers with every scope, when every route is tried with a whole request on what is real and not theirs, then each asks for the right and refuses it, but for those that are listed', async () => {
  const leader = callers.nobody.with(
    await personalToken(target.client, people.manager, ['altinn:portal/enduser', 'altinn:correspondence.read']),
  );
  const known = (await leader.get('/accessmanagement/api/v1/enduser/authorizedparties')).json<
    { partyUuid: string; organizationNumber: string | null }[]
  >();
  const party = known.find(({ organizationNumber }) => organizationNumber === people.municipality)!.partyUuid;
  const address = await leader.post('/budstikke/v1/contact-addresses', { party, channel: 'email', address: 'post@provedal.example.no' });
  assert.ok(address.status < 300, address.text);
  const ids = {
    ...{ correspondenceId: secret.messageId, attachmentId: secret.attachmentId, dialogId: secret.dialogId, resourceId: resources.letters },
    ...{ party, organizationNumber: people.municipality, orgNo: people.municipality, owner: 'wirea', ladderId: 'ordinary' },
    '/budstikke/v1/contact-addresses': address.json<{ id: string }>().id,
    '/resourceregistry/api/v1/resource': resources.letters,
  };
  const named = {
    ...{
      party,
      at: municipalityUrn,
      address: 'a@example.no',
      nationalIdentityNumber: people.citizen,
      lastName: 'Borger',
      resourceId: resources.letters,
      resource: resources.letters,
    },
    ...{
      recipients: municipalityUrn,
      recipient: municipalityUrn,
      onBehalfOf: people.municipality,
      organizationNumber: people.municipality,
    },
    ...{ correspondenceId: secret.messageId, attachmentIds: secret.attachmentId, ids: secret.messageId, messageIds: secret.messageId },
  };
  const strangers = [machine(people.otherAgency), machine(people.municipality), person(people.stranger), person(people.caseworker)];
  const unlike = new Map<string, Set<number>>();
  for (const operation of operations.filter((one) => !isOpen(one) && one.name !== neverEnds && !ofAccess.test(one.path)))
    for (const stranger of strangers) {
      const { status, text } = await tryWhole(await stranger(operation), operation, named, ids);
      for (const word of Object.values(words)) assert.ok(!text.includes(word), `${operation.name} tells a stranger "${word}"`);
      const refuses = [401, 403, 404].includes(status) || (status < 300 && !operation.path.includes('{'));
      if (!refuses) unlike.set(operation.name, (unlike.get(operation.name) ?? new Set()).add(status));
    }
  assert.deepEqual([...unlike].map(([name, statuses]) => `${name} ${[...statuses].sort().join(' ')}`).sort(), notRefusedForWant.toSorted());
});

/** What senders have beside messages, and where it is dealt with: one of each, of the directorate. */
const kindsOfThings: readonly { readonly at: RegExp; make(owner: Client): Promise<Answer>; idOf(answer: Answer): string }[] = [
  {
    at: /^\/(?:broker\/api|budstikke)\/v1\/filetransfer\/(?:upload\/tus\/)?\{fileTransferId\}/,
    make: (owner) =>
      owner.post('/broker/api/v1/filetransfer', {
        ...{ fileName: words.file, resourceId: anyFiles, sendersFileTransferReference: words.title, propertyList: {} },
        ...{ sender: `0192:${people.directorate}`, recipients: [`0192:${people.emptyHouse}`] },
      }),
    idOf: (answer) => answer.json<{ fileTransferId: string }>().fileTransferId,
  },
  {
    at: /^\/budstikke\/v1\/mailings\/\{mailingId\}/,
    make: (owner) =>
      owner.post('/budstikke/v1/mailings', {
        idempotencyKey: randomUUID(),
        correspondence: {
          ...{ resourceId: resources.letters, sendersReference: words.title },
          content: { language: 'nb', messageTitle: words.title, messageBody: words.body },
        },
      }),
    idOf: (answer) => answer.json<{ mailingId: string }>().mailingId,
  },
  {
    at: /^\/(?:events\/api\/v1|budstikke\/v1)\/subscriptions\/\{id\}/,
    make: (owner) =>
      owner.post('/events/api/v1/subscriptions', {
        endPoint: `https://hooks.example.no/${words.title.toLowerCase().replace('ø', 'o')}`,
        resourceFilter: `urn:altinn:resource:${resources.letters}`,
      }),
    idOf: (answer) => String(answer.json<{ id: number }>().id),
  },
];

/** Without what happens by itself meanwhile: that the endpoint is not there. */
function asLeft(answer: Answer): object {
  const { failures: _, failingSince: __, nextAttemptAt: ___, ...rest } = answer.json<Record<string, unknown>>();
  return rest;
}

test('given files, mailings and subscriptions of others, when every route on them is tried with its scopes by a stranger, another organization and somebody whose access has ended, then none tells of them and all stay as they were', async () => {
  const owner = callers.nobody.with(
    await enterpriseToken(target.client, people.directorate, [
      ...senderScopes,
      'altinn:broker.write',
      'altinn:broker.read',
      'altinn:events.subscribe',
    ]),
  );
  const strangers = [machine(people.otherAgency), person(people.stranger), person(people.caseworker)];
  for (const { at, make, idOf } of kindsOfThings) {
    const made = await make(owner);
    assert.ok(made.status < 300, `${at}: ${made.status} ${made.text.slice(0, 500)}`);
    const id = idOf(made);
    const tried = operations.filter(({ path, name }) => at.test(path) && !isOpen({ name, path } as Operation));
    assert.ok(tried.length >= 3, `${at}: ${tried.length} operations`);
    const look = tried.find(({ method, path }) => method === 'GET' && path.endsWith('}') && (path.match(/\{/g) ?? []).length === 1)!;
    const before = await attemptOn(owner, look, () => id);
    assert.equal(before.status, 200, before.text.slice(0, 500));
    for (const operation of tried)
      for (const stranger of strangers) {
        const { status, text } = await attemptOn(await stranger(operation), operation, (name) =>
          /partial/i.test(name) ? randomUUID() : id,
        );
        assert.ok(status >= 400 && status < 500, `${operation.name} answers ${status} to a stranger: ${text.slice(0, 300)}`);
        for (const word of [...Object.values(words), 'hooks.example'])
          assert.ok(!text.includes(word), `${operation.name} tells a stranger "${word}"`);
      }
    assert.deepEqual(asLeft(await attemptOn(owner, look, () => id)), asLeft(before), look.name);
  }
});

test('given a reader who is logged in at a level below what the message asks for, when every route is tried, then none tells a word of it and it stays unread, and at that level it is read', async () => {
  const at = (level: number) =>
    somebody(async (scopes) => {
      const asked = { env: 'tt02', ttl: '1800', pid: people.manager, authLvl: String(level), scopes: scopes.join(' ') };
      return (await target.client.get(`/api/GetPersonalToken?${new URLSearchParams(asked)}`)).text.trim();
    });
  const low = at(3);
  for (const operation of operations.filter((one) => !isOpen(one) && one.name !== neverEnds)) {
    const answer = await attempt(await low(operation), operation, high);
    assert.ok(answer.status < 500, `${operation.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
    for (const word of Object.values(words)) assert.ok(!answer.text.includes(word), `${operation.name} tells "${word}" to a lower login`);
  }
  const before = await callers.directorate.get(`${api}/correspondence/${high.messageId}/details`);
  assert.ok(
    before.status === 200 && !/"status":"(?:Read|Fetched|Confirmed)"/.test(before.text),
    JSON.stringify(before.json<{ statusHistory: unknown }>().statusHistory),
  );

  const reading: Operation = {
    method: 'GET',
    path: `${api}/correspondence/{correspondenceId}/content`,
    name: '',
    mediaTypes: [],
    scopes: [],
  };
  assert.ok((await attempt(await at(4)(reading), reading, high)).text.includes(words.body));
});

test('given the routes that are open, when they are listed, then they are those that were meant to be', async () => {
  for (const operation of operations.filter((one) => !isOpen(one))) assert.ok(!openRoutes.has(operation.name));
  const status = (await callers.nobody.post(`${api}/correspondence`, letter('open'))).status;
  assert.equal(status, 401);
});
