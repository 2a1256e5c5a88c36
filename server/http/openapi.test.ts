import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import Type from 'typebox';
import { catalogue } from '#kernel/refusal.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { Enumeration, Nullable, personal, Timestamp, Uuid, worded } from '#kernel/schema.ts';
import { operationIdOf } from './openapi.ts';
import { openHttp } from './testing/open-http.ts';

const errors = catalogue('CORR', {
  notFound: { code: 1001, status: 404, origin: 'altinn', text: 'The requested correspondence was not found' },
  noAccess: { code: 4001, status: 401, origin: 'altinn', text: 'You must use an Altinn token' },
  title: { code: 1002, status: 400, origin: 'altinn', text: 'Message title must be plain text' },
});
const details = route({
  method: 'GET',
  path: '/correspondence/api/v1/correspondence/:correspondenceId/details',
  summary: 'What is known of a message.',
  scope: [
    { issuer: 'altinn', all: ['altinn:correspondence.read'] },
    { issuer: 'dialog', all: [] },
  ],
  params: Type.Object({ correspondenceId: Uuid }),
  query: Type.Object({ role: Enumeration('Role', { Sender: 1 }), from: Type.Optional(Nullable(Timestamp)) }),
  answers: { 200: Type.Object({ recipient: personal(Type.String()), at: Nullable(Timestamp) }) },
  refusals: [errors.notFound, errors.noAccess],
  run: async () => ({}),
});
const upload = route({
  method: 'POST',
  path: '/correspondence/api/v1/correspondence/upload',
  summary: 'Sends a message with files.',
  scope: [{ issuer: 'maskinporten', all: ['altinn:serviceowner', 'altinn:correspondence.write'] }],
  bodyKind: 'form',
  body: Type.Object({ title: worded(Type.String({ maxLength: 255 }), { violation: 'too long', clrName: 'MessageTitle' }) }),
  answers: { 200: Type.Object({}) },
  refusals: [errors.title],
  run: async () => ({}),
});
const bytes = route({
  method: 'POST',
  path: '/correspondence/api/v1/attachment/:id/upload',
  summary: 'Bytes.',
  scope: 'open',
  bodyKind: 'bytes',
  params: Type.Object({ id: Uuid }),
  answers: { 200: Type.Object({}) },
  refusals: [],
  run: async () => ({}),
});
const gone = route({
  method: 'DELETE',
  path: '/correspondence/api/v1/attachment/:id',
  summary: 'Removes.',
  scope: 'open',
  params: Type.Object({ id: Uuid }),
  answers: { 204: Type.Null() },
  refusals: [],
  run: async () => undefined,
});
const page = route({
  method: 'GET',
  path: '/budstikke/v1/outbox',
  summary: 'A page.',
  scope: 'open',
  mediaType: 'text/html',
  answers: { 200: Type.String() },
  refusals: [],
  run: async () => '',
});
const routes: AnyRoute[] = [details, upload, bytes, gone, page];

interface Operation {
  operationId: string;
  tags: string[];
  security: object[];
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: { properties: Record<string, object> } }> };
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema: { $ref?: string; properties?: Record<string, object> } }> }
  >;
  'x-refusals': string[];
}
const documentOf = async (table: readonly AnyRoute[]) =>
  (await openHttp(table)).openapi() as {
    openapi: string;
    servers?: unknown;
    paths: Record<string, Record<string, Operation>>;
    components: { securitySchemes: object; schemas: object };
  };

test('given a table of routes, when the document is made, then each operation has its id, scopes, parameters and refusals', async () => {
  const { openapi, paths } = await documentOf(routes);
  const operation = paths['/correspondence/api/v1/correspondence/{correspondenceId}/details']!.get!;

  assert.equal(openapi, '3.1.0');
  assert.equal(operation.operationId, 'getCorrespondenceByCorrespondenceIdDetails');
  assert.deepEqual(operation.tags, ['Correspondence']);
  assert.deepEqual(operation.security, [{ altinn: ['altinn:correspondence.read'] }, { dialog: [] }]);
  assert.deepEqual(
    operation.parameters.map(({ name, in: place, required }) => [name, place, required ?? false]),
    [
      ['role', 'query', true],
      ['from', 'query', false],
      ['correspondenceId', 'path', true],
    ],
  );
  assert.deepEqual(operation['x-refusals'], ['CORR-01001', 'CORR-04001']);
  assert.deepEqual(Object.keys(operation.responses), ['200', '400', '401', '403', '404']);
  assert.match(operation.responses['404']!.description, /^CORR-01001 The requested correspondence was not found$/);
  assert.equal(operation.responses['404']!.content!['application/problem+json']!.schema.$ref, '#/components/schemas/Problem');
  assert.equal(operation.responses['400']!.content!['application/problem+json']!.schema.$ref, '#/components/schemas/ValidationProblem');
});

test('given the published document, when its headings are read, then every operation stands under one that says what it is about', async () => {
  const { paths } = JSON.parse(await readFile(new URL('../../docs/api/openapi.json', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
  };

  const pages = Object.entries(paths).filter(([, operations]) => Object.values(operations).some(({ tags }) => tags.includes('Pages')));
  assert.deepEqual(pages.map(([path]) => path).toSorted(), ['/', '/outbox', '/outbox/{id}']);
});

test('given bodies of every kind, when the document is made, then each has its media type', async () => {
  const { paths } = await documentOf(routes);

  const form = paths['/correspondence/api/v1/correspondence/upload']!.post!.requestBody!.content['multipart/form-data']!.schema;
  assert.deepEqual(form.properties, {
    title: { type: 'string', maxLength: 255 },
    attachments: { type: 'array', items: { type: 'string', format: 'binary' } },
  });
  assert.deepEqual(Object.keys(paths['/correspondence/api/v1/attachment/{id}/upload']!.post!.requestBody!.content), [
    'application/octet-stream',
  ]);
  assert.deepEqual(Object.keys(paths['/budstikke/v1/outbox']!.get!.responses['200']!.content!), ['text/html']);
  assert.equal(paths['/correspondence/api/v1/attachment/{id}']!.delete!.responses['204']!.content, undefined);
});

test('given annotations of ours, when the document is made, then none is told but that a value is personal', async () => {
  const document = await documentOf(routes);

  assert.doesNotMatch(JSON.stringify(document), /violation"|clrName|enumeration|too long/);
  const { recipient } =
    document.paths['/correspondence/api/v1/correspondence/{correspondenceId}/details']!.get!.responses['200']!.content!['application/json']!
      .schema.properties!;
  assert.deepEqual(recipient, { type: 'string', 'x-personal': true });
});

test('given the same routes in another order, when the document is made, then it is the same text and names no server', async () => {
  const [one, other] = await Promise.all([documentOf(routes), documentOf(routes.toReversed())]);

  assert.equal(JSON.stringify(one), JSON.stringify(other));
  assert.equal(one.servers, undefined);
});

test('given two routes that would have one operation id, when the server is made, then it does not start', async () => {
  const twin = { ...page, path: '/budstikke/v1/Outbox/' };

  assert.equal(operationIdOf(twin), operationIdOf(page));
  assert.equal(operationIdOf({ ...page, path: '/' }), 'getRoot');
  await assert.rejects(documentOf([page, twin]), /operation id/);
});

test('given a server, when its document and its page are read, then nothing on them comes from elsewhere', async () => {
  const http = await openHttp(routes);
  after(() => http.close(0));

  const served = await http.inject('/openapi.json');
  assert.deepEqual(served.json().servers, [{ url: 'http://localhost:7070' }]);
  assert.equal(served.headers['cache-control'], undefined);
  assert.equal((await http.inject('/docs')).headers.location, '/docs/');
  const html = await http.inject('/docs/');
  assert.equal(html.statusCode, 200);
  const loaded = [...html.body.matchAll(/(?:src|href)="([^"]*)"|import\('([^']*)'\)|from '([^']*)'/g)].map(
    (match) => match[1] ?? match[2] ?? match[3],
  );
  assert.deepEqual(loaded, ['js/scalar.js']);
  assert.doesNotMatch(html.body, /https?:\/\//);
  assert.match(html.body, /"withDefaultFonts": false/);
  const policy = String(html.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /https?:|\*/);
  const scripts = /script-src ([^;]*)/.exec(policy)![1]!;
  const [, inline] = /<script(?![^>]* src=)[^>]*>([\s\S]*?)<\/script>/.exec(html.body)!;
  assert.equal(
    scripts,
    `'self' 'sha256-${createHash('sha256').update(inline!).digest('base64')}'`,
    'its own script, and none that is put there',
  );
  assert.equal(html.headers['x-frame-options'], 'DENY');
  assert.equal(html.headers['x-content-type-options'], 'nosniff');
  assert.equal((await http.inject('/docs/js/scalar.js')).statusCode, 200);
  assert.equal((await http.inject('/openapi.json')).statusCode, 200);
});
