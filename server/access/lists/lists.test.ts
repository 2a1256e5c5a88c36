import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { onAccessChanged, onPolicyChanged } from '../announce.ts';
import { may } from '../decide/may.ts';
import { openWire } from '../testing/wire.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { listErrors } from './errors.ts';

const base = '/resourceregistry/api/v1/access-lists';
const read = 'altinn:resourceregistry/accesslist.read';
const write = 'altinn:resourceregistry/accesslist.write';
const world = await openWorld();
const [agency, other] = [await world.organization('Skatteetaten', { orgCode: 'skd' }), await world.organization('Nav', { orgCode: 'nav' })];
const [skien, bamble] = [await world.organization('SKIEN KOMMUNE'), await world.organization('BAMBLE KOMMUNE')];
const boss = await world.person('KARI');
for (const at of [skien, bamble]) await world.role(boss, 'DAGL', at);
const closing = await world.organization('Gammel etat', { orgCode: 'gammel' });
const wire = await openWire(world, {
  agency: machineOf(agency, write),
  looker: machineOf(agency, read),
  other: machineOf(other, write),
  closing: machineOf(closing, write),
  decider: machineOf(other, 'altinn:authorization/authorize'),
});

const urnOf = async (party: PartyId) => `urn:altinn:organization:identifier-no:${await world.numberOf(party)}`;
const members = async (...parties: PartyId[]) => ({ data: await Promise.all(parties.map(urnOf)) });
const make = (identifier: string, by = 'agency') =>
  wire.send('PUT', `${base}/skd/${identifier}`, by, { name: 'Pilot', description: 'De første' });
const opens = async (party: PartyId, resource: ResourceId, action = 'read') =>
  (await may(world.db, callerOf(boss), { action, resource, party })).permit;

/** A resource that asks for lists. */
async function listed(id: string, owner = agency): Promise<ResourceId> {
  const resource = await world.resource({ id: id as ResourceId, owner, senders: 'any', readers: ['DAGL'] });
  await world.db.pool.query('update access.resource set lists_enabled = true where id = $1', [resource]);
  return resource;
}

test('given a resource that asks for lists, when members and actions change, then may, whoCanOpen and who listens know it at once', async () => {
  const resource = await listed('listed-post');
  await make('pilot');
  const connected = `${base}/skd/pilot/resource-connections/${resource}`;
  const heard: string[] = [];
  onAccessChanged.fill(async (_tx, parties) => void heard.push(...parties));
  onPolicyChanged.fill(async (_tx, resources) => void heard.push(...resources));
  const both = async (party: PartyId) => [await opens(party, resource), (await world.openers(party, resource)).includes(boss)];
  assert.deepEqual(await both(skien), [false, false]);

  assert.equal((await wire.send('PUT', connected, 'agency', { actionFilters: ['Read'] })).status, 204);
  assert.deepEqual(await both(skien), [false, false]);
  assert.equal((await wire.send('POST', `${base}/skd/pilot/members`, 'agency', await members(skien))).status, 204);

  assert.deepEqual(
    [await both(skien), await both(bamble)],
    [
      [true, true],
      [false, false],
    ],
  );
  assert.equal(await opens(skien, resource, 'subscribe'), false);
  await wire.send('PUT', connected, 'agency', { actionFilters: null });
  assert.equal(await opens(skien, resource, 'subscribe'), true);
  await wire.send('PUT', `${base}/skd/pilot/members`, 'agency', await members(bamble));
  assert.deepEqual(
    [await both(skien), await both(bamble)],
    [
      [false, false],
      [true, true],
    ],
  );
  await wire.send('DELETE', `${base}/skd/pilot/members`, 'agency', await members(bamble, skien));
  assert.deepEqual(await both(bamble), [false, false]);
  assert.deepEqual(heard.toSorted(), [resource, skien, resource, skien, bamble, bamble].toSorted());
  await wire.send('DELETE', connected, 'agency');
  assert.deepEqual(await both(skien), [false, false]);
});

test('given a list, when it is removed, then its members may be acted for no longer, and its resource is still closed to others', async () => {
  const resource = await listed('soon-without-list');
  await make('short-lived');
  await wire.send('PUT', `${base}/skd/short-lived/members`, 'agency', await members(skien));
  await wire.send('PUT', `${base}/skd/short-lived/resource-connections/${resource}`, 'agency', {});
  assert.equal(await opens(skien, resource), true);

  assert.equal((await wire.send('DELETE', `${base}/skd/short-lived`, 'agency')).status, 204);

  assert.equal(await opens(skien, resource), false);
  assert.equal((await wire.send('GET', `${base}/skd/short-lived`, 'agency')).code, 9192);
  assert.equal((await nothingWritten(world.db, () => wire.send('DELETE', `${base}/skd/short-lived`, 'agency'))).status, 204);
});

test('given a list, when it is read and written with the tag of its version, then a stale tag is refused and nothing is written', async () => {
  const made = await make('tagged');
  const first = made.headers.get('etag')!;
  const path = `${base}/skd/tagged`;
  assert.equal(made.status, 200);
  assert.deepEqual(
    (({ urn, identifier, name, description }) => [urn, identifier, name, description])(made.json<Record<string, string>>()),
    ['urn:altinn:access-list:skd:tagged', 'tagged', 'Pilot', 'De første'],
  );
  assert.equal((await wire.send('GET', path, 'looker', undefined, { 'if-none-match': first })).status, 304);
  const added = await wire.send('POST', `${path}/members`, 'agency', await members(skien), { 'if-match': first });
  assert.equal(added.status, 204);
  const second = added.headers.get('etag')!;
  assert.notEqual(second, first);

  for (const [method, at, body] of [
    ['PUT', path, { name: 'Annet' }],
    ['PATCH', path, [{ op: 'replace', path: '/name', value: 'Annet' }]],
    ['DELETE', path, undefined],
    ['POST', `${path}/members`, await members(bamble)],
    ['PUT', `${path}/members`, await members(bamble)],
    ['DELETE', `${path}/members`, await members(skien)],
    ['PUT', `${path}/resource-connections/listed-post`, {}],
    ['DELETE', `${path}/resource-connections/listed-post`, undefined],
  ] as const) {
    const stale = await nothingWritten(world.db, () => wire.send(method, at, 'agency', body, { 'if-match': first }));
    assert.deepEqual([stale.status, stale.code], [412, 9194], `${method} ${at}`);
  }
  assert.equal((await wire.send('PUT', path, 'agency', { name: 'Ny' }, { 'if-none-match': '*' })).status, 412);
  const current = await wire.send('PUT', path, 'agency', { name: 'Ny' }, { 'if-match': `"0-x", ${second}` });
  assert.deepEqual([current.status, current.json<{ name: string }>().name], [200, 'Ny']);
  assert.equal((await wire.send('PUT', `${base}/skd/not-there`, 'agency', { name: 'x' }, { 'if-match': '*' })).status, 412);
  const same = await wire.send('PUT', path, 'agency', { name: 'Ny' });
  assert.equal(same.headers.get('etag'), current.headers.get('etag'));
});

test('given a list that was removed and made again, when the old tag is shown, then it does not pass', async () => {
  const first = (await make('again')).headers.get('etag');
  await wire.send('DELETE', `${base}/skd/again`, 'agency');

  assert.notEqual((await make('again')).headers.get('etag'), first);
});

test('given patches, when they are applied, then name and description follow, and what is no such patch is refused', async () => {
  await make('patched');
  const patch = (...ops: object[]) =>
    wire.send('PATCH', `${base}/skd/patched`, 'agency', ops, { 'content-type': 'application/json-patch+json' });

  const done = await patch(
    { op: 'test', path: '/name', value: 'Pilot' },
    { op: 'replace', path: '/name', value: 'To' },
    { op: 'remove', path: '/description' },
  );

  assert.deepEqual((({ name, description }) => [name, description])(done.json<Record<string, string>>()), ['To', '']);
  for (const [op, code] of [
    [{ op: 'replace', path: '/identifier', value: 'x' }, 9196],
    [{ op: 'replace', path: '/name', value: '' }, 9196],
    [{ op: 'replace', path: '/name', value: 7 }, 9196],
    [{ op: 'remove', path: '/name' }, 9196],
    [{ op: 'move', path: '/name', value: 'x' }, 9196],
    [{ op: 'test', path: '/name', value: 'Pilot' }, 9782],
  ] as const) {
    assert.equal((await nothingWritten(world.db, () => patch(op))).code, code, JSON.stringify(op));
  }
});

test('given the lists of one owner, when another or a reader writes or looks, then it is refused and nothing is written', async () => {
  await make('mine');
  for (const [method, path, body] of [
    ['GET', `${base}/skd`, undefined],
    ['GET', `${base}/skd/mine`, undefined],
    ['GET', `${base}/skd/mine/members`, undefined],
    ['GET', `${base}/skd/mine/resource-connections`, undefined],
    ['PUT', `${base}/skd/mine`, { name: 'Stjålet' }],
    ['PATCH', `${base}/skd/mine`, []],
    ['DELETE', `${base}/skd/mine`, undefined],
    ['PUT', `${base}/skd/mine/members`, { data: [] }],
    ['PUT', `${base}/skd/mine/resource-connections/listed-post`, {}],
    ['DELETE', `${base}/skd/mine/resource-connections/listed-post`, undefined],
    ['GET', `${base}/no-such-owner`, undefined],
  ] as const) {
    const stranger = await nothingWritten(world.db, () => wire.send(method, path, 'other', body));
    assert.deepEqual([stranger.status, stranger.code], [403, 9193], `${method} ${path}`);
    if (method === 'GET') continue;
    assert.equal((await nothingWritten(world.db, () => wire.send(method, path, 'looker', body))).status, 403);
  }
  const foreign = await world.resource({ id: 'foreign-post' as ResourceId, owner: other });
  assert.equal((await wire.send('PUT', `${base}/skd/mine/resource-connections/${foreign}`, 'agency', {})).code, 9198);
  assert.equal((await wire.send('DELETE', `${base}/skd/mine/resource-connections/${foreign}`, 'agency')).code, 9199);
  assert.equal((await wire.send('PUT', `${base}/skd/Feil%20navn`, 'agency', { name: 'x' })).code, 9195);
  assert.equal((await wire.send('PUT', `${base}/skd/not-there/members`, 'agency', { data: [] })).code, 9192);
});

test('given members that are no organizations, when they are added, then their places are named and nothing is written', async () => {
  await make('strict');
  const person = `urn:altinn:person:identifier-no:${await world.numberOf(boss)}`;
  const data = [await urnOf(skien), person, 'urn:altinn:organization:identifier-no:999999999', 'tull', `urn:altinn:party:uuid:${boss}`];

  const refused = await nothingWritten(world.db, () => wire.send('POST', `${base}/skd/strict/members`, 'agency', { data }));

  assert.deepEqual([refused.status, refused.code], [400, 9197]);
  assert.match(refused.text, /items 1, 2, 3, 4/);
  const byUuid = await wire.send('POST', `${base}/skd/strict/members`, 'agency', { data: [`urn:altinn:party:uuid:${skien}`] });
  assert.equal(byUuid.status, 204);
  const shown = (await wire.send('GET', `${base}/skd/strict/members`, 'looker')).json<{
    data: { identifiers: Record<string, string> }[];
  }>();
  assert.deepEqual(
    shown.data.map(({ identifiers }) => identifiers['urn:altinn:organization:identifier-no']),
    [await world.numberOf(skien)],
  );
});

test('given many lists and what belongs to them, when they are read page by page, then each comes once, with what was asked for', async () => {
  const resource = await listed('connected-post');
  const names = Array.from({ length: 103 }, (_, i) => `many-${String(i).padStart(3, '0')}`);
  for (const name of names) await make(name);
  await wire.send('PUT', `${base}/skd/many-007/resource-connections/${resource}`, 'agency', { actionFilters: ['read', 'access'] });
  await wire.send('PUT', `${base}/skd/many-007/members`, 'agency', await members(skien, bamble));
  await world.list('from-the-town', agency, [skien]);
  const everything: string[] = [];
  for (let path: string | null = `${base}/skd`; path; ) {
    const page: { data: { identifier: string }[]; links: { next: string | null } } = (await wire.send('GET', path, 'looker')).json();
    everything.push(...page.data.map(({ identifier }) => identifier));
    path = page.links.next;
  }

  assert.deepEqual(
    everything.filter((name) => name.startsWith('many-')),
    names,
  );
  assert.equal(new Set(everything).size, everything.length);
  assert.ok(everything.includes('from-the-town'));
  const one = `${base}/${await world.numberOf(agency)}?resource=${resource}&include=resource-connections.actions,members`;
  const { data } = (await wire.send('GET', one, 'looker')).json<{
    data: { identifier: string; resourceConnections: unknown[]; members: unknown[] }[];
  }>();
  assert.deepEqual(
    data.map(({ identifier }) => identifier),
    ['many-007'],
  );
  assert.deepEqual((data[0]!.resourceConnections[0] as { actionFilters: string[] }).actionFilters, ['access', 'read']);
  assert.equal(data[0]!.members.length, 2);
  const connections = (await wire.send('GET', `${base}/skd/many-007/resource-connections`, 'looker')).json<{ data: unknown[] }>();
  assert.equal(connections.data.length, 1);
});

test('given memberships, when they are asked for, then deciders see all, an owner those of its lists, and nobody who is known here', async () => {
  const resource = await listed('member-post');
  await make('membership');
  await wire.send('PUT', `${base}/skd/membership/members`, 'agency', await members(bamble));
  await wire.send('PUT', `${base}/skd/membership/resource-connections/${resource}`, 'agency', { actionFilters: ['read'] });
  const ask = async (by: string, party: string, more = '') => wire.send('GET', `${base}/memberships?party=${party}${more}`, by);

  const found = (await ask('decider', await urnOf(bamble), `&resource=urn:altinn:resource:${resource}`)).json<Record<string, unknown>[]>();

  assert.deepEqual(
    found.map(({ party, resource: at, actionFilters }) => ({ party, at, actionFilters })),
    [{ party: await urnOf(bamble), at: `urn:altinn:resource:${resource}`, actionFilters: ['read'] }],
  );
  assert.ok((await ask('looker', await urnOf(bamble))).json<unknown[]>().length > 0);
  assert.deepEqual((await ask('other', await urnOf(bamble))).json(), []);
  assert.equal((await ask('decider', 'tull')).code, 9100);
  assert.equal((await ask('decider', 'urn:altinn:organization:identifier-no:999999999')).code, 9780);
  assert.deepEqual((await ask('decider', `urn:altinn:person:identifier-no:${await world.numberOf(boss)}`)).json(), []);
  assert.deepEqual(wire.lies, []);
});

test('given two who make the same list at once and two who add to it, when all are done, then there is one list with both members', async () => {
  const made = await Promise.all([make('raced'), make('raced'), make('raced')]);
  const added = await Promise.all(
    [skien, bamble].map(async (party) => wire.send('POST', `${base}/skd/raced/members`, 'agency', await members(party))),
  );

  assert.deepEqual([...made.map(({ status }) => status), ...added.map(({ status }) => status)], [200, 200, 200, 204, 204]);
  const shown = (await wire.send('GET', `${base}/skd/raced/members`, 'agency')).json<{ data: unknown[] }>();
  assert.equal(shown.data.length, 2);
});

test('given an owner of lists that is gone, when it makes or changes one, then it is refused', async () => {
  const put = (identifier: string) =>
    wire.send('PUT', `${base}/gammel/${identifier}`, 'closing', { name: 'Pilot', description: 'De første' });
  assert.equal((await put('gammel-liste')).status, 200);
  await world.save({ kind: 'organization', number: await world.numberOf(closing), name: 'Gammel etat', deletedAt: '2026-01-01T00:00:00Z' });
  for (const identifier of ['gammel-liste', 'ny-liste']) {
    const answer = await nothingWritten(world.db, () => put(identifier));
    assert.deepEqual([answer.status, answer.code], [403, listErrors.notListOwner.code], identifier);
  }
});
