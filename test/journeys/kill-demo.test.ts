import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNationalIdentityNumber, isOrganizationNumber } from '#register/index.ts';
import { type Answer, type Client, enterpriseToken, md5, organizationUrn, personalToken, personUrn } from '../../demo/client.ts';
import { invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { assertInOrder, attachment, correspondence, letterFile, readerScopes, senderScopes } from '../../demo/scene.ts';
import { until } from '../../demo/wait.ts';
import { randomFrom, uuidFrom } from '../random.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/**
 * The demo's two stories, many of each at once, while server or database is killed again and again. Each client does what a
 * real one does: it goes on from what was answered, and asks again for what was not. What was answered must be there in
 * every later step, and nothing twice in the end. A run can be repeated with BUDSTIKKE_TEST_SEED.
 */

const seedNumber = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seedNumber);
const storiesOfEach = 3;
const cuts = 3;
/** A scan whose worker was killed begins anew after some ten seconds, and each kill doubles its pause; on a busy machine more. */
const patienceSeconds = 120;
const report = letterFile('rapport-fra-stedet.pdf');
const notice = letterFile('varsel-om-endring.pdf');
const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';

const numbersOf = (from: number, digits: number, fits: (number: string) => boolean) => {
  let next = from;
  return (): string => {
    for (; ; next += 1) {
      const number = String(next).padStart(digits, '0');
      if (!fits(number)) continue;
      next += 1;
      return number;
    }
  };
};
const organizationNumber = numbersOf(313_500_000, 9, isOrganizationNumber);
const personNumber = numbersOf(14_118_490_100, 11, isNationalIdentityNumber);

interface Municipality {
  readonly number: string;
  readonly manager: string;
  readonly caseworker: string;
}

const police = organizationNumber();
const taxAgency = organizationNumber();
const municipalities = Array.from({ length: 2 * storiesOfEach }, () => ({
  number: organizationNumber(),
  manager: personNumber(),
  caseworker: personNumber(),
}));
const citizens = Array.from({ length: 2 * storiesOfEach }, personNumber);
const address = (name: string) => [{ channel: 'email', address: `${name}@kill-demo.example` }];
const titled = (title: string) => ({ nb: title, nn: title, en: title });
const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: police, name: 'Strømbrudd politidistrikt', orgCode: 'killpol', unitType: 'ORGL' },
    { kind: 'organization', number: taxAgency, name: 'Strømbrudd skatt', orgCode: 'killskatt', unitType: 'ORGL' },
    ...municipalities.flatMap(({ number, manager, caseworker }, i) => [
      { kind: 'organization', number, name: `Kommune ${i}`, unitType: 'KOMM' },
      { kind: 'person', number: manager, name: `Leder ${i}`, contactPoints: address(`leder-${i}`) },
      { kind: 'person', number: caseworker, name: `Saksbehandler ${i}`, contactPoints: address(`saksbehandler-${i}`) },
    ]),
    ...citizens.map((number, i) => ({ kind: 'person', number, name: `Borger ${i}`, contactPoints: address(`borger-${i}`) })),
  ],
  roles: municipalities.map(({ number, manager }) => ({ holder: manager, role: 'DAGL', at: number })),
  resources: [
    {
      id: 'kill-concern',
      type: 'CorrespondenceService',
      owner: police,
      title: titled('Bekymring'),
      readers: [`package:${confidentialPackage}`],
    },
    { id: 'kill-tax', type: 'CorrespondenceService', owner: taxAgency, title: titled('Varsel') },
  ],
};

let server: OwnServer;
before(async () => {
  process.stdout.write(`BUDSTIKKE_TEST_SEED=${seedNumber}\n`);
  server = await startOwnServer('kill-demo', town, 'embedded');
});
after(() => server?.stop());

/** Answers that clients have had, over all stories: the power is cut after some number of them. */
let answered = 0;

/**
 * Asks until there is an answer that is none of a broken server. `again` says whether an earlier try may have been done
 * without an answer: only then may a repeat be told that it is one.
 */
async function answerOf(ask: () => Promise<Answer>): Promise<{ answer: Answer; again: boolean }> {
  const patience = Date.now() + patienceSeconds * 1000;
  for (let again = false; ; again = true) {
    const answer = await ask().catch(() => undefined);
    if (answer && answer.status < 500) {
      answered += 1;
      return { answer, again };
    }
    assert.ok(Date.now() < patience, `no answer in time; the last was ${answer?.status} ${answer?.text.slice(0, 300)}`);
    await sleep(50 + random() * 100);
  }
}

async function done(ask: () => Promise<Answer>, status = 200): Promise<Answer> {
  const { answer } = await answerOf(ask);
  assert.equal(answer.status, status, answer.text.slice(0, 300));
  return answer;
}

/** Sends under a key; when an earlier try was taken without an answer, finds what came of it. */
async function sendOnce(sender: Client, resourceId: string, key: string, send: () => Promise<Answer>): Promise<string> {
  const { answer, again } = await answerOf(send);
  if (answer.status === 200) return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
  assert.ok(again && answer.status === 409, `${answer.status} ${answer.text.slice(0, 300)}`);
  const query = new URLSearchParams({ resourceId, role: 'Sender', idempotentKey: key });
  const { ids } = (await done(() => sender.get(`${correspondence}?${query}`))).json<{ ids: string[] }>();
  assert.equal(ids.length, 1, `key ${key} has ${ids.length} messages`);
  return ids[0]!;
}

/** Opens, fetches the file and confirms, as the reader of both stories does. */
async function readToTheEnd(reader: Client, sender: Client, id: string, pdf: Buffer): Promise<void> {
  const overview = (await done(() => reader.get(`${correspondence}/${id}`))).json<{ content: { attachments: { id: string }[] } }>();
  // A server that dies before it has recorded that the letter was taken does not know it: the letter is opened once more.
  await until(
    'the opening to be recorded',
    async () => {
      await done(() => reader.get(`${correspondence}/${id}/content`));
      await sleep(1500);
      assert.ok((await timelineOf(sender, id)).some(({ event }) => event === 'ContentAccessTracking'));
    },
    { seconds: patienceSeconds },
  );
  const file = overview.content.attachments[0]!.id;
  const { bytes } = await done(() => reader.get(`${correspondence}/${id}/attachment/${file}/download`));
  assert.equal(md5(bytes), md5(pdf), 'the bytes are not those that were sent');
  const { answer, again } = await answerOf(() => reader.post(`${correspondence}/${id}/confirm`));
  const alreadyConfirmed = 1041;
  const isRepeat = again && answer.status === 400 && answer.json<{ errorCode: number }>().errorCode === alreadyConfirmed;
  assert.ok(answer.status === 200 || isRepeat, answer.text.slice(0, 300));
}

const untilPublished = (sender: Client, id: string): Promise<void> =>
  until(
    `message ${id}`,
    async () => assert.ok((await done(() => sender.get(`${correspondence}/${id}`))).json<{ published: string | null }>().published),
    { seconds: patienceSeconds },
  );

/** A story that was told to its end. */
interface Told {
  readonly id: string;
  readonly sender: Client;
  readonly evidence: readonly string[];
}

async function tellPoliceStory({ number, manager, caseworker }: Municipality): Promise<Told> {
  const nobody = server.client;
  const [asPolice, asManager, asCaseworker] = await Promise.all([
    tokenOf(() => enterpriseToken(nobody, police, senderScopes)),
    tokenOf(() => personalToken(nobody, manager, readerScopes)),
    tokenOf(() => personalToken(nobody, caseworker, readerScopes)),
  ]);
  const key = uuidFrom(random);
  const id = await sendOnce(asPolice, 'kill-concern', key, () => asPolice.post(`${correspondence}/upload`, concernForm(number, key)));
  await untilPublished(asPolice, id);
  const refused = await answerOf(() => asCaseworker.get(`${correspondence}/${id}/content`));
  assert.equal(refused.answer.status, 401, 'it was opened without a right');
  const lastName = String(municipalities.findIndex((each) => each.number === number));
  const grant = { at: organizationUrn(number), to: personUrn(caseworker), lastName, package: confidentialPackage };
  const { answer, again } = await answerOf(() => asManager.post('/budstikke/v1/grants', grant));
  assert.ok(answer.status === 201 || (again && answer.status === 200), answer.text.slice(0, 300));
  await readToTheEnd(asCaseworker, asPolice, id, report);
  return {
    id,
    sender: asPolice,
    evidence: ['SubmissionAcceptance', 'ContentConsignment', 'ContentAccessTracking', 'ConsignmentAcceptance'],
  };
}

async function tellTaxStory(citizen: string): Promise<Told> {
  const nobody = server.client;
  const asAgency = await tokenOf(() => enterpriseToken(nobody, taxAgency, senderScopes));
  const asCitizen = await tokenOf(() => personalToken(nobody, citizen, readerScopes));
  const file = await uploadNotice(asAgency);
  const key = uuidFrom(random);
  const id = await sendOnce(asAgency, 'kill-tax', key, () => asAgency.post(correspondence, taxLetter(citizen, file, key)));
  await untilPublished(asAgency, id);
  await readToTheEnd(asCitizen, asAgency, id, notice);
  return {
    id,
    sender: asAgency,
    evidence: ['SubmissionAcceptance', 'ContentConsignment', 'ContentAccessTracking', 'ConsignmentAcceptance'],
  };
}

/** An upload without an answer may have failed for good: then the client begins with a new attachment. */
async function uploadNotice(sender: Client): Promise<string> {
  for (;;) {
    const made = await done(() =>
      sender.post(attachment, {
        resourceId: 'kill-tax',
        fileName: 'varsel.pdf',
        displayName: 'Varsel',
        sendersReference: 'varsel',
        checksum: md5(notice),
        isEncrypted: false,
      }),
    );
    const id = made.json<string>();
    const body = { mediaType: 'application/octet-stream', bytes: notice };
    const uploaded = await sender.post(`${attachment}/${id}/upload`, body).catch(() => undefined);
    if (uploaded?.status !== 200) {
      assert.ok(!uploaded || uploaded.status >= 500, uploaded?.text.slice(0, 300));
      continue;
    }
    answered += 1;
    await until(
      `the scan of ${id}`,
      async () => {
        const now = (await done(() => sender.get(`${attachment}/${id}`))).json<{ status: string; checksum: string }>();
        assert.deepEqual([now.status, now.checksum], ['Published', md5(notice)], 'an upload that was answered 200');
      },
      { seconds: patienceSeconds },
    );
    return id;
  }
}

async function tokenOf(ask: () => Promise<string>): Promise<Client> {
  return server.client.with(await until('a token', ask, { seconds: patienceSeconds }));
}

function concernForm(municipality: string, key: string): FormData {
  const data = new FormData();
  const fields = {
    idempotentKey: key,
    'recipients[0]': organizationUrn(municipality),
    'correspondence.resourceId': 'kill-concern',
    'correspondence.sendersReference': 'kill-demo',
    'correspondence.dueDateTime': new Date(Date.now() + 7 * 86_400_000).toISOString(),
    'correspondence.isConfirmationNeeded': 'true',
    'correspondence.isConfidential': 'true',
    'correspondence.content.language': 'nb',
    'correspondence.content.messageTitle': 'Bekymringsmelding',
    'correspondence.content.messageBody': letterFile('bekymringsmelding.md').toString('utf8'),
    'correspondence.content.attachments[0].fileName': 'rapport-fra-stedet.pdf',
    'correspondence.content.attachments[0].checksum': md5(report),
    'correspondence.content.attachments[0].sendersReference': 'rapport',
  };
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append('attachments', new Blob([new Uint8Array(report)], { type: 'application/pdf' }), 'rapport-fra-stedet.pdf');
  return data;
}

const taxLetter = (citizen: string, file: string, key: string): object => ({
  idempotentKey: key,
  recipients: [personUrn(citizen)],
  correspondence: {
    resourceId: 'kill-tax',
    sendersReference: 'kill-demo',
    content: { language: 'nb', messageTitle: 'Varsel', messageBody: letterFile('varsel-om-endring.md').toString('utf8') },
    isConfirmationNeeded: true,
    dueDateTime: new Date(Date.now() + 7 * 86_400_000).toISOString(),
    notification: { notificationTemplate: 0, notificationChannel: 0, emailSubject: 'Varsel', emailBody: 'Du har fått et varsel.' },
  },
  existingAttachments: [file],
});

/** Tells the stories while the power is cut, each time after as many more answers as the seed decides. */
async function tellWhile(cut: () => Promise<void>, from: number): Promise<readonly Told[]> {
  const begun = answered;
  let isOver = false;
  const stories = Promise.all([
    ...municipalities.slice(from, from + storiesOfEach).map(tellPoliceStory),
    ...citizens.slice(from, from + storiesOfEach).map(tellTaxStory),
  ]).finally(() => {
    isOver = true;
  });
  const cutting = (async () => {
    for (let n = 0, at = begun; n < cuts; n += 1) {
      at += 3 + Math.floor(random() * 20);
      while (answered < at && !isOver) await sleep(2);
      if (isOver) return;
      await sleep(random() * 30);
      await cut();
    }
  })();
  const [told] = await Promise.all([stories, cutting]);
  return told;
}

/** Each story is there with all of its evidence, and nothing that happens once is there twice. */
async function assertTold(told: readonly Told[]): Promise<void> {
  for (const { id, sender, evidence } of told) {
    const entries = await until('the database', () => timelineOf(sender, id));
    assertInOrder(entries, evidence);
    for (const event of ['SubmissionAcceptance', 'ContentConsignment', 'ConsignmentAcceptance'])
      assert.equal(entries.filter((entry) => entry.event === event).length, 1, `${event} of ${id}`);
    assert.equal((await watchOf(sender, id)).outcome, 'confirmed');
  }
  const { holds, invariants } = await invariantsOf(told[0]!.sender);
  assert.ok(holds && invariants.length > 0, JSON.stringify(invariants.filter((one) => !one.holds)));
}

test('given the stories of the demo, when the server is killed in the middle of them again and again, then each goes on and ends as told', async () => {
  const told = await tellWhile(async () => {
    await server.process().kill();
    await server.restart();
  }, 0);

  await assertTold(told);
});

test('given the stories of the demo, when the database is killed in the middle of them again and again, then each goes on and ends as told', async () => {
  const told = await tellWhile(async () => {
    process.kill(postmasterPid(), 'SIGKILL');
    await until('the database to come back', async () => assert.equal((await server.client.get('/health')).status, 200));
  }, storiesOfEach);

  await assertTold(told);
});

/** The database of our own data directory, and no other. */
function postmasterPid(): number {
  const [pid] = readFileSync(join(server.process().folder.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}
