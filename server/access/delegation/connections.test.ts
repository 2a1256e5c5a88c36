import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { may } from '../decide/may.ts';
import { accessErrors } from '../errors.ts';
import { createGrant } from '../grants/create-grant.ts';
import { talkTo } from '../testing/talk.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { delegationErrors } from './errors.ts';
import { connectionRoutes } from './routes.ts';

const world = await openWorld();
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const ordinary = 'ordinaer-post-til-virksomheten';
const base = '/accessmanagement/api/v1/enduser/connections';
const police = await world.organization('Politidistrikt');
const sealed = await world.resource({ owner: police, readers: [`package:${confidential}`] });
const explicit = await world.resource({ owner: police, readers: ['package:eksplisitt'] });

const callers: Record<string, Caller> = {};
const call = await talkTo(world, connectionRoutes, callers);

async function town() {
  const at = await world.organization('Skien kommune');
  const [manager, clerk, stranger] = [
    await world.person('Rådmann'),
    await world.person('Siri Saksbehandler'),
    await world.person('Fremmed'),
  ];
  await world.role(manager, 'DAGL', at);
  Object.assign(callers, { manager: callerOf(manager), clerk: callerOf(clerk), stranger: callerOf(stranger) });
  const reads = async (who: PartyId, resource = sealed, instance?: string) =>
    (await may(world.db, callerOf(who), { action: 'read', resource, party: at, ...(instance ? { instance } : {}) })).permit;
  const query = (to: PartyId | null, more = '') => `?party=${at}&from=${at}${to ? `&to=${to}` : ''}${more}`;
  return { at, manager, clerk, stranger, reads, query };
}

async function refused(row: ErrorRow, request: () => ReturnType<typeof call>): Promise<void> {
  const { status, body } = await nothingWritten(world.db, request);
  assert.deepEqual([status, body.errorCode], [row.status, row.code], JSON.stringify(body));
}

test('given a manager, when it gives a package by the route of the original, then the clerk opens, evidence tells it, and both routes show one truth', async () => {
  const { at, manager, clerk, reads, query } = await town();
  const { status, body } = await call(
    'POST',
    `${base}/accesspackages${query(clerk)}&package=urn:altinn:accesspackage:${confidential}`,
    'manager',
  );
  assert.deepEqual([status, await reads(clerk), await reads(manager)], [200, true, false]);
  assert.deepEqual(
    (await listEvidence(world.db, [body.id])).map(({ event }) => event),
    ['AccessGranted'],
  );

  const again = await nothingWritten(world.db, () =>
    call('POST', `${base}/accesspackages${query(clerk)}&package=${confidential}`, 'manager'),
  );
  assert.deepEqual([again.status, again.body.id], [200, body.id]);
  const own = await createGrant(world.ctx, callerOf(manager), {
    ...{ at: `0192:${await world.numberOf(at)}`, to: `urn:altinn:party:uuid:${clerk}`, package: confidential },
  });
  assert.deepEqual([own.isNew, own.grant.id], [false, body.id]);

  const listed = await call('GET', `${base}${query(null)}`, 'manager');
  const connection = listed.body.data.find(({ party }: { party: { id: string } }) => party.id === clerk);
  assert.deepEqual(
    [
      connection.party.name,
      connection.packages.map(({ urn }: { urn: string }) => urn),
      connection.roles.map(({ code }: { code: string }) => code),
    ],
    ['Siri Saksbehandler', [`urn:altinn:accesspackage:${confidential}`], ['rettighetshaver']],
  );
  assert.ok(!JSON.stringify(listed.body).includes(await world.numberOf(clerk)), 'no identity number in the list');
  const mine = await call('GET', `${base}/accesspackages?party=me&to=me&from=${at}`, 'clerk');
  assert.deepEqual(
    mine.body.data.map((each: { package: { urn: string } }) => each.package.urn),
    [`urn:altinn:accesspackage:${confidential}`],
  );

  const gone = () => call('DELETE', `${base}/accesspackages${query(clerk)}&package=${confidential}`, 'manager');
  assert.deepEqual([(await gone()).status, await reads(clerk)], [204, false]);
  assert.equal((await nothingWritten(world.db, gone)).status, 204);
  assert.deepEqual((await listEvidence(world.db, [body.id])).map(({ event }) => event).sort(), ['AccessGranted', 'AccessRevoked']);
});

test('given what a party was given, when it gives it up itself, then it has it no more', async () => {
  const { at, clerk, reads } = await town();
  await world.grant({ at, to: clerk, package: confidential });
  const { status } = await call('DELETE', `${base}/accesspackages?party=${clerk}&from=${at}&to=${clerk}&package=${confidential}`, 'clerk');
  assert.deepEqual([status, await reads(clerk)], [204, false]);
});

test('given a person that is named by number and last name, when both fit, then it is made a right holder and given the package, and else nobody is', async () => {
  const { clerk, reads, query } = await town();
  const personIdentifier = await world.numberOf(clerk);
  const give = (lastName: string) =>
    call('POST', `${base}/accesspackages${query(null)}&package=${confidential}`, 'manager', { personIdentifier, lastName });
  await refused(accessErrors.partyUnknown, () => give('Feil'));
  await refused(delegationErrors.nameDiffers, () =>
    call('POST', `${base}${query(null)}`, 'manager', { personIdentifier, lastName: 'Feil' }),
  );
  assert.deepEqual([(await give('SAKSBEHANDLER')).status, await reads(clerk)], [200, true]);
  const { status, body } = await call('POST', `${base}${query(null)}`, 'manager', { personIdentifier, lastName: 'Saksbehandler' });
  assert.deepEqual([status, body.toId, body.roleId], [200, clerk, 'rettighetshaver']);
});

test('given an administrator, when it asks what it may give, then it may give confidential post that it has not, and an access manager may not', async () => {
  const { at, query, clerk, reads } = await town();
  const check = async (by: string) => {
    const { body } = await call(
      'GET',
      `${base}/accesspackages/delegationcheck?party=${at}&packages=${confidential}&packages=${ordinary}`,
      by,
    );
    return Object.fromEntries(
      body.data.map((each: { package: { urn: string }; result: boolean }) => [each.package.urn.split(':').at(-1), each.result]),
    );
  };
  assert.deepEqual(await check('manager'), { [confidential]: true, [ordinary]: true });
  const access = await world.person('Tilgangsstyrer');
  await world.grant({ at, to: access, package: 'tilgangsstyrer' });
  callers.access = callerOf(access);
  assert.deepEqual(await check('access'), { [confidential]: false, [ordinary]: false });
  await refused(accessErrors.mayNotGrant, () => call('POST', `${base}/accesspackages${query(clerk)}&package=${confidential}`, 'access'));
  assert.equal(await reads(clerk), false);
  const all = await call('GET', `${base}/accesspackages/delegationcheck?party=${at}`, 'manager');
  assert.ok(all.body.data.length > 100);
});

test('given a resource, when rights to it or to one message are given, listed, replaced and taken, then just those stand', async () => {
  const { at, clerk, reads, query } = await town();
  const item = newId();
  const checked = await call('GET', `${base}/resources/delegationcheck?party=${at}&resource=${explicit}`, 'manager');
  const keys = checked.body.rights
    .filter(({ result }: { result: boolean }) => result)
    .map(({ right }: { right: { key: string } }) => right.key);
  assert.ok(keys.includes(`urn:altinn:resource:${explicit}:read`));

  const one = `${base}/resources/instances`;
  const named = `&resource=${explicit}&instance=urn:altinn:correspondence-id:${item}`;
  const given = await call('POST', `${one}/rights${query(clerk)}${named}`, 'manager', { directRightKeys: [keys[0]] });
  assert.equal(given.status, 200, JSON.stringify(given.body));
  assert.deepEqual([await reads(clerk, explicit, item), await reads(clerk, explicit)], [true, false]);
  const users = await call('GET', `${one}/users${query(null)}${named}`, 'manager');
  assert.deepEqual(
    users.body.data.map(({ id }: { id: string }) => id),
    [clerk],
  );
  assert.equal((await call('DELETE', `${one}${query(clerk)}${named}`, 'manager')).status, 204);
  assert.equal(await reads(clerk, explicit, item), false);

  const whole = `${base}/resources`;
  await call('POST', `${whole}/rights${query(clerk)}&resource=${explicit}`, 'manager', { directRightKeys: ['read'] });
  assert.equal(await reads(clerk, explicit), true);
  await refused(accessErrors.grantDiffers, () =>
    call('POST', `${whole}/rights${query(clerk)}&resource=${explicit}`, 'manager', { directRightKeys: ['read', 'write'] }),
  );
  await call('PUT', `${whole}/rights${query(clerk)}&resource=${explicit}`, 'manager', { directRightKeys: ['read', 'write'] });
  const listed = await call('GET', `${whole}${query(clerk)}`, 'manager');
  assert.deepEqual(listed.body.data[0].rights.map(({ action }: { action: string }) => action).sort(), ['read', 'write']);
  await refused(delegationErrors.rightKeyUnknown, () =>
    call('POST', `${whole}/rights${query(clerk)}&resource=${explicit}`, 'manager', { directRightKeys: ['urn:altinn:resource:annen:read'] }),
  );
  await refused(delegationErrors.instanceUnreadable, () => call('GET', `${one}${query(null)}&instance=x`, 'manager'));
});

test('given a connection with access, when it is ended, then only with cascade, and all of it is gone', async () => {
  const { clerk, reads, query } = await town();
  await call('POST', `${base}/accesspackages${query(clerk)}&package=${confidential}`, 'manager');
  await refused(delegationErrors.connectionInUse, () => call('DELETE', `${base}${query(clerk)}`, 'manager'));
  assert.equal((await call('DELETE', `${base}${query(clerk)}&cascade=true`, 'manager')).status, 204);
  assert.equal(await reads(clerk), false);
  assert.ok(!(await call('GET', `${base}/users${query(null)}`, 'manager')).body.data.some(({ id }: { id: string }) => id === clerk));
  assert.equal((await nothingWritten(world.db, () => call('DELETE', `${base}${query(clerk)}&cascade=true`, 'manager'))).status, 204);
});

test('given a connection with what an access manager may not end one by one, when it ends all at once, then it is refused and all of it stands', async () => {
  const { at, clerk, manager, reads, query } = await town();
  const keeper = await world.person('Tilgangsstyrer');
  callers.keeper = callerOf(keeper);
  for (const code of ['tilgangsstyrer', ordinary]) await world.grant({ at, to: keeper, package: code });
  for (const code of [confidential, ordinary]) await call('POST', `${base}/accesspackages${query(clerk)}&package=${code}`, 'manager');
  await world.grant({ at, to: manager, package: 'hovedadministrator' });

  for (const to of [clerk, manager])
    await refused(accessErrors.mayNotGrant, () => call('DELETE', `${base}${query(to)}&cascade=true`, 'keeper'));
  assert.equal(await reads(clerk), true);
  await call('DELETE', `${base}/accesspackages${query(clerk)}&package=${confidential}`, 'manager');
  assert.equal((await call('DELETE', `${base}${query(clerk)}&cascade=true`, 'keeper')).status, 204);
  await call('POST', `${base}/accesspackages${query(clerk)}&package=${confidential}`, 'manager');
  assert.equal((await call('DELETE', `${base}?party=${clerk}&from=${at}&to=${clerk}&cascade=true`, 'clerk')).status, 204);
  assert.equal(await reads(clerk), false);
});

test('given a connection with more grants than a page, when it is ended, then all of it is gone', async () => {
  const { at, clerk, query } = await town();
  await world.grants(Array.from({ length: 1010 }, () => ({ at, to: clerk, resource: explicit, instance: newId() })));
  assert.equal((await call('DELETE', `${base}${query(clerk)}&cascade=true`, 'manager')).status, 204);
  const { rows } = await world.db.pool.query('select 1 from access.access_grant where to_id = $1 and revoked_at is null', [clerk]);
  assert.equal(rows.length, 0);
});

test('given rights that end, when one more is given beside them, then they end when they would have', async () => {
  const { at, clerk, query } = await town();
  const until = '2199-01-01T00:00:00.000Z';
  await createGrant(world.ctx, callers.manager!, {
    ...{ at: `0192:${await world.numberOf(at)}`, to: `urn:altinn:party:uuid:${clerk}`, resource: explicit, until, reason: 'Vikar' },
  });
  const put = () =>
    call('PUT', `${base}/resources/rights${query(clerk)}&resource=${explicit}`, 'manager', { directRightKeys: ['read', 'write'] });
  assert.equal((await put()).status, 200);
  const { rows } = await world.db.pool.query<{ actions: string[]; expires_at: Date; reason: string }>(
    'select actions, expires_at, reason from access.access_grant where to_id = $1 and revoked_at is null',
    [clerk],
  );
  assert.deepEqual(
    rows.map((row) => [row.actions.toSorted().join(), row.expires_at.toISOString(), row.reason]),
    [['read,write', until, 'Vikar']],
  );
  assert.equal((await nothingWritten(world.db, put)).status, 200);
});

test('given those who administer nothing there, machines, and tokens for the other direction, when they ask or give, then each is refused and nothing is written', async () => {
  const { at, clerk, query } = await town();
  const give = `${base}/accesspackages${query(clerk)}&package=${confidential}`;
  callers.machine = machineOf(at, 'altinn:accessmanagement/enduser:connections:toothers.write');
  callers.system = callerOf(at, { kind: 'organization' });
  callers.narrow = callerOf(callers.manager!.subject!, {
    scopes: new Set(['altinn:accessmanagement/enduser:connections:fromothers.write']),
  });
  callers.reader = callerOf(callers.manager!.subject!, { scopes: new Set(['altinn:accessmanagement/enduser:connections:toothers.read']) });

  await refused(delegationErrors.notAdministrator, () => call('POST', give, 'stranger'));
  await refused(delegationErrors.notAdministrator, () => call('GET', `${base}${query(null)}`, 'stranger'));
  await refused(delegationErrors.notAdministrator, () => call('GET', `${base}?party=${newId()}`, 'stranger'));
  await refused(accessErrors.callerNotPerson, () => call('POST', give, 'system'));
  assert.equal((await call('POST', give, 'machine')).status, 403, 'no Maskinporten token');
  for (const by of ['narrow', 'reader']) await refused(delegationErrors.scopeMissing, () => call('POST', give, by));
  assert.equal((await call('GET', `${base}${query(null)}`, 'reader')).status, 200);
  await refused(delegationErrors.partyNotSide, () => call('GET', `${base}?party=${at}&from=${clerk}&to=${newId()}`, 'manager'));
  await refused(accessErrors.recipientIsParty, () => call('POST', `${base}/accesspackages${query(at)}&package=${confidential}`, 'manager'));
  await refused(accessErrors.packageUnknown, () => call('POST', `${base}/accesspackages${query(clerk)}&package=finnes-ikke`, 'manager'));
  await refused(accessErrors.packageNotAssignable, () =>
    call('POST', `${base}/accesspackages${query(clerk)}&package=eksplisitt`, 'manager'),
  );
  await refused(delegationErrors.recipientMissing, () =>
    call('POST', `${base}/accesspackages${query(null)}&package=${confidential}`, 'manager', {}),
  );
  await refused(delegationErrors.connectionMissing, () =>
    call('DELETE', `${base}/accesspackages${query(null)}&package=${confidential}`, 'manager'),
  );
});

test('given more connections than a page holds, when they are read on, then all come once', async () => {
  const { at, query } = await town();
  const many = await Promise.all(Array.from({ length: 103 }, (_, i) => world.person(`Nummer ${i}`)));
  await world.grants(many.map((to) => ({ at, to, package: ordinary })));
  const first = await call('GET', `${base}${query(null)}`, 'manager');
  const second = await call('GET', first.body.links.next, 'manager');
  const ids = [...first.body.data, ...second.body.data].map(({ party }) => party.id);
  assert.deepEqual([first.body.data.length, second.body.links.next, new Set(ids).size], [100, null, 104]);
});

test('given two managers who give and take the same at once, when all is done, then what stands is what evidence says', async () => {
  const { clerk, reads, query } = await town();
  const url = `${base}/accesspackages${query(clerk)}&package=${confidential}`;
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => call(i % 2 ? 'DELETE' : 'POST', url, 'manager')));
  assert.ok(answers.every(({ status }) => status === 200 || status === 204));
  const { rows } = await world.db.pool.query<{ live: number; made: number }>(
    `select count(*) filter (where revoked_at is null)::integer as live, count(*)::integer as made from access.access_grant where to_id = $1`,
    [clerk],
  );
  assert.equal(await reads(clerk), rows[0]!.live === 1);
  const { rows: told } = await world.db.pool.query<{ granted: number; revoked: number }>(
    `select count(*) filter (where event = 112)::integer as granted, count(*) filter (where event = 119)::integer as revoked
       from evidence.evidence where about in (select id from access.access_grant where to_id = $1)`,
    [clerk],
  );
  assert.deepEqual([told[0]!.granted, told[0]!.granted - told[0]!.revoked], [rows[0]!.made, rows[0]!.live]);
});
