import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { saveParties } from '#register/index.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { keptFromManagers } from '../decide/give.ts';
import { may } from '../decide/may.ts';
import { accessErrors } from '../errors.ts';
import { ownAccessRoutes } from '../routes.ts';
import { openWire } from '../testing/wire.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { createGrant } from './create-grant.ts';
import { expireGrants } from './expire-grants.ts';
import { listGrantsAt } from './list-grants.ts';
import { restoreGrant } from './restore-grant.ts';
import { revokeGrant } from './revoke-grant.ts';
import { untilOf } from './until.ts';
import type { GrantRequest, GrantView } from './wire.ts';

const world = await openWorld();
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const police = await world.organization('Politidistrikt');
const sealed = await world.resource({ owner: police, readers: [`package:${confidential}`] });
const explicit = await world.resource({ owner: police, readers: ['package:eksplisitt'] });

const urnOf = (party: PartyId) => `urn:altinn:party:uuid:${party}`;

interface Town {
  readonly at: PartyId;
  readonly manager: PartyId;
  readonly clerk: PartyId;
  give(more: Partial<GrantRequest>, caller?: Caller): ReturnType<typeof createGrant>;
  reads(who: PartyId, resource?: typeof sealed): Promise<boolean>;
}

/** A municipality with a manager, who may give, and a clerk, who may nothing. */
async function town(): Promise<Town> {
  const [at, manager, clerk] = [
    await world.organization('Skien kommune'),
    await world.person('Rådmann'),
    await world.person('Saksbehandler'),
  ];
  await world.role(manager, 'DAGL', at);
  const number = await world.numberOf(at);
  return {
    at,
    manager,
    clerk,
    give: (more, caller = callerOf(manager)) => createGrant(world.ctx, caller, { at: `0192:${number}`, to: urnOf(clerk), ...more }),
    reads: async (who, resource = sealed) => (await may(world.db, callerOf(who), { action: 'read', resource, party: at })).permit,
  };
}

/** The work is refused with this row, and nothing is written. */
async function refused(row: keyof typeof accessErrors, work: () => Promise<unknown>): Promise<void> {
  const error = await nothingWritten(world.db, () =>
    work().then(
      () => assert.fail(`${row} was not refused`),
      (e: unknown) => e,
    ),
  );
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.row.code, accessErrors[row].code, error.message);
}

test('given sealed post, when the manager gives a clerk the package, then the clerk can open, the version is new and evidence tells who gave', async () => {
  const { at, manager, clerk, give, reads } = await town();
  assert.equal(await reads(clerk), false);
  const before = await world.version(at);

  const { grant, isNew, to } = await give({ package: confidential, reason: 'Barnevernet' });

  assert.deepEqual([isNew, to.id, await reads(clerk), await reads(manager)], [true, clerk, true, false]);
  assert.ok((await world.version(at)) > before);
  const entries = await listEvidence(world.db, [grant.id]);
  assert.deepEqual(
    entries.map((entry) => entry.event),
    ['AccessGranted'],
  );
  const who = JSON.stringify(entries[0]);
  assert.ok(who.includes(manager) && who.includes(clerk) && who.includes('role daglig-leder at'));
  assert.ok(!who.includes(await world.numberOf(clerk)), 'no identity number in evidence');
});

test('given a manager who cannot open, when it gives itself the package, then it can', async () => {
  const { manager, give, reads } = await town();
  await give({ to: await world.numberOf(manager), package: `urn:altinn:accesspackage:${confidential}` });
  assert.equal(await reads(manager), true);
});

test('given a resource that is delegated explicitly, when the manager gives the resource or one message of it, then just that opens', async () => {
  const { at, clerk, give, reads } = await town();
  const message = newId();
  await give({ resource: explicit, instance: message });
  assert.equal(await reads(clerk, explicit), false);
  assert.equal((await may(world.db, callerOf(clerk), { action: 'read', resource: explicit, party: at, instance: message })).permit, true);
  await give({ resource: `urn:altinn:resource:${explicit}`, actions: ['read'] });
  assert.equal(await reads(clerk, explicit), true);
});

test('given what was given already, when it is given again, then what stands is answered and nothing is written', async () => {
  const { at, give } = await town();
  const first = await give({ package: confidential });
  const [version, again] = [await world.version(at), await nothingWritten(world.db, () => give({ package: confidential }))];
  assert.deepEqual([again.isNew, again.grant.id, await world.version(at)], [false, first.grant.id, version]);
});

test('given a grant with an end, when the same is given without one, then it is refused with what stands, and nothing is written', async () => {
  const { give } = await town();
  await give({ package: confidential, until: '2199-01-01T00:00:00Z' });
  await nothingWritten(world.db, () => assert.rejects(give({ package: confidential }), { row: accessErrors.grantDiffers }));
});

test('given two managers who give the same at once, when both are done, then one grant stands', async () => {
  const { at, give } = await town();
  const other = await world.person('Ny rådmann');
  await world.role(other, 'LEDE', at);
  const both = await Promise.all([give({ package: confidential }), give({ package: confidential }, callerOf(other))]);
  assert.equal(both[0].grant.id, both[1].grant.id);
  assert.deepEqual(both.map((each) => each.isNew).sort(), [false, true]);
});

test('given a grant, when it is taken away by who may give it, then the clerk cannot open; again changes nothing', async () => {
  const { at, manager, clerk, give, reads } = await town();
  const { grant } = await give({ package: confidential });
  const before = await world.version(at);

  await revokeGrant(world.ctx, callerOf(manager), grant.id);
  assert.deepEqual([await reads(clerk), (await world.version(at)) > before], [false, true]);
  assert.deepEqual((await listEvidence(world.db, [grant.id])).map((entry) => entry.event).sort(), ['AccessGranted', 'AccessRevoked']);
  await nothingWritten(world.db, () => revokeGrant(world.ctx, callerOf(manager), grant.id));

  assert.equal((await give({ package: confidential })).isNew, true, 'it can be given anew');
  assert.equal(await reads(clerk), true);
});

test('given a grant, when whoever has it gives it up, then it is gone', async () => {
  const { clerk, give, reads } = await town();
  const { grant } = await give({ package: confidential });
  await revokeGrant(world.ctx, callerOf(clerk), grant.id);
  assert.equal(await reads(clerk), false);
});

test('given somebody who may not give at the party, when it gives or takes away, then it is refused', async () => {
  const { at, clerk, give } = await town();
  const elsewhere = await town();
  const member = await world.person('Styremedlem');
  await world.role(member, 'MEDL', at);
  const partner = await world.person('Komplementar');
  await world.role(partner, 'KOMP', at);
  for (const by of [clerk, elsewhere.manager, member, partner])
    await refused('mayNotGrant', () => give({ package: confidential }, callerOf(by)));
  await refused('mayNotGrant', () => give({ resource: explicit }, callerOf(partner)));

  const { grant } = await give({ package: confidential });
  for (const by of [elsewhere.manager, elsewhere.clerk, member, partner]) {
    await refused('grantNotFound', () => revokeGrant(world.ctx, callerOf(by), grant.id));
  }
  await refused('grantNotFound', () => revokeGrant(world.ctx, callerOf(clerk), newId()));
});

test('given a manager who is manager no more or has died, when it gives, then it is refused', async () => {
  const { at, manager, give } = await town();
  const other = await world.person('Styreleder');
  await world.role(other, 'LEDE', at);
  await world.endRole(manager, 'DAGL', at);
  await refused('mayNotGrant', () => give({ package: confidential }));

  const number = await world.numberOf(other);
  await world.db.transaction(async (tx) => saveParties(tx, [{ kind: 'person', number, name: 'Styreleder', diedOn: '2026-11-01' }]));
  await refused('mayNotGrant', () => give({ package: confidential }, callerOf(other)));
});

test('given an access manager, when it gives what it holds itself, then it may, and what it does not hold it may not', async () => {
  const { at, give } = await town();
  const keeper = await world.person('Tilgangsstyrer');
  await world.grant({ at, to: keeper, package: 'tilgangsstyrer' });
  const ordinary = await world.resource({ owner: police, readers: ['package:ordinaer-post-til-virksomheten'] });
  await refused('mayNotGrant', () => give({ package: 'ordinaer-post-til-virksomheten' }, callerOf(keeper)));
  await refused('mayNotGrant', () => give({ resource: ordinary }, callerOf(keeper)));

  await world.grant({ at, to: keeper, package: 'ordinaer-post-til-virksomheten' });
  assert.equal((await give({ package: 'ordinaer-post-til-virksomheten' }, callerOf(keeper))).isNew, true);
  assert.equal((await give({ resource: ordinary }, callerOf(keeper))).isNew, true);
  await refused('mayNotGrant', () => give({ package: confidential }, callerOf(keeper)));
});

test('given a person, when it lets another read its own post, then it may; of another person it may not', async () => {
  const [kari, ola] = [await world.person('Kari'), await world.person('Ola')];
  const letter = await world.resource({ owner: police, readers: ['self'] });
  const request = { at: await world.numberOf(kari), to: urnOf(ola), resource: letter };
  await refused('mayNotGrant', () => createGrant(world.ctx, callerOf(ola), request));
  await createGrant(world.ctx, callerOf(kari), request);
  assert.equal((await may(world.db, callerOf(ola), { action: 'read', resource: letter, party: kari })).permit, true);

  const forOrganizations = await world.resource({ owner: police, readers: ['DAGL'] });
  await refused('mayNotGrant', () => createGrant(world.ctx, callerOf(kari), { ...request, resource: forOrganizations }));
});

test('given a resource that asks for a high level of login, when the manager is logged in below it, then it may not give it', async () => {
  const { manager, give } = await town();
  const high = await world.resource({ owner: police, readers: ['package:eksplisitt'], minLevel: 4 });
  await refused('mayNotGrant', () => give({ resource: high }, callerOf(manager, { authLevel: 3 })));
  assert.equal((await give({ resource: high })).isNew, true);
});

test('given requests that cannot be met, when they are made, then each is refused by its name', async () => {
  const { at, manager, give } = await town();
  const dead = await world.person('Død', { diedOn: '2026-01-01' });
  const cases: [keyof typeof accessErrors, Partial<GrantRequest>][] = [
    ['grantUnclear', {}],
    ['grantUnclear', { package: confidential, resource: sealed }],
    ['grantUnclear', { package: confidential, actions: ['read'] }],
    ['grantUnclear', { package: confidential, instance: newId() }],
    ['untilPassed', { package: confidential, until: '2020-01-01T00:00:00Z' }],
    ['partyReferenceInvalid', { at: '991825827', package: confidential }],
    ['partyReferenceInvalid', { to: '14886498227', package: confidential }],
    ['partyUnknown', { to: '0192:974760673', package: confidential }],
    ['partyUnknown', { to: 'urn:altinn:person:idporten-email:kari@example.no', package: confidential }],
    ['partyUnknown', { to: `urn:altinn:systemuser:uuid:${manager}`, package: confidential }],
    ['recipientGone', { to: urnOf(dead), package: confidential }],
    ['recipientIsParty', { to: urnOf(at), package: confidential }],
    ['packageUnknown', { package: 'finnes-ikke' }],
    ['packageNotAssignable', { package: 'eksplisitt' }],
    ['resourceUnknown', { resource: 'finnes-ikke' }],
    ['actionUnknown', { resource: explicit, actions: ['read', 'slett'] }],
  ];
  for (const [row, more] of cases) await refused(row, () => give(more));
  await refused('callerNotPerson', () => give({ package: confidential }, machineOf(at)));
  await refused('callerNotPerson', () => give({ package: confidential }, callerOf(manager, { subject: null })));
  await refused('callerNotPerson', () => revokeGrant(world.ctx, machineOf(at), newId()));
});

test('given somebody who may not give, when it names persons, then known, unknown and dead ones look the same', async () => {
  const { clerk, give } = await town();
  const [known, dead] = [await world.person('Kari'), await world.person('Død', { diedOn: '2026-01-01' })];
  const numbers = [await world.numberOf(known), await world.numberOf(dead), '02013299997'];
  for (const number of numbers) {
    await refused('mayNotGrant', () => give({ to: number, lastName: 'Kari', package: confidential }, callerOf(clerk)));
    await refused('mayNotGrant', () => give({ at: number, package: confidential }, callerOf(clerk)));
    assert.deepEqual(await listGrantsAt(world.ctx, callerOf(clerk), { at: number }), { grants: [], next: null });
  }
  await refused('partyUnknown', () => give({ at: '0192:974760673', package: confidential }));
  await refused('partyUnknown', () => listGrantsAt(world.ctx, callerOf(clerk), { at: '0192:974760673' }));
});

test('given a person that is named by number, when it is given access, then only with its last name, and else known, unknown and dead ones look the same', async () => {
  const { give, reads } = await town();
  const [known, dead] = [await world.person('Kari Nordmann'), await world.person('Død Nordmann', { diedOn: '2026-01-01' })];
  const numbers = [await world.numberOf(known), await world.numberOf(dead), '02013299997'];
  for (const to of numbers) {
    for (const lastName of [null, '', ' ']) await refused('lastNameMissing', () => give({ to, lastName, package: confidential }));
    await refused('partyUnknown', () => give({ to, lastName: 'Kari', package: confidential }));
  }
  for (const to of numbers.slice(1)) await refused('partyUnknown', () => give({ to, lastName: 'Nordmann', package: confidential }));

  const { isNew, to } = await give({ to: numbers[0]!, lastName: 'NORDMANN ', package: confidential });

  assert.deepEqual([isNew, to.id, await reads(known)], [true, known, true]);
});

test('given tokens that only read, or are for the other direction, when access is given or taken away by them, then they are refused and nothing is written', async () => {
  const { at, manager, clerk } = await town();
  const by = (who: PartyId, ...scopes: string[]) => callerOf(who, { scopes: new Set(scopes) });
  const connections = 'altinn:accessmanagement/enduser:connections';
  const wire = await openWire(world, {
    reader: by(manager, 'altinn:correspondence.read', 'altinn:enduser', `${connections}:toothers.read`),
    portal: by(manager, 'altinn:portal/enduser'),
    giver: by(manager, `${connections}:toothers.write`),
    holder: by(clerk, `${connections}:fromothers.write`),
    other: by(manager, `${connections}:fromothers.write`),
  });
  const body = { at: `0192:${await world.numberOf(at)}`, to: urnOf(clerk), package: confidential };
  const give = (who: string) => wire.send('POST', '/budstikke/v1/grants', who, body);
  const take = (who: string, id: string) => wire.send('DELETE', `/budstikke/v1/grants/${id}`, who);

  for (const who of ['reader', 'holder', 'other']) assert.equal((await nothingWritten(world.db, () => give(who))).status, 403, who);
  const { id } = (await give('giver')).json<{ id: string }>();
  assert.equal((await give('portal')).status, 200);
  assert.equal((await nothingWritten(world.db, () => take('reader', id))).status, 403);
  assert.deepEqual((await nothingWritten(world.db, () => take('other', id))).code, 9802);
  assert.equal((await take('holder', id)).status, 204);
  assert.equal((await take('giver', (await give('giver')).json<{ id: string }>().id)).status, 204);
  assert.deepEqual(wire.lies, []);
});

test('given a login below that of the post that a package opens, when the package is given or taken away, then it is refused', async () => {
  const { at, clerk, manager, give } = await town();
  const low = 'posttjenester';
  const at3 = callerOf(manager, { authLevel: 3 });
  assert.equal((await give({ package: low }, at3)).isNew, true, 'it opens nothing yet');
  await world.resource({ owner: police, readers: [`package:${low}`], minLevel: 4 });
  await refused('mayNotGrant', () => give({ package: low, to: urnOf(manager) }, at3));
  const { grants } = await listGrantsAt(world.ctx, at3, { at: urnOf(at) });
  await refused('grantNotFound', () => revokeGrant(world.ctx, at3, grants[0]!.id));
  assert.equal((await give({ package: low, to: urnOf(manager) })).isNew, true);
  for (const code of ['hovedadministrator', 'tilgangsstyrer']) {
    assert.equal((await give({ package: code, to: urnOf(clerk) }, at3)).isNew, true);
  }
});

test('given a login below that by which access is administered, when access is listed, given or taken, then it is refused, whatever it is and whoever has it', async () => {
  const { at, clerk, manager, give } = await town();
  const { grant } = await give({ package: 'posttjenester' });
  const below = (who: PartyId) => callerOf(who, { authLevel: 2 });
  for (const who of [manager, clerk]) await refused('loginTooLow', () => listGrantsAt(world.ctx, below(who), { at: urnOf(at) }));
  for (const who of [manager, clerk]) await refused('loginTooLow', () => revokeGrant(world.ctx, below(who), grant.id));
  await refused('loginTooLow', () => give({ package: 'posttjenester', to: urnOf(manager) }, below(manager)));
  await refused('loginTooLow', () => give({ resource: explicit, to: urnOf(manager) }, below(manager)));
});

test('given an access that was taken, when it is undone, then the same stands again, also of a service that is not named; by who may not give it, at too low a level, or a day later, it is refused', async () => {
  const { at, clerk, manager, give, reads } = await town();
  const { grant } = await give({ resource: explicit, reason: 'Vikar', until: '2199-01-01' });
  await revokeGrant(world.ctx, callerOf(manager), grant.id);
  const restore = (who: Caller, id = grant.id) => restoreGrant(world.ctx, who, id);
  await refused('grantNotFound', () => restore(callerOf(clerk)));
  await refused('grantNotFound', () => restore(callerOf(manager), newId()));
  await refused('loginTooLow', () => restore(callerOf(manager, { authLevel: 2 })));
  assert.equal(await reads(clerk, explicit), false);

  const view = await restore(callerOf(manager));
  assert.deepEqual([view.resource, view.reason, view.until, view.toName], [null, 'Vikar', '2199-01-01T23:00:00.000Z', 'Saksbehandler']);
  assert.equal(await reads(clerk, explicit), true);
  await revokeGrant(world.ctx, callerOf(manager), view.id);
  await world.db.pool.query(`update access.access_grant set revoked_at = revoked_at - interval '25 hours' where from_id = $1`, [at]);
  await refused('restoredTooLate', () => restore(callerOf(manager), view.id));
});

test('given a day as the end of an access, when it is given, then it holds through that day in Norway, summer and winter', async () => {
  const { give, clerk } = await town();
  const end = async (until: string, resource = sealed) => (await give({ resource, until, to: urnOf(clerk) })).grant.until!.toISOString();
  assert.equal(await end('2199-01-01'), '2199-01-01T23:00:00.000Z');
  assert.deepEqual(
    ['2027-07-01', '2027-03-27', '2027-03-28', '2027-10-31', '2027-12-31'].map((day) => untilOf(day)!.toISOString()),
    [
      '2027-07-01T22:00:00.000Z',
      '2027-03-27T23:00:00.000Z',
      '2027-03-28T22:00:00.000Z',
      '2027-10-31T23:00:00.000Z',
      '2027-12-31T23:00:00.000Z',
    ],
  );
  await refused('untilPassed', () => give({ resource: explicit, until: '2020-01-01' }));
});

test('given an end as clients write it, when access is given on the wire, then a bare date is a day in Norway, an instant that instant, and what is neither is refused', async () => {
  const { at, manager, clerk } = await town();
  const number = await world.numberOf(at);
  const wire = await openWire(world, { manager: callerOf(manager) });
  const give = async (until: string | null, to = clerk) => {
    const body = { at: `0192:${number}`, to: urnOf(to), package: confidential, until };
    const answer = await wire.send('POST', '/budstikke/v1/grants', 'manager', body);
    return answer.status < 300 ? answer.json<GrantView>().until : answer.status;
  };
  for (const [until, end] of [
    ['2199-01-15', '2199-01-15T23:00:00.000Z'],
    [' 2199-07-15 ', '2199-07-15T22:00:00.000Z'],
    ['9999-12-31', '9999-12-31T23:00:00.000Z'],
    ['2199-01-15T12:00:00+02:00', '2199-01-15T10:00:00.000Z'],
    ['2199-01-15T12:00', '2199-01-15T12:00:00.000Z'],
    ['2199-01-15Z', '2199-01-15T00:00:00.000Z'],
    [null, null],
  ] as const)
    assert.equal(await give(until, await world.person('Saksbehandler')), end, `${until}`);
  for (const wrong of ['2199-02-30', '2199-13-01', '15.01.2199', 'i morgen', '99999-01-01'])
    assert.equal(await nothingWritten(world.db, () => give(wrong)), 400, wrong);
  assert.deepEqual(wire.lies, []);
});

test('given an access manager that holds confidential post and administers, when it hands these on, then it may not, by package or by resource', async () => {
  const { at, give } = await town();
  const keeper = await world.person('Tilgangsstyrer');
  for (const code of ['tilgangsstyrer', confidential]) await world.grant({ at, to: keeper, package: code });
  for (const code of [confidential, 'tilgangsstyrer', 'hovedadministrator'])
    await refused('mayNotGrant', () => give({ package: code }, callerOf(keeper)));
  await refused('mayNotGrant', () => give({ resource: sealed }, callerOf(keeper)));
});

test('given the seed, when it is asked what an access manager may not hand on, then it is what the rule says', async () => {
  const { rows } = await world.db.pool.query<{ code: string }>(
    `select p.code from access.package p
      where p.entity_type = 'Organization'
        and (not p.is_delegable or (select array_agg(distinct r.role) from access.role_package r where r.package = p.code and r.can_delegate) = '{hovedadministrator}')`,
  );
  assert.deepEqual(rows.map(({ code }) => code).toSorted(), [...keptFromManagers].toSorted());
});

test('given a system user of another organization, when it is given access, then it is refused; one of its own may have it', async () => {
  const { at, give } = await town();
  const [foreign, own] = [await world.systemUser(police, explicit, ['read']), await world.systemUser(at, sealed, ['write'])];
  await refused('systemUserOfOthers', () => give({ to: `urn:altinn:systemuser:uuid:${foreign}`, resource: explicit }));
  assert.equal((await give({ to: `urn:altinn:systemuser:uuid:${own}`, resource: explicit })).isNew, true);
});

test('given access at a party, when it is listed, then who administers sees all of it and others their own, a page at a time', async () => {
  const { at, manager, clerk, give } = await town();
  const { grant } = await give({ package: confidential, until: '2999-01-01T00:00:00Z' });
  await world.grant({ at, to: manager, package: confidential });
  const list = (who: PartyId, after?: string) => listGrantsAt(world.ctx, callerOf(who), { at: urnOf(at), ...(after ? { after } : {}) });

  const all = await list(manager);
  assert.equal(all.grants.length, 2);
  const [own] = (await list(clerk)).grants;
  assert.deepEqual(
    [own?.id, own?.toName, own?.package, own?.until, own?.actions],
    [grant.id, 'Saksbehandler', confidential, '2999-01-01T00:00:00.000Z', []],
  );
  assert.equal((await list(clerk)).grants.length, 1);
  assert.equal((await list(await world.person('Fremmed'))).grants.length, 0);
  assert.equal((await list(manager, all.grants[0]!.id)).grants.length, 1);

  const resources = Array.from({ length: 105 }, () => ({ at, to: clerk, resource: explicit, instance: newId() }));
  await world.grants(resources);
  const { instance } = resources[7]!;
  const ofOne = (who: PartyId) => listGrantsAt(world.ctx, callerOf(who), { at: urnOf(at), instance });
  assert.deepEqual(
    (await ofOne(manager)).grants.map((each) => each.instance),
    [instance],
    'with whom one message is shared',
  );
  assert.deepEqual((await ofOne(await world.person('Fremmed'))).grants, []);
  const first = await list(manager);
  assert.deepEqual(
    [first.grants.length, (await list(manager, first.next!)).grants.length, (await list(manager, first.next!)).next],
    [100, 7, null],
  );
});

test('given services of confidential post that were given, when access is listed, then they are named to who may read on them and to nobody else, whoever gave them, and no word finds them', async () => {
  const { at, manager, clerk, give } = await town();
  const other = await world.person('Kollega');
  const open = await world.resource({ owner: police });
  const message = newId();
  await give({ resource: explicit });
  await give({ resource: explicit, instance: message, to: urnOf(other) });
  await give({ resource: open, to: urnOf(other) });
  const named = async (caller: Caller, q?: string) =>
    (await listGrantsAt(world.ctx, caller, { at: urnOf(at), ...(q ? { q } : {}) })).grants.map(({ toName, resource, instance }) => [
      toName,
      resource,
      instance,
    ]);

  const seen = [
    ['Saksbehandler', null, null],
    ['Kollega', null, message],
    ['Kollega', open, null],
  ];
  const { grants: untitled } = await listGrantsAt(world.ctx, callerOf(manager), { at: urnOf(at) });
  assert.deepEqual(
    untitled.map(({ title }) => title?.nb ?? null),
    [null, null, 'Post'],
  );
  assert.deepEqual(await named(callerOf(manager)), seen, 'who gave it is told that it stands, and can end it');
  assert.deepEqual(await named(callerOf(clerk)), [['Saksbehandler', explicit, null]], 'their own');
  assert.deepEqual(await named(callerOf(other)), [
    ['Kollega', explicit, message],
    ['Kollega', open, null],
  ]);
  assert.deepEqual(await named(callerOf(manager), explicit), [], 'looking for the name tells nothing');
  assert.deepEqual(await named(callerOf(manager), open.toUpperCase()), [seen[2]]);
  assert.deepEqual(await named(callerOf(manager), 'kollega'), seen.slice(1));
  assert.deepEqual(await named(callerOf(manager), 'kollega saks'), []);
  await give({ package: 'ordinaer-post-til-virksomheten', to: urnOf(other), reason: 'Vikar for Siv' });
  for (const words of ['regular mail to BUSINESS', 'ordinær verksemda', 'vikar siv', 'kollega vikar'])
    assert.deepEqual(await named(callerOf(manager), words), [['Kollega', null, null]], words);
  await world.db.pool.query('update access.access_grant set revoked_at = clock.now() where reason is not null');

  await give({ resource: explicit, to: urnOf(manager) });
  assert.deepEqual(
    (await named(callerOf(manager))).map(([, resource]) => resource),
    [explicit, explicit, open, explicit],
    'whoever may read on it is told',
  );
  const { grants } = await listGrantsAt(world.ctx, callerOf(manager), { at: urnOf(at) });
  assert.deepEqual([...new Set(grants.map(({ grantedByName }) => grantedByName))], ['Rådmann']);
  await give({ package: confidential, to: urnOf(other) });
  const titles = (await listGrantsAt(world.ctx, callerOf(manager), { at: urnOf(at) })).grants.map(({ title }) => title?.nb);
  assert.deepEqual(titles, ['Post', 'Post', 'Post', 'Post', 'Post til virksomheten med taushetsbelagt innhold']);
});

test('given the routes of access, when they are looked at, then each refusal of ours is listed once and none is of the original', () => {
  for (const route of ownAccessRoutes) {
    assert.ok(route.path.startsWith('/budstikke/v1/'));
    assert.equal(new Set(route.refusals.map((row) => row.code)).size, route.refusals.length);
    for (const row of route.refusals)
      assert.deepEqual(
        [row.origin, row.prefix, (row.code >= 9100 && row.code < 9200) || (row.code >= 9790 && row.code < 9850)],
        ['budstikke', 'BUD', true],
      );
  }
});

test('given a grant whose time has come, when grants are ended, then the version is new, evidence tells it, and it can be given anew', async () => {
  const { at, clerk, give, reads } = await town();
  const { grant } = await give({ package: confidential, until: new Date(Date.now() + 86_400_000).toISOString() });
  assert.equal(await reads(clerk), true);
  await world.db.pool.query(`update clock.shift set by = 'P2D'`);
  assert.equal(await reads(clerk), false);
  const before = await world.version(at);

  assert.equal(await expireGrants(world.ctx), 1);
  assert.equal(await expireGrants(world.ctx), 0);
  assert.ok((await world.version(at)) > before);
  assert.deepEqual((await listEvidence(world.db, [grant.id])).map((entry) => entry.event).sort(), ['AccessGranted', 'AccessRevoked']);
  assert.equal((await give({ package: confidential })).isNew, true);
});
