import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Answer, md5, type RawBody } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { field, file, multipart, type Part } from './multipart.ts';
import { startTarget, type Target } from './server.ts';
import { accepted, api, type Callers, callersOf, citizenUrn, letter, resources, sentUnder, town } from './town.ts';

const tenMegabytes = 10_000_000;

let target: Target;
let callers: Callers;
before(async () => {
  target = await startTarget('bad-input', town);
  callers = await callersOf(target.client);
});
after(() => target?.stop());

const json = (text: string | Buffer): RawBody => ({ mediaType: 'application/json', bytes: Buffer.from(text) });
const sendJson = (body: RawBody | object): Promise<Answer> => callers.directorate.post(`${api}/correspondence`, body);
const sendForm = (form: RawBody): Promise<Answer> => callers.directorate.post(`${api}/correspondence/upload`, form);

/** A refusal of the shape of a request: 400 with the key of what is wrong, and no code of a business rule. */
function assertMalformed(answer: Answer, what: string): void {
  assert.equal(answer.status, 400, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  const body = answer.json<{ code: string; errors: Record<string, string[]>; validationErrors: { paths: string[]; detail: string }[] }>();
  assert.equal(body.code, 'STD-00000', what);
  assert.ok(!('errorCode' in body), `${what}: a malformed request carries no errorCode`);
  assert.ok(Object.values(body.errors).flat().length > 0, `${what}: no message says what is wrong`);
}

async function assertAlive(): Promise<void> {
  assert.equal((await target.client.get('/health')).status, 200, 'the server no longer answers');
}

test('given text that is not JSON, or JSON that is not an object, when it is sent, then the answer is 400 and nothing falls over', async () => {
  const broken: [what: string, text: string | Buffer][] = [
    ['nothing', ''],
    ['blanks', '   \n'],
    ['half an object', '{"correspondence":{'],
    ['a comma too many', '{"recipients":["a",]}'],
    ['single quotes', "{'recipients':[]}"],
    ['two documents', '{}{}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"hei"'],
    ['a number', '42'],
    ['an empty object', '{}'],
    ['a hundred thousand brackets', '['.repeat(100_000)],
    ['a deep object', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{"recipients":[]}', 'utf16le')],
    ['XML', '<correspondence/>'],
  ];

  for (const [what, text] of broken) assertMalformed(await sendJson(json(text)), what);
  await assertAlive();
});

test('given members of a wrong kind, when they are sent, then each is refused by name and nothing was written', async () => {
  const reference = `wrong-${randomUUID()}`;
  const wrong: [what: string, body: Record<string, unknown>][] = [
    ['recipients as a text', letter(reference, { request: { recipients: citizenUrn } })],
    ['recipients as a number', letter(reference, { request: { recipients: 7 } })],
    ['a recipient as an object', letter(reference, { request: { recipients: [{}] } })],
    ['a recipient of null', letter(reference, { request: { recipients: [null] } })],
    ['a recipient that is empty', letter(reference, { request: { recipients: [''] } })],
    ['no recipient', letter(reference, { request: { recipients: [] } })],
    ['501 recipients', letter(reference, { request: { recipients: Array(501).fill(citizenUrn) } })],
    ['nine bare digits', letter(reference, { request: { recipients: ['315001145'] } })],
    ['a bare address', letter(reference, { request: { recipients: ['ola@wire.example'] } })],
    ['an identity number that does not add up', letter(reference, { request: { recipients: ['05856412876'] } })],
    ['correspondence as a list', letter(reference, { request: { correspondence: [] } })],
    ['correspondence of null', letter(reference, { request: { correspondence: null } })],
    ['content as a text', letter(reference, { correspondence: { content: 'Hei' } })],
    ['a title as a list', letter(reference, { content: { messageTitle: ['Hei'] } })],
    ['a title of 256', letter(reference, { content: { messageTitle: 'x'.repeat(256) } })],
    ['a body of 30 001', letter(reference, { content: { messageBody: 'x'.repeat(30_001) } })],
    ['a body missing', letter(reference, { content: { messageBody: undefined } })],
    ['a language of three letters', letter(reference, { content: { language: 'nob' } })],
    ['a flag as a text', letter(reference, { correspondence: { isConfirmationNeeded: 'kanskje' } })],
    ['a date that is none', letter(reference, { correspondence: { dueDateTime: 'i morgen' } })],
    ['a date of February', letter(reference, { correspondence: { dueDateTime: '2027-02-31T12:00:00Z' } })],
    ['a key that is no GUID', letter(reference, { request: { idempotentKey: '12' } })],
    ['a key of zeros', letter(reference, { request: { idempotentKey: '00000000-0000-0000-0000-000000000000' } })],
    ['an attachment that is no GUID', letter(reference, { request: { existingAttachments: ['x'] } })],
    [
      'eleven properties',
      letter(reference, { correspondence: { propertyList: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v'])) } }),
    ],
    ['a property of 301', letter(reference, { correspondence: { propertyList: { k: 'v'.repeat(301) } } })],
    ['a property as an object', letter(reference, { correspondence: { propertyList: { k: {} } } })],
    [
      'an unknown channel',
      letter(reference, { correspondence: { notification: { notificationTemplate: 1, notificationChannel: 'Pigeon' } } }),
    ],
    [
      'a channel beyond the last',
      letter(reference, { correspondence: { notification: { notificationTemplate: 1, notificationChannel: 99 } } }),
    ],
    ['an instant out of the calendar', letter(reference, { correspondence: { requestedPublishTime: '9999-12-31T23:59:59-14:00' } })],
    ['a resource with a colon', letter(reference, { correspondence: { resourceId: 'urn:altinn:resource:a:b' } })],
    ['a resource of no letters', letter(reference, { correspondence: { resourceId: '' } })],
    ['no reference', letter('')],
    ['a zero letter in the title', letter(reference, { content: { messageTitle: 'He\u0000i' } })],
    ['a zero letter in the body', letter(reference, { content: { messageBody: 'He\u0000i' } })],
    ['half a letter', JSON.parse(JSON.stringify(letter(reference)).replace('"Prøvebrev"', '"\\ud800"')) as Record<string, unknown>],
    ['a zero letter in a name that is kept', letter(reference, { correspondence: { propertyList: { 'a\u0000': 'v' } } })],
  ];

  for (const [what, body] of wrong) assertMalformed(await sendJson(body), what);

  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
  await assertAlive();
});

test('given names that mean something to the language, when they are sent, then they mean nothing here', async () => {
  const reference = `proto-${randomUUID()}`;
  const body = JSON.stringify(letter(reference)).replace(
    /^\{/,
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":null,',
  );

  const answer = await sendJson(json(body));
  const form = await sendForm(
    multipart([...rightParts(`${reference}-form`), field('__proto__.polluted', 'true'), field('constructor.prototype.polluted', 'true')]),
  );

  assert.equal(answer.status, 200, answer.text);
  assert.equal(form.status, 200, form.text);
  const named = await sendJson(letter(reference, { correspondence: { propertyList: { constructor: 'v', toString: 'w' } } }));
  const { propertyList } = (
    await callers.citizen.get(`${api}/correspondence/${accepted(named).correspondences[0]!.correspondenceId}`)
  ).json<{ propertyList: object }>();
  assert.deepEqual(propertyList, { constructor: 'v', toString: 'w' });
  await assertAlive();
});

/** A form that is right in every way. */
function rightParts(reference: string): Part[] {
  return [
    field('recipients[0]', citizenUrn),
    field('correspondence.resourceId', resources.letters),
    field('correspondence.sendersReference', reference),
    field('correspondence.content.messageTitle', 'Prøvebrev'),
    field('correspondence.content.messageBody', 'Hei.'),
  ];
}

const metadata = (index: number, fileName: string): Part[] => [
  field(`correspondence.content.attachments[${index}].fileName`, fileName),
  field(`correspondence.content.attachments[${index}].sendersReference`, String(index)),
];

test('given bytes that are no form, when they are sent, then the answer is 400 and nothing was written', async () => {
  const reference = `form-${randomUUID()}`;
  const whole = multipart([
    ...rightParts(reference),
    ...metadata(0, 'a.txt'),
    file('attachments', 'a.txt', 'text/plain', Buffer.from('abc')),
  ]);
  const mediaType = whole.mediaType;
  const cut = (bytes: number): RawBody => ({ mediaType, bytes: whole.bytes.subarray(0, bytes) });
  const broken: [what: string, form: RawBody][] = [
    ['nothing', { mediaType, bytes: Buffer.alloc(0) }],
    ['no boundary', { mediaType: 'multipart/form-data', bytes: whole.bytes }],
    ['an empty boundary', { mediaType: 'multipart/form-data; boundary=', bytes: whole.bytes }],
    ['another boundary', { mediaType: 'multipart/form-data; boundary=another', bytes: whole.bytes }],
    ['cut in a field', cut(120)],
    ['cut in the file', cut(whole.bytes.length - 50)],
    ['cut before the last two dashes', cut(whole.bytes.length - 4)],
    ['noise', { mediaType, bytes: Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)) }],
    ['no part', multipart([])],
    ['a part without a name', multipart([{ headers: ['Content-Disposition: form-data'], body: 'x' }])],
    ['a part without headers', multipart([{ headers: [], body: 'x' }])],
    ['JSON under the name of a form', { mediaType, bytes: Buffer.from(JSON.stringify(letter(reference))) }],
  ];

  for (const [what, form] of broken) {
    const answer = await sendForm(form);
    assert.equal(answer.status, 400, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  }

  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
  await assertAlive();
});

test('given a form whose names are traps, when it is sent, then it is refused or the traps are ignored', async () => {
  const reference = `traps-${randomUUID()}`;
  const [, ...withoutRecipient] = rightParts(reference);
  const gap = await sendForm(multipart([...withoutRecipient, field('recipients[1]', citizenUrn)]));
  assert.equal(gap.status, 400, `a list that begins at place 1: ${gap.status} ${gap.text.slice(0, 300)}`);
  const refused: [what: string, extra: Part[]][] = [
    ['a flag that is none', [field('correspondence.isConfirmationNeeded', 'maybe')]],
    ['a key that is no GUID', [field('idempotentKey', 'x')]],
  ];
  const ignored: [what: string, extra: Part[]][] = [
    ['the same field as value and as parent', [field('correspondence', 'x')]],
    ['a place beyond all memory', [field('recipients[4294967295]', citizenUrn), field('recipients[99999999999999999999]', citizenUrn)]],
    ['a path of ten thousand steps', [field(`a${'.b'.repeat(10_000)}`, 'x')]],
    ['an unclosed bracket', [field('recipients[', 'x'), field('x[0', 'x'), field('[0].[1]', 'x')]],
    ['a name of dots', [field('...', 'x')]],
  ];

  for (const [what, extra] of refused) {
    const answer = await sendForm(multipart([...rightParts(reference), ...extra]));
    assert.equal(answer.status, 400, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
  for (const [what, extra] of ignored) {
    const answer = await sendForm(multipart([...rightParts(`${reference}-ignored`), ...extra]));
    assert.ok([200, 400].includes(answer.status), `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  await assertAlive();
});

test('given files that do not fit what is said of them, when they are sent, then each is refused with its code and nothing was written', async () => {
  const reference = `files-${randomUUID()}`;
  const bytes = Buffer.from('abc');
  const cases: [what: string, code: number, extra: Part[]][] = [
    ['a file that nobody speaks of', 1005, [file('attachments', 'a.txt', 'text/plain', bytes)]],
    ['a file that is missing', 1005, metadata(0, 'a.txt')],
    ['another name', 1005, [...metadata(0, 'a.txt'), file('attachments', 'b.txt', 'text/plain', bytes)]],
    ['the same name in another case', 1005, [...metadata(0, 'a.txt'), file('attachments', 'A.txt', 'text/plain', bytes)]],
    ['no bytes', 2004, [...metadata(0, 'a.txt'), file('attachments', 'a.txt', 'text/plain', Buffer.alloc(0))]],
    ['a program', 2013, [...metadata(0, 'a.exe'), file('attachments', 'a.exe', 'application/octet-stream', bytes)]],
    ['a name without an ending', 2013, [...metadata(0, 'passwd'), file('attachments', 'passwd', 'text/plain', bytes)]],
    ['a name of the system', 2021, [...metadata(0, 'CON.txt'), file('attachments', 'CON.txt', 'text/plain', bytes)]],
    ['a name with a question mark', 2012, [...metadata(0, 'a?.txt'), file('attachments', 'a?.txt', 'text/plain', bytes)]],
    [
      'a checksum that is wrong',
      2008,
      [
        ...metadata(0, 'a.txt'),
        field('correspondence.content.attachments[0].checksum', '0'.repeat(32)),
        file('attachments', 'a.txt', 'text/plain', bytes),
      ],
    ],
  ];

  for (const [what, code, extra] of cases) {
    const answer = await sendForm(multipart([...rightParts(reference), ...extra]));
    assert.equal(answer.status, 400, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
    assert.equal(answer.json<{ errorCode: number }>().errorCode, code, what);
  }

  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
});

test('given a name that climbs out of its folder, when it is sent, then it is refused', async () => {
  const reference = `climb-${randomUUID()}`;
  for (const name of ['../../etc/a.txt', '/etc/a.txt', '..\\a.txt']) {
    const answer = await sendForm(
      multipart([...rightParts(reference), ...metadata(0, name), file('attachments', name, 'text/plain', Buffer.from('abc'))]),
    );
    assert.equal(answer.status, 400, `${name}: ${answer.text.slice(0, 300)}`);
  }
  assert.deepEqual(await sentUnder(callers.directorate, reference), []);
});

test('given bodies of ten megabytes, when they are sent, then text beyond its limit is refused and a file of that size arrives whole', async () => {
  const reference = `large-${randomUUID()}`;
  const large = 'x'.repeat(tenMegabytes);

  const tooLong = await sendJson(letter(reference, { content: { messageBody: large } }));
  const tooLongField = await sendForm(multipart([...rightParts(reference), field('correspondence.content.messageSummary', large)]));
  const manyFields = await sendForm(
    multipart([...rightParts(reference), ...Array.from({ length: 20_000 }, (_, i) => field(`x${i}`, 'y'.repeat(400)))]),
  );

  for (const [what, answer] of Object.entries({ tooLong, tooLongField })) {
    assert.ok([400, 413].includes(answer.status), `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  assert.ok([200, 400, 413].includes(manyFields.status), `many fields: ${manyFields.status} ${manyFields.text.slice(0, 300)}`);
  if (manyFields.status !== 200) assert.deepEqual(await sentUnder(callers.directorate, reference), []);

  const bytes = Buffer.alloc(tenMegabytes, 'Budstikke ');
  const form = multipart([
    ...rightParts(`${reference}-file`),
    ...metadata(0, 'stor.txt'),
    file('attachments', 'stor.txt', 'text/plain', bytes),
  ]);
  const { correspondences, attachmentIds } = accepted(await sendForm(form));
  const path = `${api}/correspondence/${correspondences[0]!.correspondenceId}/attachment/${attachmentIds[0]}/download`;
  const download = await until('publication', async () => {
    const answer = await callers.citizen.get(path);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return answer;
  });
  assert.equal(download.bytes.length, tenMegabytes);
  assert.equal(md5(download.bytes), md5(bytes));
  await assertAlive();
});

test('given an attachment, when its upload is empty, wrong or repeated, then each is refused with its code', async () => {
  const make = async (more: object = {}): Promise<string> => {
    const answer = await callers.directorate.post(`${api}/attachment`, {
      resourceId: resources.letters,
      fileName: 'a.txt',
      sendersReference: '1',
      ...more,
    });
    assert.equal(answer.status, 200, answer.text);
    return answer.json<string>();
  };
  const upload = (id: string, bytes: Buffer): Promise<Answer> =>
    callers.directorate.post(`${api}/attachment/${id}/upload`, { mediaType: 'application/octet-stream', bytes });
  const codeOf = (answer: Answer): unknown => [answer.status, answer.json<{ errorCode: number }>().errorCode];
  const bytes = Buffer.from('abc');

  assert.deepEqual(codeOf(await upload(await make(), Buffer.alloc(0))), [400, 2004]);
  assert.deepEqual(codeOf(await upload(await make({ checksum: '0'.repeat(32) }), bytes)), [400, 2008]);
  assert.deepEqual(codeOf(await upload(randomUUID(), bytes)), [404, 2001]);
  const id = await make();
  assert.equal((await upload(id, bytes)).status, 200);
  assert.deepEqual(codeOf(await upload(id, bytes)), [400, 2005]);
  assertMalformed(await upload('not-a-guid', bytes), 'an id that is no GUID');
});

test('given lists that ask for nonsense, when they are asked for, then the answer is 400', async () => {
  const malformed = [
    '',
    `resourceId=${resources.letters}`,
    'role=Sender',
    `resourceId=${resources.letters}&role=King`,
    `resourceId=${resources.letters}&role=Sender&status=Lost`,
    `resourceId=${resources.letters}&role=Sender&from=yesterday`,
    `resourceId=${resources.letters}&role=Sender&onBehalfOf=315001145`,
    `resourceId=${resources.letters}&role=Sender&idempotentKey=x`,
  ];
  for (const query of malformed) assertMalformed(await callers.directorate.get(`${api}/correspondence?${query}`), query);

  const backwards = await callers.directorate.get(
    `${api}/correspondence?resourceId=${resources.letters}&role=Sender&from=2027-01-01&to=2026-01-01`,
  );
  assert.deepEqual([backwards.status, backwards.json<{ errorCode: number }>().errorCode], [400, 1027]);
});
