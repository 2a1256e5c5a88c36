import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Answer, Client } from '../../demo/client.ts';
import { until } from '../../demo/wait.ts';
import { field, file, multipart, type Part } from './multipart.ts';
import { answerChecker, type Difference, type OldSchema, readContract } from './old-contract/contract.ts';
import { instant, requestsOf } from './old-contract/old-requests.ts';
import { startTarget, type Target } from './server.ts';
import { accepted, api, type Callers, callersOf, citizenUrn, letter, municipalityUrn, people, resources, town } from './town.ts';

/**
 * The contract that clients of the original were generated from, operation by operation: what it allows is accepted, and
 * what is answered fits it, apart from the differences that compatibility.md, correspondence, §0.1 lists.
 */
const fileName = 'altinn-correspondence-v1.json';
const contract = readContract(fileName);

const since = 'compatibility.md, correspondence, §0.1';
const laterStatuses = ['Forwarded'];
const text: OldSchema = { type: 'string' };
const flag: OldSchema = { type: 'boolean' };
const differences: readonly Difference[] = [
  { schema: 'CorrespondenceStatusExt', values: laterStatuses, why: since },
  { schema: 'AttachmentStatusExt', values: ['Expired'], why: since },
  { schema: 'ReferenceTypeExt', values: ['DialogportenTransmissionId', 'DialogportenTransmissionType'], why: since },
  { schema: 'CorrespondenceOverviewExt', adds: { allowForwarding: flag }, why: since },
  {
    schema: 'CorrespondenceDetailsExt',
    adds: { allowForwarding: flag, systemLabel: text, read: { type: 'string', nullable: true } },
    why: since,
  },
  { schema: 'CorrespondenceAttachmentExt', nullable: ['expirationTime'], why: since },
];

const operations = Object.entries(contract?.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

describe(`the contract ${fileName}`, { skip: contract === undefined && `${fileName} is not at hand` }, () => {
  let target: Target;
  let callers: Callers;
  let checkAnswer: ReturnType<typeof answerChecker>;
  const walked = new Set<string>();
  before(async () => {
    checkAnswer = answerChecker(contract!, differences);
    target = await startTarget('old-contract', town);
    callers = await callersOf(target.client);
  });
  after(() => target?.stop());

  /** The answer must be one of the operation's, and fit what the operation says of it. */
  function assertFits(name: string, answer: Answer): Answer {
    const found = operations.find((candidate) => candidate.name === name);
    assert.ok(found, `${name} is no operation of the contract`);
    const said = found.operation.responses[String(answer.status)];
    assert.ok(said, `${name} answered ${answer.status}, which the contract does not know: ${answer.text.slice(0, 300)}`);
    walked.add(name);
    const schema = said.content?.['application/json']?.schema;
    if (schema === undefined || answer.text === '') return answer;
    assert.deepEqual(checkAnswer(schema, answer.json<unknown>()), [], `${name} ${answer.status}: ${answer.text.slice(0, 2000)}`);
    return answer;
  }

  const messagePath = '/correspondence/api/v1/correspondence/{correspondenceId}';
  const attachmentPath = '/correspondence/api/v1/attachment/{attachmentId}';

  /** Looks at a message in every way that the contract has. */
  async function walkMessage(id: string, reader: Client): Promise<void> {
    for (const caller of [callers.directorate, reader]) {
      assertFits(`GET ${messagePath}`, await caller.get(`${api}/correspondence/${id}`));
      assertFits(`GET ${messagePath}/details`, await caller.get(`${api}/correspondence/${id}/details`));
    }
    assertFits(`POST ${messagePath}/markasread`, await reader.post(`${api}/correspondence/${id}/markasread`));
    assertFits(`POST ${messagePath}/confirm`, await reader.post(`${api}/correspondence/${id}/confirm`));
    for (const caller of [callers.directorate, reader])
      assertFits(`GET ${messagePath}/details`, await caller.get(`${api}/correspondence/${id}/details`));
  }

  async function publishedAttachment(): Promise<string> {
    const made = await callers.directorate.post(`${api}/attachment`, {
      resourceId: resources.letters,
      sender: `0192:${people.directorate}`,
      sendersReference: 'vedlegg',
      fileName: 'vedlegg.txt',
      displayName: null,
      isEncrypted: false,
      checksum: null,
    });
    const id = assertFits(`POST /correspondence/api/v1/attachment`, made).json<string>();
    assert.equal(made.status, 200, made.text);
    const uploaded = await callers.directorate.post(`${api}/attachment/${id}/upload`, {
      mediaType: 'application/octet-stream',
      bytes: Buffer.from('abc'),
    });
    assertFits(`POST ${attachmentPath}/upload`, uploaded);
    await until('the scan', async () => {
      const overview = assertFits(`GET ${attachmentPath}`, await callers.directorate.get(`${api}/attachment/${id}`));
      assert.equal(overview.json<{ status: string }>().status, 'Published');
    });
    return id;
  }

  test('given requests that the old contract allows, when they are sent, then each is accepted and every answer about them fits it', async () => {
    const attachment = await publishedAttachment();
    const requests = requestsOf(contract!, { $ref: '#/components/schemas/InitializeCorrespondencesExt' }, knownValues(attachment)).map(
      keepTheRules,
    );

    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const answer = assertFits(
          'POST /correspondence/api/v1/correspondence',
          await callers.directorate.post(`${api}/correspondence`, request),
        );
        const { correspondences } = accepted(answer);
        const [first] = correspondences;
        await walkMessage(first!.correspondenceId, first!.recipient === citizenUrn ? callers.citizen : callers.manager);
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 40), seed: 20_261_129, endOnFailure: true },
    );
  });

  test('given a form that the old contract allows, when it is sent, then it is accepted and its message can be read as the contract says', async () => {
    const key = randomUUID();
    const parts: Part[] = [
      ...Object.entries({
        'recipients[0]': municipalityUrn,
        idempotentKey: key,
        'correspondence.resourceId': resources.letters,
        'correspondence.sender': `0192:${people.directorate}`,
        'correspondence.sendersReference': key,
        'correspondence.allowSystemDeleteAfter': '2030-01-01T00:00:00Z',
        'correspondence.content.language': 'nb',
        'correspondence.content.messageTitle': 'Prøvebrev',
        'correspondence.content.messageSummary': 'Et brev',
        'correspondence.content.messageBody': 'Hei.',
        'correspondence.content.attachments[0].fileName': 'a.txt',
        'correspondence.content.attachments[0].sendersReference': '1',
        'correspondence.content.attachments[0].dataLocationType': 'ExistingExternalStorage',
        'correspondence.content.attachments[0].isEncrypted': 'false',
        'correspondence.content.attachments[0].expirationTime': '2030-01-01T00:00:00Z',
        'correspondence.notification.notificationTemplate': 'GenericAltinnMessage',
        'correspondence.notification.requestedSendTime': '2030-01-01T00:00:00Z',
      }).map(([name, value]) => field(name, value)),
      file('attachments', 'a.txt', 'text/plain', Buffer.from('abc')),
    ];

    const answer = assertFits(
      'POST /correspondence/api/v1/correspondence/upload',
      await callers.directorate.post(`${api}/correspondence/upload`, multipart(parts)),
    );

    const { correspondences, attachmentIds } = accepted(answer);
    const id = correspondences[0]!.correspondenceId;
    await until('publication', async () => {
      const overview = await callers.manager.get(`${api}/correspondence/${id}`);
      assert.equal(overview.status, 200, overview.text);
    });
    const download = await callers.manager.get(`${api}/correspondence/${id}/attachment/${attachmentIds[0]}/download`);
    assert.equal(assertFits(`GET ${messagePath}/attachment/{attachmentId}/download`, download).text, 'abc');
    await walkMessage(id, callers.manager);
    const purged = await callers.manager.delete(`${api}/correspondence/${id}/purge`);
    assert.equal(assertFits(`DELETE ${messagePath}/purge`, purged).status, 200, purged.text);
    const repeated = await callers.directorate.post(`${api}/correspondence/upload`, multipart(parts));
    assert.equal(assertFits('POST /correspondence/api/v1/correspondence/upload', repeated).status, 409);
  });

  test('given the ways of an attachment and of the list, when they are walked, then every answer fits, the refusals too', async () => {
    const id = await publishedAttachment();
    assertFits(`GET ${attachmentPath}/details`, await callers.directorate.get(`${api}/attachment/${id}/details`));
    assert.equal(
      assertFits(`GET ${attachmentPath}/download`, await callers.directorate.get(`${api}/attachment/${id}/download`)).text,
      'abc',
    );
    assertFits(`DELETE ${attachmentPath}`, await callers.directorate.delete(`${api}/attachment/${id}`));
    const gone = assertFits(`DELETE ${attachmentPath}`, await callers.directorate.delete(`${api}/attachment/${id}`));
    assert.equal(gone.json<{ errorCode: number }>().errorCode, 2006);
    const missing = randomUUID();
    for (const [name, path] of [
      [`GET ${attachmentPath}`, `${api}/attachment/${missing}`],
      [`GET ${attachmentPath}/details`, `${api}/attachment/${missing}/details`],
      [`GET ${attachmentPath}/download`, `${api}/attachment/${missing}/download`],
      [`GET ${messagePath}`, `${api}/correspondence/${missing}`],
      [`GET ${messagePath}/details`, `${api}/correspondence/${missing}/details`],
    ] as const) {
      assert.equal(assertFits(name, await callers.directorate.get(path)).status, 404);
    }
    const query = `resourceId=${resources.letters}&role=Sender&from=2020-01-01&to=2030-01-01T00:00:00Z&status=Published&onBehalfOf=0192:${people.directorate}`;
    const list = assertFits('GET /correspondence/api/v1/correspondence', await callers.directorate.get(`${api}/correspondence?${query}`));
    assert.ok(list.json<{ ids: string[] }>().ids.length > 0);
    assertFits('GET /correspondence/api/v1/correspondence', await callers.directorate.get(`${api}/correspondence?role=Nobody`));
    const refused = await callers.directorate.post(`${api}/correspondence`, letter('x', { request: { recipients: [] } }));
    assert.equal(assertFits('POST /correspondence/api/v1/correspondence', refused).status, 400);
  });

  test('given the contract, when the walk is over, then no operation of it was left out', () => {
    assert.deepEqual(
      operations.map(({ name }) => name).filter((name) => !walked.has(name)),
      [],
    );
  });
});

const words = fc.stringMatching(/^[a-zA-Z0-9æøåÆØÅ]{1,12}( [a-zA-Z0-9æøåÆØÅ]{1,12}){0,5}$/);

/** What a value must be beyond its schema for the request to be right. */
function knownValues(attachment: string): Readonly<Record<string, fc.Arbitrary<unknown>>> {
  const past = instant.filter((text) => Date.parse(text) < Date.now() - 86_400_000);
  const recipientForms = fc.constantFrom(citizenUrn, people.citizen, municipalityUrn, `0192:${people.municipality}`);
  const oneAddress = fc.constantFrom<object>(
    { emailAddress: 'varsel@wire.example' },
    { mobileNumber: '+4799999999', emailAddress: null },
    { organizationNumber: people.municipality, isReserved: null },
    { nationalIdentityNumber: people.citizen, isReserved: false },
  );
  return {
    recipients: fc.uniqueArray(recipientForms, { minLength: 1, maxLength: 2, selector: (urn) => urn.replace(/^.*[:]/, '') }),
    existingAttachments: fc.constantFrom(null, [], [attachment]),
    'correspondence.resourceId': fc.constantFrom(resources.letters, `urn:altinn:resource:${resources.letters}`),
    'correspondence.sendersReference': words,
    'correspondence.messageSender': fc.oneof(words, fc.constantFrom(null, '')),
    'correspondence.requestedPublishTime': fc.oneof(fc.constant(null), past),
    'correspondence.dueDateTime': fc.constantFrom(null, new Date(Date.now() + 30 * 86_400_000).toISOString()),
    'correspondence.isConfidential': fc.constant(false),
    'correspondence.content.language': fc.constantFrom('nb', 'nn', 'en', 'NB', null),
    'correspondence.content.messageTitle': words,
    'correspondence.content.messageSummary': fc.oneof(words, fc.constantFrom(null, '')),
    'correspondence.content.messageBody': words.map((line) => `# ${line}\n\n* ${line}\n`),
    'correspondence.content.attachments': fc.constantFrom(null, []),
    'correspondence.externalReferences.referenceType': fc.constantFrom('Generic', 'altinnAppInstance', 2, 'DialogportenProcessId'),
    'correspondence.externalReferences.referenceValue': words,
    'correspondence.replyOptions.linkURL': fc.webUrl({ validSchemes: ['https'] }).filter((url) => url.length <= 255),
    'correspondence.notification.customRecipient': fc.option(oneAddress, { nil: null }),
    'correspondence.notification.customNotificationRecipients': fc.oneof(
      fc.constantFrom(null, []),
      oneAddress.map((recipient) => [{ recipientToOverride: municipalityUrn, recipients: [recipient] }]),
    ),
  };
}

/** What hangs together: content, without which nothing was ever accepted, texts that the template asks for, a date with a confirmation, a key and named addressees for one recipient only. */
function keepTheRules(request: Record<string, unknown>): Record<string, unknown> {
  const { correspondence, recipients, ...rest } = structuredClone(request) as {
    correspondence: Record<string, unknown>;
    recipients: string[];
    idempotentKey?: unknown;
  };
  correspondence.content ??= { language: 'nb', messageTitle: 'Prøvebrev', messageSummary: null, messageBody: 'Hei.' };
  if (recipients.length > 1) delete rest.idempotentKey;
  if (correspondence.isConfirmationNeeded === true) correspondence.dueDateTime = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const notification = correspondence.notification as Record<string, unknown> | null | undefined;
  if (notification) {
    for (const name of ['emailSubject', 'emailBody', 'smsBody', 'reminderEmailSubject', 'reminderEmailBody', 'reminderSmsBody'])
      notification[name] ||= 'Ny post';
    if (recipients.length > 1) {
      delete notification.customRecipient;
      delete notification.customNotificationRecipients;
    }
  }
  return { ...rest, correspondence, recipients };
}
