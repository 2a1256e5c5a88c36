import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { may } from '../decide/may.ts';
import { saveResources } from '../seed/save-resources.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';

const world = await openWorld();
const stored = (name: string) => readFileSync(new URL(`./testing/${name}.xml`, import.meta.url), 'utf8');
const [agency, skien] = [await world.organization('Skatteetaten', { orgCode: 'skd' }), await world.organization('Skien kommune')];

/** Resources by a policy as a service owner wrote it, with the numbers of parties that live here. */
function withPolicy(name: string, from: readonly string[] = [], to: readonly string[] = []): Promise<ResourceId> {
  const policyXml = from.reduce((xml, value, i) => xml.replaceAll(`#string">${value}<`, `#string">${to[i]}<`), stored(name));
  return world.resource({ id: name as ResourceId, owner: agency, policyXml });
}

async function partyIdOf(party: PartyId): Promise<string> {
  const { rows } = await world.db.pool.query<{ party_id: number }>('select party_id from register.party where id = $1', [party]);
  return String(rows[0]!.party_id);
}

const asks = (caller: Parameters<typeof may>[1], action: string, resource: ResourceId, party: PartyId) =>
  may(world.db, caller, { action, resource, party });

test('trap b: given a policy that names organizations by number, when they ask, then one may send and both may read', async () => {
  const [sender, receiver, other] = [agency, skien, await world.organization('En annen')];
  const numbers = [await world.numberOf(sender), await world.numberOf(receiver)];
  const resource = await withPolicy('files-by-number', ['991825827', '986252932'], numbers);

  const permits = async (party: PartyId, action: string) => (await asks(machineOf(party), action, resource, receiver)).permit;

  assert.deepEqual([await permits(sender, 'write'), await permits(sender, 'read')], [true, true]);
  assert.deepEqual(
    [await permits(receiver, 'write'), await permits(receiver, 'read'), await permits(receiver, 'subscribe')],
    [false, true, true],
  );
  assert.deepEqual([await permits(other, 'write'), await permits(other, 'read')], [false, false]);
});

test('trap b: given a policy that names parties by id and actions of its own, when they ask, then each gets just that', async () => {
  const resource = await withPolicy('post-by-party-id', ['1', '2'], [await partyIdOf(agency), await partyIdOf(skien)]);

  const permits = async (party: PartyId, action: string) => (await asks(machineOf(party), action, resource, skien)).permit;

  assert.deepEqual([await permits(agency, 'send'), await permits(agency, 'see'), await permits(agency, 'open')], [true, true, true]);
  assert.deepEqual([await permits(skien, 'send'), await permits(skien, 'see'), await permits(skien, 'open')], [false, true, true]);
  assert.deepEqual([await permits(skien, 'read'), await permits(skien, 'SEE')], [false, false]);
});

test('trap b: given a policy by role and organization code, when they ask, then the role reads, the code writes, and others do neither', async () => {
  const resource = await withPolicy('moved-post');
  const [clerk, stranger, other] = [await world.person('Innsender'), await world.person('Fremmed'), await world.organization('En annen')];
  await world.role(clerk, 'UTINN', skien);

  assert.deepEqual((await asks(callerOf(clerk), 'read', resource, skien)).path, [`role utinn at ${await world.numberOf(skien)}`]);
  assert.equal((await asks(callerOf(clerk, { authLevel: 1 }), 'read', resource, skien)).minimumLevel, 2);
  assert.equal((await asks(callerOf(clerk), 'write', resource, skien)).permit, false);
  assert.equal((await asks(callerOf(stranger), 'read', resource, skien)).permit, false);
  assert.equal((await asks(machineOf(agency), 'write', resource, agency)).permit, true);
  assert.equal((await asks(machineOf(other), 'write', resource, agency)).permit, false);
  assert.deepEqual(await world.openers(skien, resource), [clerk]);
});

test('trap b: given a policy by roles and access packages, when somebody is given one of the packages, then it opens', async () => {
  const resource = await withPolicy('sick-pay-dialog');
  const clerk = await world.person('Lønnsmedarbeider');

  assert.equal((await asks(callerOf(clerk), 'read', resource, skien)).permit, false);
  await world.grant({ at: skien, to: clerk, package: 'lonn-personopplysninger-saerlig-kategori' });

  for (const action of ['read', 'subscribe', 'access', 'Access'])
    assert.equal((await asks(callerOf(clerk), action, resource, skien)).permit, true);
  assert.deepEqual(await world.openers(skien, resource), [clerk]);
});

test('trap b: given a policy with rules for the steps of a process, when somebody asks outside any, then those rules give nothing', async () => {
  const resource = await withPolicy('service-with-tasks');
  const manager = await world.person('Daglig leder');
  await world.role(manager, 'DAGL', skien);

  assert.equal((await asks(callerOf(manager), 'read', resource, skien)).permit, true);
  assert.deepEqual(await asks(callerOf(manager), 'subunit-delegated-action', resource, skien), { permit: false, by: 'none', path: [] });
});

test('trap b: given a policy whose rule asks for two actions in one, when one of them is asked for, then it is not permitted, as in the standard', async () => {
  const resource = await withPolicy('two-actions-at-once');
  const manager = await world.person('Daglig leder');
  await world.role(manager, 'DAGL', skien);

  for (const action of ['read', 'write']) assert.equal((await asks(callerOf(manager), action, resource, skien)).permit, false);
});

test('given a policy that asks for level 4, and 3 of a service owner, when both ask at level 3, then the machine of a service owner passes', async () => {
  const levels = (xml: string) => xml.replace(/>2(<\/xacml:AttributeValue>)/, '>4$1').replaceAll('moved-post', 'level-four');
  const resource = await world.resource({ id: 'level-four' as ResourceId, owner: agency, policyXml: levels(stored('moved-post')) });
  const [clerk, other] = [await world.person('Innsender'), await world.organization('Et direktorat')];
  await world.role(clerk, 'UTINN', skien);

  assert.deepEqual(
    [
      (await asks(callerOf(clerk, { authLevel: 3 }), 'read', resource, skien)).minimumLevel,
      (await asks(callerOf(clerk), 'read', resource, skien)).permit,
    ],
    [4, true],
  );
  const machine = (organization: PartyId, ...scopes: string[]) => ({ ...machineOf(organization, ...scopes), consumer: other });
  assert.equal((await asks(machine(agency, 'altinn:serviceowner'), 'write', resource, agency)).by, 'right');
  assert.equal((await asks(machine(agency), 'write', resource, agency)).minimumLevel, 4, 'without the scope it is no service owner');
  assert.equal((await asks({ ...machine(agency, 'altinn:serviceowner'), authLevel: 2 }, 'write', resource, agency)).minimumLevel, 4);
});

test('given a resource with a policy, when it is saved again, changed, and set back to readers, then version and kept policy follow', async () => {
  const id = 'moved-post' as ResourceId;
  const row = async () =>
    (
      await world.db.pool.query(
        `select policy_version, min_level, min_level_org, policy_xml is not null as kept, xmin::text from access.resource where id = $1`,
        [id],
      )
    ).rows[0];
  const save = (more: object) =>
    world.db.transaction(async (tx) =>
      saveResources(tx, [{ id, type: 'CorrespondenceService', owner: agency, title: { nb: 'x', nn: 'x', en: 'x' }, ...more }]),
    );
  await save({ policyXml: stored('moved-post') });
  const first = await row();
  assert.deepEqual([first.min_level, first.min_level_org, first.kept], [2, 3, true]);

  await save({ policyXml: stored('moved-post') });
  assert.deepEqual(await row(), first);
  await save({ policyXml: stored('moved-post').replace(/3(<\/xacml:AttributeValue>)/, '1$1') });
  assert.deepEqual([(await row()).policy_version, (await row()).min_level_org], [first.policy_version + 1, 1]);
  await save({ readers: ['DAGL'] });
  const last = await row();
  assert.deepEqual([last.min_level, last.min_level_org, last.kept], [0, null, false]);
});
