import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { FileTransferId, ResourceId } from '#kernel/ids.ts';
import { purgeTransfers } from '../expire/purge-transfers.ts';
import { brokerInvariants } from '../invariants.ts';
import { listReceived, listSent } from '../store/follow.ts';
import { searchTransfers } from '../store/search.ts';
import { createTown, eventsOf, fetchWhole, openWire, organizationId, transferOf } from '../testing/town.ts';
import { remindUnconfirmed } from './remind-unconfirmed.ts';
import type { FollowAnswer } from './wire.ts';

/** What was fetched and not confirmed, which a client that died between the two must find again. */
const town = await createTown();
const { world, ctx, first, second } = town;
const wire = await openWire(town);
const day = 86_400;
const both = { recipients: [organizationId(first), organizationId(second)] };

const ask = (by: string, query: string) =>
  fetch(`http://127.0.0.1:${wire.port}/budstikke/v1/filetransfer?${query}`, { headers: { authorization: by } });
const answered = async (by: string, query: string) => (await (await ask(by, query)).json()) as FollowAnswer;
const idsOf = async (by: string, query: string) => (await answered(by, query)).transfers.map(({ fileTransferId }) => fileTransferId);
const waiting = (by: string) => idsOf(by, `role=${by === 'sender' ? 'sender' : 'recipient'}&unconfirmed=true`);
const fetched = (id: string, by: string) => fetchWhole(wire, id, by);
const confirm = (id: string, by: string) => wire.request('POST', `/filetransfer/${id}/confirmdownload`, by);
const originals = async (by: string) =>
  (await (await wire.json('GET', '/filetransfer?resourceId=filer&status=Published&recipientStatus=Initialized', by)).json()) as string[];

test('given a client that dies between download and confirmation, when it looks again, then the original’s filter no longer finds the file and ours does, until it is confirmed', async () => {
  const id = await wire.send('sender', transferOf(town, both), 'tapt?');
  assert.deepEqual([await originals('first'), await idsOf('first', 'role=recipient&unfetched=true')], [[id], [id]]);
  await fetched(id, 'first');

  assert.deepEqual(await originals('first'), []);
  assert.deepEqual(await idsOf('first', 'role=recipient&unfetched=false&unconfirmed=true'), [id]);
  const { transfers } = await answered('sender', 'role=sender&unconfirmed=true&resourceId=urn:altinn:resource:filer');
  assert.deepEqual(transfers[0]?.recipients, { all: 2, unfetched: 1, fetched: 1, confirmed: 0, awaited: 2 });
  assert.deepEqual([await idsOf('sender', 'role=sender&unfetched=true'), await waiting('second')], [[id], [id]]);

  await confirm(id, 'first');
  assert.deepEqual([await waiting('first'), await waiting('second'), await waiting('sender')], [[], [id], [id]]);
  assert.deepEqual(await idsOf('first', 'role=recipient&unconfirmed=false'), [id]);
  await fetched(id, 'second');
  assert.deepEqual(await idsOf('sender', 'role=sender&unfetched=true'), []);
  assert.deepEqual(await idsOf('sender', 'role=sender&unfetched=false&state=Published'), [id]);
  await confirm(id, 'second');
  assert.deepEqual([await waiting('sender'), await idsOf('sender', 'role=sender&unconfirmed=false')], [[], [id]]);
});

test('given what was fetched and never confirmed, when its time is over, then it is still found, until the sender has decided', async () => {
  const id = await wire.send('sender', transferOf(town), 'utløper');
  await fetched(id, 'first');
  await world.advance(30 * day + 60);
  await purgeTransfers(ctx);

  const { transfers } = await answered('first', 'role=recipient&unconfirmed=true');
  assert.deepEqual(
    transfers.map(({ fileTransferId, fileTransferStatus, own }) => [fileTransferId, fileTransferStatus, own?.status]),
    [[id, 'Purged', 'DownloadStarted']],
  );
  assert.deepEqual(await waiting('sender'), [id]);
  const accept = await fetch(`http://127.0.0.1:${wire.port}/budstikke/v1/filetransfer/${id}/recipients/${first.number}/accept-unfetched`, {
    method: 'POST',
    headers: { authorization: 'sender', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Kari', reason: 'Har den.' }),
  });
  assert.equal(accept.status, 200, await accept.clone().text());
  assert.deepEqual([await waiting('first'), await waiting('sender')], [[], []]);
});

test('given a file that was fetched, when an hour and then days pass without a confirmation, then both sides hear of it, once each time, and no more once it is confirmed', async () => {
  const id = await wire.send('sender', transferOf(town), 'glemt');
  const told = async () => (await eventsOf(town, id)).filter((event) => event.includes('unconfirmed')).sort();
  await world.advance(2 * 3600);
  await remindUnconfirmed(ctx);
  assert.deepEqual(await told(), [], 'it was not fetched');
  await fetched(id, 'first');
  await world.advance(3590);
  await remindUnconfirmed(ctx);
  assert.deepEqual(await told(), []);

  await world.advance(11);
  await Promise.all([remindUnconfirmed(ctx), remindUnconfirmed(ctx)]);
  await remindUnconfirmed(ctx);
  const once = ['no.budstikke.broker.unconfirmed Recipient', 'no.budstikke.broker.unconfirmed Sender'];
  assert.deepEqual(await told(), once);
  await world.advance(day + 1);
  await remindUnconfirmed(ctx);
  assert.deepEqual(await told(), [...once, ...once].sort());

  await confirm(id, 'first');
  await world.advance(day + 1);
  await remindUnconfirmed(ctx);
  assert.equal((await told()).length, 4);
});

test('given one who has no right, or no side, when it asks, then it gets nothing of others, and a question that is none is refused', async () => {
  for (const by of ['stranger', 'owner']) for (const role of ['sender', 'recipient']) assert.deepEqual(await idsOf(by, `role=${role}`), []);
  for (const query of ['', 'role=owner', 'role=sender&after=x', 'role=sender&state=Lost'])
    assert.equal((await world.nothingWritten(() => ask('sender', query))).status, 400, query);
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** A reader that explains what it is asked, and the rows that each of its nodes has touched. */
function explaining(touched: { rows: number; scans: string[] }): Reader {
  const explain = async (query: Sql) => {
    const [row] = await world.db.all<Record<string, readonly { Plan: Plan }[]>>(sql`explain (analyze, format json) ${query}`);
    const nodes = Object.values(row!)[0]!.flatMap(({ Plan }) => nodesOf(Plan));
    touched.rows = Math.max(touched.rows, ...nodes.map((node) => node['Actual Rows'] * node['Actual Loops']));
    touched.scans.push(...nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : [])));
    return world.db.all(query);
  };
  return { ...world.db, all: explain } as unknown as Reader;
}

test('given ten thousand transfers open at once, when both sides list and poll, then each answer reads a page of them and goes on where the last one ended', async () => {
  const id = await wire.send('sender', transferOf(town), 'en av mange');
  const many = 10_000;
  await world.db.transaction(async (tx) => {
    await tx.run(sql`set local session_replication_role = replica`);
    await tx.run(sql`create temp table copied on commit drop as
      select uuidv7() as id, clock.now() + n * interval '1 ms' as at from generate_series(1, ${many}) n`);
    for (const [table, key] of [
      [sql`broker.file_transfer`, 'id'],
      [sql`broker.recipient`, 'file_transfer_id'],
      [sql`watch.item`, 'about'],
    ] as const)
      await tx.run(sql`
        insert into ${table} select (jsonb_populate_record(t, jsonb_build_object(${key}::text, c.id, 'created_at', c.at))).* from ${table} t cross join copied c
         where (to_jsonb(t) ->> ${key}::text) = ${id}`);
  });
  for (const table of [sql`broker.file_transfer`, sql`broker.recipient`, sql`watch.item`]) await world.db.all(sql`analyze ${table}`);

  const all = { resource: null, state: null, unfetched: null, unconfirmed: null, after: null, limit: 101 } as const;
  const after = (await listSent(world.db, { ...all, party: town.sending.id })).at(-1)!.id as FileTransferId;
  const asked = [
    ...[{}, { unconfirmed: true }, { unfetched: true }, { state: 'Published' as const }, { state: 'UploadStarted' as const }].flatMap(
      (one) => [
        (reader: Reader) => listSent(reader, { ...all, ...one, after, party: town.sending.id }),
        (reader: Reader) => listReceived(reader, { ...all, ...(one.state === 'UploadStarted' ? {} : one), after, party: first.id }),
      ],
    ),
    (reader: Reader) =>
      searchTransfers(reader, {
        resource: 'filer' as ResourceId,
        party: first.id,
        asSender: false,
        asRecipient: true,
        status: null,
        recipientStatus: null,
        from: null,
        to: null,
        ascending: false,
      }),
  ];
  for (const [n, list] of asked.entries()) {
    const touched = { rows: 0, scans: [] as string[] };
    await list(explaining(touched));
    assert.deepEqual(touched.scans, [], `question ${n}`);
    assert.ok(touched.rows <= 1000, `question ${n} touched ${touched.rows} rows`);
  }
  const seen: string[] = [];
  for (let page = 0; page < 3; page++) {
    const answer = await answered('first', `role=recipient&unfetched=true${page > 0 ? `&after=${seen.at(-1)}` : ''}`);
    seen.push(...answer.transfers.map(({ fileTransferId }) => fileTransferId));
    assert.equal(answer.next, seen.at(-1));
  }
  assert.equal(new Set(seen).size, 300);
  assert.deepEqual(seen, [...seen].sort());
  for (const { name, find } of brokerInvariants.filter(({ name }) => !name.includes('late')))
    assert.deepEqual(await world.db.all(find), [], name);
});
