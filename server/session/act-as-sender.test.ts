import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, endRoleAssignments, may, saveGrants, sendsFor } from '#access/index.ts';
import { actorOf } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { createWorld, personCaller } from '../../test/world.ts';
import { actAsSender } from './act-as-sender.ts';

const world = await createWorld();
const { db } = world.ctx;
const [agency, bakery, unit] = [
  await world.organization('Etaten'),
  await world.organization('Bakeriet AS'),
  await world.organization('Andre etat'),
];
const [manager, clerk, reader, stranger] = [
  await world.person('SIGRID SKAR'),
  await world.person('ODD ANSATT'),
  await world.person('LISE LESER'),
  await world.person('FRED FREMMED'),
];
await world.role(manager, 'DAGL', agency);
await world.role(manager, 'DAGL', bakery);
await world.grant(reader, agency, { package: 'ordinaer-post-til-virksomheten' });
const letters = await world.resource('etatens-brev', agency);
const open = await world.resource('apen-for-alle', agency, { senders: 'any' });
await world.resource('andre-etats-brev', unit);
await db.transaction(async (tx) => {
  saveGrants(tx, [{ at: agency.id, to: clerk.id, resource: letters, actions: ['write'] }]);
  await announceAccessChanges(tx);
});

/** The web app's own session at a substantial level. */
const at = (person: Party, level = 3): Caller => personCaller(person, ['altinn:portal/enduser'], { authLevel: level });
const act = (person: Party, wanted: string, changes = true, level = 3) => actAsSender(db, at(person, level), wanted, changes);
const codeOf = (answer: Caller | Refusal) => (answer instanceof Refusal ? answer.row.code : undefined);

test('given who administers access, when they act for their organization, then its rights count, evidence names the person and it, and nothing can be opened', async () => {
  const caller = (await act(manager, agency.id)) as Caller;
  assert.deepEqual(
    [caller.kind, caller.subject, caller.party, caller.actor, caller.consumer],
    ['organization', agency.id, agency.id, manager.id, null],
  );
  assert.deepEqual([...caller.scopes].sort(), ['altinn:broker.write', 'altinn:correspondence.write', 'altinn:events.subscribe']);
  const { kind, party, actsFor } = actorOf(caller).actor;
  assert.deepEqual([kind, party, actsFor], ['person', manager.id, agency.id]);
  assert.equal((await may(db, caller, { action: 'write', resource: letters, party: agency.id })).permit, true);
});

test('given somebody whom a policy lets send, when they act for the owner, then it is by their own right, on that service alone, also where anybody may send', async () => {
  const caller = (await act(clerk, agency.id)) as Caller;
  assert.equal(caller.scopes.has('altinn:events.subscribe'), false);
  assert.deepEqual([caller.kind, caller.subject, caller.party, caller.actor], ['person', clerk.id, agency.id, clerk.id]);
  const may1 = await may(db, caller, { action: 'write', resource: letters, party: agency.id });
  const may2 = await may(db, caller, { action: 'write', resource: open, party: agency.id });
  assert.deepEqual([may1.permit, may2.permit], [true, false]);
  assert.equal(actorOf(caller).actor.actsFor, agency.id);
});

test('given a stranger, one who only reads there, an organization without services, another’s, and what is no party, when somebody would act for it, then it is refused and nobody acts as themselves', async () => {
  for (const [person, wanted] of [
    [stranger, agency.id],
    [reader, agency.id],
    [manager, bakery.id],
    [manager, unit.id],
    [manager, manager.id],
    [clerk, unit.id],
    [manager, ''],
    [manager, '0198f0a0-0000-7000-8000-000000000000'],
    [manager, `${agency.id}'`],
  ] as const) {
    for (const changes of [true, false]) assert.equal(codeOf(await act(person, wanted, changes)), 9520, `${person.name} ${wanted}`);
  }
});

test('given a login at a low level, when its person acts for the organization, then they may look and change nothing', async () => {
  assert.equal(codeOf(await act(manager, agency.id, false, 2)), undefined);
  assert.equal(codeOf(await act(manager, agency.id, true, 2)), 9521);
});

test('given several organizations, when it is asked which of them a person sends for, then each is told apart', async () => {
  const all = [agency.id, bakery.id, unit.id];
  assert.deepEqual([...(await sendsFor(db, at(manager), all))], [[agency.id, 'administrator']]);
  assert.deepEqual([...(await sendsFor(db, at(clerk), all))], [[agency.id, 'by policy']]);
  assert.deepEqual([...(await sendsFor(db, at(stranger), all))], []);
});

test('given who has left, when they act again with the session that they have, then it is refused', async () => {
  await db.transaction(async (tx) => {
    endRoleAssignments(tx, [{ holder: manager.id, at: agency.id, role: 'DAGL' }]);
    tx.send(sql`update access.access_grant set revoked_at = clock.now() where to_id = ${clerk.id}`);
    await announceAccessChanges(tx);
  });
  for (const person of [manager, clerk]) assert.equal(codeOf(await act(person, agency.id)), 9520, person.name);
});
