import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budstikkeItself, listEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { may } from '../decide/may.ts';
import { delegationErrors as e } from '../delegation/errors.ts';
import { createGrant } from '../grants/create-grant.ts';
import { endWithRoles } from '../grants/end-with-grants.ts';
import { expireGrants } from '../grants/expire-grants.ts';
import { restoreGrant } from '../grants/restore-grant.ts';
import { revokeGrant } from '../grants/revoke-grant.ts';
import { saveClientDelegations } from '../store/client-delegations.ts';
import { replaceRegisteredRoles } from '../store/registered-roles.ts';
import { talkTo } from '../testing/talk.ts';
import { callerOf, openWorld } from '../testing/world.ts';
import { clientDelegationRoutes } from './routes.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const payroll = await world.resource({ owner, readers: ['package:regnskapsforer-lonn'] });
const base = '/accessmanagement/api/v1/enduser/clientdelegations';
const callers: Record<string, Caller> = {};
const call = await talkTo(world, clientDelegationRoutes, callers);
const [provider, client, other] = [
  await world.organization('Byrå'),
  await world.organization('Klient'),
  await world.organization('Ingen klient'),
];
const [leader, agent] = [await world.person('Leder'), await world.person('Ansatt')];
await world.role(leader, 'DAGL', provider);
await world.role(provider, 'REGN', client);
Object.assign(callers, { leader: callerOf(leader), agent: callerOf(agent) });

const reads = async (who: PartyId) => (await may(world.db, callerOf(who), { action: 'read', resource: payroll, party: client })).permit;
const one = (to: string, from: PartyId = client, code = 'regnskapsforer-lonn') =>
  `${base}/agents/accesspackages?party=${provider}&from=${from}&to=${to}&package=urn:altinn:accesspackage:${code}`;

async function refused(row: ErrorRow, request: () => ReturnType<typeof call>): Promise<void> {
  const { status, body } = await nothingWritten(world.db, request);
  assert.deepEqual([status, body?.errorCode], [row.status, row.code], JSON.stringify(body));
}

test('given an accountant, when its leader makes somebody an agent and lets it act for a client, then the agent opens there, sees for whom it acts, and no longer once it is taken away', async () => {
  const clients = await call('GET', `${base}/clients?party=${provider}`, 'leader');
  assert.deepEqual(
    clients.body.data.map((each: { client: { name: string }; packages: string[] }) => [
      each.client.name,
      each.packages.includes('regnskapsforer-lonn'),
    ]),
    [['Klient', true]],
  );
  await refused(e.agentUnknown, () => call('POST', one(agent), 'leader'));
  assert.equal((await call('POST', `${base}/agents?party=${provider}&to=${agent}`, 'leader')).status, 204);
  assert.deepEqual((await call('GET', `${base}/agents?party=${provider}`, 'leader')).body.data[0].agent.id, agent);
  assert.equal(await reads(agent), false);

  assert.equal((await call('POST', one(agent), 'leader')).status, 204);
  assert.equal(await reads(agent), true);
  assert.equal((await nothingWritten(world.db, () => call('POST', one(agent), 'leader'))).status, 204);
  assert.deepEqual((await call('GET', `${base}/my/clients`, 'agent')).body.data[0].packages, ['regnskapsforer-lonn']);
  assert.equal((await call('GET', `${base}/agents/accesspackages?party=${provider}&to=${agent}`, 'leader')).body.data.length, 1);

  assert.equal((await call('DELETE', one(agent), 'leader')).status, 204);
  assert.equal(await reads(agent), false);
  await call('POST', one(agent), 'leader');
  assert.equal((await call('DELETE', `${base}/agents?party=${provider}&to=${agent}`, 'leader')).status, 204);
  assert.equal(await reads(agent), false);
  const events = (await listEvidence(world.db, [agent])).map(({ event }) => event);
  assert.deepEqual(events, ['AccessGranted', 'AccessRevoked', 'AccessGranted', 'AccessRevoked']);
});

test('given an agent system user, when it is let act for a client, then only by packages that it was approved for', async () => {
  const system = await world.systemUser(provider, payroll, ['write']);
  await world.role(system, 'agent', provider);
  await world.db.pool.query(`update access.system_user set kind = 'agent', packages = '{regnskapsforer-lonn}' where id = $1`, [system]);
  await refused(e.packageNotOfSystem, () => call('POST', one(system, client, 'regnskapsforer-med-signeringsrettighet'), 'leader'));
  assert.equal((await call('POST', one(system), 'leader')).status, 204);
  assert.equal(await reads(system), true);
});

test('given those who may not, or what the provider has not, when it is asked for, then each is refused and nothing is written', async () => {
  await call('POST', `${base}/agents?party=${provider}&to=${agent}`, 'leader');
  await refused(e.notAdministrator, () => call('POST', one(agent), 'agent'));
  await refused(e.notAdministrator, () => call('GET', `${base}/clients?party=${newId()}`, 'leader'));
  await refused(e.clientUnknown, () => call('POST', one(agent, other), 'leader'));
  await refused(e.packageNotHeld, () => call('POST', one(agent, client, 'ansvarlig-revisor'), 'leader'));
  await refused(e.packageNotDelegable, () => call('POST', one(agent, client, 'hovedadministrator'), 'leader'));
  await refused(e.agentNotPerson, () => call('POST', `${base}/agents?party=${provider}&to=${other}`, 'leader'));
  await refused(e.recipientMissing, () => call('POST', `${base}/agents?party=${provider}`, 'leader'));
});

test('given an agent of very many clients, when it is ended, then none of what it had comes back with it', async () => {
  const busy = await world.person('Travel Ansatt');
  await call('POST', `${base}/agents?party=${provider}&to=${busy}`, 'leader');
  const clients = await Promise.all(Array.from({ length: 30 }, (_, i) => world.organization(`Klient ${i}`)));
  await world.db.transaction(async (tx) => {
    const { rows } = await world.db.pool.query<{ code: string }>('select code from access.package order by code limit 200');
    saveClientDelegations(
      tx,
      clients.flatMap((at) => rows.map(({ code }) => ({ client: at, provider, agent: busy, package: code }))),
    );
  });
  assert.equal((await call('DELETE', `${base}/agents?party=${provider}&to=${busy}`, 'leader')).status, 204);
  const { rows } = await world.db.pool.query('select 1 from access.client_delegation where agent_id = $1 and revoked_at is null', [busy]);
  assert.equal(rows.length, 0);
});

for (const how of ['takes away', 'sees end'] as const)
  test(`given an agent that acts for a client, when the client ${how} what the provider was given and gives it again, then the agent has it no more until it is let act anew, and what the provider has by role stays`, async () => {
    const [ours, theirs, chief, clerk] = [
      await world.organization('Kontor'),
      await world.organization('Ny klient'),
      await world.person('Sjef'),
      await world.person('Medarbeider'),
    ];
    await world.role(chief, 'DAGL', theirs);
    await world.role(ours, 'REGN', theirs);
    const given = 'jordbruk';
    const farming = await world.resource({ owner, readers: [`package:${given}`] });
    const opens = async (resource: typeof farming) =>
      (await may(world.db, callerOf(clerk), { action: 'read', resource, party: theirs })).permit;
    const give = (more: object) =>
      createGrant(world.ctx, callerOf(chief), {
        at: `urn:altinn:party:uuid:${theirs}`,
        to: `urn:altinn:party:uuid:${ours}`,
        package: given,
        ...more,
      });
    const soon = new Date(world.ctx.now().getTime() + 1000);
    const { grant } = await give(how === 'sees end' ? { until: soon.toISOString() } : {});
    for (const code of [given, 'regnskapsforer-lonn'])
      await world.delegate({ client: theirs, provider: ours, agent: clerk, package: code });
    assert.deepEqual([await opens(farming), await opens(payroll)], [true, true]);

    if (how === 'takes away') await revokeGrant(world.ctx, callerOf(chief), grant.id);
    if (how === 'sees end') await world.db.pool.query(`update access.access_grant set expires_at = clock.now() where id = $1`, [grant.id]);
    await expireGrants(world.ctx);
    assert.deepEqual([await opens(farming), await opens(payroll)], [false, true]);
    await give({});

    assert.deepEqual([await opens(farming), await opens(payroll)], [false, true]);
    assert.ok(
      (await listEvidence(world.db, [clerk])).some(({ event, core }) => event === 'AccessRevoked' && core.cause === 'provider-lost-it'),
    );
    await world.delegate({ client: theirs, provider: ours, agent: clerk, package: given });
    assert.equal(await opens(farming), true);
  });

test('given an agent of an accountant, when the register says that its client has left it and later has it again, then the agent has nothing there', async () => {
  const [ours, theirs, clerk] = [
    await world.organization('Kontor 2'),
    await world.organization('Klient som går'),
    await world.person('Siri'),
  ];
  const registered = (roles: { holder: PartyId; role: string; at: PartyId }[]) =>
    world.db.transaction(async (tx) => {
      await replaceRegisteredRoles(tx, { at: [theirs], roles, bornOn: [] });
      await endWithRoles(tx, [theirs], { at: world.ctx.now(), who: budstikkeItself });
    });
  const opens = async () => (await may(world.db, callerOf(clerk), { action: 'read', resource: payroll, party: theirs })).permit;
  const accountant = { holder: ours, role: 'REGN', at: theirs };
  await registered([accountant]);
  await world.delegate({ client: theirs, provider: ours, agent: clerk, package: 'regnskapsforer-lonn' });
  assert.equal(await opens(), true);
  await registered([]);
  await registered([accountant]);
  assert.equal(await opens(), false);
});

test('given a package that was taken from an organization whose agents used it, when the taking is undone, then they use it again, but for those who are agents no longer and what had ended before', async () => {
  const [firm, giver] = [await world.organization('Firma'), await world.organization('Giver')];
  const [boss, manager] = [await world.person('Sjef'), await world.person('Daglig leder')];
  const [staff, left, before] = [await world.person('Ansatt i firma'), await world.person('Sluttet'), await world.person('Fratatt før')];
  await world.role(boss, 'DAGL', firm);
  await world.role(manager, 'DAGL', giver);
  const forests = await world.resource({ owner, readers: ['package:skogbruk'] });
  const urn = (party: PartyId) => `urn:altinn:party:uuid:${party}`;
  const giving = { at: urn(giver), to: urn(firm), package: 'skogbruk' };
  const { grant } = await createGrant(world.ctx, callerOf(manager), giving);
  for (const each of [staff, left, before]) await world.delegate({ client: giver, provider: firm, agent: each, package: 'skogbruk' });
  await world.db.pool.query('update access.client_delegation set revoked_at = clock.now() where agent_id = $1', [before]);
  const opens = (who: PartyId) => may(world.db, callerOf(who), { action: 'read', resource: forests, party: giver });
  const open = async () => (await Promise.all([boss, staff, left, before].map(opens))).map(({ permit }) => permit);
  assert.deepEqual(await open(), [true, true, true, false]);
  await revokeGrant(world.ctx, callerOf(manager), grant.id);
  await world.endRole(left, 'agent', firm);
  assert.deepEqual(await open(), [false, false, false, false]);

  const restored = await restoreGrant(world.ctx, callerOf(manager), grant.id);
  assert.deepEqual(await open(), [true, true, false, false]);
  assert.deepEqual([restored.package, restored.to, restored.id === grant.id], ['skogbruk', firm, false]);
  assert.ok(
    (await listEvidence(world.db, [staff])).some(({ event, core }) => event === 'AccessGranted' && core.cause === 'provider-has-it-back'),
  );
  const again = await nothingWritten(world.db, () => restoreGrant(world.ctx, callerOf(manager), grant.id));
  assert.equal(again.id, restored.id, 'again: nothing changes');
});
