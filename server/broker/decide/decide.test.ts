import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { takeUpOwed } from '#watch/index.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { breakings } from '../../watch/testing/breakings.ts';
import { lookAfterKept } from '../expire/look-after-kept.ts';
import { purgeTransfers } from '../expire/purge-transfers.ts';
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
  scan,
  transferOf,
} from '../testing/town.ts';

const town = await createTown();
const { world, ctx, first, second } = town;
await world.role(await world.person('KARI LEDER', { email: 'kari@bamble.example' }), 'DAGL', second);
const clerk = await world.person('SOLVEIG SAKSBEHANDLER');
const wire = await openWire(town, { browser: { ...town.callers.sender!, consumer: null, actor: clerk.id } });
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
  await fetchWhole(wire, id, 'first');

  const seen = async (to: typeof first) => (await (await watch(id, to)).json()) as Record<string, unknown>;
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

test('given a file that was fetched and not confirmed, when its sender accepts that, then its watch ends, with a name and that it was fetched', async () => {
  const id = await wire.send('sender', transferOf(town), 'hentet, ikke bekreftet');
  await fetchWhole(wire, id, 'first');
  const answer = await accept(id, first);
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.deepEqual(await outcomesOf(town, id), ['accepted-unread']);
  const [row] = await rows<{ fetched: string }>(
    town,
    sql`select e.core::jsonb ->> 'fetched' as fetched from evidence.evidence e where e.about = ${id} order by e.at desc, e.id desc limit 1`,
  );
  assert.equal(row?.fetched, 'true');
});

/** Ways in which the watch of a file can be broken. */
const { loseNeeds, lose } = breakings(world.db);
const breaking = { 'has lost what opening takes': loseNeeds, 'is not there': lose };
const actRule = watchInvariants.find(({ name }) => name === 'no watch has failed to take up what its reader did')!;

for (const [how, breakWatch] of Object.entries(breaking))
  test(`given a file whose watch ${how}, when it is fetched, whole or in parts, then the hand-over is recorded, and the watch hears of it when it is mended`, async () => {
    const [whole, parts] = [
      await wire.send('sender', transferOf(town), 'hello world'),
      await wire.send('sender', transferOf(town), 'in parts'),
    ];
    const mends = [await breakWatch(whole), await breakWatch(parts)];

    assert.equal(String(await fetchWhole(wire, whole, 'first')), 'hello world');
    for (const range of ['bytes=0-3', 'bytes=4-']) {
      await (await wire.request('GET', `/filetransfer/${parts}/download`, 'first', { headers: { range } })).arrayBuffer();
      await allRecorded();
    }

    for (const id of [whole, parts]) {
      const handed = (await evidenceOf(town, id)).filter((one) => one.includes('Hand'));
      assert.deepEqual(handed, [...(id === parts ? ['PartHandedOver nothing'] : []), 'ContentHandover handed-over']);
      const fetched = sql`select fetched_at is not null as fetched from broker.recipient where file_transfer_id = ${id}`;
      assert.deepEqual(await rows(town, fetched), [{ fetched: true }]);
    }
    const owed = (await world.db.all<{ about: string; act: string }>(actRule.find)).map(({ about, act }) => `${about} ${act}`);
    assert.deepEqual(new Set(owed), new Set([`${whole} handed-over`, `${parts} handed-over`]));
    assert.equal(await takeUpOwed(ctx), 0);
    for (const mend of mends) await mend();
    assert.equal(await takeUpOwed(ctx), 2);
    for (const id of [whole, parts]) assert.equal(((await (await watch(id, first)).json()) as { state: string }).state, 'opened');
  });

test('given a file that was fetched while its watch could not hear of it, when its sender accepts that it is not confirmed, then evidence says that it was fetched', async () => {
  const id = await wire.send('sender', transferOf(town), 'hentet');
  await loseNeeds(id);
  await fetchWhole(wire, id, 'first');
  assert.equal((await accept(id, first)).status, 200);
  const { event, core } = (await listEvidence(world.db, [id])).at(-1)!;
  assert.deepEqual([event, core.fetched], ['AcceptedUnread', true]);
  assert.equal(await takeUpOwed(ctx), 1);
});

test('given what is not published or was confirmed, or a stranger, when it is accepted as unfetched, then it is refused and nothing is written', async () => {
  const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town));
  const { fileTransferId: fresh } = (await made.json()) as { fileTransferId: string };
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(fresh, first))), [409, 'BUD-09406']);
  const id = await wire.send('sender', transferOf(town), 'hentet');
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(id, first, 'stranger'))), [404, 'BUD-09960']);
  await fetchWhole(wire, id, 'first');
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);
  assert.deepEqual(await codeOf(await world.nothingWritten(() => accept(id, first))), [409, 'BUD-09404']);
  assert.equal((await world.nothingWritten(() => accept(id, first, 'sender', { name: ' ', reason: 'x' }))).status, 400);
});

const recall = (id: string, by = 'sender', said: object = body) =>
  fetch(`${own}/${id}/recall`, {
    method: 'POST',
    headers: { authorization: by, 'content-type': 'application/json' },
    body: JSON.stringify(said),
  });

test('given a file that one has confirmed, one has fetched and one has not, when its sender takes it back, then nobody fetches it any more, and it is told who has it', async () => {
  const third = await world.organization('KRAGERØ KOMMUNE');
  const id = await wire.send('sender', transferOf(town, { recipients: [first, second, third].map(organizationId) }), 'trekkes');
  for (const by of ['first', 'second']) await fetchWhole(wire, id, by);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);

  const answer = await recall(id);

  assert.equal(answer.status, 200, await answer.clone().text());
  const numbers = { unfetched: [third.number], fetched: [second.number], confirmed: [first.number] };
  assert.deepEqual(await answer.json(), { fileTransferId: id, fileTransferStatus: 'Cancelled', ...numbers });
  assert.equal(await bytesOf(id), 'released');
  assert.deepEqual(await outcomesOf(town, id), ['confirmed', 'recalled', 'recalled']);
  assert.deepEqual((await eventsOf(town, id)).slice(-4), [
    'no.budstikke.broker.recalled Sender',
    ...Array(3).fill('no.budstikke.broker.recalled Recipient'),
  ]);
  assert.equal((await evidenceOf(town, id)).filter((one) => one === 'Recalled closed-by-sender').length, 2);
  await assertRefused(await wire.request('GET', `/filetransfer/${id}/download`, 'second'), 7);
  await assertRefused(await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'second'), 10);
  const shown = (await (await wire.json('GET', `/filetransfer/${id}`, 'second')).json()) as Record<string, string>;
  assert.deepEqual([shown.fileTransferStatus, shown.fileTransferStatusText], ['Cancelled', 'FileTransfer cancelled']);
  assert.equal((await world.nothingWritten(() => recall(id))).status, 200, 'the same again');
  assert.deepEqual(await codeOf(await world.nothingWritten(() => recall(id, 'sender', { ...body, reason: 'annen' }))), [409, 'BUD-09405']);
  await world.advance(31 * day);
  await purgeTransfers(ctx);
  assert.equal((await historyOf(town, id)).at(-1), 'Cancelled', 'it stays what it is');
});

test('given a person who acts for the sender from a browser, when they decide under another name, then it is their own that stands there', async () => {
  const [taken, left] = [
    await wire.send('sender', transferOf(town), 'trekkes'),
    await wire.send('sender', transferOf(town), 'blir liggende'),
  ];
  const said = { name: 'Donald Duck', reason: 'Avtalt.' };
  assert.equal((await recall(taken, 'browser', said)).status, 200);
  assert.equal((await recall(taken, 'browser', { ...said, name: 'Dolly Duck' })).status, 200, 'the same decision of the same person');
  assert.equal((await accept(left, first, 'browser', said)).status, 200);
  for (const id of [taken, left]) {
    const { decision } = (await (await watch(id, first)).json()) as { decision: { name: string } };
    assert.equal(decision.name, 'SOLVEIG SAKSBEHANDLER');
    const { rows: decided } = await world.db.pool.query(
      'select distinct settled_by as by from watch.item where about = $1 and settled_by is not null',
      [id],
    );
    assert.deepEqual(decided, [{ by: clerk.id }]);
  }
});

test('given what is announced, on its way or scanned, when it is taken back, then its bytes come to nothing and no recipient hears of it', async () => {
  const made = await wire.json('POST', '/filetransfer', 'sender', transferOf(town));
  const { fileTransferId: fresh } = (await made.json()) as { fileTransferId: string };
  assert.equal((await recall(fresh)).status, 200);
  await assertRefused(await wire.request('POST', `/filetransfer/${fresh}/upload`, 'sender', { body: 'x', headers: octets }), 4);
  const waits = await wire.send('sender', transferOf(town, { disableVirusScan: false }), 'skannes');
  assert.equal((await recall(waits)).status, 200);
  await world.nothingWritten(() => scan(town, waits));
  assert.deepEqual((await eventsOf(town, waits)).slice(-1), ['no.budstikke.broker.recalled Sender']);
  const files = (await world.counts()).files;
  const { fileTransferId: open } = (await (await wire.json('POST', '/filetransfer', 'sender', transferOf(town))).json()) as {
    fileTransferId: string;
  };
  let recalled: Response | undefined;
  const slow = ReadableStream.from(
    (async function* () {
      yield Buffer.from('halv');
      while ((await historyOf(town, open)).at(-1) !== 'UploadStarted');
      recalled = await recall(open);
      yield Buffer.from('part');
    })(),
  );
  await assertRefused(await wire.request('POST', `/filetransfer/${open}/upload`, 'sender', { body: slow as never, headers: octets }), 4);
  assert.equal(recalled?.status, 200);
  assert.equal((await world.counts()).files, files);
});

test('given what all have confirmed, is purged or is another’s, when it is taken back, then it is refused and nothing is written', async () => {
  const id = await wire.send('sender', transferOf(town), 'ferdig');
  await fetchWhole(wire, id, 'first');
  for (const by of ['stranger', 'owner', 'second'])
    assert.ok([403, 404].includes((await world.nothingWritten(() => recall(id, by))).status), by);
  assert.deepEqual(await codeOf(await world.nothingWritten(() => recall(id, 'stranger'))), [404, 'BUD-09961']);
  assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);
  assert.deepEqual(await codeOf(await world.nothingWritten(() => recall(id))), [409, 'BUD-09962']);
  await world.advance(3 * 3600);
  await purgeTransfers(ctx);
  assert.deepEqual(await codeOf(await world.nothingWritten(() => recall(id))), [409, 'BUD-09963']);
});

test('given a file that is fetched, when it is confirmed and taken back at once, then one of the two comes first and the other knows', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await wire.send('sender', transferOf(town), `om kapp ${round}`);
    await (await wire.request('GET', `/filetransfer/${id}/download`, 'first')).arrayBuffer();
    const [confirmed, back] = await Promise.all([wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first'), recall(id)]);
    assert.deepEqual([confirmed.status, back.status].sort(), confirmed.status === 204 ? [204, 409] : [200, 400]);
    assert.deepEqual(await outcomesOf(town, id), [confirmed.status === 204 ? 'confirmed' : 'recalled']);
  }
});
