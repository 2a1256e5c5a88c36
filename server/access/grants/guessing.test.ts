import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { clientDelegationRoutes } from '../client-delegation/routes.ts';
import { connectionRoutes } from '../delegation/routes.ts';
import { ownAccessRoutes } from '../routes.ts';
import { openWire } from '../testing/wire.ts';
import { callerOf, openWorld } from '../testing/world.ts';

const world = await openWorld();
const [company, leader, second] = [await world.organization('Firma'), await world.person('Ola Leder'), await world.person('Per Leder')];
await world.role(leader, 'DAGL', company);
await world.role(second, 'LEDE', company);
const [third, fourth, stranger] = [await world.person('Eva Leder'), await world.person('Nils Leder'), await world.person('Frank Fremmed')];
for (const one of [third, fourth]) await world.grant({ at: company, to: one, package: 'hovedadministrator' });
const numberOf = async (id: string) =>
  (await world.db.one<{ number: string }>({ text: 'select number from register.party where id = $1', values: [id] })).number;
const clerk = await world.person('Kari Saksbehandler');
const number = await numberOf(clerk);
const callers: Record<string, Caller> = {};
for (const [name, id] of Object.entries({ leader, second, third, fourth, stranger }))
  callers[name] = { ...callerOf(id), issuer: 'altinn', scopes: new Set(['altinn:portal/enduser']) };
const wire = await openWire(world, callers, [...ownAccessRoutes, ...connectionRoutes, ...clientDelegationRoutes]);

const forget = () => world.db.pool.query('delete from access.name_guess');
const grant = (by: string, lastName: string, who = number) =>
  wire.send('POST', '/budstikke/v1/grants', by, {
    ...{ at: `urn:altinn:party:uuid:${company}`, to: `urn:altinn:person:identifier-no:${who}` },
    ...{ lastName, package: 'ordinaer-post-til-virksomheten' },
  });
/** Each way to name a person by number and last name. */
const enduser = '/accessmanagement/api/v1/enduser';
const from = `party=${company}&from=${company}`;
const ways: readonly ((by: string, lastName: string, who?: string) => ReturnType<typeof wire.send>)[] = [
  grant,
  (by, lastName, who = number) => wire.send('POST', `${enduser}/connections?${from}`, by, { personIdentifier: who, lastName }),
  (by, lastName, who = number) =>
    wire.send('POST', `${enduser}/connections/accesspackages?${from}&package=ordinaer-post-til-virksomheten`, by, {
      personIdentifier: who,
      lastName,
    }),
  (by, lastName, who = number) =>
    wire.send('POST', `${enduser}/clientdelegations/agents?party=${company}`, by, { personIdentifier: who, lastName }),
];
const strangers = await Promise.all(Array.from({ length: 12 }, async (_, i) => numberOf(await world.person(`Fremmed Nummer${i}`))));

test('given a caller that tries names, when it has failed ten times in an hour by any routes, then nothing more is looked up for it, right or wrong, and others go on', async () => {
  for (let i = 0; i < 10; i++) {
    const answer = await ways[i % ways.length]!('leader', 'Feil', strangers[i]);
    assert.ok([404, 400].includes(answer.status), `${i} ${answer.text}`);
  }
  const right = await nothingWritten(world.db, () => grant('leader', 'Saksbehandler'));
  const wrong = await nothingWritten(world.db, () => grant('leader', 'Feil', strangers[11]));
  const unknown = await grant('leader', 'Feil', '14886498226');
  for (const answer of [right, wrong, unknown]) {
    assert.deepEqual([answer.status, answer.code], [429, 9113], answer.text);
    const seconds = Number(answer.headers.get('retry-after'));
    assert.ok(seconds > 3500 && seconds <= 3600, String(seconds));
  }
  const bare = (text: string) => text.replace(/"traceId":"[^"]*"/, '');
  assert.equal(bare(right.text), bare(wrong.text));
  for (const way of ways) assert.equal((await way('leader', 'Saksbehandler')).status, 429);
  assert.equal((await grant('second', 'Saksbehandler')).status, 201);
  await forget();
});

test('given somebody without rights at an organization, when it guesses the name of one who is to be let in there, then it is refused whether it guesses right or wrong, nothing is counted, and the leader can still name that person', async () => {
  for (let i = 0; i < 3; i++)
    for (const way of ways) {
      const [right, wrong] = [await nothingWritten(world.db, () => way('stranger', 'Saksbehandler')), await way('stranger', `Feil${i}`)];
      assert.deepEqual([right.status, right.code, wrong.code], [403, right.code, right.code], right.text);
    }
  assert.deepEqual((await world.db.pool.query('select * from access.name_guess')).rows, []);
  assert.equal((await grant('leader', 'Saksbehandler')).status, 200, 'it stands already');
  await forget();
});

test('given somebody that guesses at its own post, where it may give, when it has failed ten times about a person, then a leader who has the right name of that person is not refused for it', async () => {
  const own = await world.resource({ owner: company, readers: ['self'] });
  const guess = (by: string, who: PartyId, lastName: string) =>
    wire.send('POST', '/budstikke/v1/grants', by, {
      ...{ at: `urn:altinn:party:uuid:${who}`, to: `urn:altinn:person:identifier-no:${other}`, lastName, resource: own },
    });
  const other = await numberOf(await world.person('Siv Riktig'));
  for (let i = 0; i < 10; i++) assert.equal((await guess('stranger', stranger, 'Feil')).status, 404);
  assert.equal((await guess('stranger', stranger, 'Riktig')).status, 429);
  assert.equal((await grant('leader', 'Feil', other)).status, 404, 'a slip of the pen');
  assert.equal((await grant('leader', 'Riktig', other)).status, 201);
  await forget();
});

test('given a number at which names are tried by several who may give, when ten have failed, then each of them has three tries of its own, and others are not refused for what they did', async () => {
  for (let i = 0; i < 10; i++) assert.equal((await grant(i % 2 ? 'leader' : 'second', 'Feil')).status, 404);
  for (const by of ['leader', 'second']) assert.equal((await grant(by, 'Saksbehandler')).code, 9113, by);
  for (let i = 0; i < 3; i++) assert.equal((await grant('third', 'Feil')).status, 404);
  assert.equal((await grant('third', 'Saksbehandler')).code, 9113);
  assert.equal((await grant('leader', 'Nummer3', strangers[3])).status, 201);
  assert.equal((await grant('fourth', 'Saksbehandler')).status, 200, 'it stands already');
  await forget();
});

test('given one that tries very many names at once, when all are answered, then ten were looked at', async () => {
  const answers = await Promise.all(Array.from({ length: 25 }, (_, i) => grant('leader', 'Feil', strangers[i % 12])));
  const statuses = Map.groupBy(answers, ({ status }) => status);
  assert.deepEqual([statuses.get(404)?.length, statuses.get(429)?.length], [10, 15]);
  const { rows } = await world.db.pool.query<{ about: string; failures: number }>('select about, failures from access.name_guess');
  assert.equal(rows.find(({ about }) => about === `by ${leader}`)!.failures, 10);
  assert.ok(
    rows.every(({ about }) => !strangers.some((each) => about.includes(each))),
    'a number is kept',
  );
});

test('given one that failed ten times, when the hour is over, then it may name people again, and what is over is cleared away', async () => {
  await world.db.pool.query(`update access.name_guess set since = since - interval '3 hours'`);
  assert.equal((await grant('leader', 'Feil', strangers[9])).status, 404);
  const { rows } = await world.db.pool.query<{ failures: number }>('select failures from access.name_guess');
  assert.deepEqual(rows, [{ failures: 1 }, { failures: 1 }, { failures: 1 }]);
  await forget();
});

test('given names that fit, and oneself, when they are given over and over, then nothing is counted', async () => {
  for (let i = 0; i < 12; i++) assert.ok([200, 201].includes((await grant('second', 'SAKSBEHANDLER')).status));
  assert.equal((await grant('second', '', await numberOf(second))).status, 201);
  assert.deepEqual((await world.db.pool.query('select * from access.name_guess')).rows, []);
  assert.deepEqual(wire.lies, []);
});
