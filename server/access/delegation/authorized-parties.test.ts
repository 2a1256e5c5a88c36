import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { talkTo } from '../testing/talk.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { connectionRoutes } from './routes.ts';
import type { AuthorizedParty } from './wire-authorized.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const callers: Record<string, Caller> = {
  owner: machineOf(owner, 'altinn:accessmanagement/authorizedparties.resourceowner'),
  other: machineOf(owner, 'altinn:serviceowner'),
};
const call = await talkTo(world, connectionRoutes, callers);
const base = '/accessmanagement/api/v1';
const everything = 'includeRoles=true&includeAccessPackages=true&includeResources=true&includeInstances=true';

const main = await world.organization('Skien kommune');
const [school, nursery] = [await world.subunit('Skole', main), await world.subunit('Barnehage', main)];
const [kari, ward] = [await world.person('Kari'), await world.person('Ola')];
const [client, provider] = [await world.organization('Klient'), await world.organization('Byrå')];
const item = newId();
const resource = await world.resource({ owner, readers: ['DAGL', 'package:ordinaer-post-til-virksomheten', 'self'] });
await world.grant({ at: school, to: kari, package: 'ordinaer-post-til-virksomheten' });
await world.grant({ at: school, to: kari, resource, instance: item });
await world.role(kari, 'nav-familie', ward);
await world.role(provider, 'REGN', client);
await world.delegate({ client, provider, agent: kari, package: 'regnskapsforer-lonn' });
callers.kari = callerOf(kari);

const byName = (list: AuthorizedParty[]) => new Map(list.map((party) => [party.name, party]));

test('given a person with access of every kind, when it asks whom it can represent, then each party is there with what it has, and a main unit as a step', async () => {
  const { status, body } = await call('GET', `${base}/enduser/authorizedparties?${everything}`, 'kari');
  assert.equal(status, 200, JSON.stringify(body));
  const parties = byName(body);
  const step = parties.get('Skien kommune')!;
  assert.deepEqual(
    [step.onlyHierarchyElementWithNoAccess, step.authorizedAccessPackages, step.subunits.map(({ name }) => name)],
    [true, [], ['Skole']],
  );
  const [unit] = step.subunits;
  assert.deepEqual(unit!.authorizedAccessPackages, ['ordinaer-post-til-virksomheten']);
  assert.deepEqual(unit!.authorizedInstances, [
    { resourceId: resource, instanceId: item, instanceRef: `urn:altinn:correspondence-id:${item}` },
  ]);
  assert.deepEqual(parties.get('Ola')!.authorizedRoles, ['nav-familie']);
  assert.deepEqual(parties.get('Ola')!.authorizedAccessPackages, ['vergemal-nav-familie']);
  assert.deepEqual(parties.get('Klient')!.authorizedAccessPackages, ['regnskapsforer-lonn']);
  assert.equal(parties.get('Kari')!.type, 'Person');
  assert.ok(!JSON.stringify(body).includes(nursery));
});

test('given filters, when it asks again, then only what they leave is there', async () => {
  const few = await call('GET', `${base}/enduser/authorizedparties?partyFilter=${ward}`, 'kari');
  assert.deepEqual(
    few.body.map(({ name, authorizedRoles }: AuthorizedParty) => [name, authorizedRoles]),
    [['Ola', []]],
  );
  const able = await call('GET', `${base}/enduser/authorizedparties?anyOfResourceIds=${resource}`, 'kari');
  assert.deepEqual([...byName(able.body).keys()].sort(), ['Kari', 'Skien kommune']);
  const flat = await call('GET', `${base}/enduser/authorizedparties?includeSubParties=false`, 'kari');
  assert.deepEqual(byName(flat.body).get('Skien kommune')!.subunits, []);
});

test('given a party that is gone, when it asks, then it is left out unless it asks for what is inactive', async () => {
  const [closed, leader] = [await world.organization('Nedlagt'), await world.person('Leder')];
  await world.role(leader, 'DAGL', closed);
  await world.save({ kind: 'organization', number: await world.numberOf(closed), name: 'Nedlagt', deletedAt: '2026-01-01T00:00:00Z' });
  callers.leader = callerOf(leader);
  const names = async (more: string) =>
    [...byName((await call('GET', `${base}/enduser/authorizedparties${more}`, 'leader')).body).keys()].sort();
  assert.deepEqual([await names(''), await names('?includeInactiveParties=true')], [['Leder'], ['Leder', 'Nedlagt']]);
});

test('given somebody who has died, or leads what is closed, when it or a service owner asks, then it can represent nobody, and nothing by what is closed', async () => {
  const [firm, unit, giver] = [await world.organization('Levende'), await world.organization('Under'), await world.organization('Giver')];
  const [dead, other] = [await world.person('Avdød'), await world.person('Leder av nedlagt')];
  const closed = await world.organization('Lagt ned');
  await world.role(dead, 'DAGL', firm);
  await world.grant({ at: unit, to: dead, package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  await world.role(other, 'DAGL', closed);
  await world.grant({ at: giver, to: closed, package: 'ordinaer-post-til-virksomheten' });
  Object.assign(callers, { dead: callerOf(dead), ofClosed: callerOf(other) });
  const asked = async (by: string, who: string) => {
    const own = (await call('GET', `${base}/enduser/authorizedparties?${everything}`, by)).body as AuthorizedParty[];
    const question = { type: 'urn:altinn:person:identifier-no', value: who };
    const told = (await call('POST', `${base}/resourceowner/authorizedparties`, 'owner', question)).body as AuthorizedParty[];
    return [own, told].map((list) => [...byName(list).keys()].sort());
  };
  const [number, others] = [await world.numberOf(dead), await world.numberOf(other)];
  assert.deepEqual((await asked('dead', number))[0], ['Avdød', 'Levende', 'Under'], 'while it lives');
  assert.deepEqual((await asked('ofClosed', others))[0], ['Giver', 'Lagt ned', 'Leder av nedlagt']);

  await world.save({ kind: 'person', number, name: 'Avdød', diedOn: '2026-10-01' });
  await world.save({ kind: 'organization', number: await world.numberOf(closed), name: 'Lagt ned', deletedAt: '2026-01-01T00:00:00Z' });
  assert.deepEqual(await asked('dead', number), [[], []]);
  assert.deepEqual(await asked('ofClosed', others), [['Leder av nedlagt'], ['Leder av nedlagt']]);
});

test('given a service owner, when it asks about a person by number, then it hears the same, and of a stranger nothing', async () => {
  for (const route of ['resourceowner', 'serviceowner']) {
    const question = { type: 'urn:altinn:person:identifier-no', value: await world.numberOf(kari) };
    const { status, body } = await call('POST', `${base}/${route}/authorizedparties`, 'owner', question);
    assert.deepEqual([status, [...byName(body).keys()].sort()], [200, ['Byrå', 'Kari', 'Klient', 'Ola', 'Skien kommune']]);
    assert.equal((await call('POST', `${base}/${route}/authorizedparties`, 'other', question)).status, 403);
  }
  const unknown = await call('POST', `${base}/resourceowner/authorizedparties`, 'owner', { type: 'urn:altinn:party:uuid', value: newId() });
  assert.deepEqual([unknown.status, unknown.body], [200, []]);
  const odd = await call('POST', `${base}/resourceowner/authorizedparties`, 'owner', { type: 'urn:altinn:nothing', value: 'x' });
  assert.equal(odd.status, 400);
});
