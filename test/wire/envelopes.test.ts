import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Answer, personUrn } from '../../demo/client.ts';
import { field, multipart } from './multipart.ts';
import { startTarget, type Target } from './server.ts';
import { accepted, api, type Callers, callersOf, citizenUrn, letter, people, resources, sentUnder, town } from './town.ts';

let target: Target;
let callers: Callers;
before(async () => {
  target = await startTarget('envelopes', town);
  callers = await callersOf(target.client);
});
after(() => target?.stop());

const unknownId = '0199f0a0-0000-7000-8000-00000000dead';

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errorCode: number;
  readonly traceId: string;
}

interface Validation {
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly validationErrors: readonly { readonly code: string; readonly detail: string; readonly paths: readonly string[] }[];
}

const titles: Record<number, [title: string, type: string]> = {
  400: ['Bad Request', 'https://tools.ietf.org/html/rfc9110#section-15.5.1'],
  401: ['Unauthorized', 'https://tools.ietf.org/html/rfc9110#section-15.5.2'],
  404: ['Not Found', 'https://tools.ietf.org/html/rfc9110#section-15.5.5'],
  409: ['Conflict', 'https://tools.ietf.org/html/rfc9110#section-15.5.10'],
};

/** Holds the whole envelope of a business refusal against what the original writes (compatibility.md, correspondence, §1.3, §1.5). */
function assertProblem(answer: Answer, errorCode: number, status: number, detail: string | RegExp): void {
  assert.equal(answer.status, status, `${errorCode}: ${answer.status} ${answer.text.slice(0, 300)}`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
  const problem = answer.json<Problem>();
  assert.deepEqual(Object.keys(problem).sort(), ['code', 'detail', 'errorCode', 'status', 'title', 'traceId', 'type']);
  assert.equal(problem.errorCode, errorCode);
  assert.equal(problem.code, `CORR-${String(errorCode).padStart(5, '0')}`);
  assert.equal(problem.status, status);
  assert.match(problem.traceId, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
  const known = titles[status];
  if (known) assert.deepEqual([problem.title, problem.type], known);
  if (typeof detail === 'string') assert.equal(problem.detail, detail);
  else assert.match(problem.detail, detail);
}

const send = (body: object): Promise<Answer> => callers.directorate.post(`${api}/correspondence`, body);
const sent = async (more: Parameters<typeof letter>[1] = {}): Promise<string> =>
  accepted(await send(letter(`envelope-${randomUUID()}`, more))).correspondences[0]!.correspondenceId;

test('given a request that breaks a rule, when it is sent, then the envelope has the members, the code and the text of the original', async () => {
  const reference = `rule-${randomUUID()}`;
  const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const cases: [errorCode: number, status: number, detail: string | RegExp, body: object][] = [
    [
      1036,
      400,
      'ResourceId must match an existing resource in the resource registry',
      letter(reference, { correspondence: { resourceId: 'no-such-resource' } }),
    ],
    [
      4010,
      400,
      /^Resource type is not supported\. Resource must be of type CorrespondenceService\. If/,
      letter(reference, { correspondence: { resourceId: resources.files } }),
    ],
    [1006, 400, 'Recipients must be unique', letter(reference, { request: { recipients: [citizenUrn, people.citizen] } })],
    [
      1047,
      400,
      'Idempotency key is not supported for requests with multiple recipients',
      letter(reference, { request: { recipients: [citizenUrn, `0192:${people.municipality}`], idempotentKey: randomUUID() } }),
    ],
    [
      1029,
      404,
      /^Could not find partyId for the following recipients: .*315001919/,
      letter(reference, { request: { recipients: ['0192:315001919'] } }),
    ],
    [
      1016,
      400,
      'DueDateTime is required when confirmation is needed',
      letter(reference, { correspondence: { isConfirmationNeeded: true } }),
    ],
    [1008, 400, 'DueDateTime cannot be prior to today', letter(reference, { correspondence: { dueDateTime: inDays(-2) } })],
    [
      1009,
      400,
      'DueDateTime cannot be prior to RequestedPublishTime',
      letter(reference, { correspondence: { dueDateTime: inDays(1), requestedPublishTime: inDays(2) } }),
    ],
    [1002, 400, 'Message title must be plain text', letter(reference, { content: { messageTitle: '<b>Hei</b>' } })],
    [1003, 400, 'Message body must be markdown', letter(reference, { content: { messageBody: '<h1>test</h1>' } })],
    [1023, 400, /^Invalid language chosen\./, letter(reference, { content: { language: 'de' } })],
    [1039, 400, 'Message sender must be plain text', letter(reference, { correspondence: { messageSender: '<i>Oss</i>' } })],
    [
      1035,
      400,
      /^Reply options must be well-formed URIs and HTTPS/,
      letter(reference, { correspondence: { replyOptions: [{ linkURL: 'http://example.no' }] } }),
    ],
    [1007, 400, 'Existing attachment not found', letter(reference, { request: { existingAttachments: [unknownId] } })],
    [
      1005,
      400,
      'Mismatch between uploaded files and attachment metadata',
      letter(reference, { content: { attachments: [{ fileName: 'a.pdf', sendersReference: '1' }] } }),
    ],
    [
      1061,
      400,
      /^Correspondences cannot be initialized with 'IsConfidential' flag set to true/,
      letter(reference, { correspondence: { isConfidential: true } }),
    ],
    [
      1060,
      400,
      /^Confidential correspondences/,
      letter(reference, { correspondence: { resourceId: resources.sealed }, request: { recipients: [`0192:${people.municipality}`] } }),
    ],
    [
      1044,
      400,
      /^The following recipients lack required roles to read the correspondence: .*315001218/,
      letter(reference, {
        correspondence: { resourceId: resources.sealed, isConfidential: true },
        request: { recipients: [`0192:${people.emptyHouse}`] },
      }),
    ],
    [
      1030,
      422,
      /^Recipient .* has reserved themselves from public correspondences\. Can be overridden using the 'IgnoreReservation' flag\.$/,
      letter(reference, { request: { recipients: [personUrn(people.reserved)] } }),
    ],
    [
      3002,
      400,
      'Email body and subject must be provided when sending email notifications',
      letter(reference, { correspondence: { notification: { notificationChannel: 'Email' } } }),
    ],
    [
      3024,
      400,
      'Email body, subject and SMS body must be provided when sending email and SMS notifications',
      letter(reference, { correspondence: { notification: { notificationChannel: 4, emailSubject: 'a', emailBody: 'b' } } }),
    ],
  ];

  for (const [errorCode, status, detail, body] of cases) assertProblem(await send(body), errorCode, status, detail);

  for (const resource of [resources.letters, resources.sealed])
    assert.deepEqual(await sentUnder(callers.directorate, reference, resource), []);
});

test('given a template that does not exist, when it is asked for, then the answer is the bare text', async () => {
  const answer = await send(letter('template', { correspondence: { notification: { notificationTemplate: 7 } } }));

  assert.equal(answer.status, 400);
  assert.equal(answer.text.replaceAll('"', ''), 'Invalid notification template');
});

test('given a key that has been used, when it is used again, then the answer is 409 and the list finds the first message alone', async () => {
  const idempotentKey = randomUUID();
  const reference = `twice-${idempotentKey}`;
  const first = accepted(await send(letter(reference, { request: { idempotentKey } })));

  const again = await send(letter(`${reference}-other`, { request: { idempotentKey } }));
  const atOnce = await Promise.all(Array.from({ length: 6 }, () => send(letter(reference, { request: { idempotentKey } }))));

  for (const answer of [again, ...atOnce]) assertProblem(answer, 1034, 409, 'A correspondence with the same idempotent key already exists');
  const found = await callers.directorate.get(
    `${api}/correspondence?resourceId=${resources.letters}&role=Sender&idempotentKey=${idempotentKey}`,
  );
  assert.deepEqual(found.json(), { ids: [first.correspondences[0]!.correspondenceId] });
  assert.equal((await sentUnder(callers.directorate, reference)).length, 1);
});

test('given a key that six callers use at the same moment, when all have their answer, then one message exists', async () => {
  const idempotentKey = randomUUID();
  const reference = `race-${idempotentKey}`;

  const answers = await Promise.all(Array.from({ length: 6 }, () => send(letter(reference, { request: { idempotentKey } }))));

  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409]);
  assert.equal((await sentUnder(callers.directorate, reference)).length, 1);
});

test('given an id that nobody knows, when each operation is tried on it, then the answer is 1001 or 2001 with 404', async () => {
  const message = 'The requested correspondence was not found';
  const attachment = 'The requested attachment was not found';
  const { citizen, directorate } = callers;

  assertProblem(await directorate.get(`${api}/correspondence/${unknownId}`), 1001, 404, message);
  assertProblem(await directorate.get(`${api}/correspondence/${unknownId}/details`), 1001, 404, message);
  assertProblem(await citizen.get(`${api}/correspondence/${unknownId}/content`), 1001, 404, message);
  assertProblem(await citizen.post(`${api}/correspondence/${unknownId}/markasread`), 1001, 404, message);
  assertProblem(await citizen.post(`${api}/correspondence/${unknownId}/confirm`), 1001, 404, message);
  assertProblem(await citizen.delete(`${api}/correspondence/${unknownId}/purge`), 1001, 404, message);
  assertProblem(await citizen.get(`${api}/correspondence/${unknownId}/attachment/${unknownId}/download`), 1001, 404, message);
  assertProblem(await directorate.get(`${api}/attachment/${unknownId}`), 2001, 404, attachment);
  assertProblem(await directorate.get(`${api}/attachment/${unknownId}/details`), 2001, 404, attachment);
  assertProblem(await directorate.delete(`${api}/attachment/${unknownId}`), 2001, 404, attachment);
});

test('given a message, when its moves are made out of order, then each is refused with its code', async () => {
  const { citizen, directorate } = callers;
  const id = await sent({ correspondence: { isConfirmationNeeded: true, dueDateTime: new Date(Date.now() + 86_400_000).toISOString() } });
  const at = `${api}/correspondence/${id}`;

  assertProblem(await citizen.post(`${at}/markasread`), 1024, 400, 'Correspondence must be fetched before it can be read');
  assertProblem(await citizen.post(`${at}/confirm`), 1025, 400, 'Correspondence must be fetched before it can be confirmed');
  assertProblem(await directorate.delete(`${at}/purge`), 1013, 400, 'Sender cannot delete correspondence that has been published');
  assert.equal((await citizen.get(at)).status, 200);
  assert.equal((await citizen.post(`${at}/markasread`)).status, 200);
  assertProblem(await citizen.post(`${at}/markasread`), 1040, 400, 'Correspondence is already marked as read');
  assertProblem(
    await citizen.delete(`${at}/purge`),
    1026,
    400,
    'Cannot archive or delete a correspondence which has not been confirmed when confirmation is required',
  );
  assert.equal((await citizen.post(`${at}/confirm`)).status, 200);
  assertProblem(await citizen.post(`${at}/confirm`), 1041, 400, 'Correspondence has already been confirmed');
  const purged = await citizen.delete(`${at}/purge`);
  assert.deepEqual([purged.status, purged.text], [200, JSON.stringify(id)]);
  for (const caller of [citizen, directorate]) assertProblem(await caller.get(at), 1001, 404, 'The requested correspondence was not found');
  assert.equal((await directorate.get(`${at}/details`)).status, 200, 'the sender still sees the history');
});

test('given a body that lacks what it must have, when it is sent, then the envelope of validation names each key', async () => {
  const answer = await send({
    correspondence: { resourceId: resources.letters, sendersReference: '1', content: { messageBody: 'Hei' } },
    recipients: [],
  });

  assert.equal(answer.status, 400);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
  const problem = answer.json<Omit<Problem, 'errorCode'> & Validation>();
  for (const name of ['code', 'errors', 'status', 'title', 'traceId', 'type', 'validationErrors'])
    assert.ok(name in problem, `${name} is missing`);
  assert.ok(!('errorCode' in problem));
  assert.deepEqual([problem.status, problem.title, problem.code], [400, 'Bad Request', 'STD-00000']);
  assert.equal(problem.errors['Correspondence.Content.MessageTitle']?.length, 1);
  assert.deepEqual(problem.errors.Recipients, ['Recipients can not be empty']);
  for (const { code, detail, paths } of problem.validationErrors) {
    assert.equal(code, 'CORR.VLD-00000');
    assert.ok(detail.length > 0 && paths.length === 1 && !paths[0]!.includes('.'));
  }
  assert.ok(problem.validationErrors.some(({ paths }) => paths[0] === 'Correspondence/Content/MessageTitle'));
});

test('given an Accept header, when no type in it is ours, then the answer is 406 in plain text; otherwise the request is served', async () => {
  const id = await sent();
  const at = `${api}/correspondence/${id}`;
  const { citizen } = callers;

  for (const accept of ['application/xml', 'text/plain', 'application/*', 'text/html, application/xhtml+xml;q=0.9']) {
    const answer = await citizen.get(at, { accept });
    assert.equal(answer.status, 406, accept);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain\b/);
    assert.match(answer.text, /application\/json/);
  }
  const content = await citizen.get(`${at}/content`, { accept: 'application/json' });
  assert.equal(content.status, 406);
  assert.match(content.text, /text\/plain/);
  assert.equal((await callers.directorate.get(at)).json<{ read: null }>().read, null, 'a refusal of the type opens nothing');
  for (const accept of ['*/*', 'application/json', 'text/html, application/json;q=0.8', 'application/json; charset=utf-8']) {
    assert.equal((await citizen.get(at, { accept })).status, 200, accept);
  }
});

test('given a body of another type than the route takes, when it is posted, then the answer is 415 and nothing was written', async () => {
  const reference = `type-${randomUUID()}`;
  const bytes = Buffer.from(JSON.stringify(letter(reference)));
  const post = (path: string, mediaType: string): Promise<Answer> => callers.directorate.post(path, { mediaType, bytes });

  const answers = [
    await callers.directorate.post(`${api}/correspondence`, multipart([field('correspondence.sendersReference', reference)])),
    await post(`${api}/correspondence`, 'text/plain'),
    await post(`${api}/correspondence`, 'application/xml'),
    await post(`${api}/correspondence`, 'application/x-www-form-urlencoded'),
    await post(`${api}/correspondence/upload`, 'application/json'),
  ];

  for (const answer of answers) assert.equal(answer.status, 415, answer.text.slice(0, 200));
  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
  assert.equal((await post(`${api}/correspondence`, 'application/json; charset=utf-8')).status, 200, 'a charset is no other type');
});

test('given an address that is not served, when it is asked for, then the answer is 404', async () => {
  for (const path of [
    '/no-such-page',
    `${api}`,
    `${api}/no-such-thing`,
    `${api}/correspondence/${unknownId}/archive`,
    '/budstikke/v1/nothing',
    '/%00',
    '/..%2f..%2fetc/passwd',
  ]) {
    const answer = await callers.directorate.get(path);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.ok(!answer.text.includes('at '), `${path}: the answer shows a stack`);
  }
  assert.equal((await callers.directorate.get(`${api}/correspondence/not-a-guid`)).status >= 400, true);
});

test('given any answer, when it comes, then it may not be stored or sniffed', async () => {
  const id = await sent();
  const answers = [
    await callers.citizen.get(`${api}/correspondence/${id}`),
    await callers.citizen.get(`${api}/correspondence/${id}/content`),
    await callers.citizen.get(`${api}/correspondence/${unknownId}`),
    await callers.nobody.get(`${api}/correspondence/${id}`),
    await send({}),
  ];
  for (const answer of answers) {
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', String(answer.status));
    assert.match(answer.headers.get('cache-control') ?? '', /no-store/, String(answer.status));
  }
});

test('given a server that runs, when its health is asked for, then it answers with a status and a message', async () => {
  const answer = await callers.nobody.get('/health');
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.json<object>()).sort(), ['message', 'status']);
  assert.equal((await callers.nobody.get('/healthz')).status, 200);
});
