import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { silentLog } from '#kernel/log.ts';
import { createClient, enterpriseToken, personalToken } from '../../demo/client.ts';
import { createApp } from '../../server/app.ts';
import { readConfig } from '../../server/config.ts';
import { createTestDatabase } from '../database.ts';
import { weighEverything } from '../nothing-written.ts';
import { freePort } from '../process.ts';
import {
  accepted,
  api,
  callersOf,
  citizenUrn,
  letter,
  municipalityUrn,
  people,
  readerScopes,
  resources,
  senderScopes,
  town,
} from '../wire/town.ts';
import { type BadRequest, badRequestsTo, type Known } from './bad-requests.ts';
import { operationsOf } from './operations.ts';

/** Requests to each operation; FC_RUNS asks for more. */
const runs = Number(process.env.FC_RUNS ?? 15);
/** The token generator answers a sentence for each parameter, as its original does (compatibility.md, platform, §1.5). */
const ownForm = /^\/api\/Get/;
/** FC_SEED makes others. */
const seed = Number(process.env.FC_SEED ?? 20_261_129);
/** No answer in this time is a hang. */
const patienceMillis = 60_000;

const database = await createTestDatabase();
const folder = await mkdtemp(join(tmpdir(), 'budstikke-fuzz-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const app = await createApp({
  config: readConfig({
    BUDSTIKKE_MODE: 'sandbox',
    BUDSTIKKE_PORT: String(port),
    BUDSTIKKE_HOST: '127.0.0.1',
    BUDSTIKKE_PUBLIC_URL: url,
    BUDSTIKKE_DATABASE_URL: database.url,
    BUDSTIKKE_DATA_DIR: folder,
    BUDSTIKKE_SANDBOX_IMPLICIT: 'none',
    BUDSTIKKE_SANDBOX_TOWN: 'none',
  }),
  databaseUrl: database.url,
  log: silentLog,
  role: 'api',
});
after(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const nobody = createClient(url);
const seeded = await nobody.post('/budstikke/v1/sandbox/seed', town);
assert.ok(seeded.status < 300, seeded.text.slice(0, 500));
const callers = await callersOf(nobody);
const operations = operationsOf((await nobody.get('/openapi.json')).json<unknown>());
/** A municipality and a citizen as readers, an agency as sender, nobody, and what is no token. */
const tokens = [
  undefined,
  'not-a-token',
  await enterpriseToken(nobody, people.directorate, senderScopes),
  await enterpriseToken(nobody, people.municipality, readerScopes),
  await personalToken(nobody, people.citizen, readerScopes),
];
const sent = accepted(await callers.directorate.post(`${api}/correspondence`, letter('fuzz')));
const attachment = (
  await callers.directorate.post(`${api}/attachment`, { resourceId: resources.letters, fileName: 'a.txt', sendersReference: '1' })
).json<string>();
const overview = (await callers.citizen.get(`${api}/correspondence/${sent.correspondences[0]!.correspondenceId}`)).json<{
  externalReferences: { referenceType: string; referenceValue: string }[];
}>();
const dialog = overview.externalReferences.find(({ referenceType }) => referenceType === 'DialogportenDialogId')!.referenceValue;
const { dialogToken } = (
  await nobody
    .with(await personalToken(nobody, people.citizen, ['digdir:dialogporten']))
    .get(`/dialogporten/api/v1/enduser/dialogs/${dialog}`)
).json<{ dialogToken: string }>();
const known: Known = {
  ids: [sent.correspondences[0]!.correspondenceId, dialog, attachment, '0198f0a0-0000-7000-8000-000000000001'],
  words: [
    ...Object.values(resources),
    ...Object.values(people),
    citizenUrn,
    municipalityUrn,
    'nb',
    'a.txt',
    'Brev',
    'https://example.no/',
    'DAGL',
  ],
  callers: tokens.length + 3,
};

interface Answered {
  readonly request: BadRequest;
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

async function ask(request: BadRequest, tokens: readonly (string | undefined)[]): Promise<Answered> {
  const token = tokens[request.caller];
  const response = await fetch(url + request.path, {
    method: request.method,
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMillis),
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...request.headers },
    ...(request.body === undefined || request.method === 'GET' ? {} : { body: new Uint8Array(request.body) }),
  });
  const mediaType = response.headers.get('content-type') ?? '';
  const goesOn = mediaType.startsWith('text/event-stream');
  if (goesOn) await response.body?.cancel();
  return { request, status: response.status, mediaType, text: goesOn ? '' : await response.text() };
}

const describe = ({ request, status, text }: Answered): string =>
  `${request.method} ${request.path.slice(0, 300)} as ${request.caller} ${JSON.stringify(request.headers)} ${(request.body ?? '').toString().slice(0, 1500)}\n→ ${status} ${text.slice(0, 500)}`;

/** A refusal says what it is in a body that fits problem details (RFC 9457), or, where clients of the original expect it, in none or in plain text. */
function assertProblem(answered: Answered): void {
  const { status, mediaType, text } = answered;
  if (text === '' || mediaType.startsWith('text/')) return;
  assert.match(mediaType, /json/, describe(answered));
  const body = JSON.parse(text) as unknown;
  if (typeof body === 'string') return;
  const { title, status: said, error } = body as { title?: unknown; status?: unknown; error?: unknown };
  if (typeof error === 'string') return; // RFC 6749, §5.2
  assert.equal(typeof title, 'string', describe(answered));
  assert.equal(said, status, describe(answered));
}

async function countsStay(work: () => Promise<void>): Promise<boolean> {
  const before = await weighEverything(database.db, folder);
  await work();
  return isDeepStrictEqual(await weighEverything(database.db, folder), before);
}

for (const operation of operations) {
  test(`given malformed requests to ${operation.name}, when they are sent, then none breaks it and what is refused writes nothing`, async () => {
    const requests = fc.sample(badRequestsTo(operation, known), { numRuns: runs, seed });

    const scopes = operation.scopes.length === 0 ? readerScopes : operation.scopes;
    const all = [
      ...tokens,
      dialogToken,
      await enterpriseToken(nobody, people.directorate, scopes),
      await personalToken(nobody, people.manager, scopes),
    ];

    const answers: Answered[] = [];
    for (const request of requests) answers.push(await ask(request, all));

    for (const answered of answers) {
      assert.ok(answered.status < 500, describe(answered));
      if (answered.status >= 400 && !ownForm.test(operation.path)) assertProblem(answered);
    }
    const refused = answers.filter(({ status }) => status >= 400);
    const sendAgain = async (): Promise<void> => {
      for (const { request } of refused) await ask(request, all);
    };
    if (await countsStay(sendAgain)) return;
    // Who was answered before is noted a moment later: that is written once, a refused request's row each time.
    assert.ok(await countsStay(sendAgain), `a refused request wrote something:\n${refused.map(describe).join('\n')}`);
  });
}

test('given all of that, when the server is asked, then it is well and no invariant is broken', async () => {
  assert.equal((await nobody.get('/health')).status, 200);
  assert.ok(operations.length > 40, String(operations.length));
});
