import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, onAccessChanged } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { openWorld } from '../access/testing/world.ts';
import { createActivityRecorder } from './activity.ts';

const world = await openWorld();
const owner = await world.organization('Skatteetaten');
const told: PartyId[] = [];
onAccessChanged.fill(async (_tx, parties) => void told.push(...parties));
let now = new Date('2027-03-01T10:00:00Z');
const activity = createActivityRecorder({ ...world.ctx, now: () => now }, (tx) => announceAccessChanges(tx));
const days = (many: number): Date => new Date(now.getTime() + many * 24 * 3600_000);

const caller = (kind: Caller['kind'], subject: PartyId, more: Partial<Caller> = {}): Caller => ({
  ...{ kind, issuer: 'altinn', subject, party: subject, consumer: null, scopes: new Set(), authLevel: 3, clientId: 'system' },
  ...more,
});
const reading = { scopes: new Set(['altinn:correspondence.read']) };

/** The names of the parties whose access version rose when this caller was seen; all of them are told in the same transaction. */
async function raisedBy(parties: Readonly<Record<string, PartyId>>, who: Caller): Promise<string[]> {
  const versions = async () => Promise.all(Object.values(parties).map((id) => world.version(id)));
  const before = await versions();
  told.length = 0;
  activity.note(who);
  await activity.flush();
  const after = await versions();
  const raised = Object.keys(parties).filter((_, i) => after[i]! > before[i]!);
  assert.deepEqual(
    raised.filter((name) => !told.includes(parties[name]!)),
    [],
    'everybody who changed is told',
  );
  return raised;
}

test('given a person who leads one organization and reads for another, when the person logs in for the first time, then access counts as changed where they act, and nowhere else', async () => {
  const [led, read, giver, kari] = [
    await world.organization('Ledet'),
    await world.organization('Lest'),
    await world.organization('Giver'),
    await world.person('Kari'),
  ];
  const parties = { kari, led, below: await world.subunit('Avdeling', led), read, giver, other: await world.organization('Annen') };
  await world.role(kari, 'DAGL', led);
  await world.grant({ at: read, to: kari, resource: await world.resource({ owner }) });
  await world.grant({ at: giver, to: led, package: 'ordinaer-post-til-virksomheten' });

  assert.deepEqual(await raisedBy(parties, caller('person', kari)), ['kari', 'led', 'below', 'read', 'giver']);
});

test('given somebody who was here, when they come again, then access changes only by a higher level or after a month away', async () => {
  const kari = await world.person('Kari');
  assert.deepEqual(await raisedBy({ kari }, caller('person', kari)), ['kari']);

  now = days(29);
  assert.deepEqual(await raisedBy({ kari }, caller('person', kari)), []);
  assert.deepEqual(await raisedBy({ kari }, caller('person', kari, { authLevel: 4 })), ['kari']);
  now = days(30);
  assert.deepEqual(await raisedBy({ kari }, caller('person', kari)), ['kari']);
});

test('given a machine that sends, when it shows a read scope for the first time, then access counts as changed', async () => {
  const office = await world.organization('Kontor');
  assert.deepEqual(await raisedBy({ office }, caller('organization', office)), ['office']);
  assert.deepEqual(await raisedBy({ office }, caller('organization', office)), []);
  assert.deepEqual(await raisedBy({ office }, caller('organization', office, reading)), ['office']);
});

test('given a manager who was never seen, when the manager logs in, then the organization is no longer cold', async () => {
  const [office, manager] = [await world.organization('Kontor'), await world.person('Leder')];
  await world.role(manager, 'DAGL', office);
  const resource = await world.resource({ owner });
  const cold = await world.openability(office, resource);

  activity.note(caller('person', manager));
  await activity.flush();

  const warm = await world.openability(office, resource);
  assert.deepEqual([cold.class, warm.class], ['COLD', 'REACHABLE']);
  assert.notEqual(cold.accessVersion, warm.accessVersion);
});

test('given a listener that fails, when somebody is seen, then it is not written, and the next call is seen again', async () => {
  const kari = await world.person('Kari');
  let broken = true;
  const failing = createActivityRecorder(world.ctx, async () => {
    if (broken) throw new Error('broken');
  });
  const seen = async () => (await world.openability(kari, await world.resource({ owner }))).class;
  failing.note(caller('person', kari));
  await failing.flush();
  assert.equal(await seen(), 'COLD');

  broken = false;
  failing.note(caller('person', kari));
  await failing.flush();

  assert.equal(await seen(), 'REACHABLE');
});
