import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { partyUrn } from '#register/index.ts';
import { settleWatch, takeDueSteps } from '#watch/index.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { brokerInvariants } from '../invariants.ts';
import { findNextPurge } from '../store/expiry.ts';
import {
  assertRefused,
  createTown,
  eventsOf,
  evidenceOf,
  fetchWhole,
  historyOf,
  octets,
  openWire,
  organizationId,
  outcomesOf,
  rows,
  transferOf,
} from '../testing/town.ts';
import { lookAfterKept } from './look-after-kept.ts';
import { purgeTransfers } from './purge-transfers.ts';

/** Two hours after all have confirmed, or thirty days after it was announced: what goes, what stays, and who hears of it. */
const town = await createTown();
const { world, ctx, first, second } = town;
const wire = await openWire(town);
const day = 86_400;
const steps = { ...ctx, publicUrl: 'http://localhost', addresses: { inbox: 'http://localhost', console: 'http://localhost' } };

const both = { recipients: [organizationId(first), organizationId(second)] };
const stateOf = async (id: string) => (await historyOf(town, id)).at(-1);
const bytesOf = async (id: string) =>
  (
    await rows<{ state: string }>(
      town,
      sql`select b.state from blobs.blob b join broker.file_transfer t on t.blob_key = b.key where t.id = ${id}`,
    )
  )[0]?.state;

async function fetchAndConfirm(id: string, by: string): Promise<void> {
  await fetchWhole(wire, id, by);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, by)).status, 204);
}

async function holds(): Promise<void> {
  for (const { name, find } of [...brokerInvariants, ...watchInvariants.filter(({ name }) => !name.includes('late'))])
    assert.deepEqual(await world.db.all(find), [], name);
}

test('given a file that all have confirmed, when the grace period is over, then its bytes go and nobody is said not to have confirmed', async () => {
  const id = await wire.send('sender', transferOf(town), 'alle har den');
  await fetchAndConfirm(id, 'first');
  await purgeTransfers(ctx);
  assert.equal(await stateOf(id), 'AllConfirmedDownloaded');
  assert.equal((await wire.request('GET', `/filetransfer/${id}/download`, 'first')).status, 200, 'it may be fetched again until then');

  await world.advance(2 * 3600 + 1);
  await purgeTransfers(ctx);
  await purgeTransfers(ctx);

  assert.equal(await stateOf(id), 'Purged');
  assert.equal(await bytesOf(id), 'released');
  assert.equal((await eventsOf(town, id)).filter((event) => /purged|never/.test(event)).join(), 'filepurged Sender');
  await assertRefused(await wire.request('GET', `/filetransfer/${id}/download`, 'first'), 7);
  await holds();
});

test('given a file that one of two has not fetched, when its time is over, then it is gone on the wire and its bytes stay until the sender has decided', async () => {
  const id = await wire.send('sender', transferOf(town, both), 'en mangler');
  await fetchAndConfirm(id, 'first');
  const due = await findNextPurge(world.db);
  assert.ok(due && due.getTime() - ctx.now().getTime() > 29 * day * 1000);
  await world.advance(30 * day + 60);

  await purgeTransfers(ctx);

  assert.equal(await stateOf(id), 'Purged');
  assert.equal(await bytesOf(id), 'bound');
  assert.deepEqual((await eventsOf(town, id)).slice(-4), [
    'filepurged Sender',
    'fileneverconfirmeddownloaded Sender',
    'fileneverconfirmeddownloaded Recipient',
    'no.budstikke.watch.expiring-unread null',
  ]);
  assert.deepEqual(await outcomesOf(town, id), ['confirmed', null]);
  assert.ok((await evidenceOf(town, id)).includes('AcceptanceRejectionExpiry recorded'));
  await holds();

  await world.advance(day + 60);
  await lookAfterKept(ctx);
  assert.equal(await bytesOf(id), 'bound', 'nobody has decided');
  await world.db.transaction(async (tx) =>
    settleWatch(tx, [
      {
        about: id,
        party: second.id,
        outcome: 'accepted-unread',
        at: ctx.now(),
        by: town.sending.id,
        name: 'Kari',
        reason: 'ikke lenger nødvendig',
      },
    ]),
  );
  await world.advance(day + 60);
  await lookAfterKept(ctx);
  await lookAfterKept(ctx);
  assert.equal(await bytesOf(id), 'released');
  assert.ok((await evidenceOf(town, id)).includes('ContentPurged recorded'));
});

test('given kept bytes that nobody decides about, when 90 days have passed, then the sender was warned twice and they go', async () => {
  const id = await wire.send('sender', transferOf(town), 'ingen');
  await world.advance(30 * day + 60);
  await purgeTransfers(ctx);
  for (let n = 0; n < 91; n++) {
    await world.advance(day);
    await lookAfterKept(ctx);
  }
  const warned = await rows<{ days: number; subject: string }>(
    town,
    sql`select (data ->> 'daysLeft')::int as days, subject
          from events.outbox where resource_instance = ${id} and type like 'no.budstikke.watch.expir%-unread' order by id`,
  );
  assert.deepEqual(
    warned.map(({ days }) => days),
    [90, 7, 1, 0],
  );
  assert.deepEqual(
    [...new Set(warned.map(({ subject }) => subject))],
    [partyUrn(town.sending)],
    'who sent it, and not who owns the service',
  );
  assert.equal(await bytesOf(id), 'released');
});

test('given what was never uploaded, when its time is over, then it is purged, its recipients hear nothing, and its sender is to be told', async () => {
  const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town));
  const { fileTransferId: id } = (await made.json()) as { fileTransferId: string };
  await world.advance(30 * day + 60);
  await purgeTransfers(ctx);

  assert.equal(await stateOf(id), 'Purged');
  assert.deepEqual(await eventsOf(town, id), ['filetransferinitialized Sender', 'filepurged Sender']);
  assert.deepEqual(await rows(town, sql`select failure from watch.item where about = ${id}`), [{ failure: 'expired' }]);
  await assertRefused(await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: 'x', headers: octets }), 4);
});

test('given a file that nobody fetches, when a day has passed and then a week and another, then people there are told, reminded, and its sender is told and asked', async () => {
  const id = await wire.send('sender', transferOf(town), 'ligger');
  const takenSoFar = async () =>
    (await rows<{ name: string }>(town, sql`select name from watch.step where about = ${id} and state <> 'due' order by due_at, name`)).map(
      ({ name }) => name,
    );
  for (const days of [1, 6, 1, 6]) {
    await world.advance(days * day + 1);
    await takeDueSteps(steps as never);
  }
  const taken = await takenSoFar();
  for (const name of ['notify', 'remind', 'tell-sender', 'ask-sender']) assert.ok(taken.includes(name), `${name}: ${taken}`);
  const [item] = await rows<{ next: string; settled: Date | null }>(
    town,
    sql`select next_action as next, settled_at as settled from watch.item where about = ${id}`,
  );
  assert.deepEqual([item?.settled, item?.next === null], [null, false]);
});

test('given bytes that are whole only after the time of their transfer, when they have come, then nothing is published, and nobody fetches what is past its time before the sweeper comes', async () => {
  const due = await wire.send('sender', transferOf(town), 'i tide');
  const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town));
  const { fileTransferId: late } = (await made.json()) as { fileTransferId: string };
  async function* slowly() {
    yield Buffer.from('for ');
    await world.advance(31 * day);
    yield Buffer.from('sent');
  }

  const body = ReadableStream.from(slowly()) as never;
  await assertRefused(await wire.request('POST', `/filetransfer/${late}/upload`, 'sender', { body, headers: octets }), 4);

  assert.equal(await bytesOf(late), undefined);
  assert.deepEqual(await eventsOf(town, late), ['filetransferinitialized Sender']);
  await assertRefused(await world.nothingWritten(() => wire.request('GET', `/filetransfer/${due}/download`, 'first')), 7);
  while ((await purgeTransfers(ctx)) === 'more');
  assert.deepEqual([await stateOf(due), await stateOf(late)], ['Purged', 'Purged']);
  assert.deepEqual(
    (await eventsOf(town, late)).filter((one) => one.startsWith('published')),
    [],
  );
});
