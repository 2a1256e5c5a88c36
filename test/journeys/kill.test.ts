import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Client, enterpriseToken, personalToken, personUrn } from '../../demo/client.ts';
import { invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { until } from '../../demo/wait.ts';
import { inTurns } from '../in-turns.ts';
import { randomFrom, uuidFrom } from '../random.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/**
 * Two powers are cut in the middle of a stream of sends, openings and confirmations: the server's process, and the
 * database's. What was answered 200 must be there afterwards, once. A run can be repeated with BUDSTIKKE_TEST_SEED.
 */

const seedNumber = Number(process.env.BUDSTIKKE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seedNumber);
const api = '/correspondence/api/v1/correspondence';
const directorate = '315001285';
const resourceId = 'kill-letters';
const citizens = ['10906916350', '11917017052', '12927117779', '14827319156', '15837419872'];
const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: directorate, name: 'Direktoratet for strømbrudd', orgCode: 'kill', unitType: 'ORGL' },
    ...citizens.map((number, i) => ({
      kind: 'person',
      number,
      name: `Borger ${i}`,
      contactPoints: [{ channel: 'email', address: `borger-${i}@kill.example` }],
    })),
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: directorate, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};
const callersAtOnce = 6;
/** Keeps a stream below the thousand that a list tells, and its check within seconds. */
const mostPauseMillis = 60;
/** How many notices a worker may hold when it dies; they are tried again when their lease is over, which is later than this test. */
const heldByWorker = 50;

let server: OwnServer;
before(async () => {
  process.stdout.write(`BUDSTIKKE_TEST_SEED=${seedNumber}\n`);
  server = await startOwnServer('kill', town, 'embedded');
});
after(() => server?.stop());

/** What the client knows of a letter: what it asked for, and what it was told. */
interface Letter {
  readonly key: string;
  readonly citizen: number;
  readonly wantsConfirmation: boolean;
  id?: string;
  /** Set when an answer was 200; `asked` when no answer came or it was a fault, so that either may be true. */
  opened?: 'asked' | 'yes';
  confirmed?: 'asked' | 'yes';
}

interface Callers {
  readonly sender: Client;
  readonly citizens: readonly Client[];
}

async function callersOf(nobody: Client): Promise<Callers> {
  return {
    sender: nobody.with(await enterpriseToken(nobody, directorate, ['altinn:serviceowner', 'altinn:correspondence.write'])),
    citizens: await Promise.all(
      citizens.map(async (number) =>
        nobody.with(await personalToken(nobody, number, ['altinn:correspondence.read', 'altinn:portal/enduser'])),
      ),
    ),
  };
}

function sendLetter({ sender }: Callers, { key, citizen, wantsConfirmation }: Letter, reference: string): Promise<Answer> {
  const dueDateTime = new Date(Date.now() + 7 * 86_400_000).toISOString();
  return sender.post(api, {
    idempotentKey: key,
    recipients: [personUrn(citizens[citizen]!)],
    correspondence: {
      resourceId,
      sendersReference: reference,
      content: { language: 'nb', messageTitle: 'Brev', messageBody: 'Et brev midt i et strømbrudd.' },
      isConfirmationNeeded: wantsConfirmation,
      dueDateTime,
      notification: { notificationTemplate: 0, notificationChannel: 0, emailSubject: `Brev ${key}`, emailBody: 'Du har fått et brev.' },
    },
  });
}

/** One caller of many: sends a letter, and opens and confirms some of those that were accepted, until it is told to stop. */
async function work(callers: Callers, reference: string, letters: Letter[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sleep(random() * mostPauseMillis);
    const letter: Letter = { key: uuidFrom(random), citizen: Math.floor(random() * citizens.length), wantsConfirmation: random() < 0.5 };
    letters.push(letter);
    const sent = await answerOf(sendLetter(callers, letter, reference));
    if (sent?.status === 200)
      letter.id = sent.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
    if (letter.id && random() < 0.5) await read(callers, letter);
  }
}

async function read({ citizens: readers }: Callers, letter: Letter): Promise<void> {
  const reader = readers[letter.citizen]!;
  letter.opened = 'asked';
  if ((await answerOf(reader.get(`${api}/${letter.id}/content`)))?.status !== 200) return;
  letter.opened = 'yes';
  if (!letter.wantsConfirmation || random() < 0.3) return;
  letter.confirmed = 'asked';
  if ((await answerOf(reader.post(`${api}/${letter.id}/confirm`)))?.status === 200) letter.confirmed = 'yes';
}

/** Undefined when the connection broke: then nobody knows whether it was done. */
async function answerOf(asked: Promise<Answer>): Promise<Answer | undefined> {
  const answer = await asked.catch(() => undefined);
  if (answer) assert.ok(answer.status < 400 || answer.status >= 500, `a client was blamed: ${answer.status} ${answer.text.slice(0, 300)}`);
  return answer;
}

/** Runs the stream, cuts the power after as many answers as the seed decides, and answers what the clients know. */
async function streamUntil(cut: () => Promise<void>, reference: string): Promise<Letter[]> {
  const letters: Letter[] = [];
  const callers = await callersOf(server.client);
  let isOver = false;
  const working = Promise.all(Array.from({ length: callersAtOnce }, () => work(callers, reference, letters, () => isOver)));
  const enough = 40 + Math.floor(random() * 60);
  await until(`${enough} letters to be answered`, async () => assert.ok(letters.filter(({ id }) => id).length >= enough), { seconds: 120 });
  await sleep(random() * 100);
  await cut();
  await sleep(300);
  isOver = true;
  await working;
  return letters;
}

/** Every letter is sent again under its key, as a client does that got no answer: then each exists, and each once. */
async function sendAgain(callers: Callers, letters: readonly Letter[], reference: string): Promise<void> {
  await inTurns(letters, async (letter) => {
    const again = await sendLetter(callers, letter, reference);
    assert.ok(
      again.status === 409 || (again.status === 200 && !letter.id),
      `${again.status} to a letter that was ${letter.id ? 'answered 200' : 'not answered'}`,
    );
    const found = await callers.sender.get(`${api}?${new URLSearchParams({ resourceId, role: 'Sender', idempotentKey: letter.key })}`);
    const { ids } = found.json<{ ids: string[] }>();
    assert.equal(ids.length, 1, `key ${letter.key} has ${ids.length} messages`);
    if (letter.id) assert.equal(ids[0], letter.id, 'the message that was answered is another one now');
    letter.id = ids[0]!;
  });
  const list = await callers.sender.get(`${api}?${new URLSearchParams({ resourceId, role: 'Sender', sendersReference: reference })}`);
  assert.deepEqual(list.json<{ ids: string[] }>().ids.sort(), letters.map(({ id }) => id).sort());
}

/** Of each letter: its message, its watch and its evidence say what the client was told, and nothing is there twice. */
async function assertKept(callers: Callers, letters: readonly Letter[]): Promise<void> {
  await inTurns(letters, async ({ id = '', opened, confirmed, wantsConfirmation }) => {
    const overview = (await callers.sender.get(`${api}/${id}`)).json<{ published: string | null; read: string | null }>();
    assert.ok(overview.published, `message ${id} is not published`);
    const events = (await timelineOf(callers.sender, id)).map(({ event }) => event);
    const count = (name: string): number => events.filter((event) => event === name).length;
    assert.deepEqual([count('SubmissionAcceptance'), count('ContentConsignment')], [1, 1], `evidence of ${id}: ${events.join(', ')}`);
    const watch = await watchOf(callers.sender, id);
    if (!opened)
      assert.deepEqual([overview.read, watch.outcome, count('ContentAccessTracking')], [null, null, 0], `${id} was never opened`);
    if (opened === 'yes') assert.ok(overview.read && count('ContentAsked') >= 1, `the opening of ${id} is lost`);
    assert.equal(Boolean(overview.read), count('ContentAsked') >= 1, `${id} is read without evidence, or the other way about`);
    // A process that dies before it has recorded that a letter was taken leaves its watch open, which is the safe side.
    const isTaken = count('ContentAccessTracking') >= 1;
    assert.ok(overview.read || !isTaken, `${id} is taken and not read`);
    if (confirmed === 'yes') assert.equal(count('ConsignmentAcceptance'), 1, `the confirmation of ${id} is lost`);
    assert.ok(count('ConsignmentAcceptance') <= 1, `${id} is confirmed twice`);
    assert.equal(
      watch.outcome === 'confirmed',
      count('ConsignmentAcceptance') === 1 && isTaken,
      `${id} is confirmed without evidence, or the other way about`,
    );
    if (overview.read && !wantsConfirmation) assert.equal(watch.outcome, isTaken ? 'opened' : null);
  });
}

/** Each letter's notice comes at most once, but for those on the wire at the cut; none is forgotten, but for those a worker held. */
async function assertMails(letters: readonly Letter[], cutAt: Date): Promise<void> {
  const keys = new Map(letters.map((letter) => [letter.key, letter]));
  const mine = () => server.mails.mails.filter(({ subject }) => keys.has(subject.replace('Brev ', '')));
  let before = -1;
  await until('the mails to come to rest', async () => {
    const now = mine().length;
    const isAtRest = now === before;
    before = now;
    if (!isAtRest) await sleep(1000);
    assert.ok(isAtRest, `${now} mails so far`);
  });
  const received = Map.groupBy(mine(), ({ subject }) => subject.replace('Brev ', ''));
  for (const [key, copies] of received) {
    assert.equal(new Set(copies.map(({ messageId }) => messageId)).size, 1, `two different notices of ${key}`);
    const early = copies.filter(({ receivedAt }) => receivedAt <= cutAt);
    if (copies.length > 1) assert.deepEqual([copies.length, early.length], [2, 1], `the notice of ${key} came ${copies.length} times`);
  }
  const unread = letters.filter(({ opened }) => !opened);
  const missing = unread.filter(({ key }) => !received.has(key));
  assert.ok(missing.length <= heldByWorker, `${missing.length} of ${unread.length} letters were never told of`);
}

async function assertInvariants(): Promise<void> {
  const { sender } = await callersOf(server.client);
  const { holds, invariants } = await invariantsOf(sender);
  assert.deepEqual(
    invariants.filter((one) => !one.holds),
    [],
  );
  assert.ok(holds && invariants.length > 0);
}

async function assertAllKept(letters: readonly Letter[], reference: string, cutAt: Date): Promise<void> {
  const callers = await callersOf(server.client);
  await sendAgain(callers, letters, reference);
  await assertKept(callers, letters);
  await assertMails(letters, cutAt);
  await assertInvariants();
}

test('given a stream of letters, when the server is killed and started again, then all that was answered 200 is there, once', async () => {
  const letters = await streamUntil(() => server.process().kill(), 'server-killed');
  const cutAt = new Date();

  await server.restart();

  await assertAllKept(letters, 'server-killed', cutAt);
});

test('given a stream of letters, when the database is killed, then the server brings it back and all that was answered 200 is there, once', async () => {
  const letters = await streamUntil(async () => {
    process.kill(postmasterPid(), 'SIGKILL');
  }, 'database-killed');
  const cutAt = new Date();

  await until('the database to come back', async () => assert.equal((await server.client.get('/health')).status, 200));

  await assertAllKept(letters, 'database-killed', cutAt);
});

/** The database of our own data directory, and no other. */
function postmasterPid(): number {
  const [pid] = readFileSync(join(server.process().folder.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}
