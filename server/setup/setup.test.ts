import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { createGrant, may, saveResources } from '#access/index.ts';
import { findClient } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { StartError } from '#kernel/start-error.ts';
import { contactPoints, partiesByNumber, partyUrn } from '#register/index.ts';
import { createWorld, personCaller } from '../../test/world.ts';
import { inviteOwner } from './invite-owner.ts';
import { digestOf } from './link-token.ts';
import { registerKey } from './register-key.ts';

const pemOf = (bits = 2048): string =>
  generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
const owner = {
  organization: { number: '991825827', name: 'Direktoratet', code: 'digdir' },
  administrator: { number: '14886498226', name: 'Kari Nordmann', email: 'kari@digdir.example' },
  client: { id: 'digdir-post', scopes: ['altinn:serviceowner', 'altinn:correspondence.write'] },
  another: false,
};
const second = {
  ...owner,
  organization: { number: '974761076', name: 'Etaten', code: 'etat' },
  client: { ...owner.client, id: 'etat-post' },
  another: true,
};
const notValid = (error: unknown): boolean => error instanceof Refusal && error.row.code === 9700;
const notUsable = (error: unknown): boolean => error instanceof Refusal && error.row.code === 9701;

test('given nothing at all, when an owner is set up, then organization, administrator and a client without a key are there, and of the link a digest', async () => {
  const { ctx, db } = await createWorld();

  const token = await linkOf(ctx, owner);

  const parties = await partiesByNumber(db, ['991825827', '14886498226']);
  assert.equal(parties.get('991825827')?.orgCode, 'digdir');
  assert.equal(parties.get('14886498226')?.name, 'Kari Nordmann');
  const client = await findClient(db, 'digdir-post');
  assert.deepEqual([client?.organizationId, client?.publicJwk], [parties.get('991825827')?.id, null]);
  assert.match(token, /^[0-9a-f]{64}$/);
  const rows = await db.all(
    sql`select token_sha256 as digest, client_id as client, extract(epoch from expires_at - created_at)::int as life from setup.invitation`,
  );
  assert.deepEqual(rows, [{ digest: digestOf(token), client: 'digdir-post', life: 86_400 }]);
});

test('given an administrator, when it is asked what it may, then it reads nothing until it gives itself the right', async () => {
  const { ctx, db } = await createWorld();
  await inviteOwner(ctx, owner);
  const parties = await partiesByNumber(db, ['991825827', '14886498226']);
  const [organization, person] = [parties.get('991825827')!, parties.get('14886498226')!];
  const code = 'ordinaer-post-til-virksomheten';
  const resource = 'post' as ResourceId;
  const title = { nb: 'Post', nn: 'Post', en: 'Post' };
  await db.transaction(async (tx) =>
    saveResources(tx, [{ id: resource, type: 'CorrespondenceService', owner: organization.id, title, readers: [`package:${code}`] }]),
  );
  const reads = async () => (await may(db, personCaller(person), { action: 'read', resource, party: organization.id })).permit;

  assert.equal(await reads(), false);
  await createGrant(ctx, personCaller(person), {
    at: partyUrn(organization),
    to: partyUrn(person),
    package: code,
  });

  assert.equal(await reads(), true);
});

test('given a link, when a key is handed in by it, then the client has that key, and the link works no more', async () => {
  const { ctx, db, nothingWritten } = await world();
  const token = await linkOf(ctx, owner);

  const registered = await registerKey(ctx, token, { publicKeyPem: pemOf() });

  assert.deepEqual([registered.clientId, registered.scopes], ['digdir-post', owner.client.scopes]);
  const client = await findClient(db, 'digdir-post');
  assert.deepEqual([client?.publicJwk?.kty, client?.keyId], ['RSA', registered.keyId]);
  await nothingWritten(() => assert.rejects(registerKey(ctx, token, { publicKeyPem: pemOf() }), notValid));
  assert.equal((await findClient(db, 'digdir-post'))?.keyId, registered.keyId);
});

test('given a link, when two hand in a key at once, then one of them is refused and the key of the other stands', async () => {
  const { ctx, db } = await createWorld();
  const token = await linkOf(ctx, owner);

  const both = await Promise.allSettled(['one', 'two'].map((keyId) => registerKey(ctx, token, { publicKeyPem: pemOf(), keyId })));

  const [winner] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const losers = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  assert.deepEqual([losers.length, losers.every(notValid)], [1, true]);
  assert.equal((await findClient(db, 'digdir-post'))?.keyId, winner?.keyId);
});

test('given a link that is a day old, and one that never was, when a key is handed in, then both get the same answer and nothing is written', async () => {
  const { ctx, db, nothingWritten } = await world();
  const token = await linkOf(ctx, owner);
  await db.pool.query(`update setup.invitation set expires_at = statement_timestamp() - interval '1 second'`);
  const told: string[] = [];

  for (const link of [token, 'f'.repeat(64), '', 'x'.repeat(200)]) {
    for (const key of [{ publicKeyPem: pemOf() }, { publicKeyPem: 'nonsense' }]) {
      await nothingWritten(() => registerKey(ctx, link, key).catch((error: Refusal) => told.push(`${error.row.code} ${error.message}`)));
    }
  }

  assert.deepEqual([new Set(told).size, told.length], [1, 8]);
  assert.match(told[0]!, /^9700 /);
});

for (const [what, key] of [
  ['no key', {}],
  ['two keys', { publicKeyPem: pemOf(), jwk: { kty: 'RSA' } }],
  ['a private key', { publicKeyPem: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }],
  ['a key that is too short', { publicKeyPem: pemOf(1024) }],
  ['a secret', { jwk: { kty: 'oct', k: 'c2VjcmV0' } }],
  ['nonsense', { publicKeyPem: 'nonsense' }],
] as const) {
  test(`given a link, when ${what} is handed in by it, then that is refused, nothing is written and the link still works`, async () => {
    const { ctx, nothingWritten } = await world();
    const token = await linkOf(ctx, owner);

    await nothingWritten(() => assert.rejects(registerKey(ctx, token, key), notUsable));

    assert.equal((await registerKey(ctx, token, { publicKeyPem: pemOf(), keyId: 'k1' })).keyId, 'k1');
  });
}

for (const [what, request, reason] of [
  ['one more owner without saying so', { ...second, another: false }, /There is an owner already\. Say --another/],
  ['a code that another organization has', { ...second, organization: { ...second.organization, code: 'digdir' } }, /has the code digdir/],
  ['a client that is there already', { ...second, client: owner.client }, /There is a client digdir-post already/],
  ['a number with a wrong check digit', { ...second, organization: { ...second.organization, number: '991825820' } }, /nine digits/],
  ['a person without a number', { ...second, administrator: { number: '1', name: 'K' } }, /eleven digits/],
  ['no name', { ...second, organization: { ...second.organization, name: '' } }, /organization\/name/],
  ['a name of blanks', { ...second, organization: { ...second.organization, name: ' \t ' } }, /^The name of the organization is empty\.$/],
  ['a person of blanks', { ...second, administrator: { ...owner.administrator, name: '  ' } }, /^The name of the administrator is empty/],
  ['U+0000 in a name', { ...second, administrator: { ...owner.administrator, name: 'K\0' } }, /administrator holds U\+0000/],
  [
    'half a character in an address',
    { ...second, administrator: { ...owner.administrator, email: '\ud800@x.no' } },
    /e-mail address holds/,
  ],
  [
    'another code than it has',
    { ...second, organization: { ...owner.organization, code: 'digdri' } },
    /991825827 has the code digdir, which stays/,
  ],
  ['something unknown', { ...second, more: 1 }, /./],
] as const) {
  test(`given an owner, when another is set up with ${what}, then that is refused and nothing is written`, async () => {
    const { ctx, nothingWritten } = await world();
    await inviteOwner(ctx, owner);

    await nothingWritten(() =>
      assert.rejects(inviteOwner(ctx, request), (error) => error instanceof StartError && reason.test(error.message)),
    );
  });
}

test('given nothing at all, when two owners are set up at once, then one of them is told that there is one', async () => {
  const { ctx } = await createWorld();

  const both = await Promise.allSettled([inviteOwner(ctx, owner), inviteOwner(ctx, { ...second, another: false })]);

  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('given an owner, when another is set up and says so, then both have a link of their own', async () => {
  const { ctx, db } = await createWorld();

  const tokens = [await linkOf(ctx, owner), await linkOf(ctx, second)];

  for (const token of tokens) await registerKey(ctx, token, { publicKeyPem: pemOf() });
  assert.ok((await findClient(db, 'etat-post'))?.publicJwk);
});

test('given an owner that is known, when it is set up again with other names and another address, then it keeps what it had and has one more client', async () => {
  const { ctx, db } = await createWorld();
  await inviteOwner(ctx, owner);
  const before = await partiesByNumber(db, ['991825827', '14886498226']);
  const person = before.get('14886498226')!.id;

  await inviteOwner(ctx, {
    organization: { ...owner.organization, name: 'Renamed' },
    administrator: { ...owner.administrator, name: 'Other Name', email: 'other@digdir.example' },
    client: { id: 'digdir-two', scopes: ['altinn:serviceowner'] },
    another: true,
  });

  assert.deepEqual(await partiesByNumber(db, ['991825827', '14886498226']), before);
  assert.deepEqual((await contactPoints(db, [person])).get(person), [{ channel: 'email', address: 'kari@digdir.example' }]);
  assert.equal((await findClient(db, 'digdir-two'))?.organizationId, before.get('991825827')?.id);
});

test('given no client, when an owner is set up, then there is no link, and the rest is there', async () => {
  const { ctx, db } = await createWorld();
  const { client: _, ...clientless } = owner;

  assert.equal(await inviteOwner(ctx, clientless), undefined);

  assert.equal((await partiesByNumber(db, ['991825827'])).get('991825827')?.orgCode, 'digdir');
  assert.deepEqual(await db.all(sql`select 1 from setup.invitation`), []);
});

async function linkOf(ctx: Context, request: object): Promise<string> {
  const token = await inviteOwner(ctx, request);
  assert.ok(token);
  return token;
}

async function world() {
  const made = await createWorld();
  return { ctx: made.ctx, db: made.db, nothingWritten: <T>(work: () => Promise<T>) => made.nothingWritten(work) };
}
