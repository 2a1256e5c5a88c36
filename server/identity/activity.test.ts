import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import type { Caller, Context } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { partiesByNumber, saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../test/database.ts';
import { type ActivityRecorder, createActivityRecorder } from './activity.ts';
import type { Seen } from './store.ts';

const database = await createTestDatabase();
let ctx: Context;
let kari: PartyId;
let office: PartyId;
let now: Date;
let told: Seen[];
let activity: ActivityRecorder;

before(async () => {
  const { db } = database;
  await db.transaction(async (tx) =>
    saveParties(tx, [
      { kind: 'person', number: '14886498226', name: 'Kari' },
      { kind: 'organization', number: '991825827', name: 'Kontoret' },
    ]),
  );
  const parties = await partiesByNumber(db, ['14886498226', '991825827']);
  kari = parties.get('14886498226')!.id;
  office = parties.get('991825827')!.id;
});

beforeEach(async () => {
  await database.db.transaction(async (tx) => tx.send(sql`delete from identity.activity`));
  now = new Date('2027-03-01T10:00:00Z');
  told = [];
  ctx = { ...database.ctx, now: () => now };
  activity = createActivityRecorder(ctx, async (_tx, seen) => void told.push(...seen));
});

const base = { issuer: 'altinn', party: null, consumer: null, authLevel: 3 } as const;
const person = (more: Partial<Caller> = {}): Caller => ({
  ...base,
  kind: 'person',
  subject: kari,
  clientId: 'app',
  scopes: new Set(),
  ...more,
});
const machine = (clientId: string | null, ...scopes: string[]): Caller => ({
  ...base,
  kind: 'organization',
  subject: office,
  clientId,
  scopes: new Set(scopes),
});

interface Row {
  party: PartyId;
  client: string;
  reads: boolean;
  level: number;
  at: Date;
}
const rows = () =>
  database.db.all<Row>(sql`
    select party_id as party, client_id as client, read_scope as reads, auth_level as level, last_seen_at as at
      from identity.activity_face order by party_id, client_id`);

test('given a person and two systems, when they call, then each is a row, and a person’s has no client', async () => {
  activity.note(person());
  activity.note(machine('one', 'altinn:correspondence.read'));
  activity.note(machine('two', 'altinn:correspondence.write'));
  activity.note(machine(null, 'altinn:broker.read'));
  await activity.flush();

  const seen = (await rows()).map(({ party, client, reads }) => [party === kari ? 'kari' : 'office', client, reads]).sort();
  assert.deepEqual(seen, [
    ['kari', '', false],
    ['office', '', true],
    ['office', 'one', true],
    ['office', 'two', false],
  ]);
  assert.equal(told.length, 4);
});

test('given a thousand calls within the hour, when they are noted, then one row is written once', async () => {
  for (let minute = 0; minute < 1000; minute++) {
    now = new Date(Date.UTC(2027, 2, 1, 10, 0, minute));
    activity.note(person());
    if (minute === 0) await activity.flush();
  }
  await activity.flush();

  assert.equal(told.length, 1);
  assert.deepEqual(
    (await rows()).map((row) => row.at.toISOString()),
    ['2027-03-01T10:00:00.000Z'],
  );
});

test('given an hour of domain time later, when the same calls, then the time moves on', async () => {
  activity.note(person());
  await activity.flush();
  now = new Date('2027-03-01T11:00:00Z');
  activity.note(person());
  await activity.flush();

  assert.deepEqual(
    (await rows()).map((row) => row.at.toISOString()),
    ['2027-03-01T11:00:00.000Z'],
  );
});

test('given a token that shows more within the hour, when it is noted, then it is written at once and what was seen stays', async () => {
  activity.note(machine('one', 'altinn:correspondence.write'));
  await activity.flush();
  activity.note({ ...machine('one', 'altinn:correspondence.read'), authLevel: 4 });
  await activity.flush();
  activity.note(machine('one', 'altinn:correspondence.write'));
  now = new Date('2027-03-02T10:00:00Z');
  activity.note(machine('one', 'altinn:correspondence.write'));
  await activity.flush();

  const [row] = await rows();
  assert.deepEqual([row?.reads, row?.level, row?.at.toISOString()], [true, 4, '2027-03-02T10:00:00.000Z']);
});

test('given two processes, when the one with the older clock writes last, then nothing goes back', async () => {
  const other = createActivityRecorder({ ...ctx, now: () => new Date('2027-02-01T10:00:00Z') });
  activity.note({ ...machine('one', 'altinn:broker.read'), authLevel: 4 });
  await activity.flush();
  other.note(machine('one'));
  await other.flush();

  const [row] = await rows();
  assert.deepEqual([row?.reads, row?.level, row?.at.toISOString()], [true, 4, '2027-03-01T10:00:00.000Z']);
});

test('given many at once in two processes, when both write in opposite order, then all is written and nobody waits for ever', async () => {
  const other = createActivityRecorder(ctx);
  for (let i = 0; i < 500; i++) {
    activity.note(machine(`client-${i}`));
    other.note(machine(`client-${499 - i}`));
  }
  await Promise.all([activity.flush(), other.flush()]);

  assert.equal((await rows()).length, 500);
});

test('given a caller whom the register does not know, when it calls, then nothing is written', async () => {
  activity.note(person({ subject: null }));
  await activity.flush();

  assert.deepEqual(await rows(), []);
});

test('given a database that fails once, when the same calls again, then it is written after all', async () => {
  let fail = true;
  const shaky: Context['db'] = {
    ...ctx.db,
    transaction: (work) => (fail ? Promise.reject(new Error('away')) : database.db.transaction(work)),
  };
  const recorder = createActivityRecorder({ ...ctx, db: shaky });
  recorder.note(person());
  await recorder.flush();
  fail = false;
  recorder.note(person());
  await recorder.flush();

  assert.equal((await rows()).length, 1);
});
