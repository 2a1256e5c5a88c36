import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '#db/embedded/index.ts';
import { createDatabase } from '#db/index.ts';
import { sql } from '#kernel/database.ts';
import { silentLog } from '#kernel/log.ts';
import { type Client, createClient, enterpriseToken, personalToken, personUrn } from '../../demo/client.ts';
import { invariantsOf, timelineOf, watchOf } from '../../demo/own-api.ts';
import { type Folder, makeFolder, type ServerProcess, startServer } from '../../demo/server-process.ts';
import { until } from '../../demo/wait.ts';
import { startCommand } from '../process.ts';
import { field, file, multipart } from '../wire/multipart.ts';
import { type OwnServer, startOwnServer, stopWhenInterrupted } from '../wire/server.ts';

/**
 * A machine burns down, and another goes on from the back-up. The back-up is made while letters are being sent; what was
 * answered before it began is found afterwards, with its watch, its evidence and its bytes.
 */

const api = '/correspondence/api/v1/correspondence';
const directorate = '315001285';
const citizen = '10906916350';
const resourceId = 'backup-letters';
const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: directorate, name: 'Direktoratet for brannvern', orgCode: 'brann', unitType: 'ORGL' },
    { kind: 'person', number: citizen, name: 'Borger', contactPoints: [{ channel: 'email', address: 'borger@backup.example' }] },
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: directorate, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};
const pdf = readFileSync(new URL('../../demo/letters/rapport-fra-stedet.pdf', import.meta.url));
const command = fileURLToPath(new URL('../../cli/budstikke', import.meta.url));

let original: OwnServer;
let empty: Folder;
let restored: ServerProcess | undefined;

before(async () => {
  original = await startOwnServer('backup', town, 'embedded');
  empty = await makeFolder('test-restored');
});
const clean = async (): Promise<void> => {
  await original?.stop();
  await restored?.stop();
  await empty?.remove();
};
after(clean);
stopWhenInterrupted(clean);

interface Callers {
  readonly sender: Client;
  readonly citizen: Client;
}

async function callersOf(nobody: Client): Promise<Callers> {
  return {
    sender: nobody.with(await enterpriseToken(nobody, directorate, ['altinn:serviceowner', 'altinn:correspondence.write'])),
    citizen: nobody.with(await personalToken(nobody, citizen, ['altinn:correspondence.read', 'altinn:portal/enduser'])),
  };
}

async function send({ sender }: Callers, reference: string, content: Buffer): Promise<string> {
  const fields: Record<string, string> = {
    'Recipients[0]': personUrn(citizen),
    'Correspondence.ResourceId': resourceId,
    'Correspondence.SendersReference': reference,
    'Correspondence.Content.Language': 'nb',
    'Correspondence.Content.MessageTitle': 'Brev',
    'Correspondence.Content.MessageBody': 'Et brev før brannen.',
    'Correspondence.Content.Attachments[0].FileName': 'rapport.pdf',
    'Correspondence.Content.Attachments[0].SendersReference': reference,
  };
  const parts = Object.entries(fields).map(([name, value]) => field(name, value));
  const answer = await sender.post(`${api}/upload`, multipart([...parts, file('attachments', 'rapport.pdf', 'application/pdf', content)]));
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

interface Overview {
  readonly published: string | null;
  readonly content: { readonly attachments: readonly { readonly id: string }[] };
}

async function untilPublished({ sender }: Callers, id: string): Promise<void> {
  await until('publication', async () => assert.ok((await sender.get(`${api}/${id}`)).json<Overview>().published));
}

/** Sends letters until it is told to stop, and gives those that were answered. */
async function sendOn(callers: Callers, isOver: () => boolean): Promise<string[]> {
  const sent: string[] = [];
  while (!isOver()) {
    sent.push(await send(callers, 'during', Buffer.from(`%PDF-1.4 ${sent.length}`)));
    await sleep(20);
  }
  return sent;
}

async function budstikke(folder: Folder, ...args: string[]): Promise<string> {
  const started = startCommand(command, args, { env: { PATH: '/usr/bin:/bin', BUDSTIKKE_DATA_DIR: folder.data } });
  assert.equal(await started.ended, 0, started.said());
  return started.said();
}

interface Facts {
  readonly systemIdentifier: string;
  /** Transaction of the newest evidence. */
  readonly newest: string;
  readonly blobs: readonly { readonly key: string; readonly sha256: string }[];
}

async function factsOf({ data }: Folder): Promise<Facts> {
  const embedded = await startEmbedded({ dataDir: data, log: silentLog });
  const db = createDatabase({ url: embedded.url, maxConnections: 2 });
  try {
    const facts = await db.one<Omit<Facts, 'blobs'>>(sql`
      select system_identifier::text as "systemIdentifier", (select max(xact::text::bigint)::text from evidence.evidence) as newest
        from pg_control_system()`);
    return { ...facts, blobs: await db.all(sql`select key, sha256 from blobs.blob where state = 'bound'`) };
  } finally {
    await db.close();
    await embedded.stop();
  }
}

test('given a server under a stream of letters, when its back-up is restored on an empty machine, then all that was answered before is there and goes on', async () => {
  const folder = original.process().folder;
  const callers = await callersOf(original.client);
  const [opened, unread, confirmed] = [
    await send(callers, 'opened', pdf),
    await send(callers, 'unread', pdf),
    await send(callers, 'confirmed', pdf),
  ];
  for (const id of [opened, unread, confirmed]) await untilPublished(callers, id);
  for (const id of [opened, confirmed]) assert.equal((await callers.citizen.get(`${api}/${id}/content`)).status, 200);
  assert.equal((await callers.citizen.post(`${api}/${confirmed}/confirm`)).status, 200);
  let isOver = false;
  const stream = sendOn(callers, () => isOver);
  await sleep(1000);
  for (const id of [opened, confirmed])
    await until('the opening to be recorded', async () => assert.ok((await watchOf(callers.sender, id)).outcome));
  const before = { opened: await timelineOf(callers.sender, opened), facts: await factsOf(folder) };

  const target = join(empty.path, 'copy');
  const said = await budstikke(folder, 'backup', target);
  isOver = true;
  const during = await stream;
  await original.process().stop();
  await budstikke(empty, 'restore', target);
  restored = await startServer({ folder: empty, environment: { BUDSTIKKE_SANDBOX_IMPLICIT: 'none', BUDSTIKKE_LOG_LEVEL: 'warn' } });

  assert.match(said, /The back-up .* is complete: \d+ files, \d+ MB\./);
  const then = await callersOf(createClient(restored.url));
  assert.deepEqual(await timelineOf(then.sender, opened), before.opened);
  assert.deepEqual((await watchOf(then.sender, opened)).outcome, 'opened');
  assert.deepEqual((await watchOf(then.sender, unread)).outcome, null);
  assert.ok((await timelineOf(then.sender, confirmed)).some(({ event }) => event === 'ConsignmentAcceptance'));
  for (const id of [opened, unread, confirmed]) assert.deepEqual(await download(then, id), pdf);
  const answers = await Promise.all(during.map(async (id) => (await then.sender.get(`${api}/${id}`)).status));
  assert.ok(!answers.join(' ').includes('404 200'), 'what was sent later is not there when what was sent earlier is missing');

  const facts = await factsOf(empty);
  assert.equal(facts.systemIdentifier, before.facts.systemIdentifier);
  assert.ok(facts.blobs.length >= before.facts.blobs.length);
  for (const { key, sha256 } of facts.blobs) {
    const bytes = readFileSync(join(empty.data, 'blobs', key.slice(-2), key));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256);
  }
  const next = await send(then, 'after', pdf);
  assert.ok(BigInt((await factsOf(empty)).newest) > BigInt(before.facts.newest), 'transactions are counted from the start');
  await untilPublished(then, next);
  assert.equal((await then.citizen.get(`${api}/${unread}/content`)).status, 200);
  await until('the opening to be recorded', async () => assert.equal((await watchOf(then.sender, unread)).outcome, 'opened'));
  const { holds, invariants } = await invariantsOf(then.sender);
  assert.ok(holds && invariants.length > 0, JSON.stringify(invariants.filter((one) => !one.holds)));
});

async function download({ citizen: reader }: Callers, id: string): Promise<Buffer> {
  const overview = (await reader.get(`${api}/${id}`)).json<Overview>();
  const answer = await reader.get(`${api}/${id}/attachment/${overview.content.attachments[0]!.id}/download`);
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  return answer.bytes;
}
