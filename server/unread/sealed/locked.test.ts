import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGrant } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import type { Party } from '#register/index.ts';
import { listSealed } from '#watch/index.ts';
import { revokeGrant } from '../../access/grants/revoke-grant.ts';
import { scan } from '../../correspondence/testing/town.ts';
import { createTown, enduser, letter, send } from '../testing/town.ts';
import type { Envelope, Unsealed } from './wire.ts';

/** The case of 2023: a message and its file take two rights, and somebody has got one of them. */
const town = await createTown();
const { world, municipality, leader, callers } = town;
const [message, file] = ['to-rettigheter-melding', 'to-rettigheter-fil'];
for (const id of [message, file]) await world.resource(id, town.agency, { type: 'CorrespondenceService', readers: ['package:eksplisitt'] });
const clerk = await world.person('SIV SAKSBEHANDLER', { email: 'siv@skien.example' });
const other = await world.person('OLE SAKSBEHANDLER', { email: 'ole@skien.example' });
const chair = await world.person('LENE LEDER', { email: 'lene@skien.example' });
await world.role(chair, 'LEDE', municipality);
const keeper = await world.person('TORE TILGANG', { email: 'tore@skien.example' });
await world.grant(keeper, municipality, { package: 'tilgangsstyrer' });
Object.assign(callers, { clerk: enduser(clerk), other: enduser(other), keeper: enduser(keeper) });

const attachmentOf = async (resourceId: string): Promise<string> => {
  const made = await town.raw(
    'POST /correspondence/api/v1/attachment',
    'sender',
    JSON.stringify({ resourceId, fileName: 'sak.txt', sendersReference: '1', isEncrypted: false }),
  );
  const id = (await made.json()) as string;
  const uploaded = await town.raw(`POST /correspondence/api/v1/attachment/${id}/upload`, 'sender', 'bytes', 'application/octet-stream');
  assert.equal(uploaded.status, 200);
  await scan(town, [id]);
  return id;
};
/** Sent, and the clerk has been given the message and not the file. */
async function half(): Promise<{ id: string; download: string; mailed: number }> {
  const attachment = await attachmentOf(file);
  const id = await send(town, letter([municipality], { resourceId: message, isConfidential: true }, { existingAttachments: [attachment] }));
  await town.days(0);
  const mailed = town.mails.length;
  await given(clerk, { resource: message });
  await town.days(0);
  return { id, mailed, download: `GET /correspondence/api/v1/correspondence/${id}/attachment/${attachment}/download` };
}
const given = (to: Party, what: object) =>
  createGrant(world.ctx, enduser(leader), { at: `0192:${municipality.number}`, to: `urn:altinn:party:uuid:${to.id}`, ...what });
const sealed = (by = leader) => listSealed(world.ctx, enduser(by));
const unseal = (id: string, body: object, by = 'leader') => town.json<Unsealed>(`POST /sealed/${id}/grant`, by, body);
const siv = { to: clerk.number!, lastName: 'Saksbehandler' };
async function takeAll(): Promise<void> {
  const { rows } = await world.db.pool.query<{ id: string }>(
    'select id from access.access_grant where from_id = $1 and granted_by = $2 and revoked_at is null',
    [municipality.id, leader.id],
  );
  for (const { id } of rows) await revokeGrant(world.ctx, enduser(leader), id);
}

const resourcesOf = async ({ grants }: Unsealed): Promise<string[]> =>
  (
    await world.db.all<{ of: string }>(
      sql`select resource_id as of from access.access_grant where id = any(${grants.map(({ id }) => id)}::uuid[])`,
    )
  )
    .map(({ of }) => of)
    .sort();

test('given a message that somebody was let in to and a file that is still locked, when those who could unlock it look, then they have been told of the file at once, and see it among sealed post with the right that is missing', async () => {
  const { id, mailed } = await half();

  const watch = await town.watch(id);
  assert.deepEqual([watch.cause, watch.openers, watch.grantors], ['attachment-locked', 1, 2]);
  const told = town.mails.slice(mailed).filter(({ to, subject }) => to === 'lene@skien.example' && subject.includes('vedlegg'));
  assert.equal(told.length, 1, JSON.stringify(town.mails.slice(mailed)));
  assert.ok(town.mails.slice(mailed).some(({ to }) => to === 'siv@skien.example'));
  const [entry, ...more] = (await sealed()).sealed;
  assert.deepEqual([entry?.id, entry?.attachmentLocked, entry?.right.packages, more.length], [id, true, ['eksplisitt'], 0]);
  const envelope = await town.json<Envelope>(`GET /sealed/${id}`, 'leader');
  assert.deepEqual([envelope.attachmentLocked, envelope.right.packages.map(({ code }) => code)], [true, ['eksplisitt']]);
  for (const [by, person] of Object.entries({ clerk, other, keeper })) {
    assert.deepEqual((await sealed(person)).sealed, []);
    assert.equal((await town.call(`GET /sealed/${id}`, by)).status, 404);
    assert.equal((await world.nothingWritten(() => town.call(`POST /sealed/${id}/grant`, by, { what: 'message' }))).status, 404);
  }
  await takeAll();
});

for (const what of ['message', 'service'] as const)
  test(`given a message whose file is still locked, when the ${what} is given in one step to who can open the message, then just what was missing is given, and the file opens`, async () => {
    const { id, download } = await half();
    assert.equal((await town.raw(download, 'clerk')).status, 401);

    const unsealed = await unseal(id, { what, ...siv, until: '2199-01-01T00:00:00Z' });

    assert.deepEqual(
      unsealed.grants.map(({ resource, instance }) => [resource, instance !== null]),
      [[null, what === 'message']],
      'a package tells which right it takes: the answer names no service',
    );
    assert.deepEqual(await resourcesOf(unsealed), [file]);
    assert.equal(unsealed.attachmentLocked, false);
    assert.equal((await town.raw(download, 'clerk')).status, 200);
    assert.ok(!(await sealed()).sealed.some((each) => each.id === id));
    await takeAll();
  });

test('given a message whose file is still locked, when it is given in one step to another, then that one gets both rights', async () => {
  const { id, download } = await half();
  const unsealed = await unseal(id, { what: 'message', to: `urn:altinn:party:uuid:${other.id}` });
  assert.deepEqual(await resourcesOf(unsealed), [file, message].sort());
  assert.equal((await town.raw(download, 'other')).status, 200);
  await takeAll();
});
