import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Answer, type Client, enterpriseToken } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { field, file, multipart } from './multipart.ts';
import { answerChecker, type Difference, type OldSchema, readContract } from './old-contract/contract.ts';
import { requestsOf } from './old-contract/old-requests.ts';
import { startTarget, type Target } from './server.ts';

/**
 * The contract that clients of the Broker API were generated from, operation by operation: what it allows is accepted, and what is
 * answered fits it, apart from the differences that compatibility.md, broker, §1.7 lists.
 */
const fileName = 'altinn-broker-v1.json';
const contract = readContract(fileName);

const since = 'compatibility.md, broker, §1.7';
const differences: readonly Difference[] = [
  { schema: 'FileTransferOverviewExt', adds: { published: { type: 'string', format: 'date-time', nullable: true } }, why: since },
  { schema: 'ResourceExt', adds: { requiredParty: { type: 'string', nullable: true } }, why: since },
];
/** The id in an object, as upload by stream answers it, where the document says a bare text. */
const answeredAsObject = 'POST /broker/api/v1/filetransfer/upload';
/** 204 where the document says 200. */
const withoutBody: ReadonlySet<string> = new Set([
  'POST /broker/api/v1/filetransfer/{fileTransferId}/confirmdownload',
  'PUT /broker/api/v1/resource/{resourceId}',
]);

const numbers = { owner: '315001005', sender: '315001072', first: '315001145', second: '315001218' } as const;
const resource = 'wire-broker';
const text = (nb: string) => ({ nb, nn: nb, en: nb });
const town = {
  version: 1,
  parties: Object.values(numbers).map((number) => ({ kind: 'organization', number, name: `Filstad ${number}`, unitType: 'ORGL' })),
  resources: [
    {
      id: resource,
      type: 'BrokerService',
      owner: numbers.owner,
      title: text('Filer'),
      senders: 'any',
      readers: ['organization'],
      broker: {},
    },
    {
      id: 'wire-broker-new',
      type: 'BrokerService',
      owner: numbers.owner,
      title: text('Nye filer'),
      senders: 'any',
      readers: ['organization'],
    },
  ],
};

const api = '/broker/api/v1';
const transferPath = `${api}/filetransfer/{fileTransferId}`;
const octets = (content: string) => ({ mediaType: 'application/octet-stream', bytes: Buffer.from(content) });

const operations = Object.entries(contract?.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

describe(`the contract ${fileName}`, { skip: contract === undefined && `${fileName} is not at hand` }, () => {
  let target: Target;
  let clients: Readonly<Record<keyof typeof numbers, Client>>;
  let checkAnswer: ReturnType<typeof answerChecker>;
  const walked = new Set<string>();
  before(async () => {
    checkAnswer = answerChecker(patternless(), differences);
    target = await startTarget('broker-contract', town);
    const client = async (number: string, ...scopes: string[]) => target.client.with(await enterpriseToken(target.client, number, scopes));
    clients = {
      owner: await client(numbers.owner, 'altinn:serviceowner'),
      sender: await client(numbers.sender, 'altinn:broker.write'),
      first: await client(numbers.first, 'altinn:broker.read'),
      second: await client(numbers.second, 'altinn:broker.read'),
    };
  });
  after(() => target?.stop());

  /** Without the property list's pattern of members, which the document closes to all members at once. */
  function patternless() {
    const copy = structuredClone(contract!) as { components: { schemas: Record<string, { properties?: Record<string, object> }> } };
    for (const { properties } of Object.values(copy.components.schemas))
      if (properties?.propertyList) properties.propertyList = { type: 'object', additionalProperties: { type: 'string' }, nullable: true };
    return copy as unknown as NonNullable<typeof contract>;
  }

  function assertFits(name: string, answer: Answer): Answer {
    const found = operations.find((candidate) => candidate.name === name);
    assert.ok(found, `${name} is no operation of the contract`);
    const isBare = withoutBody.has(name) && answer.status === 204;
    const said = found.operation.responses[isBare ? '200' : String(answer.status)];
    assert.ok(said, `${name} answered ${answer.status}, which the contract does not know: ${answer.text.slice(0, 300)}`);
    walked.add(name);
    const schema: OldSchema | undefined = said.content?.['application/json']?.schema;
    if (isBare) assert.equal(answer.text, '');
    const isUnread = name.endsWith('/download') || (name === answeredAsObject && answer.status === 200);
    if (isBare || isUnread || schema === undefined || answer.text === '') return answer;
    assert.deepEqual(checkAnswer(schema, answer.json<unknown>()), [], `${name} ${answer.status}: ${answer.text.slice(0, 2000)}`);
    return answer;
  }

  const idOf = (answer: Answer): string => answer.json<{ fileTransferId: string }>().fileTransferId;

  async function walk(id: string): Promise<void> {
    for (const caller of [clients.sender, clients.first]) {
      assertFits(`GET ${transferPath}`, await caller.get(`${api}/filetransfer/${id}`));
      assertFits(`GET ${transferPath}/details`, await caller.get(`${api}/filetransfer/${id}/details`));
    }
  }

  test('given requests that the old contract allows, when they are sent, then each is accepted, and every answer about its file fits it', async () => {
    const organizations = fc.constantFrom(`0192:${numbers.first}`, `urn:altinn:organization:identifier-no:${numbers.second}`);
    const requests = requestsOf(
      patternless(),
      { $ref: '#/components/schemas/FileTransferInitalizeExt' },
      {
        resourceId: fc.constantFrom(resource, `urn:altinn:resource:${resource}`),
        sender: fc.constant(`0192:${numbers.sender}`),
        recipients: fc.array(organizations, { minLength: 1, maxLength: 3 }),
        checksum: fc.constantFrom(null, '', createHash('md5').update('innhold').digest('hex')),
        propertyList: fc.dictionary(
          fc.stringMatching(/^[a-zæøå0-9]{1,50}$/),
          fc.string({ maxLength: 300, unit: 'grapheme' }).map((value) => value.slice(0, 300).toWellFormed()),
          { maxKeys: 10 },
        ),
        fileName: fc.stringMatching(/^[a-zA-Z0-9æøå ."'/-]{1,60}$/),
        sendersFileTransferReference: fc.stringMatching(/^[a-zA-Z0-9æøå -]{1,60}$/),
      },
    );
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const made = assertFits(`POST ${api}/filetransfer`, await clients.sender.post(`${api}/filetransfer`, request));
        assert.equal(made.status, 200, made.text);
        const id = idOf(made);
        const uploaded = await clients.sender.post(`${api}/filetransfer/${id}/upload`, octets('innhold'));
        assert.equal(idOf(assertFits(`POST ${transferPath}/upload`, uploaded)), id);
        const { propertyList } = (await clients.sender.get(`${api}/filetransfer/${id}`)).json<{ propertyList: object }>();
        assert.deepEqual(propertyList, { ...(request.propertyList as object | undefined) });
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 15), seed: 20_261_129, endOnFailure: true },
    );
  });

  test('given a file as eFormidling sends it, when it is uploaded, found, fetched and confirmed, then every answer fits, the refusals too', async () => {
    const request = {
      fileName: 'sbd.zip',
      resourceId: resource,
      sendersFileTransferReference: randomUUID(),
      sender: `0192:${numbers.sender}`,
      recipients: [`0192:${numbers.first}`],
      propertyList: {},
      checksum: null,
      disableVirusScan: null,
    };
    const id = idOf(assertFits(`POST ${api}/filetransfer`, await clients.sender.post(`${api}/filetransfer/`, request)));
    await walk(id);
    const early = await clients.first.post(`${api}/filetransfer/${id}/confirmdownload`);
    assert.equal(assertFits(`POST ${transferPath}/confirmdownload`, early).json<{ code: string }>().code, 'BRO-00003');
    assert.equal(
      (await clients.sender.post(`${api}/filetransfer/${id}/upload`, octets('innhold'), { accept: 'application/json' })).status,
      200,
    );
    await until('publication', async () => {
      const query = `resourceId=${resource}&status=Published&recipientStatus=Initialized`;
      const list = assertFits(`GET ${api}/filetransfer`, await clients.first.get(`${api}/filetransfer?${query}`));
      assert.ok(list.json<string[]>().includes(id));
    });
    const again = await clients.sender.post(`${api}/filetransfer/${id}/upload`, octets('annet'));
    assert.equal(assertFits(`POST ${transferPath}/upload`, again).status, 409);
    const download = await clients.first.get(`${api}/filetransfer/${id}/download`);
    assert.equal(assertFits(`GET ${transferPath}/download`, download).text, 'innhold');
    assert.equal(
      assertFits(`POST ${transferPath}/confirmdownload`, await clients.first.post(`${api}/filetransfer/${id}/confirmdownload`)).status,
      204,
    );
    await walk(id);
    const missing = randomUUID();
    for (const path of ['', '/details', '/download']) {
      assert.equal(assertFits(`GET ${transferPath}${path}`, await clients.first.get(`${api}/filetransfer/${missing}${path}`)).status, 404);
      assert.equal(assertFits(`GET ${transferPath}${path}`, await clients.second.get(`${api}/filetransfer/${id}${path}`)).status, 401);
    }
    assert.equal(assertFits(`POST ${api}/filetransfer`, await clients.sender.post(`${api}/filetransfer`, {})).status, 400);
  });

  test('given a file in one form, when it is sent, then it is taken', async () => {
    const parts = [
      ...Object.entries({
        'Metadata.FileName': 'a.zip',
        'Metadata.ResourceId': resource,
        'Metadata.SendersFileTransferReference': 'r',
        'Metadata.Sender': `0192:${numbers.sender}`,
        'Metadata.Recipients[0]': `0192:${numbers.first}`,
        'Metadata.PropertyList.key': 'value',
        'Metadata.DisableVirusScan': 'true',
      }).map(([name, value]) => field(name, value)),
      file('FileTransfer', 'x', 'application/octet-stream', Buffer.from('abc')),
    ];
    const sent = assertFits(`POST ${api}/filetransfer/upload`, await clients.sender.post(`${api}/filetransfer/upload`, multipart(parts)));
    assert.equal(sent.status, 200, sent.text);
    await walk(idOf(sent));
  });

  test('given an owner and its resource, when they are configured and read, then every answer fits', async () => {
    const none = await clients.owner.get(`${api}/serviceowner`);
    assert.ok([404, 200].includes(assertFits(`GET ${api}/serviceowner`, none).status));
    const first = await clients.owner.post(`${api}/serviceowner`, { name: 'Filstad', deletionTime: 'P30D' });
    assert.ok([200, 409].includes(assertFits(`POST ${api}/serviceowner`, first).status));
    assert.equal(assertFits(`POST ${api}/serviceowner`, await clients.owner.post(`${api}/serviceowner`, { name: 'Filstad' })).status, 409);
    assertFits(`GET ${api}/serviceowner`, await clients.owner.get(`${api}/serviceowner`));
    const resourcePath = `${api}/resource/{resourceId}`;
    const change = { maxFileTransferSize: 1073741824, fileTransferTimeToLive: 'P10D', purgeFileTransferGracePeriod: 'PT24H' };
    assert.equal(assertFits(`PUT ${resourcePath}`, await clients.owner.put(`${api}/resource/wire-broker-new`, change)).status, 204);
    const shown = assertFits(`GET ${resourcePath}`, await clients.owner.get(`${api}/resource/wire-broker-new`));
    assert.equal(shown.json<{ fileTransferTimeToLive: string }>().fileTransferTimeToLive, '10.00:00:00');
    assert.equal(
      assertFits(`PUT ${resourcePath}`, await clients.owner.put(`${api}/resource/wire-broker-new`, { maxFileTransferSize: 0 })).status,
      400,
    );
  });

  test('given the contract, when the walk is over, then no operation of it was left out', () => {
    assert.deepEqual(
      operations.map(({ name }) => name).filter((name) => !walked.has(name)),
      [],
    );
  });
});
