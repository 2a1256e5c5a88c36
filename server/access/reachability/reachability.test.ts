import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, type ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { openWire } from '../testing/wire.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { showReachability } from './reachability.ts';
import type { NamedReachability, ReachabilityList } from './reachability-wire.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const resource = await world.resource({ owner, readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold', 'organization'] });
const [skien, manager] = [await world.organization('Skien'), await world.person('Leder')];
await world.role(manager, 'DAGL', skien);
const party = `0192:${await world.numberOf(skien)}`;
const path = '/budstikke/v1/reachability';

test('given a resource, when its owner asks whether a party would open, then class and counts are told and nobody is named', async () => {
  const asked = () =>
    showReachability(world.ctx, machineOf(owner, 'altinn:serviceowner'), { resource: `urn:altinn:resource:${resource}`, party });
  const { computedAt, ...before } = await asked();
  assert.deepEqual(before, {
    ...{ class: 'GRANTABLE', persons: 0, systems: 0, possibleSystems: 1, grantors: 1 },
    ...{ lockedResources: [], openers: null, grantingPersons: null },
  });
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
  const nobody = await world.person('Fremmed');
  await refused(9130, () => ask(callerOf(nobody)));
  await refused(9130, () => ask(machineOf(owner), { resource: `finnes-ikke-${newId()}` as ResourceId }));
  await refused(9101, () => ask(machineOf(owner), { party: '0192:974760673' }));
  await refused(9100, () => ask(machineOf(owner), { party: 'Skien' }));
});

test('given a letter and an attachment on another resource, when many parties are asked about at once, then each has its answer in the order asked, as it would be alone', async () => {
  const attached = await world.resource({ owner, readers: ['package:eksplisitt'] });
  const [reader, both] = [await world.person('Bare brevet'), await world.person('Begge deler')];
  const [locked, open, empty] = [await world.organization('Låst'), await world.organization('Åpen'), await world.organization('Tom')];
  const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
  await world.grants([
    { at: locked, to: reader, package: confidential },
    ...[open].flatMap((at) => [
      { at, to: both, package: confidential },
      { at, to: both, resource: attached, actions: ['read'] },
    ]),
  ]);
  const parties = [
    ...[locked, open, empty, skien].map((id) => `urn:altinn:party:uuid:${id}`),
    `0192:${await world.numberOf(open)}`,
    '0192:974760673',
  ];
  const body = { resource, attachmentResources: [`urn:altinn:resource:${attached}`, resource], parties };
  const wire = await openWire(world, { owner: machineOf(owner, 'altinn:serviceowner') });

  const answer = await nothingWritten(world.db, () => wire.send('POST', path, 'owner', body));

  assert.equal(answer.status, 200, answer.text);
  const told = answer.json<ReachabilityList>().parties;
  assert.deepEqual(
    told.map(({ party: asked }) => asked),
    parties,
  );
  assert.deepEqual(
    told.map(({ reachability: each }) => each && [each.class, each.persons, each.lockedResources]),
    [['COLD', 1, [attached]], ['COLD', 1, []], ['UNREACHABLE', 0, [attached]], ['REACHABLE', 1, [attached]], ['COLD', 1, []], null],
  );
  for (const [i, text] of parties.slice(0, 5).entries()) {
    const alone = await wire.send('GET', `${path}?resource=${resource}&attachmentResources=${attached}&party=${text}`, 'owner');
    const { openers, grantingPersons, computedAt: _, ...counts } = alone.json<NamedReachability>();
    const { computedAt: __, ...inBatch } = told[i]!.reachability!;
    assert.deepEqual([openers, grantingPersons, counts], [null, null, inBatch], text);
  }
  assert.ok(!/Bare brevet|Begge deler/.test(answer.text));
  assert.deepEqual(wire.lies, []);
});

test('given five hundred parties, when they are asked about, then one call answers, and one more is refused', async () => {
  const wire = await openWire(world, { owner: machineOf(owner, 'altinn:serviceowner') });
  const ids = await Promise.all(Array.from({ length: 60 }, (_, i) => world.organization(`Etat ${i}`)));
  const parties = Array.from({ length: 500 }, (_, i) => `urn:altinn:party:uuid:${ids[i % ids.length]}`);
  const answer = await wire.send('POST', path, 'owner', { resource, parties });
  assert.deepEqual([answer.status, answer.json<ReachabilityList>().parties.length], [200, 500]);
  assert.equal((await wire.send('POST', path, 'owner', { resource, parties: [...parties, party] })).status, 400);
  assert.equal((await wire.send('POST', path, 'owner', { resource, parties: [] })).status, 400);
});

test('given who administers access at the party, when it asks, then it is told who can open and who could give; others, persons and machines, are told nothing', async () => {
  const [at, boss, clerk] = [await world.organization('Kommunen'), await world.person('Rita Rådmann'), await world.person('Jonas Lid')];
  await world.role(boss, 'DAGL', at);
  const notes = await world.resource({ owner, readers: ['REVI'] });
  const number = `0192:${await world.numberOf(at)}`;
  const wire = await openWire(world, {
    boss: callerOf(boss),
    low: callerOf(boss, { authLevel: 2 }),
    clerk: callerOf(clerk),
    machine: machineOf(at, 'altinn:serviceowner'),
    owner: machineOf(owner, 'altinn:serviceowner'),
  });
  const ask = (by: string, of: string = notes, who = number) => wire.send('GET', `${path}?resource=${of}&party=${who}`, by);
  const sealed = (await ask('boss')).json<NamedReachability>();
  assert.deepEqual([sealed.class, sealed.openers, sealed.grantingPersons?.map(({ name }) => name)], ['GRANTABLE', [], ['Rita Rådmann']]);
  await world.grant({ at, to: clerk, resource: notes });
  assert.deepEqual((await ask('boss')).json<NamedReachability>().openers, [{ party: clerk, kind: 'person', name: 'Jonas Lid' }]);
  assert.equal((await ask('low')).code, 9790, 'at too low a level of login');

  // on a confidential service only who may read on it: else whoever asks of one after the other finds the one that somebody was let in to
  assert.equal((await ask('boss', resource)).code, 9130);
  assert.equal((await ask('boss', `${notes}&attachmentResources=${resource}`)).code, 9130);
  await world.grant({ at, to: boss, package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  assert.deepEqual((await ask('boss', resource)).json<NamedReachability>().openers, [
    { party: boss, kind: 'person', name: 'Rita Rådmann' },
  ]);

  for (const by of ['clerk', 'machine']) {
    const answer = await ask(by);
    assert.deepEqual([answer.status, answer.code], [404, 9130], by);
  }
  const clerksNumber = await world.numberOf(clerk);
  for (const who of [clerksNumber, '02013299997', '0192:974760673']) assert.equal((await ask('boss', resource, who)).code, 9130);
  assert.equal((await ask('boss', 'finnes-ikke')).code, 9130);
  for (const [by, more] of [
    ['machine', {}],
    ['owner', { attachmentResources: ['finnes-ikke'] }],
    ['owner', { resource: 'finnes-ikke' }],
  ] as const)
    assert.equal((await wire.send('POST', path, by, { resource, parties: [number], ...more })).code, 9130);
  const bent = await wire.send('POST', path, 'owner', { resource, parties: [number, 'tull'] });
  assert.deepEqual([bent.status, bent.code, bent.text.includes('parties[1]')], [400, 9100, true]);
  assert.equal((await wire.send('POST', path, 'boss', { resource, parties: [number] })).status, 403);
});
