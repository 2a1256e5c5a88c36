import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { lookAfterKept } from '../expire/look-after-kept.ts';
import { purgeTransfers } from '../expire/purge-transfers.ts';
import { createTown, evidenceOf, openWire, organizationId, outcomesOf, rows, transferOf } from '../testing/town.ts';

const town = await createTown();
const { world, ctx, first, second } = town;
await world.role(await world.person('KARI LEDER', { email: 'kari@bamble.example' }), 'DAGL', second);
const wire = await openWire(town);
const day = 86_400;
const own = `http://127.0.0.1:${wire.port}/budstikke/v1/filetransfer`;
const body = { name: 'Kari Nordmann', reason: 'Avtalt på telefon.' };
const at = (id: string, number: string | null) => `${own}/${id}/recipients/${number}`;

function accept(id: string, to: { number: string | null }, by = 'sender', said: object = body): Promise<Response> {
  const headers = { authorization: by, 'content-type': 'application/json' };
  return fetch(`${at(id, to.number)}/accept-unfetched`, { method: 'POST', headers, body: JSON.stringify(said) });
}
const watch = async (id: string, to: { number: string | null }, by = 'sender') =>
  fetch(`${at(id, to.number)}/watch`, { headers: { authorization: by } });
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
const bytesOf = async (id: string) =>
  (
    await rows<{ state: string }>(
      town,
      sql`select b.state from blobs.blob b join broker.file_transfer t on t.blob_key = b.key where t.id = ${id}`,
    )
  )[0]?.state;
const both = { recipients: [organizationId(first), organizationId(second)] };

test('given a file that one has not fetched, when its sender looks, then it sees why and what happens next, of each recipient by itself', async () => {
  const id = await wire.send('sender', transferOf(town, both), 'ligger');
  await (await wire.request('GET', `/filetransfer/${id}/download`, 'first')).arrayBuffer();

  const seen = async (to: typeof first) => (await (await watch(id, to)).json()) as Record<string, unknown>;
  while ((await seen(first)).openedAt === null); // the hand-over is recorded after the last byte
  const lying = await seen(second);
  assert.deepEqual([(await seen(first)).state, lying.state, lying.cause], ['opened', 'published', 'file-not-fetched']);
  assert.ok(lying.nextAction && lying.nextActionAt);
  for (const by of ['stranger', 'owner'])
    assert.deepEqual(await codeOf(await world.nothingWritten(() => watch(id, second, by))), [404, 'BUD-09960'], by);
  assert.deepEqual(await codeOf(await watch(id, town.agency)), [404, 'BUD-09960']);
});

test('given a purged file that nobody has fetched, when its sender accepts that for one and for both, then its bytes stay and go', async () => {
  const id = await wire.send('sender', transferOf(town, both), 'hentes ikke');
  await world.advance(30 * day + 60);
  await purgeTransfers(ctx);
  for (const to of [first, second]) {
    assert.equal(await bytesOf(id), 'bound');
    const answer = await accept(id, to);
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.deepEqual(((await answer.json()) as { decision: object; outcome: string }).outcome, 'accepted-unread');
    await lookAfterKept(ctx);
  }
  assert.equal(await bytesOf(id), 'released');
  assert.deepEqual(await outcomesOf(town, id), ['accepted-unread', 'accepted-unread']);
  assert.equal((await evidenceOf(town, id)).filter((one) => one === 'AcceptedUnread closed-by-sender').length, 2);
  assert.equal((await world.nothingWritten(() => accept(id, first))).status, 200, 'the same again');
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(id, first, 'sender', { ...body, reason: 'annen' }))), [
    409,
    'BUD-09405',
  ]);
});

test('given what is not published, was fetched or confirmed, or a stranger, when it is accepted as unfetched, then it is refused and nothing is written', async () => {
  const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town));
  const { fileTransferId: fresh } = (await made.json()) as { fileTransferId: string };
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(fresh, first))), [409, 'BUD-09406']);
  const id = await wire.send('sender', transferOf(town), 'hentet');
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(id, first, 'stranger'))), [404, 'BUD-09960']);
  await (await wire.request('GET', `/filetransfer/${id}/download`, 'first')).arrayBuffer();
  while (((await (await watch(id, first)).json()) as { openedAt: string | null }).openedAt === null);
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(id, first))), [409, 'BUD-09403']);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(id, first))), [409, 'BUD-09404']);
  assert.equal((await world.nothingWritten(() => accept(id, first, 'sender', { name: ' ', reason: 'x' }))).status, 400);
});
