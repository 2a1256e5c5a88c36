import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../test/database.ts';
import { countEverything } from '../../test/nothing-written.ts';
import { registerInvariants } from './invariants.ts';
import type { SaveParty } from './party.ts';
import { onUnknownParties, resolveParties } from './resolve-parties.ts';
import { contactPoints, saveContactPoints } from './store/contact-point.ts';
import { findParties, findParty, partiesByNumber, saveParties } from './store.ts';

const { db, ctx } = await createTestDatabase();

const main: SaveParty = {
  kind: 'organization',
  number: '991825827',
  name: 'Digitaliseringsdirektoratet',
  orgCode: 'digdir',
  unitType: 'ORGL',
};
const unit: SaveParty = { kind: 'organization', number: '974760673', name: 'Avdeling', unitType: 'BEDR', parentNumber: '991825827' };
const kari: SaveParty = { kind: 'person', number: '14886498226', name: 'Kari Nordmann', language: 'nn', reserved: true };

const save = (...rows: SaveParty[]) => db.transaction(async (tx) => saveParties(tx, rows));
const byNumber = async (number: string) => (await partiesByNumber(db, [number])).get(number)!;

/** Everything of a party that could change, with the row's version: an untouched row keeps it. */
async function rowOf(number: string): Promise<unknown> {
  const { rows } = await db.pool.query('select p.*, p.xmin from register.party p where number = $1', [number]);
  return rows[0];
}

test('given a unit named before its main unit in one document, when it is saved, then it belongs to the main unit', async () => {
  await save(unit, main, kari);

  const [parent, child, person] = [await byNumber('991825827'), await byNumber('974760673'), await byNumber('14886498226')];
  assert.equal(child.parentId, parent.id);
  assert.deepEqual([parent.orgCode, parent.unitType, parent.parentId, parent.alive], ['digdir', 'ORGL', null, true]);
  assert.deepEqual([person.language, person.reserved, person.kind], ['nn', true, 'person']);
  assert.ok(parent.partyId >= 50_000_000);
  assert.deepEqual(await findParty(db, person.id), person);
  assert.deepEqual([...(await findParties(db, [person.id, child.id])).keys()].sort(), [person.id, child.id].sort());
});

test('given parties that stand, when the same document is saved again, then no row is touched', async () => {
  const before = [await rowOf('991825827'), await rowOf('974760673'), await rowOf('14886498226')];
  await save(unit, main, kari);
  assert.deepEqual([await rowOf('991825827'), await rowOf('974760673'), await rowOf('14886498226')], before);
});

test('given a party that stands, when some of it is said anew, then the rest is kept and null takes away', async () => {
  await save({ kind: 'organization', number: '974760673', name: 'Nytt navn' });
  const renamed = await byNumber('974760673');
  assert.deepEqual([renamed.name, renamed.unitType, renamed.parentId !== null], ['Nytt navn', 'BEDR', true]);

  await save({ kind: 'organization', number: '974760673', name: 'Nytt navn', unitType: null, parentNumber: null });
  const alone = await byNumber('974760673');
  assert.deepEqual([alone.unitType, alone.parentId], [null, null]);
});

test('given a person who dies and an organization that is deleted, when they are read, then they no longer live; a correction undoes it', async () => {
  await save({ ...kari, diedOn: '2026-11-01' }, { ...main, deletedAt: '2026-11-01T10:00:00Z' });
  assert.deepEqual([(await byNumber('14886498226')).alive, (await byNumber('991825827')).alive], [false, false]);
  await save({ ...kari, diedOn: null }, { ...main, deletedAt: null });
  assert.deepEqual([(await byNumber('14886498226')).alive, (await byNumber('991825827')).alive], [true, true]);
});

test('given a system user, when it is saved again under its id, then it is the same party with its new name and owner', async () => {
  const id = newId<PartyId>();
  const owner = await byNumber('991825827');
  await save({ id, kind: 'system-user', number: null, name: 'Gammelt', parentId: owner.id });
  await save({ id, kind: 'system-user', number: null, name: 'Nytt', parentId: owner.id });
  const found = await findParty(db, id);
  assert.deepEqual([found?.name, found?.parentId, found?.number], ['Nytt', owner.id, null]);
});

test('given a unit of a main unit that does not exist, when it is saved, then nothing is written and the number is named', async () => {
  const before = await countEverything(db);
  await assert.rejects(save({ kind: 'organization', number: '310000000', name: 'Avdeling', parentNumber: '313600947' }), {
    code: 'BS006',
    message: /313600947/,
  });
  assert.deepEqual(await countEverything(db), before);
});

test('given a short name that another organization has, when it is saved, then nothing is written', async () => {
  const before = await countEverything(db);
  await assert.rejects(save({ kind: 'organization', number: '310000000', name: 'Annen', orgCode: 'digdir' }), { code: '23505' });
  assert.deepEqual(await countEverything(db), before);
});

test('given contact points, when they are saved anew, then they replace those before, in order; the same again touches nothing', async () => {
  const party = (await byNumber('14886498226')).id;
  const first = { channel: 'email', address: 'kari@example.no' } as const;
  const second = { channel: 'sms', address: '+4799999999' } as const;
  const set = (...points: (typeof first | typeof second)[]) => db.transaction(async (tx) => saveContactPoints(tx, [{ party, points }]));
  const get = async () => (await contactPoints(db, [party])).get(party);

  await set(first, second);
  assert.deepEqual(await get(), [first, second]);
  const { rows: before } = await db.pool.query('select xmin, * from register.contact_point order by ordinal');
  await set(first, second);
  assert.deepEqual((await db.pool.query('select xmin, * from register.contact_point order by ordinal')).rows, before);
  await set(second);
  assert.deepEqual(await get(), [second]);
  await set();
  assert.equal(await get(), undefined);
});

test('given an address with a day, when it is said again with another, then a register here has the last word, and the contact register the newest', async () => {
  const party = (await byNumber('14886498226')).id;
  const say = (confirmedAt: string | null, source: 'register' | 'krr') =>
    db.transaction(async (tx) =>
      saveContactPoints(tx, [{ party, points: [{ channel: 'email', address: `${source}@example.no`, confirmedAt }] }], source),
    );
  const freshOf = async (source: string) =>
    (await db.pool.query<{ day: string }>(`select fresh_at::date::text as day from register.contact_point where source = $1`, [source]))
      .rows[0]!.day;
  for (const source of ['register', 'krr'] as const) {
    await say('2025-05-05', source);
    await say(null, source);
    assert.equal(await freshOf(source), '2025-05-05', 'nothing new is said');
    await say('2026-01-01', source);
    await say('2025-06-06', source);
  }
  assert.deepEqual([await freshOf('register'), await freshOf('krr')], ['2025-06-06', '2026-01-01']);
});

test('given numbers that nobody has, when they are resolved, then the hook is asked once for all of them and what came to be is found', async () => {
  const asked: string[][] = [];
  onUnknownParties.fill(async (given: Context, numbers) => {
    asked.push(numbers);
    await given.db.transaction(async (tx) => saveParties(tx, [{ kind: 'organization', number: numbers[0]!, name: 'Ny', implicit: true }]));
  });
  const found = await resolveParties(ctx, ['991825827', '310000000', '313600947', '310000000']);
  assert.deepEqual(asked, [['310000000', '313600947']]);
  assert.deepEqual([...found.keys()].sort(), ['310000000', '991825827']);

  await resolveParties(ctx, ['991825827', '310000000']);
  assert.equal(asked.length, 1);
});

test('given two who save the same new party at once, when both are done, then there is one', async () => {
  const row: SaveParty = { kind: 'organization', number: '313600947', name: 'Samtidig' };
  await Promise.all([save(row), save(row), save(row)]);
  const { rows } = await db.pool.query(`select count(*)::int as n from register.party where number = '313600947'`);
  assert.equal(rows[0].n, 1);
});

test('given the parties of these tests, when the invariants are asked, then all hold; a unit below itself breaks one', async () => {
  for (const { name, find } of registerInvariants) assert.deepEqual(await db.all(find), [], name);
  await db.pool.query('update register.party set parent_id = id where number = $1', ['313600947']);
  assert.equal((await db.all(registerInvariants[0]!.find)).length, 1);
});
