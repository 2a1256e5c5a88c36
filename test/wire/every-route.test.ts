import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Answer, type Client, enterpriseToken, personalToken } from '../../demo/client.ts';
import { startTarget, type Target } from './server.ts';
import { accepted, api, type Callers, callersOf, letter, municipalityUrn, people, resources, senderScopes, town } from './town.ts';

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
}

let target: Target;
let callers: Callers;
let operations: readonly Operation[];
let secret: { readonly messageId: string; readonly attachmentId: string; readonly dialogId: string };
before(async () => {
  target = await startTarget('routes', town);
  callers = await callersOf(target.client);
  operations = await listOperations(target.client);
  secret = await sendSecret();
});
after(() => target?.stop());

async function listOperations(client: Client): Promise<readonly Operation[]> {
  const answer = await client.get('/openapi.json');
  assert.equal(answer.status, 200, answer.text.slice(0, 200));
  const { openapi, paths } = answer.json<{
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: { content: object } }>>;
  }>();
  assert.match(openapi, /^3\.1\./);
  const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, { requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        name: `${method.toUpperCase()} ${path}`,
        mediaTypes: Object.keys(requestBody?.content ?? {}),
      })),
  );
}

const words = { title: 'Sommerfuglprøve', body: 'Kolibrisvermeren flyr baklengs.', file: 'nattsvermer.txt' } as const;

/** A confidential message with a file, to a municipality where nobody may open it: nobody may see a word of it. */
async function sendSecret(): Promise<typeof secret> {
  const form = new FormData();
  form.append('recipients[0]', municipalityUrn);
  form.append('correspondence.resourceId', resources.sealed);
  form.append('correspondence.sendersReference', `secret-${randomUUID()}`);
  form.append('correspondence.isConfidential', 'true');
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

/** Tries an operation on the secret message, with a body of the type that the route takes. */
function attempt(client: Client, { method, path, mediaTypes }: Operation): Promise<Answer> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    /attachment/i.test(name) ? secret.attachmentId : /dialog/i.test(name) ? secret.dialogId : secret.messageId,
  );
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

test('given strangers with every scope, when every route is tried on a message that is not theirs, then none of them sees a word of it', async () => {
  const scopes = [
    ...new Set([
      ...senderScopes,
      'altinn:correspondence.read',
      'altinn:portal/enduser',
      'altinn:enduser',
      'digdir:dialogporten',
      'altinn:broker.write',
      'altinn:broker.read',
    ]),
  ];
  const strangers = [
    callers.nobody.with(await enterpriseToken(target.client, people.otherAgency, scopes)),
    callers.nobody.with(await enterpriseToken(target.client, people.municipality, scopes)),
    callers.nobody.with(await personalToken(target.client, people.stranger, scopes)),
    callers.nobody.with(await personalToken(target.client, people.manager, scopes)),
  ];
  for (const operation of operations.filter((one) => !isOpen(one) && one.name !== neverEnds)) {
    for (const stranger of strangers) {
      const answer = await attempt(stranger, operation);
      assert.ok(answer.status < 500, `${operation.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
      // The log of its own organization, and the envelope of post there that it could let somebody in to.
      const administers = stranger === strangers.at(-1) && /^\/budstikke\/v1\/(?:audit|sealed)\//.test(operation.path);
      if (operation.path.includes('{') && !administers)
        assert.ok(answer.status >= 400, `${operation.name} answers ${answer.status} to a stranger: ${answer.text.slice(0, 300)}`);
      for (const word of Object.values(words)) assert.ok(!answer.text.includes(word), `${operation.name} tells a stranger "${word}"`);
    }
  }

  const { status, json } = await callers.directorate.get(`${api}/correspondence/${secret.messageId}`);
  assert.equal(status, 200);
  assert.equal(json<{ read: string | null }>().read, null);
});

test('given the routes that are open, when they are listed, then they are those that were meant to be', async () => {
  for (const operation of operations.filter((one) => !isOpen(one))) assert.ok(!openRoutes.has(operation.name));
  const status = (await callers.nobody.post(`${api}/correspondence`, letter('open'))).status;
  assert.equal(status, 401);
});
