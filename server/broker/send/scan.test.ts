import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { FileTransferId } from '#kernel/ids.ts';
import { CannotTell, createClamdScanner } from '#scanning/index.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { purgeTransfers } from '../expire/purge-transfers.ts';
import { brokerInvariants } from '../invariants.ts';
import { brokerRoutes } from '../routes.ts';
import {
  assertRefused,
  createTown,
  eventsOf,
  fetchWhole,
  historyOf,
  octets,
  openWire,
  organizationId,
  rows,
  transferOf,
} from '../testing/town.ts';
import { requeueScans } from './scan-job.ts';
import { fileScanResultRoutes } from './scan-results/routes.ts';
import { scanAndSettle } from './settle-scan.ts';

const town = await createTown();
const { world, ctx } = town;
const secret = 'a-secret-of-at-least-thirty-two-letters';
const wire = await openWire(town, {}, ctx, [...brokerRoutes, ...fileScanResultRoutes(secret)]);
const waiting = async () => (await wire.send('sender', transferOf(town, { disableVirusScan: false }), 'x')) as FileTransferId;

test('given a scanner that cannot tell of a file, when the last attempt is over, then the transfer has failed and its sender is to be told, and not before', async () => {
  const id = await waiting();
  const answering = (error: Error) => ({ ...ctx, scanner: { name: 'odd', scan: () => Promise.reject(error) } });
  const unable = answering(new CannotTell('clamd cannot tell: INSTREAM size limit exceeded. ERROR'));
  await world.nothingWritten(() => assert.rejects(scanAndSettle(unable, id, { isLast: false }), CannotTell));
  await world.nothingWritten(() => assert.rejects(scanAndSettle(answering(new Error('away')), id, { isLast: true }), /away/));

  await scanAndSettle(unable, id, { isLast: true });

  assert.equal((await historyOf(town, id)).at(-1), 'Failed');
  assert.equal((await eventsOf(town, id)).at(-1), 'uploadfailed Sender');
  assert.deepEqual(await rows(town, sql`select failure from watch.item where about = ${id}`), [{ failure: 'scanner-unavailable' }]);
  const [row] = await rows<{ text: string }>(town, sql`select state_text as text from broker.file_transfer where id = ${id}`);
  assert.match(row!.text, /^Malware scan failed: Unknown\. .*size limit exceeded/);
  await world.nothingWritten(() => scanAndSettle(unable, id, { isLast: true }));
});

test('given a file that clamd can never look through, when its bytes are announced, then it is refused before they come; one that is not to be scanned is not', async () => {
  const { mostBytes = 0 } = createClamdScanner({ host: '127.0.0.1', port: 1 });
  assert.equal(mostBytes, 2_147_483_647);
  const small = await openWire(town, {}, { ...ctx, scanner: { ...ctx.scanner, mostBytes: 3 } });
  const announce = async (disableVirusScan: boolean) => {
    const made = await small.json('POST', '/filetransfer', 'sender', transferOf(town, { disableVirusScan }));
    return ((await made.json()) as { fileTransferId: string }).fileTransferId;
  };
  const upload = (id: string) => small.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'fire', headers: octets });
  const tus = (id: string, headers: Record<string, string>) =>
    small.request('POST', `/filetransfer/upload/tus/${id}`, 'sender', { headers: { 'tus-resumable': '1.0.0', ...headers } });
  const scanned = await announce(false);
  await assertRefused(await world.nothingWritten(() => upload(scanned)), 16);
  assert.equal((await world.nothingWritten(() => tus(scanned, { 'upload-length': '4' }))).status, 400);
  assert.equal((await tus(scanned, { 'upload-length': '3' })).status, 201);
  assert.equal((await upload(await announce(true))).status, 200);
});

test('given an archive with a password, when it is scanned, then it has failed, and its sender reads that it is the password', async () => {
  const id = await waiting();
  const scanner = { name: 'odd', scan: async () => ({ malware: 'Heuristics.Encrypted.Zip', isEncrypted: true }) as const };

  await scanAndSettle({ ...ctx, scanner }, id);

  const [row] = await rows<{ text: string; failure: string; result: string }>(
    town,
    sql`select t.state_text as text, i.failure, (select e.core::jsonb ->> 'result' from evidence.evidence e where e.about = t.id and e.core::jsonb ? 'result') as result
          from broker.file_transfer t join watch.item i on i.about = t.id where t.id = ${id}`,
  );
  assert.match(row!.text, /^Malware scan failed: Encrypted\. .*has a password/);
  assert.deepEqual([row!.failure, row!.result, (await eventsOf(town, id)).at(-1)], ['format', 'encrypted', 'uploadfailed Sender']);
});

test('given a scanner that is down, when a quarter of an hour has passed, then an invariant alarms, until the file is scanned', async () => {
  const broken = async () =>
    (await world.db.all(brokerInvariants.find(({ name }) => name.includes('for a scanner'))!.find)).map(
      (row) => (row as { id: string }).id,
    );
  const id = await waiting();
  await assert.rejects(scanAndSettle({ ...ctx, scanner: { name: 'away', scan: () => Promise.reject(new Error('away')) } }, id), /away/);
  assert.ok(!(await broken()).includes(id));
  await world.advance(15 * 60 + 1);
  assert.ok((await broken()).includes(id));
  await scanAndSettle(ctx, id);
  assert.ok(!(await broken()).includes(id));
  assert.equal((await historyOf(town, id)).at(-1), 'Published');
});

test('given a scan that is tried again and one that was parked, when an hour has gone, then only the parked one begins anew', async () => {
  const [tried, parked] = [await waiting(), await waiting()];
  const attemptsOf = async (id: string) =>
    (await rows<{ attempts: number }>(town, sql`select attempts from graphile_worker.jobs where key = ${id}`)).map(
      ({ attempts }) => attempts,
    );
  await world.db.transaction(async (tx) => {
    await tx.run(sql`update graphile_worker._private_jobs set attempts = 9 where key = ${tried}`);
    await tx.run(sql`update graphile_worker._private_jobs set attempts = max_attempts where key = ${parked}`);
  });
  await world.advance(3_601);

  await requeueScans(ctx);

  assert.deepEqual([await attemptsOf(tried), await attemptsOf(parked)], [[9], [0]]);
});

test('given a scanner outside that shows no secret, or sends what is no JSON, when it tells, then it is refused in that order and nothing is written', async () => {
  const tell = (body: string, code: string) =>
    wire.request('POST', `/webhooks/malwarescanresults?code=${code}`, '', { body, headers: { 'content-type': 'application/json' } });
  await world.nothingWritten(async () => {
    assert.equal((await tell('{', 'wrong')).status, 401);
    const bad = await tell('{', secret);
    assert.deepEqual(
      [bad.status, bad.headers.get('content-type')?.split(';')[0], await bad.text()],
      [400, 'text/plain', 'The body is not JSON.'],
    );
    assert.equal((await tell('{"eventType":"Microsoft.Storage.BlobCreated"}', secret)).status, 200, 'what is not known is left alone');
  });
});

const eicar = { name: 'clamd', scan: async () => ({ malware: 'Eicar' }) } as const;
const told = (id: string, scanResultType: string, sha256?: string) =>
  wire.json('POST', `/webhooks/malwarescanresults?code=${secret}`, '', {
    eventType: 'Microsoft.Security.MalwareScanningResult',
    data: { blobUri: `https://files.example/x/${id}`, scanResultType, scanResultDetails: { sha256 } },
  });
const recipients = [organizationId(town.first), organizationId(town.second)];
const publishedByWord = async () => {
  const id = (await wire.send('sender', transferOf(town, { disableVirusScan: false, recipients }), 'x')) as FileTransferId;
  assert.equal((await told(id, 'No threats found')).status, 200);
  assert.equal((await historyOf(town, id)).at(-1), 'Published');
  return id;
};
const fetchAndConfirm = async (id: string, ...by: string[]) => {
  for (const who of by) {
    await fetchWhole(wire, id, who);
    assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, who)).status, 204);
  }
};
const blobOf = async (id: string) =>
  (
    await rows<{ state: string }>(
      town,
      sql`select b.state from blobs.blob b join broker.file_transfer t on t.blob_key = b.key where t.id = ${id}`,
    )
  )[0]?.state;
const invariantsHold = async () => {
  for (const { name, find } of [...brokerInvariants, ...watchInvariants])
    if (!/a scanner|late/.test(name)) assert.deepEqual(await world.db.all(find), [], name);
};

test('given a file that a scanner outside has called clean, and that one recipient has confirmed, when our own finds malware in it, then it is taken back with what was sent anew of it, and both sides and whoever runs this hear of it, once', async () => {
  const id = await publishedByWord();
  await fetchAndConfirm(id, 'first');
  const copy = (await wire.send('sender', transferOf(town), 'y')) as FileTransferId;
  await world.db.transaction(
    async (tx) =>
      void (await tx.run(sql`
      update broker.file_transfer set blob_key = (select blob_key from broker.file_transfer where id = ${id}) where id = ${copy}`)),
  );
  const alarms: string[] = [];
  const log = { ...ctx.log, error: (_: object, message: string) => void alarms.push(message) };

  await scanAndSettle({ ...ctx, scanner: eicar, log }, id);

  for (const one of [id, copy]) {
    assert.equal((await historyOf(town, one)).at(-1), 'Failed');
    const told = (await eventsOf(town, one)).filter((event) => /uploadfailed|malware/.test(event)).sort();
    const found = 'no.budstikke.broker.malware-found';
    assert.deepEqual(told, [...Array(one === id ? 2 : 1).fill(`${found} Recipient`), `${found} Sender`, 'uploadfailed Sender']);
    const [scanned] = await rows(
      town,
      sql`select e.core::jsonb ->> 'scanner' as scanner from evidence.evidence e where e.about = ${one} and e.core::jsonb ->> 'result' = 'malware'`,
    );
    assert.deepEqual(scanned, { scanner: 'clamd' });
  }
  assert.deepEqual([alarms.length, await blobOf(id)], [2, 'released']);
  assert.match(alarms[0]!, /that 1 of its recipients fetched/);
  await assertRefused(await wire.request('GET', `/filetransfer/${id}/download`, 'second'), 7);
  await assertRefused(await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'second'), 10);
  assert.deepEqual(
    await rows(
      town,
      sql`select i.failure, i.outcome, i.next_action as next from watch.item i join broker.recipient r on r.file_transfer_id = i.about and r.party_id = i.party_id
           where i.about = ${id} order by r.ordinal`,
    ),
    [
      { failure: null, outcome: 'confirmed', next: null },
      { failure: 'malware', outcome: null, next: 'tell-failure' },
    ],
  );
  await world.nothingWritten(() => scanAndSettle({ ...ctx, scanner: eicar, log }, id));
  assert.equal((await world.nothingWritten(() => told(id, 'Malicious'))).status, 200);
  assert.equal((await world.nothingWritten(() => told(id, 'No threats found'))).status, 200);
  await invariantsHold();
});

test('given a file that all have confirmed, when a scanner outside says that it is malicious, then it has failed, its bytes are gone, and nothing moves it any more', async () => {
  const id = await publishedByWord();
  await fetchAndConfirm(id, 'first', 'second');
  assert.equal((await told(id, 'Malicious')).status, 200);

  assert.deepEqual((await historyOf(town, id)).slice(-2), ['AllConfirmedDownloaded', 'Failed']);
  assert.equal((await eventsOf(town, id)).filter((event) => event === 'no.budstikke.broker.malware-found Recipient').length, 2);
  assert.equal(await blobOf(id), 'released');
  await world.advance(366 * 86_400);
  await purgeTransfers(ctx);
  assert.equal((await historyOf(town, id)).at(-1), 'Failed');
});

test('given malware that our own scanner finds while one outside says that it is clean, when both speak at once, then it has failed in the end', async () => {
  for (let round = 0; round < 4; round += 1) {
    const id = await waiting();
    await Promise.all([scanAndSettle({ ...ctx, scanner: eicar }, id), told(id, 'No threats found')]);
    assert.equal((await historyOf(town, id)).at(-1), 'Failed');
  }
});

test('given a scanner outside that looked through other bytes, when it tells, then its word is of no file, and that of the right bytes counts', async () => {
  const id = await waiting();
  const wrong = await world.nothingWritten(() => told(id, 'No threats found', '0'.repeat(64)));
  await assertRefused(wrong, 1);
  assert.equal((await world.nothingWritten(() => told(id, 'Malicious', 'a'.repeat(64)))).status, 404);
  assert.equal((await told(id, 'No threats found', createHash('sha256').update('x').digest('hex').toUpperCase())).status, 200);
  assert.equal((await historyOf(town, id)).at(-1), 'Published');
});
