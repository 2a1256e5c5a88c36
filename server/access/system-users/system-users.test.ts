import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { next } from '#kernel/machine.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { may } from '../decide/may.ts';
import { delegationErrors as e } from '../delegation/errors.ts';
import { accessErrors } from '../errors.ts';
import { systemRegisterRoutes } from '../system-register/routes.ts';
import { talkTo } from '../testing/talk.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { systemUserRoutes } from './routes.ts';
import { timeOutRequests } from './show-system-users.ts';
import { systemRequestMoves } from './states.ts';

const world = await openWorld();
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const base = '/authentication/api/v1';
const [vendor, rival] = [await world.organization('Programvare AS'), await world.organization('Rival AS')];
const files = await world.resource({ owner: vendor, readers: ['DAGL'] });
const sealed = await world.resource({ owner: vendor, readers: [`package:${confidential}`] });
const number = await world.numberOf(vendor);
const scopes = [
  'altinn:authentication/systemregister.write',
  'altinn:authentication/systemuser.request.write',
  'altinn:maskinporten/systemuser.read',
];
const callers: Record<string, Caller> = { vendor: machineOf(vendor, ...scopes), rival: machineOf(rival, ...scopes) };
const call = await talkTo(world, [...systemRegisterRoutes, ...systemUserRoutes], callers);

const right = (action = 'read') => ({ action, resource: [{ id: 'urn:altinn:resource', value: files }] });
const pack = (code = confidential) => ({ urn: `urn:altinn:accesspackage:${code}` });
const texts = { nb: 'Fagsystem', nn: 'Fagsystem', en: 'System' };
let systems = 0;

async function registered(more: object = {}): Promise<string> {
  systems += 1;
  const id = `${number}_system${systems}`;
  const { status, body } = await call('POST', `${base}/systemregister/vendor`, 'vendor', systemOf(id, more));
  assert.equal(status, 200, JSON.stringify(body));
  return id;
}

const systemOf = (id: string, more: object = {}) => ({
  ...{ id, vendor: { authority: 'iso6523-actorid-upis', ID: `0192:${number}` }, name: texts, description: texts, isVisible: true },
  ...{
    rights: [right(), right('write')],
    accessPackages: [pack()],
    clientId: [`client-${id}`],
    allowedRedirectUrls: ['https://a.example/'],
  },
  ...more,
});

async function town() {
  const at = await world.organization('Skien kommune');
  const [manager, clerk, stranger] = [await world.person('Rådmann'), await world.person('Ansatt'), await world.person('Fremmed')];
  await world.role(manager, 'DAGL', at);
  await world.role(clerk, 'MEDL', at);
  Object.assign(callers, { manager: callerOf(manager), clerk: callerOf(clerk), stranger: callerOf(stranger) });
  const partyOrgNo = await world.numberOf(at);
  const ask = (systemId: string, more: object = {}, kind = '', by = 'vendor') =>
    call('POST', `${base}/systemuser/request/vendor${kind}`, by, { systemId, partyOrgNo, accessPackages: [pack()], ...more });
  const decide = (how: string, id: string, by = 'manager', change = false) =>
    call('POST', `${base}/systemuser/${change ? 'changerequest' : 'request'}/${at}/${id}/${how}`, by);
  const reads = async (who: PartyId, resource = sealed, action = 'read') =>
    (await may(world.db, callerOf(who, { kind: 'system-user', party: at }), { action, resource, party: at })).permit;
  return { at, manager, clerk, partyOrgNo, ask, decide, reads };
}

async function refused(row: ErrorRow, request: () => ReturnType<typeof call>): Promise<void> {
  const { status, body } = await nothingWritten(world.db, request);
  assert.deepEqual([status, body?.errorCode], [row.status, row.code], JSON.stringify(body));
}

test('given a system, when its vendor registers, alters, shows and deletes it, then the register and its log say so, and people see what it needs', async () => {
  const id = await registered();
  callers.person = callerOf(await world.person('Kari'));
  const seen = await call('GET', `${base}/systemregister/${id}`, 'person');
  assert.deepEqual([seen.body.systemVendorOrgNumber, seen.body.rights.length, seen.body.accessPackages], [number, 2, [pack()]]);
  assert.ok((await call('GET', `${base}/systemregister`, 'person')).body.some((each: { systemId: string }) => each.systemId === id));
  await call('PUT', `${base}/systemregister/vendor/${id}/rights`, 'vendor', [right()]);
  await call('PUT', `${base}/systemregister/vendor/${id}/accesspackages`, 'vendor', []);
  assert.deepEqual((await call('GET', `${base}/systemregister/${id}/rights`, 'person')).body, [right()]);
  assert.deepEqual((await call('GET', `${base}/systemregister/${id}/accesspackages`, 'person')).body, []);
  await call('PUT', `${base}/systemregister/vendor/${id}`, 'vendor', systemOf(id, { isVisible: false }));
  assert.deepEqual((await call('DELETE', `${base}/systemregister/vendor/${id}`, 'vendor')).body, { success: true });
  await refused(e.systemNotFound, () => call('GET', `${base}/systemregister/vendor/${id}`, 'vendor'));
  const { rows } = await world.db.pool.query<{ kind: string }>('select kind from access.system_change where system_id = $1 order by id', [
    id,
  ]);
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['create', 'rights_update', 'access_package_update', 'update', 'delete'],
  );
});

test('given a system that another has, needs nobody knows, or clients of others, when it is registered, then each is refused and nothing is written', async () => {
  const id = await registered();
  const post = (system: object, by = 'vendor') => call('POST', `${base}/systemregister/vendor`, by, system);
  await refused(e.systemExists, () => post(systemOf(id)));
  await refused(e.vendorDiffers, () => post(systemOf(`${number}_ny`), 'rival'));
  await refused(e.systemIdInvalid, () => post(systemOf('annet_navn')));
  await refused(e.clientIdTaken, () => post(systemOf(`${number}_ny`, { clientId: [`client-${id}`] })));
  await refused(accessErrors.resourceUnknown, () =>
    post(systemOf(`${number}_ny`, { rights: [{ resource: [{ id: 'x', value: 'finnes-ikke' }] }] })),
  );
  await refused(accessErrors.actionUnknown, () => post(systemOf(`${number}_ny`, { rights: [right('slett')] })));
  await refused(accessErrors.packageNotAssignable, () => post(systemOf(`${number}_ny`, { accessPackages: [pack('eksplisitt')] })));
  for (const path of ['', '/changelog'])
    await refused(e.vendorDiffers, () => call('GET', `${base}/systemregister/vendor/${id}${path}`, 'rival'));
  await refused(e.vendorDiffers, () => call('DELETE', `${base}/systemregister/vendor/${id}`, 'rival'));
  const both = await Promise.all([1, 2].map(() => post(systemOf(`${number}_samtidig`, { clientId: ['samtidig'] }))));
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
});

test('given a system, when it is altered in another vendor’s name or takes a client that is known as another’s, then it is refused and nothing is written', async () => {
  const id = await registered();
  const put = (more: object) => call('PUT', `${base}/systemregister/vendor/${id}`, 'vendor', systemOf(id, more));
  const others = { authority: 'iso6523-actorid-upis', ID: `0192:${await world.numberOf(rival)}` };
  await refused(e.vendorDiffers, () => put({ vendor: others }));
  await world.db.pool.query('insert into identity.client (client_id, organization_id) values ($1, $2), ($3, $4)', [
    ...['rivalens-klient', rival],
    ...['egen-klient', vendor],
  ]);
  await refused(e.clientIdTaken, () => put({ clientId: [`client-${id}`, 'rivalens-klient'] }));
  await refused(e.clientIdTaken, () =>
    call('POST', `${base}/systemregister/vendor`, 'vendor', systemOf(`${number}_stjelt`, { clientId: ['rivalens-klient'] })),
  );
  assert.equal((await put({ clientId: [`client-${id}`, 'egen-klient'] })).status, 200);
});

test('given a request that is open, when something else is asked by the same reference, then it is refused and what was asked stands', async () => {
  const id = await registered();
  const { partyOrgNo, ask, decide } = await town();
  const first = await ask(id, { rights: [right(), right('write')] });
  assert.equal((await ask(id, { rights: [right('write'), right()] })).body.id, first.body.id);
  await refused(e.requestDiffers, () => ask(id, { rights: [right()] }));
  await refused(e.requestDiffers, () => ask(id, { rights: [right(), right('write')], accessPackages: [] }));
  await refused(e.requestDiffers, () => ask(id, { rights: [right(), right('write')], redirectUrl: 'https://a.example/' }));
  assert.equal((await ask(id, { accessPackages: [], rights: [right()], externalRef: 'en annen' })).status, 201);
  await decide('approve', first.body.id);
  const change = (more: object) => call('POST', `${base}/systemuser/changerequest/vendor`, 'vendor', { systemId: id, partyOrgNo, ...more });
  assert.equal((await change({ unwantedRights: [right('write')] })).status, 201);
  await refused(e.requestDiffers, () => change({ unwantedRights: [right()] }));
});

test('given a vendor that asks, when the manager approves, then the system user opens what was asked for and nothing else, and its client finds it', async () => {
  const id = await registered();
  const { at, partyOrgNo, ask, decide, reads } = await town();
  const asked = await ask(id, { rights: [right()], redirectUrl: 'https://a.example/', integrationTitle: 'Postmottak' });
  assert.deepEqual([asked.status, asked.body.status, asked.body.externalRef, asked.body.escalated], [201, 'New', partyOrgNo, false]);
  const again = await nothingWritten(world.db, () =>
    ask(id, { rights: [right()], redirectUrl: 'https://a.example/', integrationTitle: 'Postmottak' }),
  );
  assert.equal(again.body.id, asked.body.id);
  assert.equal((await call('GET', asked.body.confirmUrl, 'manager')).body.integrationTitle, 'Postmottak');
  assert.deepEqual(
    (await call('GET', `/budstikke/v1/system-user-requests/${at}`, 'manager')).body.map((each: { id: string }) => each.id),
    [asked.body.id],
  );

  const approved = await decide('approve', asked.body.id);
  assert.deepEqual([approved.status, approved.body.status], [200, 'Accepted'], JSON.stringify(approved.body));
  const user = approved.body.systemUserId as PartyId;
  assert.deepEqual([await reads(user), await reads(user, files), await reads(user, files, 'write')], [true, true, false]);
  assert.ok((await world.openers(at, sealed)).includes(user));
  assert.equal((await nothingWritten(world.db, () => decide('approve', asked.body.id))).body.systemUserId, user);
  await refused(e.requestDecided, () => decide('reject', asked.body.id));

  const external = `clientId=client-${id}&systemProviderOrgNo=${number}&systemUserOwnerOrgNo=${partyOrgNo}`;
  assert.equal((await call('GET', `${base}/systemuser/byExternalId?${external}`, 'vendor')).body.id, user);
  await refused(e.systemUserNotFound, () => call('GET', `${base}/systemuser/byExternalId?${external}&externalRef=annen`, 'vendor'));
  for (const path of [`${asked.body.id}`, `byexternalref/${id}/${partyOrgNo}/${partyOrgNo}`])
    assert.equal((await call('GET', `${base}/systemuser/request/vendor/${path}`, 'vendor')).body.systemUserId, user);
  assert.equal((await call('GET', `${base}/systemuser/request/vendor/bysystem/${id}`, 'vendor')).body.data.length, 1);
  assert.equal((await call('GET', `${base}/systemuser/vendor/bysystem/${id}`, 'vendor')).body.data[0].id, user);
  assert.equal((await call('GET', `${base}/systemuser/vendor/byquery?system-id=${id}&orgno=${partyOrgNo}`, 'vendor')).body.id, user);
  assert.equal((await call('GET', `${base}/systemuser/${at}`, 'manager')).body[0].integrationTitle, 'Postmottak');
  await refused(e.systemUserExists, () => ask(id));
  await refused(e.systemInUse, () => call('DELETE', `${base}/systemregister/vendor/${id}`, 'vendor'));

  await refused(e.notAdministrator, () => call('DELETE', `${base}/systemuser/${at}/${user}`, 'clerk'));
  assert.equal((await call('DELETE', `${base}/systemuser/${at}/${user}`, 'manager')).status, 202);
  assert.deepEqual([await reads(user), await reads(user, files)], [false, false]);
  await refused(e.systemUserNotFound, () => call('GET', `${base}/systemuser/byExternalId?${external}`, 'vendor'));
});

test('given a system user, when its vendor asks for other rights and the manager approves, then it has those', async () => {
  const id = await registered();
  const { partyOrgNo, ask, decide, reads } = await town();
  const user = (await decide('approve', (await ask(id, { rights: [right()] })).body.id)).body.systemUserId as PartyId;
  const change = (more: object) => call('POST', `${base}/systemuser/changerequest/vendor`, 'vendor', { systemId: id, partyOrgNo, ...more });
  const more = await change({ requiredRights: [right('write')], unwantedAccessPackages: [pack()] });
  assert.equal(more.status, 201, JSON.stringify(more.body));
  await refused(e.requestNotFound, () => decide('approve', more.body.id));
  assert.equal((await decide('approve', more.body.id, 'manager', true)).body.status, 'Accepted');
  assert.deepEqual([await reads(user), await reads(user, files), await reads(user, files, 'write')], [false, true, true]);
  const until = new Date('2199-01-01T00:00:00Z');
  await world.db.pool.query('update access.access_grant set expires_at = $2 where to_id = $1 and revoked_at is null', [user, until]);
  const less = await change({ unwantedRights: [right('read')] });
  await decide('approve', less.body.id, 'manager', true);
  assert.deepEqual([await reads(user, files), await reads(user, files, 'write')], [false, true]);
  const { rows } = await world.db.pool.query('select expires_at from access.access_grant where to_id = $1 and revoked_at is null', [user]);
  assert.deepEqual(rows, [{ expires_at: until }], 'what was to end still ends');
  await refused(e.changeUnknown, () =>
    call('POST', `${base}/systemuser/changerequest/vendor`, 'vendor', {
      systemId: id,
      partyOrgNo,
      externalRef: 'x',
      requiredRights: [right()],
    }),
  );
  await refused(e.nothingAsked, () => change({}));
});

test('given those who may not, when they ask or decide, then each is refused and nothing is written', async () => {
  const id = await registered();
  const { at, ask, decide } = await town();
  const request = (await ask(id)).body.id as string;
  await refused(e.vendorDiffers, () => ask(id, {}, '', 'rival'));
  await refused(e.systemNotFound, () => ask(`${number}_finnesikke`));
  await refused(e.ownerUnknown, () => ask(id, { partyOrgNo: '974760673' }));
  await refused(e.nothingAsked, () => ask(id, { accessPackages: [] }));
  await refused(e.rightNotOfSystem, () => ask(id, { rights: [{ resource: [{ id: 'x', value: sealed }] }] }));
  await refused(e.rightNotOfSystem, () => ask(id, { accessPackages: [pack('skatt-naering')] }));
  await refused(e.redirectNotAllowed, () => ask(id, { redirectUrl: 'https://b.example/' }));
  await refused(e.agentRights, () => ask(id, { rights: [right()] }, '/agent'));
  await refused(e.notAdministrator, () => decide('approve', request, 'clerk'));
  await refused(e.notAdministrator, () => decide('reject', request, 'stranger'));
  await refused(e.requestNotFound, () => decide('approve', newId()));
  await refused(e.requestNotFound, () => decide('escalate', request, 'stranger'));
  await refused(e.requestNotFound, () => call('GET', `${base}/systemuser/request/vendor/${request}`, 'rival'));
  await refused(e.vendorDiffers, () => call('GET', `${base}/systemuser/request/vendor/bysystem/${id}`, 'rival'));
  await refused(e.notAdministrator, () => call('GET', `${base}/systemuser/request/${at}/${request}`, 'clerk'));
  const access = await world.person('Tilgangsstyrer');
  await world.grant({ at, to: access, package: 'tilgangsstyrer' });
  callers.access = callerOf(access);
  await refused(accessErrors.mayNotGrant, () => decide('approve', request, 'access'));

  assert.equal((await decide('escalate', request, 'clerk')).body.escalated, true);
  assert.equal((await nothingWritten(world.db, () => decide('escalate', request, 'clerk'))).body.escalated, true);
  assert.equal((await decide('reject', request)).body.status, 'Rejected');
  await refused(e.requestDecided, () => decide('approve', request));
  assert.equal((await call('DELETE', `${base}/systemuser/request/vendor/${request}`, 'vendor')).status, 202);
  await refused(e.requestNotFound, () => call('GET', `${base}/systemuser/request/vendor/${request}`, 'vendor'));
});

test('given two who approve at once, when both are done, then one system user came of it', async () => {
  const id = await registered();
  const { at, ask, decide } = await town();
  const request = (await ask(id)).body.id as string;
  const both = await Promise.all([decide('approve', request), decide('approve', request), decide('reject', request)]);
  const decidedAs = new Set(both.filter(({ status }) => status === 200).map(({ body }) => body.status));
  assert.equal(decidedAs.size, 1, JSON.stringify(both));
  const users = (await call('GET', `${base}/systemuser/${at}`, 'manager')).body;
  assert.equal(users.length, decidedAs.has('Accepted') ? 1 : 0);
});

test('given a request that nobody has answered in 180 days, when it is looked at, decided on or swept, then it is over, and it can be asked anew', async () => {
  const id = await registered();
  const { ask, decide } = await town();
  const request = (await ask(id)).body.id as string;
  await world.db.pool.query(`update access.system_user_request set created_at = clock.now() - interval '179 days' where id = $1`, [
    request,
  ]);
  assert.equal(await timeOutRequests(world.ctx), 0);
  await world.db.pool.query(`update access.system_user_request set created_at = clock.now() - interval '180 days' where id = $1`, [
    request,
  ]);
  assert.equal((await call('GET', `${base}/systemuser/request/vendor/${request}`, 'vendor')).body.status, 'Timedout');
  await refused(e.requestTimedOut, () => decide('approve', request));
  assert.deepEqual([await timeOutRequests(world.ctx), await timeOutRequests(world.ctx)], [1, 0]);
  const { status } = await world.db.one<{ status: string }>(sql`select status from access.system_user_request where id = ${request}`);
  assert.equal(status, 'Timedout');
  assert.notEqual((await ask(id)).body.id, request);
});

test('given every state of a request, when the table is asked, then it fits the database, and only a new one moves', async () => {
  const { rows } = await world.db.pool.query<{ check: string }>(
    `select pg_get_constraintdef(oid) as check from pg_constraint where conrelid = 'access.system_user_request'::regclass and contype = 'c'`,
  );
  const states = rows.map(({ check }) => check).find((text) => text.includes('Timedout'))!;
  assert.deepEqual([...states.matchAll(/'(\w+)'/g)].map(([, state]) => state).sort(), Object.keys(systemRequestMoves).sort());
  for (const state of ['Accepted', 'Rejected', 'Denied', 'Timedout'] as const)
    assert.equal(next(systemRequestMoves, state, 'approve'), undefined);
});
