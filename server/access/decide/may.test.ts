import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { anonymous } from '#kernel/context.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { configureAccess } from '../settings.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { may } from './may.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const [skien, kari] = [await world.organization('Skien'), await world.person('Kari')];
await world.role(kari, 'DAGL', skien);
const resource = await world.resource({ owner });
afterEach(() => configureAccess({ ownerReads: false }));

const ownerMachine = machineOf(owner, 'altinn:serviceowner', 'altinn:correspondence.write', 'altinn:correspondence.read');

test('given the owner of a resource, when its machine writes, then it may by its own right, which senders give', async () => {
  assert.deepEqual(await may(world.db, ownerMachine, { action: 'write', resource, party: owner }), {
    permit: true,
    by: 'right',
    path: ['named by the policy'],
  });
});

test('given an owner that its own policy does not let send, when its machine writes, then it may as owner', async () => {
  const forOthers = await world.resource({ owner, senders: [await world.numberOf(skien)] });
  const decision = await may(world.db, ownerMachine, { action: 'write', resource: forOthers, party: owner });
  assert.deepEqual([decision.permit, decision.by], [true, 'owner']);
});

test('given the owner of a resource, when its machine reads for a recipient, then it may not', async () => {
  assert.deepEqual(await may(world.db, ownerMachine, { action: 'read', resource, party: skien }), { permit: false, by: 'none', path: [] });
});

test('given an installation where owners may read, when the owner reads for a recipient, then it does so as owner and never by right', async () => {
  configureAccess({ ownerReads: true });
  const decision = await may(world.db, ownerMachine, { action: 'read', resource, party: skien });
  assert.deepEqual([decision.permit, decision.by], [true, 'owner']);
});

test('given an owner that holds the right to read as well, when it reads, then its right counts', async () => {
  configureAccess({ ownerReads: true });
  const decision = await may(world.db, ownerMachine, { action: 'read', resource, party: owner });
  assert.deepEqual([decision.permit, decision.by], [true, 'right']);
  assert.deepEqual(decision.path, [`organization ${await world.numberOf(owner)} itself`]);
});

test('given the owner without the service owner scope, or another service owner, when it reads or writes as owner, then it may not', async () => {
  configureAccess({ ownerReads: true });
  const forOthers = await world.resource({ owner, senders: [] });
  const other = await world.organization('NAV');
  for (const caller of [machineOf(owner, 'altinn:correspondence.write'), machineOf(other, 'altinn:serviceowner'), callerOf(kari)]) {
    assert.equal((await may(world.db, caller, { action: 'write', resource: forOthers, party: owner })).permit, false);
    assert.equal((await may(world.db, { ...caller, subject: null }, { action: 'read', resource, party: skien })).permit, false);
  }
});

test('given the owner of a resource, when it is closed or goes into another, then its token writes and reads as owner no longer, and its successor’s does not either', async () => {
  configureAccess({ ownerReads: true });
  for (const isMerged of [false, true]) {
    const [gone, heir] = [await world.organization('Gamle etat'), await world.organization('Nye etat')];
    const forOthers = await world.resource({ owner: gone, senders: [await world.numberOf(skien)] });
    const machines = [gone, heir].map((party) => machineOf(party, 'altinn:serviceowner', 'altinn:correspondence.write'));
    const permits = () =>
      Promise.all(
        machines.flatMap((caller) => [
          may(world.db, caller, { action: 'write', resource: forOthers, party: gone }),
          may(world.db, { ...caller, subject: null }, { action: 'read', resource: forOthers, party: skien }),
        ]),
      ).then((decisions) => decisions.map(({ permit }) => permit));
    assert.deepEqual(await permits(), [true, true, false, false]);

    const successorNumber = isMerged ? await world.numberOf(heir) : null;
    const number = await world.numberOf(gone);
    await world.save({ kind: 'organization', number, name: 'Gamle etat', deletedAt: '2026-01-01T00:00:00Z', successorNumber });

    assert.deepEqual(await permits(), [false, false, false, false], isMerged ? 'merged' : 'closed');
  }
});

test('given senders by number and for everybody, when organizations write, then those may', async () => {
  const [listed, other] = [await world.organization('Kartverket'), await world.organization('Annen')];
  const some = await world.resource({ owner, senders: [await world.numberOf(listed)] });
  const all = await world.resource({ owner, senders: 'any' });
  const writes = async (who: PartyId, what: ResourceId) =>
    (await may(world.db, machineOf(who), { action: 'write', resource: what, party: owner })).permit;

  assert.deepEqual([await writes(listed, some), await writes(other, some)], [true, false]);
  assert.deepEqual([await writes(listed, all), await writes(other, all)], [true, true]);
});

test('given a right that asks for a high level of login, when the level is lower, then it is refused with the level that is missing', async () => {
  const high = await world.resource({ owner, minLevel: 4 });
  const at = (authLevel: number) => may(world.db, callerOf(kari, { authLevel }), { action: 'read', resource: high, party: skien });

  assert.equal((await at(4)).permit, true);
  const low = await at(3);
  assert.deepEqual([low.permit, low.by, low.minimumLevel], [false, 'none', 4]);
  assert.equal(
    (await may(world.db, callerOf(await world.person('Ola'), { authLevel: 3 }), { action: 'read', resource: high, party: skien }))
      .minimumLevel,
    undefined,
  );
});

test('given the machine of the party itself, when it reads, then it may, and the machine of another may not', async () => {
  const read = async (who: PartyId) => (await may(world.db, machineOf(who), { action: 'read', resource, party: skien })).permit;
  assert.deepEqual([await read(skien), await read(owner)], [true, false]);
});

test('given nobody, an unknown subject, an unknown party or an unknown resource, when it is asked, then there is no right', async () => {
  const nothing = { permit: false, by: 'none', path: [] };
  const question = { action: 'read', resource, party: skien };
  assert.deepEqual(await may(world.db, anonymous, question), nothing);
  assert.deepEqual(await may(world.db, callerOf(newId<PartyId>()), question), nothing);
  assert.deepEqual(await may(world.db, callerOf(kari), { ...question, party: newId<PartyId>() }), nothing);
  assert.deepEqual(await may(world.db, callerOf(kari), { ...question, resource: 'finnes-ikke' as ResourceId }), nothing);
  assert.deepEqual(await may(world.db, ownerMachine, { ...question, action: 'write', resource: 'finnes-ikke' as ResourceId }), nothing);
});

test('given a policy that compares what cannot be read, when somebody asks, then the decision reports it', async () => {
  const match = {
    category: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
    attribute: 'urn:altinn:task',
    match: 'urn:oasis:names:tc:xacml:1.0:function:string-equal',
    value: 'x',
  };
  const strange = await world.resource({ owner, rules: [{ effect: 'permit', actions: ['read'], target: [[[match]]] }] });
  const decision = await may(world.db, callerOf(kari), { action: 'read', resource: strange, party: skien });
  assert.equal(decision.permit, false);
  assert.equal(decision.unread?.length, 1);
});

test('given a dialog token, when it is asked what it may do, then it is what it names and its holder may, and nothing where no dialog is named', async () => {
  const holder = { ...callerOf(kari), issuer: 'dialog' as const, dialog: { id: 'a', party: skien, actions: new Set(['read']) } };
  const question = { action: 'read', resource, party: skien, dialog: 'a' };
  assert.equal((await may(world.db, holder, question)).permit, true);
  const others = [
    { ...question, dialog: 'b' },
    { action: 'read', resource, party: skien },
    { ...question, party: kari },
    { ...question, action: 'write' },
  ];
  for (const other of others) assert.deepEqual(await may(world.db, holder, other), { permit: false, by: 'none', path: [] });
  const { dialog: _, ...bare } = holder;
  assert.equal((await may(world.db, bare, question)).permit, false);
  const owning = { ...ownerMachine, issuer: 'dialog' as const, dialog: { id: 'a', party: skien, actions: new Set(['write']) } };
  assert.equal((await may(world.db, owning, { ...question, action: 'write', dialog: 'b' })).permit, false); // the owner's bypass neither
});
