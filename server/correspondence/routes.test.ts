import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import { createHttp } from '#http/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import type { AttachmentId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import { allRecorded } from '../../test/all-recorded.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { correspondenceErrors } from './errors.ts';
import { correspondenceRoutes } from './routes.ts';
import { createTown, letter, scan } from './testing/town.ts';

/** What clients meet at the border: shapes, words, media types, headers. Rules are tested beside the use cases. */
const town = await createTown();
const { world, citizen, municipality } = town;
const callers: Readonly<Record<string, Caller>> = {
  sender: town.sender,
  recipient: town.reading,
  leader: town.leading,
  system: organizationCaller(municipality, scopes.recipient),
  maskinporten: { ...town.sender, issuer: 'maskinporten' },
  halfMaskinporten: { ...town.sender, issuer: 'maskinporten', scopes: new Set(['altinn:correspondence.write']) },
  scopeless: { ...town.reading, scopes: new Set(['altinn:portal/enduser']) },
};
const http = await createHttp({
  routes: correspondenceRoutes,
  context: world.ctx,
  authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
  blobs: world.ctx.blobs,
  log: silentLog,
  checkAnswers: true,
  publicUrl: 'http://localhost',
});
const base = '/correspondence/api/v1';
const octets = { 'content-type': 'application/octet-stream' };

function call(method: 'GET' | 'POST' | 'DELETE', path: string, as: string, payload?: unknown, headers: Record<string, string> = {}) {
  const json: Record<string, string> = payload === undefined ? {} : { 'content-type': 'application/json' };
  const body =
    payload === undefined ? {} : { payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload) };
  return http.inject({ method, url: `${base}${path}`, headers: { authorization: as, ...json, ...headers }, ...body });
}

/** A form as clients write it: fields in any order, text parts with a type of their own. */
function form(fields: Record<string, string>, files: Record<string, string> = {}, boundary = 'grense') {
  const parts = [
    ...Object.entries(fields).map(
      ([name, value]) => `Content-Disposition: form-data; name="${name}"\r\nContent-Type: text/plain;charset=UTF-8\r\n\r\n${value}`,
    ),
    ...Object.entries(files).map(
      ([name, value]) =>
        `Content-Disposition: form-data; name="Attachments"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n${value}`,
    ),
  ];
  const payload = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

const fields = {
  'recipients[0]': `urn:altinn:organization:identifier-no:${municipality.number}`,
  'correspondence.resourceId': 'urn:altinn:resource:brev',
  'Correspondence.sendersReference': 'melding-1',
  'correspondence.content.messageTitle': 'Vedtak',
  'correspondence.content.messageSummary': '',
  'correspondence.content.messageBody': 'Se vedlegget.',
  'correspondence.content.attachments[0].fileName': 'vedtak.pdf',
  'correspondence.content.attachments[0].sendersReference': 'vedlegg-1',
  'correspondence.content.attachments[0].dataLocationType': 'ExistingExternalStorage',
  'correspondence.propertyList.senderOrgNumber': '991825827',
  'correspondence.notification.notificationTemplate': '1',
  'correspondence.notification.notificationChannel': 'EmailAndSms',
  'correspondence.notification.requestedSendTime': '2026-01-01T10:00:00Z',
  'correspondence.isConfirmationNeeded': 'false',
  'correspondence.sender': '0192:991825827',
  idempotentKey: '0198F0A0-0000-7000-8000-0000000000CC',
};

test('given a letter in JSON with names in any case, when it is sent, opened and confirmed, then each answer has its shape', async () => {
  const { correspondence, recipients } = letter([citizen]);
  const sent = await call('POST', '/correspondence/', 'sender', {
    Correspondence: { ...correspondence, allowSystemDeleteAfter: 'x' },
    Recipients: recipients,
  });
  assert.equal(sent.statusCode, 200, sent.body);
  const id = sent.json().correspondences[0].correspondenceId as string;

  const overview = await call('GET', `/correspondence/${id}`, 'recipient');
  assert.equal(overview.statusCode, 200, overview.body);
  assert.equal(overview.json().notification, null);
  const content = await call('GET', `/correspondence/${id}/content`, 'recipient', undefined, { accept: 'text/plain' });
  assert.equal(content.body, 'Du har fått et vedtak.');
  assert.equal(content.headers['content-type'], 'text/plain; charset=utf-8');
  const confirmed = await call('POST', `/correspondence/${id}/confirm`, 'recipient', '');
  assert.equal(confirmed.body, `"${id}"`);
  const details = await call('GET', `/correspondence/${id}/details`, 'sender');
  assert.equal(details.statusCode, 200, details.body);
  assert.equal(details.json().status, 'Confirmed');
  const list = await call('GET', `/correspondence?resourceId=brev&role=recipient&status=6&from=2020-01-01`, 'recipient');
  assert.deepEqual(list.json(), { ids: [id] });
  const purged = await call('DELETE', `/correspondence/${id}/purge`, 'recipient');
  assert.equal(purged.body, `"${id}"`);
  assert.equal((await call('GET', `/correspondence/${id}`, 'recipient')).json().code, 'CORR-01001');
});

test('given a form of an integration point, when it is sent, then the file reaches the recipient under its own name and type', async () => {
  const { payload, headers } = form(fields, { 'vedtak.pdf': 'PDF' });
  const sent = await call('POST', '/correspondence/upload', 'maskinporten', payload, headers);
  assert.equal(sent.statusCode, 200, sent.body);
  const { correspondences, attachmentIds } = sent.json() as {
    correspondences: { correspondenceId: string; status: string }[];
    attachmentIds: AttachmentId[];
  };
  assert.equal(correspondences[0]!.status, 'Initialized');
  await scan(town, attachmentIds);

  const overview = await call('GET', `/correspondence/${correspondences[0]!.correspondenceId}`, 'leader');
  assert.deepEqual(overview.json().propertyList, { senderOrgNumber: '991825827' });
  assert.equal(overview.json().content.messageSummary, null);
  assert.equal(overview.json().content.attachments[0].dataLocationType, 'AltinnCorrespondenceAttachment');
  const file = await call(
    'GET',
    `/correspondence/${correspondences[0]!.correspondenceId}/attachment/${attachmentIds[0]}/download`,
    'leader',
    undefined,
    {
      accept: 'application/pdf',
    },
  );
  assert.equal(file.body, 'PDF');
  assert.equal(file.headers['content-type'], 'application/pdf');
  assert.equal(file.headers['content-disposition'], "inline; filename*=UTF-8''vedtak.pdf");

  await allRecorded();
  const entries = await listEvidence(world.db, [correspondences[0]!.correspondenceId]);
  assert.ok(entries.some(({ event }) => event === 'ContentHandover'));

  const again = form(fields, { 'vedtak.pdf': 'PDF' });
  const repeated = await world.nothingWritten(() => call('POST', '/correspondence/upload', 'maskinporten', again.payload, again.headers));
  assert.equal(repeated.statusCode, 409);
  assert.equal(repeated.json().errorCode, 1034);
  const found = await call('GET', '/correspondence?sendersReference=melding-1', 'maskinporten');
  assert.deepEqual(found.json().ids, [correspondences[0]!.correspondenceId]);
});

test('given a letter in two languages, in JSON and as a form, when it is opened over the wire, then both are there, and strangers meet the refusal of its content', async () => {
  const translation = { language: 'NN', messageTitle: 'Vedtak', messageBody: 'Du har fått eit vedtak.' };
  const asForm = form({
    ...Object.fromEntries(Object.entries(fields).filter(([name]) => !/attachments|idempotentKey|recipients/.test(name))),
    'recipients[0]': `urn:altinn:person:identifier-no:${citizen.number}`,
    'correspondence.content.messageBody': 'Du har fått et vedtak.',
    'correspondence.content.translations[0].language': 'nn',
    'correspondence.content.translations[0].messageTitle': 'Vedtak',
    'correspondence.content.translations[0].messageSummary': '',
    'correspondence.content.translations[0].messageBody': 'Du har fått eit vedtak.',
  });
  const sent = [
    await call('POST', '/correspondence', 'sender', letter([citizen], { content: { translations: [translation] } })),
    await call('POST', '/correspondence/upload', 'sender', asForm.payload, asForm.headers),
  ];
  for (const answer of sent) {
    assert.equal(answer.statusCode, 200, answer.body);
    const id = answer.json().correspondences[0].correspondenceId as string;
    const url = `/budstikke/v1/correspondence/${id}/translations`;
    const ask = (as: string) => http.inject({ method: 'GET', url, headers: { authorization: as } });
    for (const as of ['leader', 'sender']) {
      const refused = await ask(as);
      assert.deepEqual([refused.statusCode, refused.json().code], [401, 'CORR-04001'], as);
    }
    assert.equal((await ask('scopeless')).statusCode, 403);
    const opened = await ask('recipient');
    assert.equal(opened.statusCode, 200, opened.body);
    assert.deepEqual(opened.json(), {
      original: { language: 'nb', messageTitle: 'Vedtak', messageSummary: null, messageBody: 'Du har fått et vedtak.' },
      translations: [{ language: 'nn', messageTitle: 'Vedtak', messageSummary: null, messageBody: 'Du har fått eit vedtak.' }],
    });
    assert.equal((await call('GET', `/correspondence/${id}`, 'sender')).json().status, 'Read');
  }
});

test('given a form that is refused, when it held files, then nothing of them is left', async () => {
  const { payload, headers } = form({ ...fields, idempotentKey: '' }, { 'feil.pdf': 'PDF' });

  const refused = await world.nothingWritten(() => call('POST', '/correspondence/upload', 'sender', payload, headers));
  assert.equal(refused.json().errorCode, 1005);
});

test('given a shared attachment, when it is announced, uploaded and deleted, then each answer has its shape', async () => {
  const announced = await call('POST', '/attachment', 'sender', {
    resourceId: 'brev',
    fileName: 'a.txt',
    sendersReference: 'x',
    sender: '0192:991825827',
    isEncrypted: false,
  });
  const id = announced.json() as string;
  const uploaded = await call('POST', `/attachment/${id}/upload`, 'sender', Buffer.from('hei'), octets);
  assert.equal(uploaded.json().status, 'UploadProcessing', uploaded.body);
  assert.equal((await call('GET', `/attachment/${id}/details`, 'sender')).json().statusHistory.length, 2);
  const bytes = await call('GET', `/attachment/${id}/download`, 'sender');
  assert.deepEqual([bytes.body, bytes.headers['content-type']], ['hei', 'application/octet-stream']);
  const deleted = await call('DELETE', `/attachment/${id}`, 'sender');
  assert.deepEqual([deleted.statusCode, deleted.body], [200, '']);
});

test('given shapes that do not fit, when they are sent, then clients read the words of the original and nothing is written', async () => {
  const fit = letter([citizen]);
  const { correspondence } = fit;
  const cases: readonly (readonly [change: object, key: string, detail: string | RegExp])[] = [
    [{ recipients: [] }, 'Recipients', 'Recipients can not be empty'],
    [{ recipients: [''] }, 'Recipients[0]', 'Recipients can not contain null or empty values'],
    [{ recipients: [null] }, 'Recipients[0]', 'Recipients can not contain null or empty values'],
    [{ recipients: ['991825827'] }, 'Recipients[0]', /Recipients must be/],
    [
      { recipients: ['urn:altinn:person:identifier-no:12345678901'] },
      'Recipients[0]',
      'The given Recipient national identity number is not valid',
    ],
    [{ recipients: Array(501).fill(`0192:${municipality.number}`) }, 'Recipients', 'Recipients can contain at most 500 recipients'],
    [{ idempotentKey: 'x' }, 'IdempotentKey', correspondenceErrors.invalidIdempotentKey.text],
    [{ idempotentKey: '00000000-0000-0000-0000-000000000000' }, 'IdempotentKey', correspondenceErrors.invalidIdempotentKey.text],
    [{ correspondence: { ...correspondence, resourceId: 'a:b' } }, 'Correspondence.ResourceId', 'Invalid Resource identifier format'],
    [{ correspondence: { ...correspondence, content: null } }, 'Correspondence.Content', 'The Content field is required.'],
    [content({ messageTitle: '' }), 'Correspondence.Content.MessageTitle', 'The MessageTitle field is required.'],
    [content({ messageTitle: 'x'.repeat(256) }), 'Correspondence.Content.MessageTitle', /maximum length of 255/],
    [content({ messageBody: 'x'.repeat(30_001) }), 'Correspondence.Content.MessageBody', /maximum length of 30000/],
    [content({ language: 'nob' }), 'Correspondence.Content.Language', /two characters/],
    [{ correspondence: { ...correspondence, messageSender: 'x'.repeat(256) } }, 'Correspondence.MessageSender', /255/],
    [property('x'.repeat(51), 'a'), 'Correspondence.PropertyList', 'PropertyList key can not be longer than 50'],
    [property('a', 'x'.repeat(301)), 'Correspondence.PropertyList[a]', 'PropertyList value can not be longer than 300'],
    [
      { correspondence: { ...correspondence, propertyList: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v'])) } },
      'Correspondence.PropertyList',
      'PropertyList can contain at most 10 properties',
    ],
    [reference(5, 'x'), 'Correspondence.ExternalReferences[0].ReferenceType', 'The reference type is not allowed'],
    [reference('DialogportenTransmissionType', 'Nothing'), 'Correspondence.ExternalReferences[0]', /must be one of/],
    [attachment({ checksum: 'abc' }), 'Correspondence.Content.Attachments[0].Checksum', /with a length of 32 characters/],
    [attachment({ checksum: 'A'.repeat(32) }), 'Correspondence.Content.Attachments[0].Checksum', /in lower case/],
    [
      { correspondence: { ...correspondence, replyOptions: [{}] } },
      'Correspondence.ReplyOptions[0].LinkURL',
      'The LinkURL field is required.',
    ],
    [{ correspondence: { ...correspondence, dueDateTime: 'i morgen' } }, '$.correspondence.dueDateTime', /could not be converted/],
  ];
  for (const [change, key, detail] of cases) {
    const answer = await world.nothingWritten(() => call('POST', '/correspondence', 'sender', { ...fit, ...change }));
    assert.equal(answer.statusCode, 400, answer.body);
    assert.equal(answer.json().code, 'STD-00000');
    const said = (answer.json().errors as Record<string, string[]>)[key] ?? [];
    assert.ok(
      said.some((words) => (typeof detail === 'string' ? words === detail : detail.test(words))),
      `${key}: ${answer.body}`,
    );
  }

  function content(change: object) {
    return { correspondence: { ...correspondence, content: { ...correspondence.content, ...change } } };
  }
  function property(name: string, value: string) {
    return { correspondence: { ...correspondence, propertyList: { [name]: value } } };
  }
  function reference(referenceType: string | number, referenceValue: string) {
    return { correspondence: { ...correspondence, externalReferences: [{ referenceType, referenceValue }] } };
  }
  function attachment(change: object) {
    return content({ attachments: [{ fileName: 'a.pdf', sendersReference: 'x', ...change }] });
  }
});

test('given a search without what it needs, when it is sent, then it says what is missing', async () => {
  const answer = await call('GET', '/correspondence?resourceId=brev', 'recipient');
  assert.equal(answer.statusCode, 400);
  assert.ok('role' in answer.json().errors, answer.body);
  const wrong = await call('GET', `/correspondence?resourceId=brev&role=0&onBehalfOf=${municipality.number}`, 'recipient');
  assert.ok('onBehalfOf' in wrong.json().errors, wrong.body);
  assert.equal((await call('GET', '/correspondence?resourceId=brev&role=0&onBehalfOf=', 'recipient')).statusCode, 200);
});

test('given tokens that are good for something else, when they are shown, then the route stays closed', async () => {
  const id = citizen.id;
  const closed = [
    ['POST', '/correspondence', 'recipient'],
    ['POST', '/correspondence', 'halfMaskinporten'],
    ['POST', '/attachment', 'recipient'],
    ['GET', `/correspondence/${id}/content`, 'sender'],
    ['POST', `/correspondence/${id}/confirm`, 'sender'],
    ['GET', `/correspondence/${id}`, 'scopeless'],
  ] as const;

  for (const [method, path, as] of closed) {
    const answer = await call(method, path, as);
    assert.equal(answer.statusCode, 403, `${method} ${path} as ${as}`);
  }
  assert.equal((await call('GET', `/correspondence/${id}/attachment/${id}/download`, 'scopeless')).statusCode, 404);
  assert.equal((await call('POST', '/correspondence', 'nobody', letter([citizen]))).statusCode, 401);
});

test('given an upload of no bytes over a real connection, when it is sent, then its announced length is refused', async () => {
  const id = (
    await call('POST', '/attachment', 'sender', { resourceId: 'brev', fileName: 'a.txt', sendersReference: 'x' })
  ).json() as string;
  const port = await http.listen(0, '127.0.0.1');

  const answer = await fetch(`http://127.0.0.1:${port}${base}/attachment/${id}/upload`, {
    method: 'POST',
    headers: { authorization: 'sender', ...octets },
    body: '',
  });
  const { errorCode } = (await answer.json()) as { errorCode: number };
  await http.close();
  assert.equal(errorCode, 2004);
});

test('given all of the above, when routes answered, then none gave what it does not declare', () => {
  assert.deepEqual(http.lies, []);
});
