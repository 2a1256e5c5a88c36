import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEventsOf } from '#events/index.ts';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { next } from '#kernel/machine.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { nothingWritten } from '../../../../test/nothing-written.ts';
import { onAccessChanged } from '../../announce.ts';
import { may } from '../../decide/may.ts';
import { accessErrors } from '../../errors.ts';
import { talkTo } from '../../testing/talk.ts';
import { callerOf, machineOf, openWorld } from '../../testing/world.ts';
import { delegationErrors } from '../errors.ts';
import { requestRoutes } from './routes.ts';
import { requestMoves } from './states.ts';

const world = await openWorld();
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const owners = '/accessmanagement/api/v1/serviceowner/delegationrequests';
const received = '/accessmanagement/api/v1/enduser/request/received';
const [police, other] = [await world.organization('Politidistrikt'), await world.organization('Annen etat')];
const sealed = await world.resource({ owner: police, readers: [`package:${confidential}`] });
const explicit = await world.resource({ owner: police, readers: ['package:eksplisitt'] });
const foreign = await world.resource({ owner: other, readers: ['DAGL'] });
const scopes = ['altinn:serviceowner/delegationrequests.write'];
const callers: Record<string, Caller> = { police: machineOf(police, ...scopes), other: machineOf(other, ...scopes) };
const call = await talkTo(world, requestRoutes, callers);

async function town() {
  const at = await world.organization('Skien kommune');
  const [manager, clerk] = [await world.person('Rådmann'), await world.person('Saksbehandler')];
  await world.role(manager, 'DAGL', at);
  Object.assign(callers, { manager: callerOf(manager), clerk: callerOf(clerk) });
  const connection = { from: `urn:altinn:organization:identifier-no:${await world.numberOf(at)}`, to: `urn:altinn:party:uuid:${clerk}` };
  const ask = (what: object = { package: confidential }, by = 'police', kind = '') =>
    call('POST', `${owners}${kind}`, by, { connection, ...what });
  const reads = async (who: PartyId, resource = sealed) =>
    (await may(world.db, callerOf(who), { action: 'read', resource, party: at })).permit;
  const decide = (how: 'approve' | 'reject', id: string, by = 'manager') => call('PUT', `${received}/${how}?party=${at}&id=${id}`, by);
  return { at, manager, clerk, connection, ask, reads, decide };
}

async function refused(row: ErrorRow, request: () => ReturnType<typeof call>): Promise<void> {
  const { status, body } = await nothingWritten(world.db, request);
  assert.deepEqual([status, body?.errorCode], [row.status, row.code], JSON.stringify(body));
}

const statusOf = async (id: string) => (await call('GET', `${owners}/${id}/status`, 'police')).body.status;

test('given a sender that asks for a clerk to be let in, when the manager approves, then the clerk opens, the watches are told in the same transaction, and the sender by an event', async () => {
  const { at, clerk, ask, reads, decide } = await town();
  const told: PartyId[] = [];
  onAccessChanged.fill(async (_tx, parties) => void told.push(...parties));
  const asked = await ask();
  assert.deepEqual([asked.status, asked.body.status, await reads(clerk)], [202, 'Pending', false]);
  const again = await nothingWritten(world.db, () =>
    ask({ package: { referenceId: `urn:altinn:accesspackage:${confidential}` } }, 'police', '/package'),
  );
  assert.equal(again.body.id, asked.body.id);

  const listed = await call('GET', `${received}?party=${at}`, 'manager');
  assert.deepEqual(
    listed.body.data.map(
      ({ id, type, to, requestedBy }: { id: string; type: string; to: { name: string }; requestedBy: { name: string } }) => [
        id,
        type,
        to.name,
        requestedBy.name,
      ],
    ),
    [[asked.body.id, 'package', 'Saksbehandler', 'Politidistrikt']],
  );
  assert.match(listed.body.data[0].package.name.nb, /taushetsbelagt/, 'what it is called, for whoever decides');

  const approved = await decide('approve', asked.body.id);
  assert.deepEqual(
    [approved.status, approved.body.status, await reads(clerk), await statusOf(asked.body.id)],
    [200, 'Approved', true, 'Approved'],
  );
  assert.ok(told.includes(at));
  const [event] = await listEventsOf(world.db, [asked.body.id]);
  assert.equal(event?.type, 'no.budstikke.access.request-approved');
  assert.ok(!JSON.stringify(event).includes(clerk) && !JSON.stringify(event).includes(await world.numberOf(clerk)));

  assert.equal((await nothingWritten(world.db, () => decide('approve', asked.body.id))).status, 200);
  await refused(delegationErrors.requestDecided, () => decide('reject', asked.body.id));
  await refused(delegationErrors.requestDecided, () => call('PUT', `${owners}/${asked.body.id}/withdraw`, 'police'));
  assert.equal((await call('GET', `${received}?party=${at}&status=Approved`, 'manager')).body.data.length, 1);
});

test('given a request for one of the sender own resources, when it is approved, then just that is given', async () => {
  const { clerk, ask, reads, decide } = await town();
  const asked = await ask(
    { resource: { referenceId: explicit }, rightKeys: [`urn:altinn:resource:${explicit}:read`] },
    'police',
    '/resource',
  );
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  await decide('approve', asked.body.id);
  assert.deepEqual([await reads(clerk, explicit), await reads(clerk)], [true, false]);
});

test('given a request that is pending, when its sender asks for other rights to the same resource, then it is told and nothing is written, and what it sees says which rights are asked for', async () => {
  const { ask } = await town();
  const asked = (...rightKeys: string[]) => ask({ resource: { referenceId: explicit }, ...(rightKeys.length > 0 ? { rightKeys } : {}) });
  const first = await asked();
  assert.deepEqual(first.body.rightKeys, [`urn:altinn:resource:${explicit}:read`]);
  await refused(delegationErrors.otherActionsPending, () => asked('read', 'write'));
  assert.equal((await asked('read')).body.id, first.body.id);
  assert.equal((await call('PUT', `${owners}/${first.body.id}/withdraw`, 'police')).status, 202);
  const second = await asked('write', 'read');
  assert.equal(second.status, 202);
  assert.equal((await asked('read', 'write')).body.id, second.body.id);
  assert.equal(second.body.rightKeys.length, 2);
});

test('given a request, when it is rejected or withdrawn, then nobody is let in, and it can be asked anew', async () => {
  const { clerk, ask, reads, decide } = await town();
  const first = (await ask()).body.id;
  assert.equal((await decide('reject', first)).body.status, 'Rejected');
  assert.equal((await listEventsOf(world.db, [first])).at(-1)?.type, 'no.budstikke.access.request-rejected');
  assert.equal((await nothingWritten(world.db, () => decide('reject', first))).status, 200);
  const second = (await ask()).body.id;
  assert.notEqual(second, first);
  const withdraw = () => call('PUT', `${owners}/${second}/withdraw`, 'police');
  assert.deepEqual([(await withdraw()).status, await statusOf(second), (await withdraw()).body.status], [202, 'Withdrawn', 'Withdrawn']);
  await refused(delegationErrors.requestDecided, () => decide('approve', second));
  assert.equal(await reads(clerk), false);
});

test('given those who may not, when they ask or decide, then each is refused and nothing is written', async () => {
  const { at, ask, decide, connection } = await town();
  const { id } = (await ask()).body;
  await refused(delegationErrors.notAdministrator, () => decide('approve', id, 'clerk'));
  await refused(delegationErrors.notAdministrator, () => call('GET', `${received}?party=${at}`, 'clerk'));
  const elsewhere = await town();
  await refused(delegationErrors.requestNotFound, () => elsewhere.decide('approve', id));
  await refused(delegationErrors.requestNotFound, () => call('GET', `${owners}/${id}/status`, 'other'));
  await refused(delegationErrors.requestNotFound, () => call('PUT', `${owners}/${id}/withdraw`, 'other'));
  await refused(delegationErrors.resourceNotYours, () => ask({ resource: foreign }));
  await refused(delegationErrors.packageNotOfYours, () => ask({ package: confidential }, 'other'));
  await refused(delegationErrors.requestUnclear, () => ask({}));
  await refused(delegationErrors.requestUnclear, () => ask({ package: confidential, resource: explicit }));
  await refused(accessErrors.packageUnknown, () => ask({ package: 'finnes-ikke' }));
  await refused(accessErrors.packageNotAssignable, () => ask({ package: 'eksplisitt' }));
  await refused(accessErrors.resourceUnknown, () => ask({ resource: 'finnes-ikke' }));
  await refused(accessErrors.actionUnknown, () => ask({ resource: explicit, rightKeys: ['slett'] }));
  await refused(accessErrors.recipientIsParty, () =>
    call('POST', owners, 'police', { connection: { ...connection, to: connection.from }, package: confidential }),
  );
  await refused(accessErrors.partyUnknown, () =>
    call('POST', owners, 'police', { connection: { ...connection, to: `urn:altinn:party:uuid:${newId()}` }, package: confidential }),
  );
  await refused(accessErrors.partyReferenceInvalid, () =>
    call('POST', owners, 'police', { connection: { ...connection, from: 'x' }, package: confidential }),
  );
  callers.reader = machineOf(police, 'altinn:serviceowner/delegationrequests.read');
  assert.equal((await ask({ package: confidential }, 'reader')).status, 403);
});

test('given an access manager who has not what is asked for, when it approves, then it is refused and the request stays', async () => {
  const { at, ask, decide } = await town();
  const access = await world.person('Tilgangsstyrer');
  await world.grant({ at, to: access, package: 'tilgangsstyrer' });
  callers.access = callerOf(access);
  const { id } = (await ask()).body;
  await refused(accessErrors.mayNotGrant, () => decide('approve', id, 'access'));
  assert.equal(await statusOf(id), 'Pending');
});

test('given a manager that approves while another rejects and the sender withdraws, when all is done, then one of them has decided, and access fits it', async () => {
  const { clerk, ask, reads, decide } = await town();
  const { id } = (await ask()).body;
  const answers = await Promise.all([decide('approve', id), decide('reject', id), call('PUT', `${owners}/${id}/withdraw`, 'police')]);
  assert.equal(answers.filter(({ status }) => status < 300).length, 1, JSON.stringify(answers));
  assert.equal(await reads(clerk), (await statusOf(id)) === 'Approved');
});

test('given the same request that is sent ten times at once, when all are answered, then one is pending', async () => {
  const { ask } = await town();
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask()));
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
});

test('given every state and every event of a request, when the table is asked, then only a pending one can be decided', async () => {
  const { rows } = await world.db.pool.query<{ check: string }>(
    `select pg_get_constraintdef(oid) as check from pg_constraint where conrelid = 'access.delegation_request'::regclass and contype = 'c'`,
  );
  const states = rows.map(({ check }) => check).find((text) => text.includes('Draft') && text.includes('Approved'))!;
  assert.deepEqual([...states.matchAll(/'(\w+)'/g)].map(([, state]) => state).sort(), Object.keys(requestMoves).sort());
  for (const state of ['Approved', 'Rejected', 'Withdrawn'] as const)
    for (const event of ['send', 'approve', 'reject', 'withdraw'] as const) assert.equal(next(requestMoves, state, event), undefined);
});
