import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilOf } from '#access/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { listSealed, sweepVersions } from '#watch/index.ts';
import { eventsOf } from '../../correspondence/testing/town.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { dayInOslo } from '../oslo.ts';
import { createTown, enduser, letter, send } from '../testing/town.ts';
import type { Envelope, SealedGrant, Unsealed } from './wire.ts';

const town = await createTown();
const { world, municipality, leader, callers } = town;
const secret = 'Bekymring for Lise Lotte';
const confidential = 'post-til-virksomheten-med-taushetsbelagt-innhold';

const chair = await world.person('LENE LEDER', { email: 'lene@skien.example' });
await world.role(chair, 'LEDE', municipality);
const clerk = await world.person('SIV SAKSBEHANDLER', { email: 'siv@skien.example' });
const keeper = await world.person('TORE TILGANG', { email: 'tore@skien.example' });
await world.grant(keeper, municipality, { package: 'tilgangsstyrer' });
const elsewhere = await world.organization('PORSGRUNN KOMMUNE');
const otherLeader = await world.person('PER PORSGRUNN');
await world.role(otherLeader, 'DAGL', elsewhere);
Object.assign(callers, { chair: enduser(chair), clerk: enduser(clerk), keeper: enduser(keeper), elsewhere: enduser(otherLeader) });

const sealedLetter = () =>
  send(
    town,
    letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true, content: { messageTitle: secret, messageBody: secret } }),
  );
const envelope = (id: string, by = 'leader') => town.json<Envelope>(`GET /sealed/${id}`, by);
const grant = (id: string, body: SealedGrant, by = 'leader') => town.call(`POST /sealed/${id}/grant`, by, body);
const unseal = (id: string, body: SealedGrant, by = 'leader') => town.json<Unsealed>(`POST /sealed/${id}/grant`, by, body);
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];
const reader = (person: typeof clerk) => ({ ...enduser(person) });
const reads = (id: CorrespondenceId, person: typeof clerk) => town.open(id, reader(person)).then(String, () => null);
/** The access that was given in a test, taken away again. */
async function takeAll(): Promise<void> {
  for (const by of [leader, chair])
    for (const { id } of await world.db.all<{ id: string }>(sql`
      select id from access.access_grant where from_id = ${municipality.id} and granted_by = ${by.id} and revoked_at is null`)) {
      const { revokeGrant } = await import('../../access/grants/revoke-grant.ts');
      await revokeGrant(world.ctx, enduser(by), id);
    }
}

test('given sealed post, when those who could grant look at it, then they see the envelope and not one byte of what is in it', async () => {
  const id = await sealedLetter();
  await town.days(3);

  const seen = await envelope(id);

  assert.deepEqual(
    { ...seen, publishedAt: null, told: seen.told.map(({ name }) => name), party: seen.party.name, sender: seen.sender.name },
    {
      id,
      party: municipality.name,
      sender: town.agency.name,
      publishedAt: null,
      ageDays: 3,
      confidential: true,
      attachmentLocked: false,
      isLetLie: false,
      right: { packages: [{ code: confidential, name: seen.right.packages[0]!.name, youMayGive: true }], resource: null },
      told: [chair.name],
    },
  );
  assert.match(seen.right.packages[0]!.name!.nb, /taushetsbelagt/i, 'by its name, and not by its code');
  assert.equal(seen.publishedAt, (await town.watch(id)).publishedAt);
  const mails = town.mails.filter(({ subject, body }) => `${subject} ${body}`.includes('SKIEN'));
  assert.ok(mails.length > 0);
  for (const text of [JSON.stringify(seen), JSON.stringify(mails)]) {
    assert.ok(!text.includes(secret) && !text.includes('Lise') && !text.includes('taushetsbelagt"'), text);
  }
});

for (const by of ['clerk', 'keeper', 'elsewhere', 'citizen', 'other'] as const)
  test(`given sealed post, when ${by} looks or gives, then there is no such post, and nothing is written`, async () => {
    const id = await sealedLetter();
    await town.days(0);
    const expected = by === 'other' ? 403 : 404;
    const [look, give] = await world.nothingWritten(async () => [
      await town.call(`GET /sealed/${id}`, by),
      await grant(id, { what: 'message' }, by),
    ]);
    for (const answer of [look!, give!]) {
      const text = await answer.text();
      assert.equal(answer.status, expected);
      assert.ok(by === 'other' || text.includes('BUD-09714'));
      assert.ok(!text.includes(secret));
    }
    assert.deepEqual(await codeOf(await grant(newId(), { what: 'message' }, 'leader')), [404, 'BUD-09714']);
  });

for (const what of ['message', 'service', 'package'] as const)
  test(`given two pieces of sealed post, when the leader lets a clerk in to the ${what}, then the clerk is told at once and opens just what was meant`, async () => {
    const [first, second] = [await sealedLetter(), await sealedLetter()];
    await town.days(0);
    const mailed = town.mails.length;

    const unsealed = await unseal(first, {
      what,
      to: clerk.number!,
      lastName: 'Saksbehandler',
      until: '2199-01-01T00:00:00Z',
      reason: 'Barnevernet',
    });

    assert.deepEqual([unsealed.grants.length, unsealed.openers, unsealed.attachmentLocked], [1, 1, false]);
    assert.deepEqual([unsealed.grants[0]!.toName, unsealed.grants[0]!.until], [clerk.name, '2199-01-01T00:00:00.000Z']);
    assert.deepEqual(
      [unsealed.grants[0]!.resource, JSON.stringify(unsealed).includes('taushetsbelagt"')],
      [null, false],
      'as the envelope',
    );
    assert.ok((await eventsOf(town, first)).includes('no.budstikke.watch.opener-found'), 'the sender hears of it');
    assert.equal((await listEvidence(world.db, [unsealed.grants[0]!.id]))[0]!.event, 'AccessGranted');
    await town.days(0);
    assert.ok(
      town.mails.slice(mailed).some(({ to }) => to === 'siv@skien.example'),
      'the clerk is told',
    );
    assert.ok(!JSON.stringify(town.mails).includes(secret));
    assert.equal(await reads(first, clerk), secret);
    assert.equal(await reads(second, clerk), what === 'message' ? null : secret);
    assert.deepEqual(await codeOf(await world.nothingWritten(() => grant(first, { what }))), [404, 'BUD-09714'], 'it is sealed no longer');
    await takeAll();
  });

test('given sealed post, when a clerk is let in until tomorrow, by its bare date, then the letter opens in the last hour of that day in Norway, and no longer when it is over', async () => {
  const id = await sealedLetter();
  await town.days(0);
  const until = dayInOslo(new Date(world.ctx.now().getTime() + 24 * 3_600_000));
  const end = untilOf(until)!;
  const { grants } = await unseal(id, { what: 'message', to: clerk.number!, lastName: 'Saksbehandler', until });
  assert.equal(grants[0]!.until, end.toISOString());
  const goTo = (at: number) => world.advance((at - world.ctx.now().getTime()) / 1000);

  await goTo(end.getTime() - 1_800_000);
  assert.equal(await reads(id, clerk), secret);
  await goTo(end.getTime() + 1000);
  assert.equal(await reads(id, clerk), null);
  await takeAll();
});

test('given sealed post, when the chair lets itself in, then it can open; when two let somebody in at once, then one comes first', async () => {
  const [own, raced] = [await sealedLetter(), await sealedLetter()];
  await town.days(0);
  await unseal(own, { what: 'message' }, 'chair');
  assert.equal(await reads(own, chair), secret);

  const both = await Promise.all([grant(raced, { what: 'message' }, 'chair'), grant(raced, { what: 'message' }, 'leader')]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 404]);
  await takeAll();
});

test('given sealed post, when it is given with what cannot be, then it is refused as any giving is, and nothing but the guess is written', async () => {
  const id = await sealedLetter();
  await town.days(0);
  const refused = async (body: SealedGrant, status: number, code: string) =>
    assert.deepEqual(await codeOf(await world.nothingWritten(() => grant(id, body))), [status, code], JSON.stringify(body));
  await refused({ what: 'message', until: '2020-01-01T00:00:00Z' }, 400, 'BUD-09107');
  await refused({ what: 'message', to: `0192:${municipality.number}`, lastName: null }, 400, 'BUD-09109');
  await refused({ what: 'message', to: 'noe helt annet' }, 400, 'BUD-09100');
  await refused({ what: 'message', to: clerk.number! }, 400, 'BUD-09839');
  await refused({ what: 'package', package: 'post-til-virksomheten' }, 400, 'BUD-09715');
  assert.deepEqual(await codeOf(await grant(id, { what: 'message', to: clerk.number!, lastName: 'Feil' })), [404, 'BUD-09101']);
  assert.equal((await grant(id, { what: 'all' } as never)).status, 400);
  assert.equal((await town.watch(id)).class, 'GRANTABLE');
});

test('given a chair that lets a clerk in to post that its address told it of, when eighteen months have passed since that address was confirmed, then it is told of the next all the same', async () => {
  const day = 86_400;
  await world.advance(500 * day);
  const first = await sealedLetter();
  await town.days(0);
  await unseal(first, { what: 'message', to: clerk.number!, lastName: 'Saksbehandler' }, 'chair');
  await world.advance(70 * day);

  const next = await sealedLetter();
  await town.days(0);

  const { told } = await envelope(next);
  assert.deepEqual(
    told.map(({ name }) => name),
    [chair.name],
  );
});

test('given sealed post that its sender lets lie unread, when those who could let somebody in look, then it is there and says so, they let somebody in, and nobody is told of it any more', async () => {
  const [id, other, thrown] = [await sealedLetter(), await sealedLetter(), await sealedLetter()];
  await town.days(1);
  for (const each of [id, other, thrown])
    await town.json('POST /unread/decisions', 'sender', {
      items: [{ id: each }],
      ...{ decision: 'accept-as-unread', name: 'Ola Saksbehandler', reason: 'Saken er avsluttet' },
    });
  assert.equal((await town.watch(id)).outcome, 'accepted-unread');
  const listed = async (person: typeof clerk) =>
    (await listSealed(world.ctx, enduser(person))).sealed.filter((each) => each.isLetLie).map((each) => each.id);
  const all = [id, other, thrown].toSorted();
  assert.deepEqual((await listed(leader)).toSorted(), all);
  assert.deepEqual([(await envelope(id)).isLetLie, (await envelope(id)).confidential], [true, true]);
  for (const by of ['clerk', 'keeper', 'elsewhere']) assert.equal((await town.call(`GET /sealed/${id}`, by)).status, 404);

  const later = await world.person('NY LEDER', { email: 'ny@skien.example' });
  await world.role(later, 'LEDE', municipality);
  await sweepVersions(world.ctx);
  assert.deepEqual((await listed(later)).toSorted(), all, 'whoever could since sees it too');

  const notices = () => world.db.all(sql`select id from notifications.notice where about = any(${all}::uuid[]) order by id`);
  const before = await notices();
  const { openers } = await unseal(id, { what: 'message', to: `urn:altinn:party:uuid:${clerk.id}` });
  assert.equal(openers, 1);
  await town.days(8);
  assert.deepEqual(await notices(), before);
  assert.notEqual(await reads(id, clerk), null);
  assert.deepEqual((await listed(leader)).toSorted(), [other, thrown].toSorted());

  await unseal(thrown, { what: 'message', to: `urn:altinn:party:uuid:${clerk.id}` });
  assert.equal((await town.raw(`DELETE /correspondence/api/v1/correspondence/${thrown}/purge`, 'clerk')).status, 200);
  await takeAll();
  await sweepVersions(world.ctx);
  assert.deepEqual(await listed(leader), [other], 'what was opened, or thrown away, lies there no more');
  await unseal(other, { what: 'message', to: `urn:altinn:party:uuid:${clerk.id}` });
  assert.deepEqual(await listed(leader), []);
  await takeAll();
  assert.deepEqual(await listed(leader), [other], 'whoever was let in has not opened it, and may no more');
  for (const { name, find } of watchInvariants) assert.deepEqual(await world.db.all(find), [], name);
});
