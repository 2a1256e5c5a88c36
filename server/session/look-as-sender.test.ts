import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, personCaller } from '../../test/world.ts';
import { lookAsSender } from './look-as-sender.ts';

const world = await createWorld();
const { db } = world.ctx;
const [agency, other] = [await world.organization('Etaten'), await world.organization('Bakeriet AS')];
const [manager, clerk] = [await world.person('SIGRID SKAR'), await world.person('ODD ANSATT')];
await world.role(manager, 'DAGL', agency);
await world.role(manager, 'DAGL', other);
await world.grant(clerk, agency, { package: 'ordinaer-post-til-virksomheten' });
await world.resource('etatens-brev', agency);

test('given an organization with services, when the one who administers access there looks as its sender, then it is the organization that looks, and can open nothing', async () => {
  const caller = await lookAsSender(db, personCaller(manager), agency.id);
  assert.deepEqual([caller?.kind, caller?.subject, caller?.party, caller?.consumer], ['organization', agency.id, agency.id, null]);
  assert.deepEqual([...caller!.scopes].sort(), ['altinn:broker.write', 'altinn:correspondence.write']);
});

test('given one who only reads there, an organization without services, and what is no party, when they are looked for, then the person stays itself', async () => {
  assert.equal(await lookAsSender(db, personCaller(clerk), agency.id), undefined);
  assert.equal(await lookAsSender(db, personCaller(manager), other.id), undefined);
  for (const odd of ['', 'x', '0198f0a0-0000-7000-8000-000000000000', `${agency.id}'`]) {
    assert.equal(await lookAsSender(db, personCaller(manager), odd), undefined, odd);
  }
});
