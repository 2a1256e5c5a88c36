import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, type ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { nothingWritten } from '../../test/nothing-written.ts';
import { showReachability } from './reachability.ts';
import { callerOf, machineOf, openWorld } from './testing/world.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const resource = await world.resource({ owner, readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold', 'organization'] });
const [skien, manager] = [await world.organization('Skien'), await world.person('Leder')];
await world.role(manager, 'DAGL', skien);
const party = `0192:${await world.numberOf(skien)}`;

test('given a resource, when its owner asks whether a party would open, then class and counts are told and nobody is named', async () => {
  const asked = () =>
    showReachability(world.ctx, machineOf(owner, 'altinn:serviceowner'), { resource: `urn:altinn:resource:${resource}`, party });
  const { computedAt, ...before } = await asked();
  assert.deepEqual(before, { class: 'GRANTABLE', persons: 0, systems: 0, possibleSystems: 1, grantors: 1 });
  assert.match(computedAt, /Z$/);

  await world.seen(skien, { client: 'fagsystem', reads: true });
  await world.grant({ at: skien, to: manager, package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  const after = await asked();
  assert.deepEqual([after.class, after.persons, after.systems, after.possibleSystems], ['REACHABLE', 1, 1, 0]);
});

test('given somebody who does not own the resource, or a party that is not known, when it asks, then it is refused', async () => {
  const refused = (code: number, work: () => Promise<unknown>) =>
    nothingWritten(world.db, () => assert.rejects(work, (error) => error instanceof Refusal && error.row.code === code));
  const ask = (caller: ReturnType<typeof callerOf>, more = {}) => showReachability(world.ctx, caller, { resource, party, ...more });

  await refused(9130, () => ask(machineOf(skien, 'altinn:serviceowner')));
  await refused(9130, () => ask(callerOf(manager)));
  await refused(9130, () => ask(machineOf(owner), { resource: `finnes-ikke-${newId()}` as ResourceId }));
  await refused(9101, () => ask(machineOf(owner), { party: '0192:974760673' }));
  await refused(9100, () => ask(machineOf(owner), { party: 'Skien' }));
});
