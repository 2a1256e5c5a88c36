import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createHttp } from '#http/index.ts';
import { startJobs } from '#jobs/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { silentLog } from '#kernel/log.ts';
import { createTown, evidenceOf, letter, outcomeOf, send, sendAll, stateOf } from '../testing/town.ts';
import { clearTestResource, testResource } from './clear-test-resource.ts';
import { retryPublishing } from './retry-publishing.ts';
import { maintenanceRoutes } from './routes.ts';

const town = await createTown();
const { world } = town;
await world.resource(testResource, town.agency);

const callers: Readonly<Record<string, Caller>> = {
  keeper: { ...anonymous, kind: 'organization', issuer: 'maskinporten', scopes: new Set(['altinn:correspondence.maintenance']) },
  sender: town.sender,
};
const http = await createHttp({
  routes: maintenanceRoutes,
  context: world.ctx,
  authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
  blobs: world.ctx.blobs,
  log: silentLog,
  checkAnswers: true,
  publicUrl: 'http://localhost',
});
const port = await http.listen(0, '127.0.0.1');
after(() => http.close(0));
const post = (path: string, by: string, body?: object) =>
  fetch(`http://127.0.0.1:${port}/correspondence/api/v1/maintenance/${path}`, {
    method: 'POST',
    headers: { authorization: by, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

const clear = (minAgeDays = 0) =>
  clearTestResource.run(world.ctx, { before: new Date(world.ctx.now().getTime() - minAgeDays * 86_400_000).toISOString() });
const ofTest = { resourceId: testResource } as const;

test('given messages of the test resource and another, when it is cleared, then those of the test are gone for clients, with evidence, and the other stays', async () => {
  const file = await world.file('prøve.txt', 'prøve');
  const { correspondences, attachmentIds } = await sendAll(
    town,
    letter([town.municipality], { ...ofTest, content: { attachments: [{ fileName: 'prøve.txt', sendersReference: '1' }] as never } }),
    [file],
  );
  const mine = correspondences[0]!.correspondenceId;
  const other = await send(town, letter([town.citizen]));

  await clear();

  assert.equal(await stateOf(town, mine), 'PurgedByAltinn');
  assert.equal(await outcomeOf(town, mine), 'recalled');
  assert.ok((await evidenceOf(town, mine)).includes('Recalled closed-by-sender'));
  const { state } = await world.db.one<{ state: string }>(sql`select state from correspondence.attachment where id = ${attachmentIds[0]}`);
  assert.equal(state, 'Purged');
  assert.equal(await stateOf(town, other), 'Published');
  await world.nothingWritten(() => clear()); // again: nothing is left to do
});

test('given a young message of the test resource, when what is at least a week old is cleared, then it stays until it is a week old', async () => {
  const id = await send(town, letter([town.citizen], ofTest));
  await clear(7);
  assert.equal(await stateOf(town, id), 'Published');
  await world.advance(8 * 86_400);
  await clear(7);
  assert.equal(await stateOf(town, id), 'PurgedByAltinn');
});

test('given an attachment of the test resource that no message carries, when it is cleared, then its bytes go too', async () => {
  const id = await send(town, letter([town.citizen], ofTest));
  await world.db.transaction(async (tx) => {
    await tx.run(sql`
      insert into correspondence.attachment (id, resource_id, owner_id, file_name, senders_reference, state, created_at)
      values (gen_random_uuid(), ${testResource}, ${town.agency.id}, 'løs.txt', '1', 'Initialized', clock.now() - interval '1 second')`);
  });
  await clear();
  assert.equal(await stateOf(town, id), 'PurgedByAltinn');
  assert.deepEqual(
    await world.db.all(sql`select state from correspondence.attachment where resource_id = ${testResource} and state <> 'Purged'`),
    [],
  );
});

test('given a message that is complete and was never published, when it is tried again, then it is published, and again nothing changes', async () => {
  const id = await send(
    town,
    letter([town.citizen], { requestedPublishTime: new Date(world.ctx.now().getTime() + 3_600_000).toISOString() }),
  );
  assert.equal(await stateOf(town, id), 'ReadyForPublish');
  await retryPublishing.run(world.ctx, { correspondenceIds: [id] });
  assert.equal(await stateOf(town, id), 'ReadyForPublish', 'not before its time');
  await world.advance(7_200);
  await retryPublishing.run(world.ctx, { correspondenceIds: [id, '0198f0a0-0000-7000-8000-000000000000' as never] });
  assert.equal(await stateOf(town, id), 'Published');
  await world.nothingWritten(() => retryPublishing.run(world.ctx, { correspondenceIds: [id] }));
});

test('given the operations over the wire, when a keeper asks, then jobs are named and done; anybody else is refused and nothing is written', async () => {
  const id = await send(town, letter([town.citizen], ofTest));
  await world.nothingWritten(async () => {
    assert.equal((await post('cleanup-bruksmonster', 'nobody')).status, 401);
    assert.equal((await post('cleanup-bruksmonster', 'sender')).status, 403);
    assert.equal((await post('cleanup-bruksmonster?minAgeDays=366', 'keeper')).status, 400);
    assert.equal((await post('manual-retry-not-published-correspondences', 'keeper', { correspondenceIds: ['x'] })).status, 400);
    assert.equal((await post('cleanup-orphaned-dialogs', 'keeper')).status, 404);
  });

  const cleared = (await (await post('cleanup-bruksmonster?minAgeDays=0', 'keeper')).json()) as Record<string, unknown>;
  assert.deepEqual([cleared.resourceId, cleared.correspondencesFound], [testResource, 1]);
  const retried = await post('manual-retry-not-published-correspondences', 'keeper', { correspondenceIds: [id] });
  assert.equal(((await retried.json()) as { jobIds: string[] }).jobIds.length, 1);

  const jobs = await startJobs({ pool: world.db.pool, jobs: [clearTestResource, retryPublishing], ctx: world.ctx, log: silentLog });
  try {
    for (let i = 0; i < 200 && (await stateOf(town, id)) !== 'PurgedByAltinn'; i++) await new Promise((done) => setTimeout(done, 50));
  } finally {
    await jobs.stop();
  }
  assert.equal(await stateOf(town, id), 'PurgedByAltinn');
});
