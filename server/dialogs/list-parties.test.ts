import assert from 'node:assert/strict';
import { test } from 'node:test';
import { organizationCaller, personCaller } from '../../test/world.ts';
import { createTown } from '../correspondence/testing/town.ts';
import { enduser, openDoor, scope, withScope } from './testing/door.ts';

const town = await createTown();
const { world, municipality, leader, citizen } = town;
const school = await world.organization('SKOLEN', { parentNumber: municipality.number, unitType: 'BEDR' });
const clerk = await world.person('SAKSBEHANDLER');
await world.grant(clerk, municipality, { package: 'ordinaer-post-til-virksomheten' });
const door = await openDoor(world, {
  leader: withScope(personCaller(leader)),
  clerk: withScope(personCaller(clerk)),
  citizen: withScope(personCaller(citizen)),
  machine: organizationCaller(municipality, [scope]),
});
const parties = async (by: string) => (await door.ask('GET', `${enduser}/parties`, by)).body.authorizedParties;

test('given a leader of a municipality with a school, when the parties are asked for, then both are there, the school beneath', async () => {
  const [own, led] = await parties('leader');
  assert.deepEqual([own.name, own.partyType, own.isCurrentEndUser, own.hasKeyRole], ['KARI NORDMANN', 'Person', true, false]);
  assert.deepEqual([led.name, led.hasKeyRole, led.isMainAdministrator, led.isCurrentEndUser], ['SKIEN KOMMUNE', true, true, false]);
  assert.deepEqual([led.partyUuid, led.partyId, led.isDeleted], [municipality.id, municipality.partyId, false]);
  assert.equal(led.party, `urn:altinn:organization:identifier-no:${municipality.number}`);
  assert.deepEqual(
    led.subParties.map(({ partyUuid }: { partyUuid: string }) => partyUuid),
    [school.id],
  );
});

test('given one who was given a package, and one who has nothing, when the parties are asked for, then the first acts there without leading', async () => {
  const [, at] = (await parties('clerk')).toSorted((a: { partyType: string }, b: { partyType: string }) =>
    b.partyType.localeCompare(a.partyType),
  );
  assert.deepEqual([at.name, at.hasKeyRole, at.isMainAdministrator, at.isAccessManager], ['SKIEN KOMMUNE', false, false, false]);
  assert.equal((await parties('citizen')).length, 1);
});

test("given an organization's own machine, when it asks, then it is told that dialogs are for people and system users", async () => {
  for (const path of ['/parties', '/dialogs']) {
    const answer = await door.ask('GET', `${enduser}${path}`, 'machine');
    assert.deepEqual([answer.status, answer.body.errorCode], [403, 9852]);
  }
});
