import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller, Context } from '#kernel/context.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { type Party, partyUrn } from '#register/index.ts';
import { organizationCaller, personCaller } from '../../../test/world.ts';
import { confirmMessage } from '../../correspondence/read/confirm-message.ts';
import { getOverview } from '../../correspondence/read/look-at-message.ts';
import { openMessage } from '../../correspondence/read/open-message.ts';
import { correspondenceRoutes } from '../../correspondence/routes.ts';
import { createTown, letter, send } from '../../correspondence/testing/town.ts';
import { authorize } from '../authorize/authorize.ts';
import { attribute, category, matching } from '../policy.ts';
import { accessRoutes } from '../routes.ts';
import { openWire } from '../testing/wire.ts';
import type { AuditEntry, AuditPage } from './wire.ts';

const town = await createTown();
const { world } = town;
const lines: unknown[] = [];
const keep = (...line: unknown[]) => void lines.push(line);
const ctx: Context = { ...world.ctx, log: { debug: keep, info: keep, warn: keep, error: keep } };
const auditor = organizationCaller(town.orphan, ['budstikke:audit.read']);
const decider = organizationCaller(town.agency, ['altinn:authorization/authorize']);
const colleague = personCaller(await world.person('JONAS'));
const machine = organizationCaller(town.municipality, ['altinn:correspondence.read']);
const callers: Record<string, Caller> = {
  machine,
  leader: town.leading,
  citizen: town.reading,
  auditor,
  colleague,
  sender: town.sender,
};
const wire = await openWire({ ctx }, callers);

const pageOf = async (by: string, query: string) => (await wire.send('GET', `/budstikke/v1/audit${query}`, by)).json<AuditPage>();
const ofParty = (by: string, party: Party, more = '') => pageOf(by, `?party=${partyUrn(party)}${more}`);
const told = (entries: readonly AuditEntry[]) => entries.map(({ event, decision, who }) => [event ?? decision, who.name]);

test('given a message that was looked at, opened and confirmed, when its recipient asks who has seen it, then each is named with the right by which', async () => {
  const id = await send(
    town,
    letter([town.municipality], { isConfirmationNeeded: true, dueDateTime: new Date(Date.now() + 9e8).toISOString() }),
  );
  await getOverview(ctx, town.leading, id);
  await openMessage(ctx, town.leading, id);
  await confirmMessage(ctx, town.leading, id);

  const { entries, next } = await pageOf('leader', `/correspondence/${id}`);

  assert.deepEqual(
    told(entries).map(([event, name]) => [event, name]),
    [
      ['OverviewFetched', 'KARI NORDMANN'],
      ['ContentAccessTracking', 'KARI NORDMANN'],
      ['ConsignmentAcceptance', 'KARI NORDMANN'],
    ],
  );
  assert.equal(next, null);
  assert.deepEqual(entries[1]!.path, [`role daglig-leder at ${town.municipality.number}`]);
  assert.deepEqual([entries[1]!.about, entries[1]!.who.party, entries[1]!.who.kind], [id, town.leader.id, 'person']);
});

test('given the post of others, when strangers, the sender or a colleague without rights ask, then it looks as if there were none', async () => {
  const id = await send(town, letter([town.citizen]));
  await openMessage(ctx, town.reading, id);

  for (const by of ['leader', 'colleague']) {
    for (const path of [
      `/correspondence/${id}`,
      '/correspondence/0198f0a0-0000-7000-8000-000000000000',
      `?party=${partyUrn(town.citizen)}`,
    ]) {
      const answer = await world.nothingWritten(() => wire.send('GET', `/budstikke/v1/audit${path}`, by));
      assert.deepEqual([answer.status, answer.code], [404, 9786], `${by} ${path}`);
      assert.ok(!answer.text.includes('OLA'));
    }
  }
  assert.equal((await wire.send('GET', `/budstikke/v1/audit/correspondence/${id}`, 'sender')).status, 403);
  assert.equal((await wire.send('GET', '/budstikke/v1/audit?party=tull', 'leader')).code, 9100);
  assert.equal((await wire.send('GET', `/budstikke/v1/audit?party=${partyUrn(town.municipality)}`, 'colleague')).code, 9786);
  assert.equal((await wire.send('GET', `/budstikke/v1/audit?party=${partyUrn(town.municipality)}`, 'machine')).code, 9786);
  assert.equal((await pageOf('citizen', `/correspondence/${id}`)).entries.length, 1);
});

test('given acts and decisions at a party, when its administrator reads the log, then both stand there newest first, and a page goes on where the last ended', async () => {
  const question = {
    request: {
      accessSubject: [{ attribute: [{ attributeId: 'urn:altinn:party:uuid', value: town.leader.id }] }],
      action: [{ attribute: [{ attributeId: 'urn:oasis:names:tc:xacml:1.0:action:action-id', value: 'read' }] }],
      resource: Array.from({ length: 130 }, () => ({
        attribute: [
          { attributeId: 'urn:altinn:resource', value: town.letters },
          { attributeId: 'urn:altinn:party:uuid', value: town.municipality.id },
        ],
      })),
    },
  };
  await authorize(ctx, decider, question);
  const id = await send(town, letter([town.municipality]));
  await openMessage(ctx, town.leading, id);

  const first = await ofParty('leader', town.municipality);
  const second = await ofParty('leader', town.municipality, `&before=${first.next}`);

  assert.deepEqual(told(first.entries).slice(0, 2), [
    ['ContentAccessTracking', 'KARI NORDMANN'],
    ['Permit', 'KARI NORDMANN'],
  ]);
  const [, decision] = first.entries;
  assert.deepEqual(
    [decision!.kind, decision!.askedBy?.name, decision!.resource, decision!.action, decision!.path],
    ['decision', 'ETATEN', 'brev', 'read', [`role daglig-leder at ${town.municipality.number}`]],
  );
  assert.equal(first.entries.length, 100);
  const all = [...first.entries, ...second.entries].map((entry) => entry.id);
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(all, all.toSorted().toReversed());
  assert.equal(second.next, null);
  assert.equal([...first.entries, ...second.entries].filter(({ kind }) => kind === 'decision').length, 130);

  const acts = await ofParty('leader', town.municipality, '&kind=act');
  assert.ok(acts.entries.length > 0 && acts.entries.every(({ kind }) => kind === 'act'));
  assert.deepEqual(
    acts.entries.map((entry) => entry.id),
    [...first.entries, ...second.entries].filter(({ kind }) => kind === 'act').map((entry) => entry.id),
  );
  const decisions = await ofParty('leader', town.municipality, '&kind=decision');
  assert.ok(decisions.entries.length === 100 && decisions.entries.every(({ kind }) => kind === 'decision'));
});

test('given an auditor, when it reads a log or who has seen a message, then it may, and the audited see that it did', async () => {
  const id = await send(town, letter([town.citizen]));
  await openMessage(ctx, town.reading, id);

  assert.equal((await ofParty('auditor', town.citizen)).entries[0]!.event, 'ContentAccessTracking');
  assert.equal((await pageOf('auditor', `/correspondence/${id}`)).entries.length, 1);

  const { entries } = await ofParty('citizen', town.citizen);
  assert.deepEqual(
    entries.slice(0, 2).map(({ resource, action, about, askedBy }) => [resource, action, about, askedBy?.name]),
    [
      ['budstikke-audit-log', 'read', id, 'TOMT AS'],
      ['budstikke-audit-log', 'read', null, 'TOMT AS'],
    ],
  );
});

test('given a policy that lets its owner read, when the sender opens and confirms its own letter over the wire, then the watch goes on, and the log names nobody to it', async () => {
  const named = { category: category.subject, attribute: attribute.organizationNumber, match: matching.equal, value: town.agency.number! };
  const ordinary = { ...named, attribute: attribute.package, value: 'ordinaer-post-til-virksomheten' };
  const resource = await world.resource('eieren-leser', town.agency, {
    rules: [
      { effect: 'permit', actions: ['read'], target: [[[ordinary]]] },
      { effect: 'permit', actions: ['read', 'write'], target: [[[named]]] },
    ],
  });
  const id = await send(town, letter([town.municipality], { resourceId: resource }));
  const reading = { ...town.sender, scopes: new Set([...town.sender.scopes, 'altinn:correspondence.read']), issuer: 'altinn' as const };
  const whole = await openWire({ ctx }, { ...callers, reading }, [...accessRoutes, ...correspondenceRoutes] as AnyRoute[]);
  const message = `/correspondence/api/v1/correspondence/${id}`;
  const state = async () =>
    (
      await world.db.pool.query(
        'select m.state, m.read_at, i.opened_at, i.settled_at, i.outcome from watch.item i join correspondence.message m on m.id = i.about where i.about = $1',
        [id],
      )
    ).rows[0];
  const before = await state();
  assert.deepEqual([before.opened_at, before.read_at], [null, null]);

  const content = await whole.send('GET', `${message}/content`, 'reading');
  const confirmed = await whole.send('POST', `${message}/confirm`, 'reading');

  assert.deepEqual([content.status, confirmed.status >= 400], [200, true], `${content.text} ${confirmed.text}`);
  assert.deepEqual(await state(), before, 'the sender settled its own watch');
  const log = await whole.send('GET', `/budstikke/v1/audit/correspondence/${id}`, 'reading');
  assert.deepEqual([log.status, log.code], [404, 9786]);

  await openMessage(ctx, town.leading, id);
  assert.notDeepEqual(await state(), before);
  for (const by of ['reading', 'machine']) {
    const answer = await whole.send('GET', `/budstikke/v1/audit/correspondence/${id}`, by);
    assert.deepEqual([answer.status, answer.code], [404, 9786], by);
  }
  assert.equal((await whole.send('GET', `/budstikke/v1/audit/correspondence/${id}`, 'leader')).status, 200);
});

test('given all that these tests have done, when the log of the operator is read, then no name, number or party stands in it', () => {
  assert.ok(lines.length > 10);
  const text = JSON.stringify(lines);
  for (const secret of [town.leader, town.citizen].flatMap(({ name, number, id }) => [name, number!, id]))
    assert.ok(!text.includes(secret));
  assert.deepEqual(wire.lies, []);
});
