import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller, Context } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { partyUrn } from '#register/index.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { organizationCaller, personCaller } from '../../../test/world.ts';
import { openMessage } from '../../correspondence/read/open-message.ts';
import { correspondenceRoutes } from '../../correspondence/routes.ts';
import { createTown, letter, send } from '../../correspondence/testing/town.ts';
import { createGrant } from '../grants/create-grant.ts';
import { accessRoutes } from '../routes.ts';
import { saveAudit } from '../store/audit.ts';
import { openWire } from '../testing/wire.ts';
import type { AuditPage } from './wire.ts';

const town = await createTown();
const { world } = town;
const lines: unknown[] = [];
const keep = (...line: unknown[]) => void lines.push(line);
const clock = { shift: 0 };
const ctx: Context = {
  ...world.ctx,
  now: () => new Date(world.ctx.now().getTime() + clock.shift),
  log: { debug: keep, info: keep, warn: keep, error: keep },
};
const curious = await world.person('NYSGJERRIG NABO');
const reading = (caller: Caller): Caller => ({
  ...caller,
  issuer: 'altinn',
  scopes: new Set([...caller.scopes, 'altinn:correspondence.read', 'altinn:portal/enduser']),
});
const callers: Record<string, Caller> = {
  leader: reading(town.leading),
  citizen: reading(town.reading),
  curious: reading(personCaller(curious)),
  low: { ...reading(town.leading), authLevel: 2 },
  machine: reading(organizationCaller(town.orphan, ['altinn:correspondence.read'])),
};
const wire = await openWire({ ctx }, callers, [...accessRoutes, ...correspondenceRoutes] as AnyRoute[]);
const message = (id: string) => `/correspondence/api/v1/correspondence/${id}`;
const logOf = async (by: string, query: string) => (await wire.send('GET', `/budstikke/v1/audit${query}`, by)).json<AuditPage>();
const attempts = ({ entries }: AuditPage) =>
  entries.filter(({ kind }) => kind === 'attempt').map(({ who, action, about, decision }) => [who.name, action, about, decision]);

const at = partyUrn(town.municipality);
const confidential = { resourceId: town.sealed, isConfidential: true };
/** The leader may give the right to sealed post, and has not got it. */
const sealed = await send(town, letter([town.municipality], confidential));
const other = await send(town, letter([town.municipality]));

test('given sealed post, when its own leader and strangers try it in each way, then each attempt stands in the log of the recipient, once', async () => {
  const ways = [
    ['GET', '', 'look'],
    ['GET', '/details', 'look'],
    ['GET', '/content', 'open'],
    ['POST', '/markasread', 'mark-as-read'],
    ['POST', '/confirm', 'confirm'],
    ['DELETE', '/purge', 'delete'],
    ['GET', '/attachments/downloadall', 'download'],
    ['POST', '/forward', 'forward'],
  ] as const;
  for (const by of ['leader', 'curious', 'machine'])
    for (const [method, path] of [...ways, ...ways]) {
      const body = path === '/forward' ? { forwardTo: 'a@example.no' } : undefined;
      const answer = await world.nothingWritten(() => wire.send(method, message(sealed) + path, by, body));
      assert.deepEqual([answer.status, answer.code], [401, 4001], `${by} ${method} ${path}`);
    }

  const acts = [...new Set(ways.map(([, , act]) => act))].sort();
  const seen = attempts(await logOf('leader', `/correspondence/${sealed}`));
  for (const name of [town.leader.name, 'NYSGJERRIG NABO', 'TOMT AS']) {
    const mine = seen.filter(([who]) => who === name);
    assert.deepEqual(mine.map(([, act]) => act).sort(), acts, `${name}`);
    assert.ok(mine.every(([, , about, decision]) => about === sealed && decision === 'Deny'));
  }
  assert.equal(attempts(await logOf('leader', `?party=${at}&kind=attempt`)).length, 3 * acts.length);
});

test('given confidential post, when its leader, who may not read it, looks at the log, then it does not say of which service it is, however it is asked', async () => {
  for (const query of [`/correspondence/${sealed}`, `?party=${at}&about=${sealed}`]) {
    const log = await logOf('leader', query);
    assert.ok(log.entries.length > 0 && !JSON.stringify(log).includes(town.sealed), query);
  }
  assert.deepEqual((await logOf('leader', `?party=${at}&resource=${town.sealed}`)).entries, []);
});

test('given a colleague who was let in to the service of confidential post, and opened it, when the leader, who may not read it, looks at the log, then neither the grant, the way by which it was opened nor a decision names the service; to who may read it they do', async () => {
  const clerk = await world.person('SIV SAKSBEHANDLER');
  const message = await send(town, letter([town.municipality], confidential));
  const { grant } = await createGrant(ctx, town.leading, { at, to: `urn:altinn:party:uuid:${clerk.id}`, resource: town.sealed });
  await openMessage(ctx, personCaller(clerk), message);
  const asked = { at: ctx.now(), party: town.municipality.id, subject: clerk.id, askedBy: null, clientId: null, instance: null };
  const decided = {
    action: 'read',
    decision: 'Permit' as const,
    path: [`grant of resource ${town.sealed} at ${town.municipality.number}`],
  };
  await world.db.transaction(async (tx) => saveAudit(tx, [{ ...asked, ...decided, id: newId(), resource: town.sealed }]));
  const queries = [`?party=${at}`, `?party=${at}&about=${grant.id}`, `/correspondence/${message}`, `?party=${at}&kind=decision`];

  for (const query of queries) {
    const log = await logOf('leader', query);
    assert.ok(log.entries.length > 0 && !JSON.stringify(log).includes(town.sealed), query);
  }
  assert.deepEqual((await logOf('leader', `?party=${at}&resource=${town.sealed}`)).entries, []);
  const opened = (await logOf('leader', `/correspondence/${message}`)).entries.find(({ event }) => event === 'ContentAccessTracking')!;
  assert.deepEqual(opened.path, [`grant of a confidential service at ${town.municipality.number}`]);

  callers.clerk = reading(personCaller(clerk));
  assert.deepEqual(
    (await logOf('clerk', `/correspondence/${message}`)).entries.find(({ event }) => event === 'ContentAccessTracking')!.path,
    decided.path,
  );
  assert.equal((await wire.send('GET', `/budstikke/v1/audit?party=${at}`, 'low')).code, 9790, 'at too low a level of login');
});

test('given an attempt an hour ago, when it is tried again by many at once, then one more stands in the log', async () => {
  const before = attempts(await logOf('leader', `?party=${at}&about=${sealed}`)).length;
  clock.shift += 3_600_000;
  await Promise.all(Array.from({ length: 12 }, () => wire.send('GET', `${message(sealed)}/content`, 'curious')));
  assert.equal(attempts(await logOf('leader', `?party=${at}&about=${sealed}`)).length, before + 1);
});

test('given a message that nobody has sent, when it is tried, then no log knows of it; nor of a refusal for another reason', async () => {
  const { rows: before } = await world.db.pool.query('select count(*) from access.audit_entry');
  assert.equal((await wire.send('GET', `${message('0198f0a0-0000-7000-8000-000000000000')}/content`, 'curious')).status, 404);
  assert.equal((await wire.send('POST', `${message(other)}/confirm`, 'leader')).code, 1025, 'it was not opened before');
  assert.deepEqual((await world.db.pool.query('select count(*) from access.audit_entry')).rows, before);
});

test('given attempts, acts and decisions, when the log is asked by resource, message and time, then it holds what was asked for, page by page', async () => {
  await wire.send('GET', message(other), 'leader');
  await wire.send('GET', `${message(other)}/content`, 'leader');
  await allRecorded();
  const by = async (query: string) => (await logOf('leader', `?party=${at}${query}`)).entries;
  const all = await by('');

  const ofResource = await by(`&resource=${town.letters}`);
  assert.deepEqual([...new Set(ofResource.map(({ about }) => about))], [other]);
  assert.deepEqual(
    ofResource.map(({ event }) => event),
    ['ContentAccessTracking', 'OverviewFetched'],
  );
  assert.deepEqual(
    await by(`&about=${other}`),
    all.filter(({ about }) => about === other),
  );
  const edge = all.at(3)!.at;
  assert.deepEqual(
    await by(`&from=${edge}`),
    all.filter((entry) => entry.at >= edge),
  );
  assert.deepEqual(
    await by(`&to=${edge}`),
    all.filter((entry) => entry.at < edge),
  );
  assert.deepEqual(await by(`&from=${edge}&to=${edge}`), []);
  assert.equal((await wire.send('GET', `/budstikke/v1/audit?party=${at}&from=yesterday`, 'leader')).status, 400);
});

test('given more attempts than a page holds, when a log is read on, then each stands there once', async () => {
  for (let hour = 0; hour < 101; hour++) {
    clock.shift += 3_600_000;
    await wire.send('GET', `${message(other)}/content`, 'curious');
  }
  for (const [start, next] of [
    [`/correspondence/${other}`, 'after'],
    [`?party=${at}&about=${other}`, 'before'],
  ] as const) {
    const first = await logOf('leader', start);
    const second = await logOf('leader', `${start}${start.includes('?') ? '&' : '?'}${next}=${first.next}`);
    const ids = [...first.entries, ...second.entries].map(({ id }) => id);
    assert.ok(first.entries.length <= 100 && first.next);
    assert.deepEqual([new Set(ids).size, second.next], [ids.length, null]);
    assert.equal(attempts(first).length + attempts(second).length, 101);
  }
});

test('given a right that was given since, when it opens the message, then the log shows the opening after the attempts, and no more of them', async () => {
  const before = attempts(await logOf('leader', `/correspondence/${sealed}`)).length;
  await createGrant(ctx, town.leading, {
    at,
    to: `urn:altinn:party:uuid:${town.leader.id}`,
    package: 'post-til-virksomheten-med-taushetsbelagt-innhold',
  });
  assert.equal((await wire.send('GET', `${message(sealed)}/content`, 'leader')).status, 200);
  await allRecorded();
  const log = await logOf('leader', `/correspondence/${sealed}`);
  assert.deepEqual([attempts(log).length, log.entries.at(-1)!.event], [before, 'ContentAccessTracking']);
  const { entries } = await logOf('leader', `?party=${at}&kind=attempt&about=${sealed}`);
  assert.ok(entries[0]!.resource === town.sealed, JSON.stringify(entries[0]));
});

test('given all that was tried here, when the log of the operator is read, then no name, number or party stands in it', () => {
  assert.ok(lines.length > 10);
  const text = JSON.stringify(lines);
  for (const secret of [town.leader, town.citizen, curious].flatMap(({ name, number, id }) => [name, number!, id]))
    assert.ok(!text.includes(secret));
  assert.deepEqual(wire.lies, []);
});
