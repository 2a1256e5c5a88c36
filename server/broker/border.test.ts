import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { organizationCaller } from '../../test/world.ts';
import { brokerRoutes } from './routes.ts';
import { fileScanResultRoutes } from './send/scan-results/routes.ts';
import {
  assertRefused,
  brokerScopes,
  createTown,
  eventsOf,
  fetchWhole,
  historyOf,
  octets,
  openWire,
  organizationId,
  rows,
  transferOf,
} from './testing/town.ts';

/** What clients meet at the border: shapes, words, lists, forms, scanners outside. */
const town = await createTown();
const { world, ctx, first, second, sending } = town;
const more = {
  reader: organizationCaller(first, brokerScopes.recipient, { issuer: 'maskinporten' }),
  vendor: organizationCaller(sending, brokerScopes.sender, { kind: 'system-user' }),
  scopeless: organizationCaller(sending, ['altinn:correspondence.write']),
  circle: organizationCaller(sending, brokerScopes.both),
};
const secret = 'a-secret-of-at-least-thirty-two-letters';
const wire = await openWire(town, more, ctx, [...brokerRoutes, ...fileScanResultRoutes(secret)]);
const init = (differs: object) => wire.json('POST', '/filetransfer', 'sender', { ...transferOf(town), ...differs });
const errorsOf = async (answer: Response) => {
  const text = await answer.text();
  assert.equal(answer.status, 400, text);
  return (JSON.parse(text) as { errors: Record<string, string[]> }).errors;
};
const list = async (query: string, by = 'sender') => {
  const answer = await wire.json('GET', `/filetransfer?resourceId=filer${query}`, by);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as string[];
};

test('given no token, a wrong scope or a media type that is not served, when an operation is called, then it is 401, 403, 406 or 415', async () => {
  const statuses = [
    (await wire.json('POST', '/filetransfer', 'unknown', {})).status,
    (await wire.json('POST', '/filetransfer', 'scopeless', {})).status,
    (await wire.json('POST', '/filetransfer', 'first', {})).status,
    (await wire.request('GET', `/filetransfer/${randomUUID()}/download`, 'sender')).status,
    (await wire.request('GET', `/filetransfer/${randomUUID()}`, 'sender', { headers: { accept: 'application/*' } })).status,
    (await wire.request('POST', `/filetransfer/${randomUUID()}/upload`, 'sender', { body: 'x', headers: { 'content-type': 'text/plain' } }))
      .status,
    (await wire.request('POST', `/filetransfer/${randomUUID()}/upload`, 'sender', { body: Buffer.from('x') })).status,
    (await wire.json('GET', '/filetransfer/not-an-id', 'sender')).status,
  ];
  assert.deepEqual(statuses, [401, 403, 403, 403, 406, 415, 415, 400]);
  const refused = await wire.request('GET', `/filetransfer/${randomUUID()}`, 'sender', { headers: { accept: 'text/html' } });
  assert.equal(
    await refused.text(),
    'This endpoint does not support the requested Accept header. Supported Accept headers are: application/json, */*.',
  );
});

test('given members at the last of their limits, when a file is announced, then it is taken; beyond, each is named in the original’s words', async () => {
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}`.padEnd(50, 'k'), 'v'.repeat(3000)]));
  const most = await init({
    fileName: '../år\u{1f4ce}'.padEnd(255, 'x'),
    sendersFileTransferReference: 'r'.repeat(4096),
    propertyList: ten,
    checksum: ' ',
  });
  assert.equal(most.status, 200, await most.clone().text());
  assert.equal(
    (await init({ sendersFileTransferReference: undefined, checksum: null, disableVirusScan: null, deletionTime: 'P1D' })).status,
    200,
  );

  const none = await world.nothingWritten(() => wire.json('POST', '/filetransfer', 'sender', {}));
  assert.deepEqual(Object.keys(await errorsOf(none)).sort(), ['FileName', 'Recipients', 'ResourceId', 'Sender']);
  for (const [differs, key, words] of [
    [{ fileName: 'x'.repeat(256) }, 'FileName', /maximum length of 255/],
    [{ resourceId: 'a:b' }, 'ResourceId', /^Invalid Resource identifier format$/],
    [{ sendersFileTransferReference: 'r'.repeat(4097) }, 'SendersFileTransferReference', /4096/],
    [{ sendersFileTransferReference: '' }, 'SendersFileTransferReference', /./],
    [{ sender: '991825827' }, 'Sender', /^Organization numbers should be on the form countrycode:organizationnumber/],
    [{ recipients: [] }, 'Recipients', /^One or more recipients are required$/],
    [{ recipients: Array(1001).fill(organizationId(first)) }, 'Recipients', /maximum length of '1000'/],
    [{ recipients: ['0192:12345678'] }, 'Recipients[0]', /^Each recipient should be on the form/],
    [{ propertyList: { ...ten, one: 'x' } }, 'PropertyList', /^PropertyList can contain at most 10 properties$/],
    [
      { propertyList: { ['k'.repeat(51)]: 'x' } },
      'PropertyList',
      /^PropertyList Key can not be longer than 50\. Length:51, KeyValue:k{51}$/,
    ],
    [
      { propertyList: { k: 'v'.repeat(3001) } },
      'PropertyList[k]',
      /^PropertyList Value can not be longer than 3000\. Length:3001, Value:v{3001}$/,
    ],
    [{ propertyList: { k: null as never } }, 'PropertyList[k]', /^A PropertyList Value can not be null$/],
    [{ checksum: 12345 as never }, '$.checksum', /^The JSON value could not be converted to string\. Path: \$\.checksum\.$/],
    [{ checksum: 'abc' }, 'Checksum', /^The checksum, if used, must be a MD5 hash with a length of 32 characters$/],
    [{ checksum: 'A'.repeat(32) }, 'Checksum', /must be a MD5 hash in lower case$/],
  ] as const) {
    const errors = await errorsOf(await world.nothingWritten(() => init(differs)));
    assert.match(errors[key]?.join() ?? JSON.stringify(errors), words, key);
  }
});

test('given a shape that does not fit, by JSON, by form and by a rule of the body, when it is refused, then the envelope is that of the original, without a code', async () => {
  const form = new FormData();
  for (const [name, value] of [
    ['FileName', 'a'],
    ['ResourceId', 'filer'],
    ['Sender', organizationId(sending)],
    ['Recipients[0]', organizationId(first)],
  ])
    form.set(`Metadata.${name}`, value!);
  for (const [key, asked] of [
    ['FileName', () => init({ fileName: '' })],
    ['FileTransfer', () => wire.request('POST', '/filetransfer/upload', 'sender', { body: form })],
    [
      'ExternalServiceCodeLegacy',
      () => wire.json('PUT', '/resource/filer', 'owner', { useManifestFileShim: true, externalServiceEditionCodeLegacy: 1 }),
    ],
  ] as const) {
    const answer = await world.nothingWritten(asked);
    const { errors, traceId, ...said } = (await answer.json()) as Record<string, unknown>;
    assert.deepEqual(said, {
      type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
      title: 'One or more validation errors occurred.',
      status: 400,
    });
    assert.deepEqual(Object.keys(errors as object), [key]);
    assert.match(String(traceId), /^00-[0-9a-f]{32}-/);
  }
});

test('given a sender by its URN and a resource by its, when a file is announced, then the sender is echoed as it wrote itself and finds it', async () => {
  const sender = `urn:altinn:organization:identifier-no:${sending.number}`;
  const answer = await wire.json('POST', '/filetransfer', 'vendor', transferOf(town, { sender, resourceId: 'urn:altinn:resource:filer' }));
  const { fileTransferId: id } = (await answer.json()) as { fileTransferId: string };
  const overview = (await (await wire.json('GET', `/filetransfer/${id}`, 'reader')).json()) as Record<string, unknown>;
  assert.deepEqual(
    [overview.sender, overview.resourceId, overview.fileTransferSize, overview.checksum, overview.published],
    [sender, 'filer', 0, null, null],
  );
  assert.ok((await list('')).includes(id));
});

test('given files sent and received, when they are listed, then status, role, times and order choose, and nobody sees another’s', async () => {
  const old = await wire.send('sender', transferOf(town, { recipients: [organizationId(second)] }), 'gammel');
  await world.advance(60);
  const between = ctx.now();
  await world.advance(60);
  const both = { recipients: [organizationId(second), organizationId(sending)] };
  const fresh = await wire.send('sender', transferOf(town, both), 'ny');

  assert.deepEqual(await list('&status=Published&recipientStatus=Initialized', 'second'), [fresh, old]);
  assert.deepEqual(await list('&status=published&orderAscending=true', 'second'), [old, fresh]);
  assert.deepEqual(await list(`&from=${between.toISOString()}`, 'second'), [fresh]);
  assert.deepEqual(await list(`&to=${between.toISOString()}`, 'second'), [old]);
  assert.deepEqual(await list('&role=Sender', 'second'), []);
  assert.deepEqual(await list('&role=Recipient', 'circle'), [fresh]);
  assert.equal((await list('&status=3', 'circle')).filter((id) => id === fresh).length, 1, 'sent and received at once is one');
  assert.deepEqual(await list('', 'stranger'), []);
  await fetchWhole(wire, fresh, 'second');
  assert.deepEqual(await list('&recipientStatus=DownloadStarted', 'second'), [fresh]);
  assert.deepEqual(await list('&recipientStatus=Initialized&role=Sender', 'second'), [old]);
  assert.deepEqual(await errorsOf(await wire.json('GET', '/filetransfer', 'sender')).then(Object.keys), ['resourceId']);
});

test('given more than a hundred files, when they are listed, then it is a hundred, the newest or the oldest', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 101; n++) ids.push(((await (await init({})).json()) as { fileTransferId: string }).fileTransferId);
  const newest = await list('&status=Initialized');
  assert.equal(newest.length, 100);
  assert.equal(newest[0], ids.at(-1));
});

test('given metadata and a file in one form, when it is sent, then it is announced and published; without a file nothing is', async () => {
  const form = (file: boolean) => {
    const fields = new FormData();
    if (file) fields.append('FileTransfer', new Blob(['skjema']), 'ignored.bin');
    fields.append('metadata.FileName', 'a.zip');
    fields.append('Metadata.ResourceId', 'filer');
    fields.append('Metadata.SendersFileTransferReference', 'r');
    fields.append('Metadata.Sender', organizationId(sending));
    fields.append('Metadata.Recipients[0]', organizationId(first));
    fields.append('Metadata.Recipients[1]', organizationId(second));
    fields.append('Metadata.PropertyList[One]', '1');
    fields.append('Metadata.PropertyList.two', '2');
    fields.append('Metadata.DisableVirusScan', 'true');
    return fields;
  };
  const sent = await wire.request('POST', '/filetransfer/upload', 'sender', { body: form(true) });
  assert.equal(sent.status, 200, await sent.clone().text());
  const { fileTransferId: id } = (await sent.json()) as { fileTransferId: string };
  const overview = (await (await wire.json('GET', `/filetransfer/${id}`, 'sender')).json()) as Record<string, unknown>;
  assert.deepEqual(
    [overview.fileName, overview.fileTransferStatus, overview.fileTransferSize, overview.propertyList],
    ['a.zip', 'Published', 6, { One: '1', two: '2' }],
  );
  const without = await world.nothingWritten(() => wire.request('POST', '/filetransfer/upload', 'sender', { body: form(false) }));
  assert.deepEqual(Object.keys(await errorsOf(without)), ['FileTransfer']);
});

test('given details, when they are read, then they hold all that happened, in order', async () => {
  const id = await wire.send('sender', transferOf(town), 'x');
  await fetchWhole(wire, id, 'first');
  const details = (await (await wire.json('GET', `/filetransfer/${id}/details`, 'first')).json()) as Record<
    string,
    Record<string, string>[]
  >;
  assert.deepEqual(
    details.fileTransferStatusHistory?.map((row) => [row.fileTransferStatus, row.fileTransferStatusText]),
    [
      ['Initialized', 'Ready for upload'],
      ['UploadStarted', 'Upload started'],
      ['Published', 'Ready for download'],
    ],
  );
  assert.deepEqual(
    details.recipientFileTransferStatusHistory?.map((row) => [
      row.recipient,
      row.recipientFileTransferStatusCode,
      row.recipientFileTransferStatusText,
    ]),
    [
      [organizationId(first), 'Initialized', 'Initialized'],
      [organizationId(first), 'DownloadStarted', 'Recipient has attempted to download fileTransfer'],
    ],
  );
});

test('given a scanner outside, when it tells, then whoever shows the secret is heard, once', async () => {
  const id = await wire.send('sender', transferOf(town, { disableVirusScan: false }), 'x');
  const told = (scanResultType: string, code = secret) =>
    wire.json('POST', `/webhooks/malwarescanresults?code=${code}`, '', [
      { eventType: 'Microsoft.Storage.BlobCreated' },
      {
        eventType: 'Microsoft.Security.MalwareScanningResult',
        data: {
          blobUri: `https://files.example/x/${id.toUpperCase()}?sv=1`,
          scanResultType,
          scanResultDetails: { malwareNamesFound: ['Ond'] },
        },
      },
    ]);
  assert.equal((await world.nothingWritten(() => told('No threats found', 'wrong'))).status, 401);
  const [mine] = await Promise.all([told('Malicious'), told('Malicious')]);
  assert.equal(mine.status, 200);
  assert.equal((await world.nothingWritten(() => told('no threats FOUND'))).status, 200, 'the first word counts');
  assert.deepEqual(await historyOf(town, id), ['Initialized', 'UploadStarted', 'UploadProcessing', 'Failed']);
  assert.equal((await eventsOf(town, id)).filter((event) => event === 'uploadfailed Sender').length, 1);
  const [row] = await rows<{ text: string }>(town, sql`select state_text as text from broker.file_transfer where id = ${id}`);
  assert.equal(row?.text, 'Malware scan failed: Malicious. Extra details: {"malwareNamesFound":["Ond"]}');
  const asked = { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: 'C0DE' } };
  assert.deepEqual(await (await wire.json('POST', `/webhooks/malwarescanresults?code=${secret}`, '', asked)).json(), {
    validationResponse: 'C0DE',
  });
});

test('given a transfer that is under way, when a stranger with both scopes tries every door, then each is closed and nothing is written', async () => {
  const id = await wire.send('sender', transferOf(town), 'hemmelig');
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/details'],
    ['GET', '/download'],
    ['POST', '/confirmdownload'],
  ] as const)
    await assertRefused(await world.nothingWritten(() => wire.request(method, `/filetransfer/${id}${path}`, 'stranger')), 6);
  assert.equal((await world.nothingWritten(() => wire.request('HEAD', `/filetransfer/${id}/download`, 'stranger'))).status, 401);
  await assertRefused(
    await world.nothingWritten(() => wire.request('POST', `/filetransfer/${id}/upload`, 'stranger', { body: 'x', headers: octets })),
    6,
  );
});

test('given limits, when a client calls one operation too often, whatever it asks, then it is told when to come again, and its other calls go on', async () => {
  const limited = await openWire(town, more, ctx, brokerRoutes, { limitsCalls: true });
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) statuses.push((await limited.json('GET', '/filetransfer?resourceId=', 'sender')).status);
  assert.deepEqual(statuses, [...Array(10).fill(400), 429, 429]);
  const last = await limited.json('GET', '/filetransfer?resourceId=filer', 'sender');
  assert.ok(Number(last.headers.get('retry-after')) >= 1);
  assert.equal(((await last.json()) as { status: number }).status, 429);
  assert.equal((await limited.json('POST', '/filetransfer', 'sender', transferOf(town))).status, 200);
  assert.equal((await limited.json('POST', '/filetransfer', 'unknown', {})).status, 401, 'a stranger is not counted');
});
