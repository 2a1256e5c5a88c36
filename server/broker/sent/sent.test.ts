import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAfterKept } from '../expire/look-after-kept.ts';
import { purgeTransfers } from '../expire/purge-transfers.ts';
import { createTown, fetchWhole, openWire, organizationId, transferOf } from '../testing/town.ts';
import { tusClient } from '../tus/testing.ts';
import type { FileServices, SentFiles, SentRecipients } from './wire.ts';

/** What a sender's page shows of its files. */
const town = await createTown();
const { world, first, second, sending } = town;
const own = await world.resource('egne-filer', sending, {
  type: 'BrokerService',
  senders: 'any',
  readers: ['DAGL', 'organization'],
  broker: { maxFileTransferSize: 2000, fileTransferTimeToLive: 'P7D' },
});
await world.resource('brev', sending);
const wire = await openWire(town);
const sender = tusClient(town, wire);
const both = { recipients: [organizationId(first), organizationId(second)] };

const ask = (by: string, path: string) =>
  fetch(`http://127.0.0.1:${wire.port}/budstikke/v1/filetransfer/${path}`, { headers: { authorization: by } });
async function answered<T>(by: string, path: string): Promise<T> {
  const answer = await ask(by, path);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as T;
}
const sentBy = async (by: string, query = '') => (await answered<SentFiles>(by, `sent${query}`)).files;
const recipientsOf = (id: string, query = '') => answered<SentRecipients>('sender', `${id}/recipients${query}`);

test('given an organization with a service for files and one for letters, when it asks where it may send files, then it is told the one, and how much it takes', async () => {
  const { services } = await answered<FileServices>('sender', 'services');
  assert.deepEqual(
    services.map(({ id, mostBytes, days }) => [id, mostBytes, days]),
    [[own, 2000, 7]],
  );
  for (const by of ['stranger', 'owner']) {
    const { services: theirs } = await answered<FileServices>(by, 'services');
    assert.ok(
      theirs.every(({ id }) => id !== own),
      by,
    );
  }
  assert.equal((await ask('first', 'services')).status, 403, 'who only receives');
});

test('given files that were sent, when their sender looks, then the latest comes first by its name, with how far its recipients are, and others see nothing', async () => {
  const older = await wire.send('sender', transferOf(town, { fileName: 'eldre.zip' }), 'eldre');
  const newer = await wire.send('sender', transferOf(town, { ...both, fileName: 'nyere.zip' }), 'nyere');
  await fetchWhole(wire, newer, 'second');
  const begun = await sender.announce({ fileName: 'begynt.zip' });
  await sender.begin(begun, 10);

  const files = await sentBy('sender');
  assert.deepEqual(
    files.slice(0, 3).map(({ id, fileName, status, sizeBytes }) => [id, fileName, status, sizeBytes]),
    [
      [begun, 'begynt.zip', 'UploadStarted', null],
      [newer, 'nyere.zip', 'Published', 5],
      [older, 'eldre.zip', 'Published', 5],
    ],
  );
  assert.deepEqual(
    [files[1]!.firstRecipient, files[1]!.recipients],
    [first.name, { all: 2, unfetched: 1, fetched: 1, confirmed: 0, awaited: 2 }],
  );
  assert.deepEqual(
    (await sentBy('sender', `?after=${newer}`)).map(({ id }) => id),
    [older],
  );

  const some = `?id=${older}&id=${begun}&id=0198f0a0-0000-7000-8000-000000000000`;
  assert.deepEqual(
    (await sentBy('sender', some)).map(({ id }) => id),
    [begun, older],
    'some of them by their ids',
  );
  assert.deepEqual(
    (await sentBy('sender', `${some}&q=eldre`)).map(({ id }) => id),
    [older],
  );
  assert.deepEqual(await sentBy('stranger', some), []);

  const found = async (q: string) => (await answered<SentFiles>('sender', `sent?${new URLSearchParams({ q })}`)).files.map(({ id }) => id);
  assert.deepEqual(await found(' NYERE '), [newer]);
  assert.deepEqual(await found(second.name), [newer], 'also by who is not the first recipient');
  assert.deepEqual(await found(second.number!), [newer]);
  for (const q of ['%', '_', 'finnes-ikke']) assert.deepEqual(await found(q), [], q);
  for (const by of ['stranger', 'owner']) assert.deepEqual(await sentBy(by), [], by);
});

test('given a file with two recipients, when one fetches and confirms it, then its sender sees each by name, what is next, and what it may decide of whom', async () => {
  const id = await wire.send('sender', transferOf(town, both), 'to');
  await fetchWhole(wire, id, 'first');
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);

  const { recipients, canRecall, next } = await recipientsOf(id);
  const [done, lying] = recipients;
  assert.deepEqual(
    [done!.name, done!.number, done!.status, done!.outcome, done!.decisions],
    [first.name, first.number, 'DownloadConfirmed', 'confirmed', []],
  );
  assert.deepEqual([done!.custody, done!.nextStepAt], ['confirmed-without-hash', null]);
  assert.deepEqual(
    [lying!.name, lying!.status, lying!.outcome, lying!.decisions],
    [second.name, 'Initialized', null, ['resend', 'read-elsewhere', 'accept-as-unread']],
  );
  assert.ok(lying!.cause && lying!.nextStepAt, 'why, and when something happens');
  assert.deepEqual([canRecall, next], [true, null]);
  assert.deepEqual(
    (await recipientsOf(id, '?after=1')).recipients.map(({ name }) => name),
    [second.name],
  );
  for (const by of ['stranger', 'owner']) {
    const refused = await ask(by, `${id}/recipients`);
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [404, 'BUD-09961'], by);
  }
  assert.equal((await ask('first', `${id}/recipients`)).status, 403);
});

test('given a file whose bytes have not come, and one that is taken back, when its sender looks, then there is nothing to decide of its recipients', async () => {
  const id = await sender.announce();
  const before = await recipientsOf(id);
  assert.deepEqual([before.recipients[0]!.decisions, before.canRecall], [[], true]);
  const recall = await fetch(`http://127.0.0.1:${wire.port}/budstikke/v1/filetransfer/${id}/recall`, {
    method: 'POST',
    headers: { authorization: 'sender', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Kari Nordmann', reason: 'Feil fil.' }),
  });
  assert.equal(recall.status, 200, await recall.clone().text());
  const { recipients, canRecall } = await recipientsOf(id);
  assert.deepEqual([recipients[0]!.outcome, recipients[0]!.decisions, canRecall], ['recalled', [], false]);
});

test('given more recipients than one answer holds, when its sender reads on, then each comes once', async () => {
  const many = await Promise.all(Array.from({ length: 101 }, (_, i) => world.organization(`MOTTAKER ${i}`)));
  const id = await wire.send('sender', transferOf(town, { recipients: many.map(organizationId) }), 'mange');
  const one = await recipientsOf(id);
  const two = await recipientsOf(id, `?after=${one.next}`);
  assert.deepEqual([one.recipients.length, two.recipients.length, two.next], [100, 1, null]);
  assert.equal(new Set([...one.recipients, ...two.recipients].map(({ number }) => number)).size, 101);
  assert.equal((await ask('sender', `${id}/recipients?after=x`)).status, 400);
});

test('given a file that nobody fetches, when its time is over, then its sender is told until when its bytes are kept, and nothing more once they are gone', async () => {
  const id = await wire.send('sender', transferOf(town, { fileName: 'ingen.zip' }), 'ingen');
  const keptUntil = async () => (await sentBy('sender', `?id=${id}`)).map(({ status, bytesUntil }) => [status, bytesUntil]);
  assert.deepEqual(await keptUntil(), [['Published', null]]);
  const passes = async (days: number) => {
    await world.advance(days * 86_400 + 60);
    await purgeTransfers(town.ctx);
    await lookAfterKept(town.ctx);
  };
  await passes(30);
  const [[status, until]] = (await keptUntil()) as [[string, string]];
  const days = (new Date(until).getTime() - town.ctx.now().getTime()) / 86_400_000;
  assert.ok(status === 'Purged' && days > 89.9 && days <= 90, `${status} ${until}`);
  await passes(90);
  assert.deepEqual(await keptUntil(), [['Purged', null]]);
});
