import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { findResource, may, onUnknownResources, resolveResource, whoCanOpen } from '#access/index.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { contactPoints, onUnknownParties, partiesByNumber, resolveParties } from '#register/index.ts';
import { fillImplicit } from './implicit.ts';
import { managerAddressFrom, personNameFrom } from './names.ts';
import { organizationNumberFrom, personNumberFrom } from './numbers.ts';
import { openSandbox, stampsOf } from './testing/open-sandbox.ts';

const sandbox = await openSandbox();
const { db, ctx } = sandbox;
const title = { nb: 'x', nn: 'x', en: 'x' };
let company = '';
let person = '';
let round = 0;

beforeEach(() => {
  round += 1;
  company = organizationNumberFrom(`implicit ${round}`);
  person = personNumberFrom(`implicit ${round}`);
  fillImplicit({ parties: true, resources: true });
});

const nothing = async () => {};
const switchOff = () => {
  onUnknownParties.fill(nothing);
  onUnknownResources.fill(nothing);
};
const seed = async (town: object) => assert.equal((await sandbox.post('/budstikke/v1/sandbox/seed', { version: 1, ...town })).status, 200);
const resolve = async (number: string) => (await resolveParties(ctx, [number])).get(number);

test('given an organization that nobody knows, when it is named, then it comes to be with one daglig leder who can open its post', async () => {
  const party = await resolve(company);

  assert.ok(party);
  assert.deepEqual([party.kind, party.unitType, party.alive], ['organization', 'AS', true]);
  assert.match(party.name, / AS$/);
  const managerNumber = personNumberFrom(company);
  const manager = (await partiesByNumber(db, [managerNumber])).get(managerNumber)!;
  assert.equal(manager.name, personNameFrom(managerNumber));
  assert.deepEqual((await contactPoints(db, [manager.id])).get(manager.id), [{ channel: 'email', address: managerAddressFrom(company) }]);
  await resolveResource(ctx, `post-${round}` as ResourceId, { type: 'CorrespondenceService', owner: party.id });
  const [open] = await whoCanOpen(db, [
    { party: party.id, needs: [{ resource: `post-${round}` as ResourceId, action: 'read', instance: null, what: 'message' }] },
  ]);
  assert.deepEqual(
    open?.openers.map((opener) => opener.party),
    [manager.id],
  );
});

test('given a person whom nobody knows, when it is named, then it comes to be with an e-mail address', async () => {
  const party = await resolve(person);

  assert.ok(party);
  assert.deepEqual([party.kind, party.name, party.reserved], ['person', personNameFrom(person), false]);
  const points = (await contactPoints(db, [party.id])).get(party.id);
  assert.deepEqual(
    points?.map(({ channel }) => channel),
    ['email'],
  );
});

test('given the manager of a company that is yet to come, when person and company are named together, then the manager is one person', async () => {
  const manager = personNumberFrom(company);

  const found = await resolveParties(ctx, [manager, company]);

  assert.equal(found.size, 2);
  const roles = await db.all<{ holder: PartyId }>(
    sql`select holder_id as holder from access.role_assignment where at_id = ${found.get(company)!.id}`,
  );
  assert.deepEqual(roles, [{ holder: found.get(manager)!.id }]);
});

test('given numbers with wrong check digits, when they are named, then nobody comes to be', async () => {
  const before = await stampsOf(sandbox);
  const bad = ['123456789', '12345678901', '', 'x', '0192:991825827', `${company}0`];

  assert.equal((await resolveParties(ctx, bad)).size, 0);
  assert.deepEqual(await stampsOf(sandbox), before);
});

test('given twenty requests that name the same numbers at once, when all are done, then each party is one', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => resolveParties(ctx, i % 2 ? [company, person] : [person, company])));

  const managers = await db.all(sql`
    select from access.role_assignment a join register.party_face p on p.id = a.at_id where p.number = ${company}`);
  const parties = await db.all(
    sql`select from register.party_face where number = any(${[company, person, personNumberFrom(company)]}::text[])`,
  );
  assert.deepEqual([managers.length, parties.length], [1, 3]);
});

test('given a town that names an organization, when it is named by a request, then it gets nobody and nothing', async () => {
  await seed({
    parties: [
      { kind: 'organization', number: company, name: 'Byens egen' },
      { kind: 'person', number: person, name: 'Byens borger' },
    ],
  });

  const [organization, citizen] = [await resolve(company), await resolve(person)];

  assert.deepEqual([organization?.name, citizen?.name], ['Byens egen', 'Byens borger']);
  assert.equal((await db.all(sql`select from access.role_assignment where at_id = ${organization!.id}`)).length, 0);
  assert.equal((await contactPoints(db, [organization!.id, citizen!.id])).size, 0);
});

test('given a request and a town that name an organization at once, when both are done, then the town’s word stands', async () => {
  const town = { parties: [{ kind: 'organization', number: company, name: 'Byens egen' }] };

  await Promise.all([resolve(company), seed(town), resolve(company)]);

  assert.equal((await resolve(company))?.name, 'Byens egen');
});

test('given a resource that nobody knows, when a request names it, then it comes to be with the route’s type, the caller as owner and the usual readers', async () => {
  const owner = (await resolve(company))!;
  const id = `letters-${round}` as ResourceId;

  const made = await resolveResource(ctx, id, { type: 'BrokerService', owner: owner.id });

  assert.deepEqual(
    [made?.type, made?.ownerId, made?.confidential, made?.ladder, made?.implicit],
    ['BrokerService', owner.id, false, 'ordinary', true],
  );
  const reader = (await resolve(person))!;
  const caller: Caller = { ...anonymous, kind: 'person', issuer: 'altinn', subject: reader.id, party: reader.id, authLevel: 3 };
  assert.equal((await may(db, caller, { action: 'read', resource: id, party: reader.id })).permit, true, 'a person reads its own');
  const sender: Caller = {
    ...anonymous,
    kind: 'organization',
    issuer: 'altinn',
    subject: owner.id,
    party: owner.id,
    consumer: owner.id,
    authLevel: 3,
  };
  assert.equal((await may(db, sender, { action: 'write', resource: id, party: owner.id })).permit, true, 'the owner sends');
});

test('given a resource of the town, when a request names it, then it is as the town has it', async () => {
  const owner = organizationNumberFrom(`owner ${round}`);
  const id = `towns-${round}` as ResourceId;
  await seed({
    parties: [{ kind: 'organization', number: owner, name: 'x' }],
    resources: [{ id, type: 'CorrespondenceService', owner, title, readers: ['DAGL'] }],
  });

  const found = await resolveResource(ctx, id, { type: 'BrokerService', owner: (await resolve(company))!.id });

  assert.deepEqual([found?.type, found?.ownerNumber, found?.implicit], ['CorrespondenceService', owner, false]);
});

test('given two callers that name a new resource at once, when both are done, then it has one owner', async () => {
  const owners = [await resolve(company), await resolve(organizationNumberFrom(`second ${round}`))];
  const id = `raced-${round}` as ResourceId;

  const found = await Promise.all(owners.map((owner) => resolveResource(ctx, id, { type: 'CorrespondenceService', owner: owner!.id })));

  assert.equal(found[0]?.ownerId, found[1]?.ownerId);
});

test('given an unknown caller, or a name that no resource can have, when it is named, then nothing comes to be', async () => {
  const owner = (await resolve(company))!.id;
  const before = await stampsOf(sandbox);

  assert.equal(await resolveResource(ctx, 'letters-of-nobody' as ResourceId, { type: 'CorrespondenceService', owner: null }), undefined);
  for (const id of ['', 'abc', 'a b c d', "x'; drop table access.resource; --", 'æøåæøå', 'x'.repeat(201)]) {
    assert.equal(await resolveResource(ctx, id as ResourceId, { type: 'CorrespondenceService', owner }), undefined, id);
  }
  assert.deepEqual(await stampsOf(sandbox), before);
});

test('given a switch that is off, when unknown parties and resources are named, then they stay unknown', async () => {
  switchOff();
  fillImplicit({ parties: false, resources: false });
  const before = await stampsOf(sandbox);

  assert.equal(await resolve(company), undefined);
  assert.equal(await findResource(db, 'some-letters' as ResourceId), undefined);
  assert.equal(
    await resolveResource(ctx, 'some-letters' as ResourceId, {
      type: 'CorrespondenceService',
      owner: (await db.one<{ id: PartyId }>(sql`select id from register.party_face limit 1`)).id,
    }),
    undefined,
  );
  assert.deepEqual(await stampsOf(sandbox), before);
});

test('given a token of a number that nobody knows, when it is shown, then the caller comes to be and is known', async () => {
  const token = await (await sandbox.get(`/api/GetEnterpriseToken?env=tt02&scopes=a&orgNo=${company}`)).text();

  const { caller } = await sandbox.whoami(token);

  assert.ok(caller?.subject);
  assert.equal(caller.subject, (await partiesByNumber(db, [company])).get(company)?.id);
});
