import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { saveSystemUsers } from '#access/index.ts';
import { dialogIdOf } from '#correspondence/index.ts';
import { levels } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import { partiesByNumber } from '#register/index.ts';
import { allRecorded } from '../../test/all-recorded.ts';
import { personCaller } from '../../test/world.ts';
import { createTown, evidenceOf, letter, outcomeOf, scan, send, sendAll } from '../correspondence/testing/town.ts';
import { forged, hmac } from '../identity/testing/issuer.ts';
import { enduser, openDoor, withScope } from './testing/door.ts';

const town = await createTown();
const { world, agency, citizen, municipality, leader } = town;
await world.resource('niva-tre', agency, { minLevel: 3 });
const systemUser = newId<PartyId>();
const owner = (await partiesByNumber(world.db, [municipality.number!])).get(municipality.number!)!;
await world.db.transaction(async (tx) =>
  saveSystemUsers(tx, [
    { id: systemUser, system: 'fagsystem', owner: owner.id, rights: [{ resource: 'brev' as never, actions: ['read'] }] } as never,
  ]),
);
const door = await openDoor(world, {
  citizen: withScope(personCaller(citizen)),
  leader: withScope(personCaller(leader)),
  system: { ...withScope(personCaller(leader)), kind: 'system-user', issuer: 'maskinporten', subject: systemUser, party: municipality.id },
});
const { ask, tokens } = door;
const pathOf = (id: CorrespondenceId) => `${enduser}/dialogs/${dialogIdOf(id)}`;
const contentOf = (id: CorrespondenceId) => `/correspondence/api/v1/correspondence/${id}/content`;
const tokenOf = async (id: CorrespondenceId, by = 'citizen'): Promise<string> => (await ask('GET', pathOf(id), by)).body.dialogToken;
const claimsIn = (token: string): JWTPayload => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

/** Signs as the installation does, whatever is said. */
async function signed(claims: JWTPayload): Promise<string> {
  const key = await world.db.one<{ kid: string; jwk: object }>(
    sql`select kid, private_jwk as jwk from identity.dialog_key order by created_at, kid limit 1`,
  );
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: key.kid }).sign(await importJWK(key.jwk as never, 'EdDSA'));
}

test('given a dialog of a citizen, when it is looked at, then its token names reader, party, resource, dialog and actions, and lives ten minutes', async () => {
  const id = await send(town, letter([citizen]));
  const { iat, nbf, exp, jti, ...claims } = claimsIn(await tokenOf(id));
  const urn = `urn:altinn:person:identifier-no:${citizen.number}`;
  assert.deepEqual(claims, { l: 3, c: urn, p: urn, s: 'urn:altinn:resource:brev', i: dialogIdOf(id), a: 'read', iss: tokens.issuer });
  assert.deepEqual([exp! - iat!, nbf, typeof jti], [600, iat, 'string']);
  assert.ok(Math.abs(iat! - Date.now() / 1000) < 60);
});

test('given the published keys, when they are fetched, then there are two, public, and they verify; the metadata leads to them', async () => {
  const { body } = await ask('GET', '/dialogporten/api/v1/.well-known/jwks.json', '');
  assert.equal(body.keys.length, 2);
  for (const key of body.keys) assert.deepEqual(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  const metadata = await ask('GET', '/dialogporten/api/v1/.well-known/oauth-authorization-server', '');
  assert.deepEqual(metadata.body, { issuer: tokens.issuer, jwks_uri: `${tokens.issuer}/.well-known/jwks.json` });
});

test('given tokens that somebody has bent, when the body is asked for, then it is refused and nothing is written', async () => {
  const id = await send(town, letter([citizen]));
  const other = await send(town, letter([citizen]));
  const high = await send(town, letter([citizen], { resourceId: 'niva-tre' }));
  const good = await tokenOf(id);
  const claims = claimsIn(good);
  const highClaims = claimsIn(await tokenOf(high));
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const strange = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const kid = JSON.parse(Buffer.from(header, 'base64url').toString()).kid as string;
  const publicKey = (await tokens.keySet()).keys.find((key) => key.kid === kid)!;
  const rsa = await generateKeyPair('RS256');
  const now = Math.floor(Date.now() / 1000);
  const bent = (change: object) => Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url');

  const invalid: Readonly<Record<string, string>> = {
    'a key that is not ours': await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid }).sign(strange.privateKey),
    'its own key in the header': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', jwk: await exportJWK(strange.publicKey) })
      .sign(strange.privateKey),
    'no signature': forged({ alg: 'none' }, claims as never, () => ''),
    'no signature, with our key id': forged({ alg: 'none', kid }, claims as never, () => signature),
    'our public key as a secret': forged({ alg: 'HS256', kid }, claims as never, hmac(publicKey.x!)),
    'another algorithm': await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(rsa.privateKey),
    'claims that were not signed': `${header}.${bent({ i: dialogIdOf(other) })}.${signature}`,
    'a level that was not signed': `${header}.${bent({ l: 4 })}.${signature}`,
    'a signature of another': `${header}.${payload}.${(await tokenOf(other)).split('.')[2]}`,
    'a time that is over': await signed({ ...claims, exp: now - 1 }),
    'a time to come': await signed({ ...claims, nbf: now + 60 }),
    'no end': await signed({ ...claims, exp: undefined as never }),
    'another issuer': await signed({ ...claims, iss: 'https://platform.altinn.no/dialogporten/api/v1' }),
  };
  for (const [name, token] of Object.entries(invalid)) {
    const answer = await world.nothingWritten(() => ask('GET', contentOf(id), token));
    assert.deepEqual([answer.status, answer.body], [401, ''], name);
  }

  const powerless: Readonly<Record<string, readonly [CorrespondenceId, JWTPayload]>> = {
    'of another dialog': [other, claims],
    'of another party': [id, { ...claims, p: `urn:altinn:organization:identifier-no:${municipality.number}` }],
    'of no party': [id, { ...claims, p: 'urn:altinn:person:identifier-no:1' }],
    'of another person': [id, { ...claims, c: `urn:altinn:person:identifier-no:${leader.number}` }],
    'of nobody': [id, { ...claims, c: undefined }],
    'without the action': [id, { ...claims, a: 'write;subscribe' }],
    'of a subresource alone': [id, { ...claims, a: 'read,urn:altinn:subresource:x' }],
    'of too low a login': [high, { ...highClaims, l: 2 }],
    'of a login of level 0': [high, { ...highClaims, l: 0 }],
    'of a level that is a text': [high, { ...highClaims, l: '4' }],
    'of a system user that is none': [id, { ...claims, y: newId(), o: municipality.number }],
  };
  for (const [name, [message, changed]] of Object.entries(powerless)) {
    const token = await signed(changed);
    const answer = await world.nothingWritten(() => ask('GET', contentOf(message), token));
    assert.deepEqual([answer.status, answer.body.errorCode], [401, 4001], name);
  }
  for (const message of [id, other, high]) assert.equal(await outcomeOf(town, message), null);
  assert.equal((await ask('GET', contentOf(id), good)).status, 200);
  assert.equal((await ask('GET', contentOf(high), await signed(highClaims))).status, 200);
});

test('given a good token, when it is shown elsewhere, then it opens nothing: no list of another resource, no other message, nothing that is sent', async () => {
  const id = await send(town, letter([citizen]));
  const token = await tokenOf(id);
  const list = '/correspondence/api/v1/correspondence?resourceId=niva-tre&role=Recipient';
  const elsewhere: readonly (readonly [string, string, number])[] = [
    ['GET', list, 401],
    ['GET', '/correspondence/api/v1/confidential-reminders', 404],
    ['GET', `${enduser}/dialogs`, 403],
    ['GET', pathOf(id), 403],
    ['PUT', `${pathOf(id)}/context/systemlabels`, 403],
    ['POST', '/correspondence/api/v1/correspondence', 403],
  ];
  for (const [method, path, status] of elsewhere) {
    const answer = await world.nothingWritten(() => ask(method, path, token, method === 'GET' ? {} : { body: {} }));
    assert.equal(answer.status, status, path);
  }
});

test('given a right that was taken away, when the token is shown, then it opens nothing any more', async () => {
  const clerk = await world.person('SAKSBEHANDLER');
  await world.grant(clerk, municipality, { resource: 'brev' as never });
  const door = await openDoor(world, { clerk: withScope(personCaller(clerk)) });
  const id = await send(town, letter([municipality]));
  const { dialogToken } = (await door.ask('GET', pathOf(id), 'clerk')).body;
  await world.db.transaction(
    async (tx) => void (await tx.run(sql`update access.access_grant set revoked_at = clock.now() where to_id = ${clerk.id}`)),
  );
  assert.equal((await door.ask('GET', contentOf(id), dialogToken)).status, 401);
  assert.equal((await door.ask('GET', pathOf(id), 'clerk')).status, 404);
});

test('given a system user, when it fetches the body with its token, then it is handed over, and the evidence names the system', async () => {
  const id = await send(town, letter([municipality]));
  const token = await tokenOf(id, 'system');
  const { c, y, o, p } = claimsIn(token);
  assert.deepEqual([c, y, o], [`urn:altinn:systemuser:uuid:${systemUser}`, systemUser, municipality.number]);
  assert.equal(p, `urn:altinn:organization:identifier-no:${municipality.number}`);
  assert.equal((await ask('GET', contentOf(id), token)).status, 200);
  await allRecorded();
  assert.equal(await outcomeOf(town, id), 'handed-over');
  const proofs = await world.db.all<{ who: string }>(
    sql`select who::text from evidence.evidence where about = ${id} and proves = 'opened'`,
  );
  assert.equal(proofs.length, 1);
  assert.ok(proofs[0]!.who.includes(systemUser), proofs[0]!.who);
  for (const sentence of Object.values(levels.opened)) assert.match(sentence, /system/); // no receipt says that it was a person
});

test('given a file of a letter, when it is downloaded with the token, then it comes, and the evidence says that a person had it', async () => {
  const sent = await sendAll(town, letter([citizen], { content: { attachments: [{ fileName: 'a.txt', sendersReference: 'a' }] } }), [
    await world.file('a.txt', 'innhold'),
  ]);
  await scan(town, sent.attachmentIds);
  const id = sent.correspondences[0]!.correspondenceId as CorrespondenceId;
  const other = await send(town, letter([citizen]));
  const path = `/correspondence/api/v1/correspondence/${id}/attachment/${sent.attachmentIds[0]}/download`;
  assert.equal((await ask('GET', path, await tokenOf(other))).status, 401);
  const file = await ask('GET', path, await tokenOf(id));
  assert.deepEqual([file.status, file.body], [200, 'innhold']);
  assert.ok((await evidenceOf(town, id)).includes('OverviewFetched nothing'));
  const { body: dialog } = await ask('GET', pathOf(id), 'citizen');
  assert.equal(dialog.activities.at(-1).description[0].value, 'Nedlasting av a.txt er startet.');
});
