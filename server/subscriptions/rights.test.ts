import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, saveSystemUsers } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { organizationCaller, personCaller } from '../../test/world.ts';
import { createTown } from '../correspondence/testing/town.ts';
import { mayHear } from './rights.ts';

const { world, agency, municipality, citizen, leader, letters } = await createTown();
const owning = ['altinn:serviceowner', 'altinn:events.subscribe'];

const hears = async (caller: Caller, party: PartyId | null, resource: ResourceId = letters) =>
  (await mayHear(world.db, [{ caller, resource, party }]))[0];

test("given a system whose vendor owns the resource, when it asks to hear, then it hears of its customer alone, and the owner's own client of all", async () => {
  const id = newId<PartyId>();
  await world.db.transaction(async (tx) => {
    saveSystemUsers(tx, [
      { id, system: 'fagsystem', owner: municipality.id, rights: [{ resource: letters, actions: ['read', 'subscribe'] }] },
    ]);
    await announceAccessChanges(tx);
  });
  const system = organizationCaller(municipality, owning, { kind: 'system-user', subject: id, consumer: agency.id });
  assert.deepEqual(await Promise.all([citizen.id, null, municipality.id].map((party) => hears(system, party))), [false, false, true]);
  const owner = organizationCaller(agency, owning);
  assert.deepEqual(await Promise.all([citizen.id, null].map((party) => hears(owner, party))), [true, true]);
  const atTheOwners: Caller = { ...personCaller(citizen, owning), consumer: agency.id };
  assert.deepEqual(
    await Promise.all([municipality.id, null].map((party) => hears(atTheOwners, party))),
    [false, false],
    'a person by its client',
  );
});

test('given a subunit, when its main unit asks to hear of it, then its own client does not, and whoever leads it does', async () => {
  const school = await world.organization('SKIEN SKOLE', { unitType: 'BEDR', parentNumber: municipality.number });
  assert.equal(await hears(organizationCaller(municipality, ['altinn:events.subscribe']), school.id), false);
  assert.equal(await hears(personCaller(leader, ['altinn:events.subscribe']), school.id), true);
});
