import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '#db/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { onUnknownParties, partiesByNumber, saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../test/database.ts';
import { nothingWritten } from '../../test/nothing-written.ts';
import { createIdentity, type Identity } from './create-identity.ts';
import { startIssuer, type TestIssuer } from './testing/issuer.ts';

const iss = 'https://platform.example/authentication/api/v1/openid/';
const [directorate, vendor, kari] = ['991825827', '310000000', '14886498226'];
const systemUser = newId<PartyId>();
const actor = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` });

const database = await createTestDatabase();
let issuer: TestIssuer;
let identity: Identity;
let ids: { directorate: PartyId; vendor: PartyId; kari: PartyId };
let kariNumber: number;

before(async () => {
  const { ctx } = database;
  await ctx.db.transaction(async (tx) =>
    saveParties(tx, [
      { kind: 'organization', number: directorate, name: 'Direktoratet' },
      { kind: 'organization', number: vendor, name: 'Leverandøren' },
      { kind: 'person', number: kari, name: 'Kari' },
    ]),
  );
  const parties = await partiesByNumber(ctx.db, [directorate, vendor, kari]);
  ids = { directorate: parties.get(directorate)!.id, vendor: parties.get(vendor)!.id, kari: parties.get(kari)!.id };
  kariNumber = parties.get(kari)!.partyId;
  await ctx.db.transaction(async (tx) =>
    saveParties(tx, [{ kind: 'system-user', id: systemUser, number: null, name: 'Fagsystem', parentId: ids.directorate }]),
  );
  issuer = await startIssuer(iss);
  identity = createIdentity({ ctx, issuers: [{ issuer: iss, kind: 'altinn', keys: issuer.jwksUrl }] });
});
after(() => issuer.close());

async function callerOf(claims: object) {
  const caller = await identity.authenticate({ authorization: `Bearer ${await issuer.sign({ ...claims })}` });
  assert.ok(caller !== 'invalid');
  return caller;
}

test('given a request without a token, or with another scheme, when the caller is asked for, then it is anonymous', async () => {
  for (const authorization of [undefined, '', 'Basic dXNlcjpwYXNz', 'Bearertoken']) {
    const caller = await identity.authenticate({ authorization });
    assert.ok(caller !== 'invalid' && caller.kind === 'anonymous', String(authorization));
  }
});

test('given a bearer token that does not hold, when the caller is asked for, then it is invalid and nothing was written', async () => {
  await nothingWritten(database.db, async () => {
    for (const authorization of ['Bearer', 'bearer ', 'Bearer x', 'Bearer a.b.c', `Bearer ${'x'.repeat(100_000)}`]) {
      assert.equal(await identity.authenticate({ authorization }), 'invalid');
    }
    await identity.settled();
  });
});

test('given the scheme in any case, when the token is good, then it counts', async () => {
  const token = await issuer.sign({ pid: kari });
  for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
    const caller = await identity.authenticate({ authorization: `${scheme} ${token}` });
    assert.ok(caller !== 'invalid' && caller.subject === ids.kari);
  }
});

test('given an organization, a person and a system user, when they call, then subject, party and consumer are the register’s', async () => {
  const organization = await callerOf({
    'urn:altinn:orgNumber': directorate,
    consumer: actor(directorate),
    'urn:altinn:authenticatemethod': 'maskinporten',
  });
  assert.deepEqual(
    [organization.kind, organization.subject, organization.party, organization.consumer],
    ['organization', ids.directorate, ids.directorate, ids.directorate],
  );

  const person = await callerOf({ pid: kari, 'urn:altinn:authlevel': 4, consumer: actor(vendor) });
  assert.deepEqual(
    [person.kind, person.subject, person.party, person.consumer, person.authLevel],
    ['person', ids.kari, ids.kari, ids.vendor, 4],
  );

  const details = { type: 'urn:altinn:systemuser', systemuser_id: [systemUser], systemuser_org: actor(directorate) };
  const user = await callerOf({ consumer: actor(vendor), authorization_details: [details] });
  assert.deepEqual([user.kind, user.subject, user.party, user.consumer], ['system-user', systemUser, ids.directorate, ids.vendor]);
});

test('given a scope that stands for others, when a token bears it, then it counts as all of them, and another as itself', async () => {
  const standsFor = new Map([['eformidling:dpv', ['a', 'b']]]);
  const wider = createIdentity({ ctx: database.ctx, issuers: [{ issuer: iss, kind: 'altinn', keys: issuer.jwksUrl }], standsFor });
  for (const [scope, expected] of [
    ['eformidling:dpv c', ['eformidling:dpv', 'a', 'b', 'c']],
    ['eformidling c', ['eformidling', 'c']],
  ] as const) {
    const authorization = `Bearer ${await issuer.sign({ scope, consumer: actor(directorate) })}`;
    const caller = await wider.authenticate({ authorization });
    assert.ok(caller !== 'invalid');
    assert.deepEqual([...caller.scopes], expected);
  }
  assert.deepEqual([...(await callerOf({ scope: 'eformidling:dpv', consumer: actor(directorate) })).scopes], ['eformidling:dpv']);
});

test('given a supplier that calls for its consumer, when the caller is asked for, then it is the consumer that acts', async () => {
  const caller = await callerOf({
    consumer: actor(directorate),
    supplier: actor(vendor),
    client_id: 'system',
    delegation_source: 'https://www.altinn.no',
  });
  assert.deepEqual(
    [caller.kind, caller.subject, caller.party, caller.consumer],
    ['organization', ids.directorate, ids.directorate, ids.directorate],
  );
});

test('given a person named by party UUID or party number, when they call, then the register finds them', async () => {
  assert.equal((await callerOf({ 'urn:altinn:party:uuid': ids.kari.toUpperCase() })).subject, ids.kari);
  assert.equal((await callerOf({ 'urn:altinn:userid': 1, 'urn:altinn:partyid': String(kariNumber) })).subject, ids.kari);
  assert.equal(
    (await callerOf({ 'urn:altinn:userid': 1, 'urn:altinn:party:uuid': ids.directorate })).subject,
    null,
    'an organization is no person',
  );
});

test('given a person whose number the register does not know, when the token also names another party, then it is nobody, not the other', async () => {
  const caller = await callerOf({ pid: '02013299997', 'urn:altinn:partyid': kariNumber, 'urn:altinn:party:uuid': ids.kari });
  assert.deepEqual([caller.subject, caller.party], [null, null]);
});

test('given a system user that the register does not know, or that is no system user, when it calls, then it is nobody', async () => {
  for (const id of [newId(), ids.kari, 'x', null]) {
    const details = { type: 'urn:altinn:systemuser', systemuser_id: [id], systemuser_org: actor(directorate) };
    const caller = await callerOf({ authorization_details: details });
    assert.deepEqual([caller.kind, caller.subject, caller.party], ['system-user', null, null]);
  }
});

test('given a system user whose token names another organization than its owner, or none, when it calls, then it is nobody', async () => {
  const named: object[] = [{ systemuser_org: actor(vendor) }, { systemuser_org: directorate }, {}];
  for (const organization of named) {
    const details = { type: 'urn:altinn:systemuser', systemuser_id: [systemUser], ...organization };
    const caller = await callerOf({ consumer: actor(vendor), authorization_details: [details] });
    assert.deepEqual([caller.kind, caller.subject, caller.party], ['system-user', null, null], JSON.stringify(organization));
  }
});

test('given a good token, when it is only looked at, then nobody is seen; when its call was answered, then its party is', async () => {
  const headers = { authorization: `Bearer ${await issuer.sign({ 'urn:altinn:orgNumber': vendor, client_id: 'seen' })}` };
  const caller = await nothingWritten(database.db, async () => {
    const found = await identity.authenticate(headers);
    await identity.settled();
    return found;
  });
  assert.ok(caller !== 'invalid');

  identity.note(caller);
  await identity.settled();

  const seen = await database.db.all(sql`select party_id as party from identity.activity_face where client_id = 'seen'`);
  assert.deepEqual(seen, [{ party: ids.vendor }]);
});

test('given an unknown number, when it is entered after the token was first used, then the same token counts from then on', async () => {
  const late = '313600947';
  const headers = { authorization: `Bearer ${await issuer.sign({ 'urn:altinn:orgNumber': late })}` };
  const before = await identity.authenticate(headers);
  await database.db.transaction(async (tx) => saveParties(tx, [{ kind: 'organization', number: late, name: 'Sent ute AS' }]));

  const then = await identity.authenticate(headers);

  assert.ok(before !== 'invalid' && before.subject === null);
  assert.ok(then !== 'invalid' && then.subject !== null);
});

test('given a sandbox that makes parties, when an unknown number calls, then the party is made first', async () => {
  const asked: string[][] = [];
  onUnknownParties.fill(async (ctx, numbers) => {
    asked.push([...numbers]);
    await ctx.db.transaction(async (tx) => saveParties(tx, [{ kind: 'organization', number: '974760673', name: 'Ny' }]));
  });

  const caller = await callerOf({ 'urn:altinn:orgNumber': '974760673', consumer: actor('974760673') });
  onUnknownParties.fill(async () => {});

  assert.notEqual(caller.subject, null);
  assert.deepEqual(asked, [['974760673']]);
});

test('given a token used before, when its second has passed, then the memory of it does not keep it alive', async () => {
  const headers = { authorization: `Bearer ${await issuer.sign({ pid: kari, exp: Math.floor(Date.now() / 1000) + 1 })}` };
  assert.notEqual(await identity.authenticate(headers), 'invalid');
  await sleep(1100);

  assert.equal(await identity.authenticate(headers), 'invalid');
});

test('given a token that has run out, when a route takes it that lets uploads go on, then it says when and which; elsewhere, after a week, and forged it is none', async () => {
  const second = Math.floor(Date.now() / 1000);
  const tokenUntil = async (exp: number) => `Bearer ${await issuer.sign({ pid: kari, exp })}`;
  const [good, lapsed, old] = [await tokenUntil(second + 60), await tokenUntil(second - 60), await tokenUntil(second - 8 * 24 * 3600)];
  const forged = lapsed.replace(/[^.]*$/, (signature) => signature.split('').reverse().join(''));
  const going = (authorization: string) => identity.authenticate({ authorization }, { takesLapsed: true });

  const [now, then, usual] = [await going(good), await going(lapsed), await identity.authenticate({ authorization: good })];
  assert.ok(now !== 'invalid' && then !== 'invalid' && usual !== 'invalid');
  assert.deepEqual([now.lapsedAt, then.lapsedAt, usual.lapsedAt], [undefined, new Date((second - 60) * 1000), undefined]);
  assert.ok(now.token && then.token && now.token !== then.token && usual.token === undefined);
  assert.deepEqual([now.subject, then.subject], [usual.subject, usual.subject]);
  for (const authorization of [old, forged]) assert.equal(await going(authorization), 'invalid');
  assert.equal(await identity.authenticate({ authorization: lapsed }), 'invalid', 'also when it is known by now');
});

test('given absurd claims under a good signature, when they come, then nobody calls and nothing fails', async () => {
  const absurd: object[] = [
    { pid: { $gt: '' } },
    { pid: '1'.repeat(5000) },
    { pid: "14886498226'; drop schema register cascade; --" },
    { pid: '14886498226\0' },
    { 'urn:altinn:partyid': 1e300 },
    { 'urn:altinn:userid': 1, 'urn:altinn:partyid': '9'.repeat(400) },
    { 'urn:altinn:party:uuid': 'not-a-uuid' },
    { consumer: [[[[[]]]]], authorization_details: [[{ type: 'urn:altinn:systemuser' }], null] },
    { authorization_details: { type: 'urn:altinn:systemuser', systemuser_id: [['x']] } },
    { scope: { a: 1 }, client_id: ['\0'], acr: 7, __proto__: null },
  ];
  for (const claims of absurd) assert.equal((await callerOf(claims)).subject, null, JSON.stringify(claims));
  await identity.settled();
  assert.equal((await partiesByNumber(database.db, [kari])).size, 1);
});

test('given a database that is away, when a good token comes, then it is not called bad', async () => {
  const gone = createDatabase({ url: database.url.replace(/test_\w+/, 'not_there') });
  const away = createIdentity({ ctx: { ...database.ctx, db: gone }, issuers: [{ issuer: iss, kind: 'altinn', keys: issuer.jwksUrl }] });

  await assert.rejects(async () => away.authenticate({ authorization: `Bearer ${await issuer.sign({ pid: kari })}` }));
  await gone.close();
});
