import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import { Refusal } from '#kernel/refusal.ts';
import { type DeliveryContext, deliverDueNotices, planNotices } from '#notifications/index.ts';
import { createWorld, organizationCaller, personCaller } from '../../test/world.ts';
import { invariants, queues } from '../features.ts';
import type { OperatorContext } from './context.ts';
import { operatorErrors } from './errors.ts';
import { showInstallation } from './show-installation.ts';

const world = await createWorld();
const runs = await world.organization('DRIFT AS');
const leader = await world.person('KARI DRIFT');
const [employee, stranger] = [await world.person('OLA ANSATT'), await world.person('PER FREMMED')];
await world.role(leader, 'daglig-leder', runs);
await world.role(employee, 'styremedlem', runs);
const ctx: OperatorContext = {
  ...world.ctx,
  invariants,
  queues,
  operator: runs.number!,
  installation: { version: '1.2.3', mode: 'production', directory: world.blobFolder },
};
const inBrowser = (person: typeof leader): Caller => ({ ...personCaller(person), issuer: 'idporten', authLevel: 4 });
const look = (caller = inBrowser(leader), more: Partial<OperatorContext> = {}) => showInstallation({ ...ctx, ...more }, caller);

const isNotOperator = (error: unknown): boolean => error instanceof Refusal && error.row === operatorErrors.notOperator;

/** What was found out a moment ago is shown to whoever asks; tests want it anew. */
const later = () => world.advance(61);

test('given an installation in which nothing waits, when its operator looks, then it is said what runs, and all is well', async () => {
  const seen = await world.nothingWritten(() => look());

  assert.deepEqual([seen.version, seen.mode, seen.queues.length], ['1.2.3', 'production', queues.length]);
  assert.deepEqual(
    seen.queues.filter(({ waiting, late }) => waiting > 0 || late),
    [],
  );
  assert.deepEqual(
    seen.gateways.map(({ channel, state }) => [channel, state]),
    [
      ['email', 'idle'],
      ['sms', 'idle'],
    ],
  );
  assert.deepEqual([seen.ladder.late, seen.alarms, seen.statements.broken], [0, [], 0]);
  assert.deepEqual(
    seen.invariants.map(({ name }) => name),
    invariants.map(({ name }) => name),
  );
  assert.deepEqual(
    seen.invariants.filter(({ holds }) => !holds),
    [],
  );
  assert.ok(seen.storage.databaseBytes > 1_000_000 && seen.storage.freeBytes! > 0);
  assert.match(seen.schema, /^\d{4}-/);
  assert.match(seen.database, /^\d+\.\d+/);
});

test('given a mail server that takes nothing, when notices have waited, then the queue is late and the gateway fails, and both recover', async () => {
  const at = ctx.now();
  const about = { about: newId(), party: newId<PartyId>(), to: newId<PartyId>(), step: newId() };
  const words = { address: 'kari@person.example', subject: 'Ny post', body: 'Hei.', html: false };
  await world.db.transaction(async (tx) => planNotices(tx, [{ ...about, ...words, purpose: 'new-mail', channel: 'email', dueAt: at, at }]));
  let isUp = false;
  const delivery: DeliveryContext = {
    ...ctx,
    log: silentLog,
    mail: { send: async () => (isUp ? { kind: 'handed-over', answer: '250 ok' } : { kind: 'later', answer: '451 not now' }) },
    sms: { send: () => assert.fail('no SMS here') },
    mailFrom: 'Post <post@budstikke.example>',
  };
  await deliverDueNotices(delivery);
  await world.advance(3 * 60 * 60);

  const waiting = await look();
  const mail = waiting.queues.find(({ name }) => name === 'mail-notices')!;
  assert.ok(mail.waiting === 1 && mail.late && mail.oldestSeconds > 60 * 60, JSON.stringify(mail));
  assert.deepEqual(waiting.gateways[0], {
    ...{ channel: 'email', state: 'failing', handedOverLastHour: 0, failedLastHour: 0, retried: 1, lastTakenAt: null },
  });
  assert.doesNotMatch(JSON.stringify(waiting), /kari|@|451|[0-9a-f]{8}-[0-9a-f]{4}/, 'nothing about anybody, and no ids');

  isUp = true;
  await deliverDueNotices(delivery);
  await later();
  const well = await look();
  assert.deepEqual(
    well.queues.filter(({ late }) => late),
    [],
  );
  assert.deepEqual([well.gateways[0]!.state, well.gateways[0]!.handedOverLastHour], ['working', 1]);
});

test('given many who look at once, when they do, then it is found out once, and anew a minute later', async () => {
  await later();
  const [first, ...others] = await Promise.all([look(), look(), look()]);
  for (const other of others) assert.equal(other.at, first.at);
  await later();
  assert.notEqual((await look()).at, first.at);
});

test('given people who do not administer access at the operator, a token without the scope and nobody named, when they look, then they are refused', async () => {
  const machine = { ...organizationCaller(runs, ['altinn:serviceowner']), kind: 'organization' } as Caller;
  for (const caller of [inBrowser(stranger), inBrowser(employee), machine]) await assert.rejects(look(caller), isNotOperator);
  await assert.rejects(look(inBrowser(leader), { operator: undefined }), isNotOperator);
  assert.equal((await look(inBrowser(stranger), { operator: 'anybody' })).version, '1.2.3');
  assert.equal((await look({ ...machine, scopes: new Set(['budstikke:operator']) }, { operator: undefined })).version, '1.2.3');
});

test('given somebody who led the operator, when another does, then what they saw is seen no more', async () => {
  await world.db.pool.query(`delete from access.role_assignment where holder_id = $1`, [leader.id]);
  await assert.rejects(look(), isNotOperator);
});
