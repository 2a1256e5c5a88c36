import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { anonymous, type Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { partyUrn } from '#register/index.ts';
import { takeDueSteps } from '#watch/index.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { initializeCorrespondence } from '../correspondence/send/initialize-correspondence.ts';
import { evidenceOf, letter, outcomeOf } from '../correspondence/testing/town.ts';
import { openWire } from '../correspondence/testing/wire.ts';
import { deskRoutes } from '../desk/routes.ts';
import { handOverLetters } from './hand-over-letters.ts';
import { relayRoutes } from './routes.ts';
import { readStatusFiles } from './status/read-status-files.ts';
import { openPress } from './testing/press.ts';

const press = await openPress();
const { town, ctx, directory } = press;
const { world, citizen, leader } = town;
const maskinporten = (caller: Caller): Caller => ({ ...caller, issuer: 'maskinporten' });
const machine = (scope: string): Caller => ({ ...anonymous, kind: 'organization', issuer: 'maskinporten', scopes: new Set([scope]) });
const another = await world.organization('EN INNSENDER');
const other = organizationCaller(another, scopes.sender);
const { port } = await openWire(
  town,
  {
    house: machine('budstikke:relay.report'),
    keeper: machine('budstikke:relay.addresses'),
    sender: maskinporten(organizationCaller(town.agency, scopes.sender)),
    exchanged: organizationCaller(town.agency, ['altinn:correspondence.write']),
    other,
    stranger: maskinporten(organizationCaller(town.orphan, scopes.sender)),
  },
  Object.assign({}, world.ctx, { addresses: ctx.addresses }),
  [...relayRoutes, ...deskRoutes],
);

async function ask(method: string, path: string, by: string, body?: object): Promise<[status: number, said: Record<string, unknown>]> {
  const answer = await fetch(`http://127.0.0.1:${port}/budstikke/v1/relay/${path}`, {
    method,
    headers: { authorization: by, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const said = await answer.text();
  return [answer.status, said === '' ? {} : JSON.parse(said)];
}
const status = (by: string, ...reports: object[]) => ask('POST', 'status', by, { reports });

test('given a dropped letter, when the house reports both steps at once, twice, then it counts once, the watch ends, and its sender alone can look', async () => {
  const id = await press.toPaper(citizen);
  await handOverLetters(ctx);
  const { id: shipment } = await press.shipment(id);
  const reports = [
    { shipment, status: 'printed', at: '2026-11-30T08:00:00Z' },
    { shipment: shipment.toUpperCase(), status: 'posted', at: '2026-11-30T10:00:00Z', answer: 'sekk 12' },
    { shipment: newId(), status: 'posted' },
  ];
  const answers = await Promise.all([status('house', ...reports), status('house', ...reports)]);

  assert.deepEqual(answers.map(([code, said]) => [code, said.settled]).sort(), [
    [200, 0],
    [200, 2],
  ]);
  assert.equal(await outcomeOf(town, id), 'relayed');
  assert.equal((await evidenceOf(town, id)).filter((event) => event.startsWith('RelayToNonERDS')).length, 1);
  const [code, { shipments }] = await ask('GET', `messages/${id}`, 'sender');
  const [shown] = shipments as { id: string; state: string; printedAt: string | null; postedAt: string | null }[];
  assert.deepEqual(
    [code, shown!.id, shown!.state, shown!.printedAt !== null, shown!.postedAt !== null],
    [200, shipment, 'posted', true, true],
  );
  assert.deepEqual(await ask('GET', `messages/${id}`, 'exchanged'), [200, { shipments }], 'by the token by which it sends');
  for (const [by, of] of [
    ['stranger', id],
    ['sender', newId()],
  ] as const) {
    const [refused, said] = await ask('GET', `messages/${of}`, by);
    assert.deepEqual([refused, said.errorCode], [404, 9670]);
  }
});

test('given a letter that somebody has sent on the service of another, when it goes by paper, then who sent it and the owner see where it is, and both have the events', async () => {
  await world.resource('papirfelles', town.agency, { ladder: 'papir', senders: 'any' });
  const body = letter([citizen], { resourceId: 'papirfelles' });
  const id = (await initializeCorrespondence(world.ctx, other, { body })).correspondences[0]!.correspondenceId;
  await world.advance(24 * 3600 + 60);
  await takeDueSteps(ctx);
  await handOverLetters(ctx);
  for (const by of ['other', 'sender', 'exchanged']) assert.equal((await ask('GET', `messages/${id}`, by))[0], 200, by);
  assert.equal((await ask('GET', `messages/${id}`, 'stranger'))[0], 404);
  const events = await world.db.all<{ subject: string }>(
    sql`select subject from events.outbox where resource_instance = ${id} and type = 'no.budstikke.relay.dropped' order by subject`,
  );
  assert.deepEqual(
    events.map(({ subject }) => subject),
    [partyUrn(another), partyUrn(town.agency)].sort(),
  );
});

test('given whoever is no print house, or no report, when it speaks, then it is refused and nothing is written', async () => {
  const id = await press.toPaper(citizen);
  await handOverLetters(ctx);
  const { id: shipment } = await press.shipment(id);
  await world.nothingWritten(async () => {
    assert.equal((await status('sender', { shipment, status: 'posted' }))[0], 403);
    assert.equal((await status('keeper', { shipment, status: 'posted' }))[0], 403);
    assert.equal((await status('nobody', { shipment, status: 'posted' }))[0], 401);
    assert.equal((await status('house', { shipment, status: 'lost' }))[0], 400);
    assert.equal((await status('house', { shipment, status: 'returned', reason: 'eaten' }))[0], 400);
    assert.equal((await ask('PUT', 'addresses', 'house', { addresses: [] }))[0], 403);
    assert.equal((await ask('PUT', 'addresses', 'keeper', { addresses: [{ number: '12', lines: ['a'] }] }))[0], 400);
    assert.equal((await ask('PUT', 'addresses', 'keeper', { addresses: [{ number: leader.number, lines: [] }] }))[0], 400);
    assert.equal((await ask('GET', `messages/${id}`, 'house'))[0], 403);
  });
});

test('given somebody of whom no address is known, when one is given, changed and taken away, then letters go there while it is known', async () => {
  const lines = (of: string[] | null) => ({
    addresses: [
      { number: leader.number!, lines: of },
      { number: '910000006', lines: ['a'] },
    ],
  });
  assert.deepEqual(await ask('PUT', 'addresses', 'keeper', lines(['Storgata 2', '3724 SKIEN'])), [200, { saved: 1, unknown: 1 }]);
  assert.deepEqual((await press.shipment(await press.toPaper(leader))).address, ['KARI NORDMANN', 'Storgata 2', '3724 SKIEN']);
  assert.deepEqual(await ask('PUT', 'addresses', 'keeper', lines(['Storgata 3', '3724 SKIEN'])), [200, { saved: 1, unknown: 1 }]);
  const moved = await press.toPaper(leader);
  assert.deepEqual((await press.shipment(moved)).address[1], 'Storgata 3');
  assert.deepEqual(await ask('PUT', 'addresses', 'keeper', lines(null)), [200, { saved: 1, unknown: 1 }]);
  assert.equal(await press.shipment(await press.toPaper(leader)), undefined);
});

test('given files that the house lays down, when they are read, then each counts once and is put away, and what is none is put aside', async () => {
  const id = await press.toPaper(citizen);
  await handOverLetters(ctx);
  const { id: shipment } = await press.shipment(id);
  const place = join(directory, 'status');
  await mkdir(place, { recursive: true });
  const good = JSON.stringify({ reports: [{ shipment, status: 'posted', answer: 'sekk 13' }] });
  for (const [name, text] of [
    ['1.json', good],
    ['2.json', good],
    ['3.json', '{'],
    ['4.json', JSON.stringify({ reports: [{ shipment: 'x', status: 'posted' }] })],
    ['5.json', JSON.stringify({ reports: [{ shipment, status: 'posted', at: 'yesterday' }] })],
    ['6.json.tmp', good],
  ] as const) {
    await writeFile(join(place, name), text);
  }

  await readStatusFiles(ctx);

  assert.equal(await outcomeOf(town, id), 'relayed');
  assert.equal((await evidenceOf(town, id)).filter((event) => event.startsWith('RelayToNonERDS')).length, 1);
  assert.deepEqual(await readdir(join(place, 'read')), ['1.json', '2.json']);
  assert.deepEqual(await readdir(join(place, 'refused')), ['3.json', '4.json', '5.json']);
  assert.deepEqual((await readdir(place)).sort(), ['6.json.tmp', 'read', 'refused']);
  await world.nothingWritten(() => readStatusFiles(ctx));
});
