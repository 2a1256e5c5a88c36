import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { anonymous, type Caller } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { noteOpened } from '../progress/note-acts.ts';
import { watchRoutes } from '../routes.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import { SealedView } from '../wire.ts';
import { listSealed } from './list-sealed.ts';

const town = await Town.open();
const confidential = await town.resource([`package:${confidentialPackage}`]);
const { party, chief } = await town.municipality('Skien kommune');
const caller = (subject: PartyId | null, over: Partial<Caller> = {}): Caller => ({
  ...anonymous,
  kind: 'person',
  issuer: 'altinn',
  subject,
  party: subject,
  scopes: new Set(['altinn:portal/enduser']),
  authLevel: 4,
  ...over,
});

test('given sealed post, when those who can grant look, then they see sender, time, age and the right, and nothing else', async () => {
  const letter = await town.sent(party, confidential, { confidential: true });
  await town.advance(3 * 86_400);

  const answer = await listSealed(town.ctx, caller(chief));

  assert.ok(Value.Check(SealedView, answer));
  assert.equal(answer.next, null);
  const [entry, ...more] = answer.sealed;
  assert.equal(more.length, 0);
  assert.deepEqual([entry!.party.name, entry!.sender.name, entry!.ageDays], ['Skien kommune', 'Sør-Øst politidistrikt', 3]);
  assert.match(entry!.sender.organizationNumber!, /^\d{9}$/);
  assert.equal(entry!.publishedAt, letter.at.toISOString());
  assert.deepEqual(entry!.right, { packages: [confidentialPackage], resource: null, resourceTitle: null });
  assert.deepEqual(entry!.requests, []);
  const shown = JSON.stringify(answer);
  assert.equal(entry!.id, letter.about);
  assert.ok(!shown.includes('Bekymring') && !shown.includes(confidential));
});

test('given sealed post, when a stranger, a former helper or somebody who may read other post looks, then there is nothing', async () => {
  const stranger = await town.person('Fremmed', 'fremmed@example.no');
  const elsewhere = await town.municipality('Porsgrunn kommune');
  const reader = await town.reader(party, await town.resource(['DAGL']));
  for (const person of [stranger, elsewhere.chief, reader])
    assert.deepEqual(await listSealed(town.ctx, caller(person)), { sealed: [], next: null });
});

test('given a letter that was not sent as confidential, on a service that is by its readers, when nobody can open it, then the outside names no service and no title', async () => {
  const explicit = await town.resource(['package:eksplisitt']);
  const other = await town.municipality('Bamble kommune');
  await town.sent(other.party, explicit, { confidential: false });
  const { sealed } = await listSealed(town.ctx, caller(other.chief));
  assert.deepEqual([sealed[0]!.confidential, sealed[0]!.right], [true, { packages: ['eksplisitt'], resource: null, resourceTitle: null }]);
});

test('given a resource that is not confidential, when nobody can open, then the one who can grant is told which resource it is', async () => {
  const plain = await town.resource(['LEDE']);
  const other = await town.municipality('Nome kommune');
  const letter = await town.letter(other.party, plain);
  if (letter.openability.grantors.length === 0) return assert.fail('somebody should be able to grant');
  await town.sent(other.party, plain, { about: letter.about });
  const { sealed } = await listSealed(town.ctx, caller(other.chief));
  assert.deepEqual(sealed[0]!.right, { packages: [], resource: plain, resourceTitle: sealed[0]!.right.resourceTitle });
  assert.equal(sealed[0]!.right.resourceTitle?.nb, 'Bekymring');
});

test('given sealed post, when somebody can open it or it is settled, then it is no longer listed, even before the watch has heard of it', async () => {
  const other = await town.municipality('Siljan kommune');
  const letter = await town.sent(other.party, confidential);
  const unpublished = await town.letter(other.party, confidential, { expectedPublishAt: new Date(town.ctx.now().getTime() + 86_400_000) });
  const { beginWatches } = await import('../begin/begin-watches.ts');
  await town.db.transaction(async (tx) => beginWatches(tx, [unpublished]));
  assert.equal((await listSealed(town.ctx, caller(other.chief))).sealed.length, 1);
  const worker = await town.person('Saks', 's@example.no');
  await town.give(worker, other.party, { package: confidentialPackage }, false);
  assert.equal((await town.watch(letter)).openers, 0);
  assert.deepEqual(await listSealed(town.ctx, caller(other.chief)), { sealed: [], next: null });
  await town.takeAway(other.party, false);
  assert.equal((await listSealed(town.ctx, caller(other.chief))).sealed.length, 1);
  await town.db.transaction((tx) => noteOpened(tx, [{ ...letter, at: town.ctx.now(), by: worker, kind: 'person' }]));
  assert.deepEqual(await listSealed(town.ctx, caller(other.chief)), { sealed: [], next: null });
});

test('given more sealed post than one answer holds, when read on from place to place, then each comes once, longest first', async () => {
  const other = await town.municipality('Stor kommune');
  const one = await town.letter(other.party, confidential);
  const { beginWatches } = await import('../begin/begin-watches.ts');
  const letters = Array.from({ length: 230 }, (_, i) => {
    const about = newId();
    const at = new Date(one.at.getTime() - Math.floor(i / 3) * 1000);
    return { ...one, about, at, publishedAt: at, needs: one.needs.map((need) => ({ ...need, instance: about })) };
  });
  await town.db.transaction(async (tx) => beginWatches(tx, letters));
  const times: string[] = [];
  let after: string | undefined;
  do {
    const page = await listSealed(town.ctx, caller(other.chief), { after });
    times.push(...page.sealed.map((entry) => entry.publishedAt));
    after = page.next ?? undefined;
    if (after) assert.ok(!Buffer.from(after).toString().includes(letters[0]!.about));
  } while (after);
  assert.equal(times.length, 230);
  assert.deepEqual(times, [...times].sort());
});

for (const [who, over] of [
  ['an organization', { kind: 'organization' }],
  ['a system user', { kind: 'system-user' }],
  ['somebody whom the register does not know', { subject: null }],
] as const) {
  test(`given ${who}, when it asks for sealed post, then it is refused`, async () => {
    await assert.rejects(
      listSealed(town.ctx, caller(chief, over as Partial<Caller>)),
      (error) => error instanceof Refusal && error.row.code === 9401,
    );
  });
}

for (const after of [
  '',
  'x',
  'AAAA',
  Buffer.from('2026-01-01T00:00:00.000Z x').toString('base64url'),
  Buffer.from(`x ${newId()}`).toString('base64url'),
]) {
  test(`given a place that no answer gave (${JSON.stringify(after).slice(0, 20)}), when read on from it, then it is refused, or is the beginning when empty`, async () => {
    const asked = listSealed(town.ctx, caller(chief), { after });
    if (after === '') return void (await asked);
    await assert.rejects(asked, (error) => error instanceof Refusal && error.row.code === 9402);
  });
}

test('given the route, when its gate is read, then it is the same as that of grants, and persons only pass the use case', () => {
  const row = watchRoutes.find(({ path }) => path === '/budstikke/v1/sealed');
  assert.deepEqual(
    [row!.method, row!.path, (row!.scope as readonly { all: readonly string[] }[]).map((rule) => rule.all.join()).sort()],
    ['GET', '/budstikke/v1/sealed', ['altinn:correspondence.read', 'altinn:enduser', 'altinn:portal/enduser']],
  );
});

test('given sealed post whose sender has asked to let somebody in, when the one who can grant looks, then the request stands beside it, and those for other post do not', async () => {
  const { party: at, chief: manager } = await town.municipality('Kragerø kommune');
  const clerk = await town.person('Siri Saks', 'siri@example.no');
  await town.sent(at, confidential, { confidential: true });
  const insert = (id: string, what: string, value: string) =>
    town.db.pool.query(
      `insert into access.delegation_request (id, at_id, to_id, ${what}, actions, requested_by, status, created_at)
       values ($1, $2, $3, $4, '{}', $5, 'Pending', clock.now())`,
      [id, at, clerk, value, town.police],
    );
  const [wanted, foreign] = [newId(), newId()];
  await insert(wanted, 'package', confidentialPackage);
  await insert(foreign, 'package', 'ordinaer-post-til-virksomheten');
  // the list of requests names the service of this one: beside the envelope it would say what the letter is about
  await insert(newId(), 'resource_id', confidential);
  const { sealed } = await listSealed(town.ctx, caller(manager));
  const [entry] = sealed;
  assert.equal(entry!.right.resource, null);
  assert.deepEqual(
    (await listSealed(town.ctx, { ...caller(manager), authLevel: 2 })).sealed[0]!.requests,
    [],
    'names take a login by which access is given',
  );
  assert.deepEqual(
    entry!.requests.map(({ id, to, requestedBy, package: code }) => [id, to.name, requestedBy, code]),
    [[wanted, 'Siri Saks', 'Sør-Øst politidistrikt', confidentialPackage]],
  );
  assert.ok(!JSON.stringify(entry).includes(confidential));
});
