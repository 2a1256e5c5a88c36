import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { partiesByNumber, saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../test/database.ts';
import { type Client, findClient, findClients, saveClients } from './store.ts';

const database = await createTestDatabase();
let organizationId: PartyId;

before(async () => {
  await database.db.transaction(async (tx) => saveParties(tx, [{ kind: 'organization', number: '991825827', name: 'Direktoratet' }]));
  organizationId = (await partiesByNumber(database.db, ['991825827'])).get('991825827')!.id;
});

const save = (...clients: Client[]) => database.db.transaction(async (tx) => saveClients(tx, clients));
const stamps = () => database.db.all(sql`select client_id, xmin::text, ctid::text from identity.client order by client_id`);

test('given clients, when they are saved, then they are found as they were given', async () => {
  const one: Client = {
    clientId: 'one',
    organizationId,
    keyId: 'k1',
    publicJwk: { kty: 'EC', crv: 'P-256', x: 'a', y: 'b' },
    scopes: ['a', 'b'],
  };
  const two: Client = { clientId: 'two', organizationId, keyId: null, publicJwk: null, scopes: [] };
  await save(one, two);

  assert.deepEqual(await findClient(database.db, 'one'), one);
  assert.deepEqual(await findClients(database.db, ['two', 'three']), new Map([['two', two]]));
  assert.equal(await findClient(database.db, 'three'), undefined);
});

test('given a known client, when it is saved again, then it is replaced if it differs and left alone if not', async () => {
  const client: Client = { clientId: 'four', organizationId, keyId: 'k1', publicJwk: { kty: 'OKP' }, scopes: ['a'] };
  await save(client);
  const before = await stamps();
  await save(client);
  assert.deepEqual(await stamps(), before);

  await save({ ...client, scopes: ['b'] });

  assert.deepEqual((await findClient(database.db, 'four'))?.scopes, ['b']);
});
