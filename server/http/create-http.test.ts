import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { OutcomeUnknown } from '#kernel/outcome-unknown.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { catalogue, refuse } from '#kernel/refusal.ts';
import { Reply, route } from '#kernel/route.ts';
import { Enumeration, Nullable, Uuid } from '#kernel/schema.ts';
import { keptLog, openHttp, tokenOf } from './testing/open-http.ts';

const errors = catalogue('CORR', {
  notFound: { code: 1001, status: 404, origin: 'altinn', text: 'The requested correspondence was not found' },
  reserved: { code: 1030, status: 422, origin: 'altinn', text: 'Recipient {id} has reserved themselves' },
  template: { code: 3023, status: 400, origin: 'altinn', text: 'Invalid notification template', bare: true },
});
const ours = catalogue('BUD', { late: { code: 9001, status: 409, origin: 'budstikke', text: 'Too late' } });
const write = [{ issuer: 'altinn', all: ['altinn:correspondence.write'] }] as const;
const Body = Type.Object({ title: Type.String({ minLength: 1, maxLength: 10 }), role: Type.Optional(Enumeration('Role', { Sender: 1 })) });
const echo = route({
  method: 'POST',
  path: '/correspondence/api/v1/echo/:id',
  summary: 'Says what it understood.',
  scope: write,
  params: Type.Object({ id: Uuid }),
  query: Type.Object({ onBehalfOf: Type.Optional(Nullable(Type.String())) }),
  body: Body,
  answers: { 200: Type.Unknown() },
  refusals: [],
  run: async (_ctx, caller, { params, query, body }) => ({ id: params.id, query, body, issuer: caller.issuer, note: null }),
});
const refusing = route({
  method: 'GET',
  path: '/refuse/:what',
  summary: 'Refuses.',
  scope: 'open',
  params: Type.Object({ what: Type.String() }),
  answers: { 200: Type.String() },
  refusals: [errors.notFound, errors.reserved, errors.template, ours.late],
  run: async (_ctx, _caller, { params }) => {
    if (params.what === 'reserved') throw refuse(errors.reserved, { id: 'urn:x', secret: 'not told' });
    if (params.what === 'full') throw new Overloaded(1);
    if (params.what === 'lost') throw new OutcomeUnknown('lost');
    if (params.what === 'template') throw refuse(errors.template);
    if (params.what === 'late') throw refuse(ours.late);
    if (params.what === 'break') throw new Error('the secret of 01017012345 at kari@example.no');
    throw refuse(errors.notFound);
  },
});
const id = '0198f0a0-0000-7000-8000-00000000000a';
const token = tokenOf('altinn', 'altinn:correspondence.write');
const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  ({
    method: 'POST',
    url,
    headers: { ...token, 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  }) as const;

test('given a path in another case and with a trailing slash, when it is called, then it is the same route and parameters keep their case', async () => {
  const http = await openHttp([echo]);

  const answer = await http.inject(
    post(`/CORRESPONDENCE/api/V1/Echo/${id.toUpperCase()}/?ONBEHALFOF=A+b%2Fc`, { TITLE: 'T', ROLE: 1, x: 0 }),
  );

  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), {
    id,
    query: { onBehalfOf: 'A b/c' },
    body: { title: 'T', role: 'Sender' },
    issuer: 'altinn',
    note: null,
  });
});

test('given an answer, when it goes out, then it is JSON in UTF-8 with nulls, is not to be sniffed and not to be stored', async () => {
  const http = await openHttp([echo]);

  const { headers, body } = await http.inject(post(`/correspondence/api/v1/echo/${id}`, { title: 'T' }));

  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['cache-control'], 'no-store');
  assert.match(body, /"note":null/);
});

test('given no token or a bad one, when a route is called, then it is 401 with a challenge and no body, whatever else is wrong', async () => {
  const http = await openHttp([echo]);
  for (const headers of [{}, { authorization: 'Bearer bad' }]) {
    const answer = await http.inject({
      method: 'POST',
      url: '/correspondence/api/v1/echo/no-id?x=%zz',
      headers: { accept: 'x/y', 'content-type': 'nonsense', ...headers },
      payload: '{',
    });

    assert.equal(answer.statusCode, 401);
    assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
    assert.equal(answer.body, '');
  }
});

test('given a token without the scope, when a route is called, then it is 403 without a body', async () => {
  const http = await openHttp([echo]);

  const answer = await http.inject({
    ...post('/correspondence/api/v1/echo/no-id', '{'),
    headers: tokenOf('altinn', 'altinn:correspondence.read'),
  });

  assert.equal(answer.statusCode, 403);
  assert.equal(answer.body, '');
});

test('given a Maskinporten token where only Altinn tokens pass, when a route is called, then it is told to exchange it', async () => {
  const http = await openHttp([echo]);

  const answer = await http.inject({
    ...post(`/correspondence/api/v1/echo/${id}`, {}),
    headers: tokenOf('maskinporten', 'altinn:correspondence.write'),
  });

  assert.equal(answer.statusCode, 403);
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  assert.equal(answer.json().title, 'IDX10205: Issuer validation failed');
  assert.match(answer.json().detail, /[Ee]xchange/);
});

test('given calls that are refused on the way or by the route, and one that is answered, when they are over, then only the one that was answered is told of', async () => {
  const told: string[] = [];
  const guarded = { ...refusing, scope: write };
  const http = await openHttp([echo, guarded], { onAnswered: ({ scopes }) => void told.push([...scopes].join(' ')) });

  const statuses = [];
  for (const request of [
    post(`/correspondence/api/v1/echo/${id}`, { title: 'x' }, { authorization: '' }),
    post(`/correspondence/api/v1/echo/${id}`, { title: 'x' }, tokenOf('altinn', 'altinn:correspondence.read')),
    post(`/correspondence/api/v1/echo/${id}`, { title: '' }),
    post(`/correspondence/api/v1/echo/${id}`, { title: 'x' }, { accept: 'image/png' }),
    { url: '/refuse/late', headers: token },
    { url: '/refuse/break', headers: token },
  ]) {
    statuses.push((await http.inject(request)).statusCode);
  }
  assert.deepEqual([statuses, told], [[401, 403, 400, 406, 409, 500], []]);

  assert.equal((await http.inject(post(`/correspondence/api/v1/echo/${id}`, { title: 'x' }))).statusCode, 200);
  assert.deepEqual(told, ['altinn:correspondence.write']);
});

test('given several things that are wrong, when a route is called, then token, Accept, content type and shape are judged in that order', async () => {
  const http = await openHttp([echo]);
  const call = (headers: Record<string, string>) =>
    http.inject({ method: 'POST', url: '/correspondence/api/v1/echo/no-id', headers, payload: '{' });
  const wrong = { accept: 'application/*', 'content-type': 'text/plain' };

  const notAcceptable = await call({ ...token, ...wrong });
  assert.equal(notAcceptable.statusCode, 406);
  assert.match(String(notAcceptable.headers['content-type']), /^text\/plain/);
  assert.match(notAcceptable.body, /application\/json/);
  assert.equal((await call({ ...token, ...wrong, accept: '*/*' })).statusCode, 415);
  const misfit = await call({ ...token, accept: 'text/html, application/json;q=0.1', 'content-type': 'application/json' });
  assert.equal(misfit.statusCode, 400);
  assert.deepEqual(Object.keys(misfit.json().errors), ['id']);
});

test('given a multipart body, when it is posted to a JSON route, then it is 415 as a problem', async () => {
  const http = await openHttp([echo]);
  for (const contentType of [
    'multipart/form-data; boundary=x',
    'text/plain',
    'nonsense',
    'application/json; charset=utf-16',
    'application/xml',
  ]) {
    const answer = await http.inject(post(`/correspondence/api/v1/echo/${id}`, '{}', { 'content-type': contentType }));

    assert.equal(answer.statusCode, 415, contentType);
    assert.equal(answer.json().title, 'Unsupported Media Type');
  }
});

test('given a JSON route, when its content type is spelled otherwise or missing, then it is still read', async () => {
  const http = await openHttp([echo]);
  for (const contentType of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json', 'text/json']) {
    assert.equal(
      (await http.inject(post(`/correspondence/api/v1/echo/${id}`, { title: 'T' }, { 'content-type': contentType }))).statusCode,
      200,
      contentType,
    );
  }
});

test('given a shape that does not fit, when it is refused, then the envelope is that of model validation, without errorCode', async () => {
  const http = await openHttp([echo]);

  const answer = await http.inject(post(`/correspondence/api/v1/echo/${id}`, { title: 'much too long a title' }));

  const detail = 'The field Title must be a string with a minimum length of 1 and a maximum length of 10.';
  const { traceId, ...envelope } = answer.json();
  assert.equal(answer.statusCode, 400);
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  assert.deepEqual(envelope, {
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
    title: 'Bad Request',
    status: 400,
    code: 'STD-00000',
    validationErrors: [{ code: 'CORR.VLD-00000', detail, paths: ['Title'] }],
    errors: { Title: [detail] },
  });
  assert.match(traceId, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});

test('given malformed JSON, when it is posted, then it is 400 in the envelope of model validation and repeats nothing of it', async () => {
  const http = await openHttp([echo]);
  const bodies: [string | Buffer, string][] = [
    ['{"title": kari}', '$'],
    ['{"title":"kari"', '$'],
    ['', ''],
    ['  ', ''],
    [Buffer.from([0x7b, 0x22, 0xc3, 0x28]), '$'],
    ['[]', '$'],
    ['null', 'request'],
    ['"kari"', '$'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, '$'],
    ['['.repeat(3_000_000), '$'],
    ['{"title":"a\\u0000b"}', '$'],
    ['{"title":"T","other":["\\ud800"]}', '$'],
    ['{"title":"T","\\uDFFF":1}', '$'],
  ];
  for (const [payload, key] of bodies) {
    const answer = await http.inject({ ...post(`/correspondence/api/v1/echo/${id}`, ''), payload });

    assert.equal(answer.statusCode, 400, String(payload).slice(0, 40));
    assert.equal(answer.json().code, 'STD-00000');
    assert.equal(answer.json().validationErrors.length, 1);
    assert.ok(key in answer.json().errors || key === 'request', `${key} in ${Object.keys(answer.json().errors)}`);
    assert.ok(!answer.body.includes('kari'));
  }
});

test('given whole surrogate pairs and escaped control characters, when they are posted, then they are read', async () => {
  const http = await openHttp([echo]);

  const answer = await http.inject(post(`/correspondence/api/v1/echo/${id}`, '{"title":"\\ud83d\\ude00\\u0001"}'));

  assert.equal(answer.json().body.title, '😀\u0001');
});

test('given text that cannot be kept in query or path, when a route is called, then it is 400', async () => {
  const http = await openHttp([echo, refusing]);
  for (const query of [
    'onBehalfOf=a%00b',
    'onBehalfOf=%ED%A0%80',
    'onBehalfOf=%zz',
    '%00=1',
    Array.from({ length: 1001 }, () => 'a=1').join('&'),
  ]) {
    const answer = await http.inject(post(`/correspondence/api/v1/echo/${id}?${query}`, { title: 'T' }));
    assert.equal(answer.statusCode, 400, query.slice(0, 40));
    assert.equal(answer.json().code, 'STD-00000');
  }
  for (const path of ['/refuse/a%00b', '/refuse/%zz', '/refuse/%ED%A0%80']) assert.equal((await http.inject(path)).statusCode, 400, path);
  assert.equal((await http.inject(`/refuse/${'a'.repeat(501)}`)).statusCode, 404);
});

test('given an id that is no UUID, when a route is called, then it is 400 before any body is asked for', async () => {
  const http = await openHttp([echo]);

  const answer = await http.inject(post('/correspondence/api/v1/echo/17', ''));

  assert.deepEqual(answer.json().errors, { id: ["The value '17' is not valid for id."] });
});

test('given a refusal, when a route throws it, then its code is on the wire with five digits and its facts are not', async () => {
  const http = await openHttp([refusing]);

  const { statusCode, headers, ...answer } = await http.inject('/refuse/reserved');

  const { traceId, ...envelope } = answer.json();
  assert.equal(statusCode, 422);
  assert.match(String(headers['content-type']), /^application\/problem\+json/);
  assert.deepEqual(envelope, {
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.21',
    title: 'Unprocessable Entity',
    status: 422,
    detail: 'Recipient urn:x has reserved themselves',
    code: 'CORR-01030',
    errorCode: 1030,
  });
  assert.ok(traceId);
  assert.deepEqual(
    [(await http.inject('/refuse/late')).json().code, (await http.inject('/refuse/x')).json().type],
    ['BUD-09001', 'https://tools.ietf.org/html/rfc9110#section-15.5.5'],
  );
});

test('given a bare refusal, when a route throws it, then its text alone is the body', async () => {
  const http = await openHttp([refusing]);

  const answer = await http.inject('/refuse/template');

  assert.equal(answer.statusCode, 400);
  assert.equal(answer.body, '"Invalid notification template"');
});

test('given a form as browsers and OAuth send it, when it is posted, then its fields are read, and a refusal of OAuth goes out as OAuth has it', async () => {
  const mine = catalogue('BUD', {
    scope: { code: 9002, status: 400, origin: 'budstikke', oauth: 'invalid_scope', text: 'Not yours: {scopes}' },
  });
  const form = route({
    method: 'POST',
    path: '/form',
    summary: 'Reads a form.',
    scope: 'open',
    bodyKind: 'urlencoded',
    body: Type.Object({ one: Type.Optional(Type.String()), two: Type.Optional(Type.String()) }),
    answers: { 200: Type.Unknown() },
    refusals: [mine.scope],
    run: async (_ctx, _caller, { body }) => {
      if (body.one === 'bad') throw refuse(mine.scope, { scopes: 'a' });
      return body;
    },
  });
  const http = await openHttp([form]);
  const submit = (payload: string, type = 'application/x-www-form-urlencoded') =>
    http.inject({ method: 'POST', url: '/form', headers: type ? { 'content-type': type } : {}, payload });

  assert.deepEqual((await submit('one=a%20b+c&two=%C3%A6&other=1')).json(), { one: 'a b c', two: 'æ' });
  assert.deepEqual((await submit('', '')).json(), {});
  assert.equal((await submit('{}', 'application/json')).statusCode, 415);
  assert.equal((await submit('one=%')).statusCode, 400);
  assert.equal((await submit(`one=${'x'.repeat(70_000)}`)).statusCode, 413);
  const refused = await submit('one=bad');
  assert.deepEqual([refused.statusCode, refused.json()], [400, { error: 'invalid_scope', error_description: 'Not yours: a' }]);
  assert.deepEqual(http.lies, []);
});

test('given an error that nobody foresaw, when a route throws it, then the client gets its trace id and nothing of it, and the log has nothing personal', async () => {
  const log = keptLog();
  const http = await openHttp([refusing], { log });

  const answer = await http.inject('/refuse/break');

  assert.equal(answer.statusCode, 500);
  assert.deepEqual(Object.keys(answer.json()), ['type', 'title', 'status', 'traceId']);
  const fault = log.lines.find((line) => line.level === 'error');
  assert.equal(fault?.facts.message, 'the secret of * at *');
  assert.equal(fault?.facts.traceId, answer.json().traceId.split('-')[1]);
});

test("given a caller's trace, when it is well formed, then the answer and the log go on with it; otherwise a new one begins", async () => {
  const log = keptLog();
  const http = await openHttp([refusing], { log });
  const trace = '0af7651916cd43dd8448eb211c80319c';

  const known = await http.inject({ url: '/refuse/x', headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
  assert.match(known.json().traceId, new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  assert.notEqual(known.json().traceId.split('-')[2], 'b7ad6b7169203331');
  assert.equal(log.lines.at(-1)?.facts.traceId, trace);
  for (const traceparent of [
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `ff-${trace}-b7ad6b7169203331-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    'x',
    `00-${trace.toUpperCase()}-b7ad6b7169203331-01`,
    'a'.repeat(5000),
  ]) {
    const answer = await http.inject({ url: '/refuse/x', headers: { traceparent } });
    assert.match(answer.json().traceId, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.ok(!answer.json().traceId.includes(trace));
  }
});

test('given a request, when it is answered, then one line says method, pattern, status, time, trace and code, and nothing of the address', async () => {
  const log = keptLog();
  const http = await openHttp([echo, refusing], { log });

  await http.inject('/refuse/01017012345?name=kari');
  await http.inject('/nowhere/01017012345');
  await http.inject(post(`/correspondence/api/v1/echo/${id}`, { title: '' }));

  const lines = log.lines.map(({ facts: { ms, traceId, ...facts }, message }) => ({
    message,
    ...facts,
    timed: typeof ms === 'number',
    traced: String(traceId).length === 32,
  }));
  assert.deepEqual(lines, [
    { message: 'request', method: 'GET', route: '/refuse/:what', status: 404, code: 'CORR-01001', timed: true, traced: true },
    { message: 'request', method: 'GET', route: 'none', status: 404, timed: true, traced: true },
    {
      message: 'request',
      method: 'POST',
      route: '/correspondence/api/v1/echo/:id',
      status: 400,
      code: 'STD-00000',
      timed: true,
      traced: true,
    },
  ]);
});

test('given an unknown path, when it is called, then it is 404 as a problem', async () => {
  const http = await openHttp([echo, refusing]);
  const answer = await http.inject('/nowhere');
  assert.equal(answer.statusCode, 404);
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  assert.equal(answer.headers['cache-control'], 'no-store');
});

test('given a path that has other methods, when it is called, then it is 405 and says which, before any token is asked for', async () => {
  const http = await openHttp([echo, refusing]);
  for (const request of [
    { method: 'DELETE', url: '/refuse/x' },
    { method: 'HEAD', url: '/Refuse/x/' },
    { method: 'PUT', url: '/refuse/x', payload: 'x' },
    { method: 'PATCH', url: '/refuse/x', payload: 'x' },
    { method: 'OPTIONS', url: '/refuse/x', headers: { origin: 'https://inbox.example', 'access-control-request-method': 'GET' } },
  ] as const) {
    const answer = await http.inject({ ...request });
    assert.equal(answer.statusCode, 405, request.method);
    assert.equal(answer.headers.allow, 'GET');
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
});

test('given every way to answer, when a route uses it, then it goes out as it is', async () => {
  const results: Record<string, unknown> = {
    text: 'guid',
    html: new Reply(200, '<p>æ</p>', { 'Content-Type': 'text/html' }),
    bytes: new Reply(200, Buffer.from([0, 255]), { 'content-type': 'application/pdf', 'content-disposition': 'inline' }),
    created: new Reply(201, { id: 1 }),
    nothing: undefined,
  };
  const http = await openHttp([
    route({
      method: 'GET',
      path: '/as/:what',
      summary: 'Answers.',
      scope: 'open',
      params: Type.Object({ what: Type.String() }),
      answers: { 200: Type.Unknown(), 201: Type.Object({ id: Type.Integer() }) },
      refusals: [],
      run: async (_ctx, _caller, { params }) => results[params.what],
    }),
    route({
      method: 'GET',
      path: '/plain',
      summary: 'Text.',
      scope: 'open',
      mediaType: 'text/plain',
      answers: { 200: Type.String() },
      refusals: [],
      run: async () => 'plain "text"',
    }),
    route({
      method: 'DELETE',
      path: '/gone',
      summary: 'Nothing.',
      scope: 'open',
      answers: { 200: Type.Null() },
      refusals: [],
      run: async () => null,
    }),
    route({
      method: 'DELETE',
      path: '/no-content',
      summary: 'Nothing.',
      scope: 'open',
      answers: { 204: Type.Null() },
      refusals: [],
      run: async () => undefined,
    }),
  ]);
  const get = async (url: string, method: 'GET' | 'DELETE' = 'GET') => {
    const { statusCode, headers, rawPayload } = await http.inject({ url, method });
    return [statusCode, headers['content-type'], rawPayload.toString('latin1')];
  };

  assert.deepEqual(await get('/as/text'), [200, 'application/json; charset=utf-8', '"guid"']);
  assert.deepEqual(await get('/as/html'), [200, 'text/html; charset=utf-8', Buffer.from('<p>æ</p>').toString('latin1')]);
  assert.deepEqual(await get('/as/bytes'), [200, 'application/pdf', '\x00\xff']);
  assert.deepEqual(await get('/as/created'), [201, 'application/json; charset=utf-8', '{"id":1}']);
  assert.deepEqual(await get('/as/nothing'), [200, undefined, '']);
  assert.deepEqual(await get('/plain'), [200, 'text/plain; charset=utf-8', 'plain "text"']);
  assert.deepEqual(await get('/gone', 'DELETE'), [200, undefined, '']);
  assert.deepEqual(await get('/no-content', 'DELETE'), [204, undefined, '']);
});

test('given a route without a body, when an empty or any body comes with any content type, then it does not matter', async () => {
  const http = await openHttp([
    route({
      method: 'POST',
      path: '/confirm',
      summary: 'Confirms.',
      scope: 'open',
      answers: { 200: Type.String() },
      refusals: [],
      run: async () => 'ok',
    }),
  ]);
  for (const [contentType, payload] of [
    ['application/json', ''],
    ['application/json', '{'],
    ['nonsense', ''],
    ['multipart/form-data', 'x'],
  ]) {
    assert.equal(
      (await http.inject({ method: 'POST', url: '/confirm', headers: { 'content-type': contentType! }, payload: payload! })).body,
      '"ok"',
      contentType,
    );
  }
});

test('given the download of a declared type, when any Accept comes and the route does not check it, then it is answered', async () => {
  const http = await openHttp([
    route({
      method: 'GET',
      path: '/file',
      summary: 'File.',
      scope: 'open',
      anyAccept: true,
      mediaType: 'application/octet-stream',
      answers: { 200: Type.Unknown() },
      refusals: [],
      run: async () => Buffer.from('x'),
    }),
    route({
      method: 'GET',
      path: '/text',
      summary: 'Text.',
      scope: 'open',
      mediaType: 'text/plain',
      answers: { 200: Type.String() },
      refusals: [],
      run: async () => 'x',
    }),
  ]);
  const status = async (url: string, accept?: string) =>
    (await http.inject({ url, headers: accept === undefined ? {} : { accept } })).statusCode;

  assert.equal(await status('/file', 'image/png'), 200);
  assert.deepEqual(
    await Promise.all(['text/plain', '*/*', 'a/b,text/plain;q=0.2', ''].map((accept) => status('/text', accept))),
    [200, 200, 200, 200],
  );
  assert.deepEqual(
    await Promise.all(['text/*', 'application/json', 'TEXT/PLAIN', ';', 'text/plainer'].map((accept) => status('/text', accept))),
    [406, 406, 406, 406, 406],
  );
  assert.equal(await status('/text'), 200);
});

test('given a route that answers what it does not declare, when answers are checked, then it is a fault and stands in the list', async () => {
  const lying = (path: string, run: () => Promise<unknown>) =>
    route({
      method: 'GET',
      path,
      summary: 'Lies.',
      scope: 'open',
      answers: { 200: Type.Object({ id: Type.Integer() }) },
      refusals: [errors.notFound],
      run,
    });
  const routes = [
    lying('/shape', async () => ({ id: 'one' })),
    lying('/status', async () => new Reply(202, { id: 1 })),
    lying('/refusal', async () => {
      throw refuse(errors.template);
    }),
    lying('/honest', async () => ({ id: 1, at: new Date(0) })),
    lying('/refused', async () => {
      throw refuse(errors.notFound);
    }),
  ];
  const log = keptLog();
  const http = await openHttp(routes, { log });
  const statuses = [];
  for (const { path } of routes) statuses.push((await http.inject(path)).statusCode);

  assert.deepEqual(statuses, [500, 500, 500, 200, 404]);
  assert.equal(http.lies.length, 3);
  assert.deepEqual(
    http.lies.map((lie) => lie.split(' ')[1]),
    ['/shape', '/status', '/refusal'],
  );
  assert.equal(log.lines.filter((line) => line.level === 'error').length, 3);
  const unchecked = await openHttp(routes, { checkAnswers: false });
  assert.equal((await unchecked.inject('/shape')).statusCode, 200);
  assert.deepEqual(unchecked.lies, []);
});

test('given a server at which too much waits, when one more comes, then it is told to come again, and when', async () => {
  const http = await openHttp([refusing]);

  const answer = await http.inject({ url: '/refuse/full' });

  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers['retry-after'], '1');
  assert.equal(answer.json().title, 'Service Unavailable');
  assert.equal('code' in answer.json(), false);
});

test('given a question whose answer was lost on its way out of the database, when it changes nothing, then the client is told to come again', async () => {
  const http = await openHttp([refusing]);

  const answer = await http.inject({ url: '/refuse/lost' });

  assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [503, '5']);
  assert.equal(answer.json().detail, 'The connection to the database was lost. Come again.');
});
