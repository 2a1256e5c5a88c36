import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findResource, onUnknownResources, saveResources } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { createTown, fetchWhole, octets, openWire, organizationId, transferOf } from '../testing/town.ts';

/** In a sandbox a resource that a request names first comes to be, and carries files by the defaults. */
const town = await createTown();
const { world, first } = town;
const title = { nb: 'x', nn: 'x', en: 'x' };
onUnknownResources.fill(async (ctx, { id, type, owner }) => {
  await ctx.db.transaction(async (tx) => saveResources(tx, [{ id, type, owner: owner!, title, implicit: true }]));
});
const wire = await openWire(town);

test('given a resource that nobody knows, when a file is announced on it, then it comes to be and carries the file', async () => {
  const id = await wire.send('sender', transferOf(town, { resourceId: 'helt-ny' }), 'x');
  assert.equal(String(await fetchWhole(wire, id, 'first')), 'x');
  assert.equal((await world.db.all(sql`select 1 from access.opening where resource_id = 'helt-ny'`)).length, 1);
  assert.equal((await findResource(world.db, 'helt-ny' as ResourceId))?.type, 'BrokerService');
});

test('given a request that is refused, when it names a resource that nobody knows, then nothing of it comes to be', async () => {
  const refused = transferOf(town, { resourceId: 'aldri-til', recipients: [organizationId(first), '0192:910753614'] });
  const answer = await world.nothingWritten(() => wire.json('POST', '/filetransfer', 'sender', refused));
  assert.equal(answer.status, 400);
  assert.equal(await findResource(world.db, 'aldri-til' as ResourceId), undefined);
});

test('given a town’s resource that says how it carries, when a file is announced, then it is carried so', async () => {
  await world.resource('byens', town.agency, {
    type: 'BrokerService',
    senders: 'any',
    readers: ['organization'],
    broker: { maxFileTransferSize: 3, fileTransferTimeToLive: 'P2D' },
  });
  const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town, { resourceId: 'byens' }));
  const { fileTransferId: id } = (await made.json()) as { fileTransferId: string };
  const { created, expirationTime } = (await (await wire.json('GET', `/filetransfer/${id}`, 'sender')).json()) as Record<string, string>;
  assert.equal(Date.parse(expirationTime!) - Date.parse(created!), 2 * 86_400_000);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: '1234', headers: octets })).status, 400);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/upload`, 'sender', { body: '123', headers: octets })).status, 200);
});
