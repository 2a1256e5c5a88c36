import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { onPolicyChanged } from '../announce.ts';
import { may } from '../decide/may.ts';
import { readPolicy } from '../policies/read-policy.ts';
import { attribute, category, matching, type Rule, type Target } from '../policy.ts';
import { saveResources } from '../seed/save-resources.ts';
import { openWire } from '../testing/wire.ts';
import { callerOf, machineOf, openWorld } from '../testing/world.ts';
import { flattenPolicy } from './flatten-policy.ts';
import { printPolicy } from './print-policy.ts';

const base = '/resourceregistry/api/v1/resource';
const world = await openWorld();
const agency = await world.organization('Skatteetaten', { orgCode: 'skd' });
const other = await world.organization('Nav');
const write = 'altinn:resourceregistry/resource.write';
const wire = await openWire(world, { agency: machineOf(agency, write), other: machineOf(other, write) });

const folder = new URL('../policies/testing/', import.meta.url);
const stored = (name: string) => readFileSync(new URL(`${name}.xml`, folder), 'utf8');
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.xml') ? [file.replace('.xml', '')] : []));

function upload(id: string, xml: string | Uint8Array<ArrayBuffer>, { by = 'agency', method = 'POST', field = 'policyFile' } = {}) {
  const form = new FormData();
  form.append(field, new Blob([xml], { type: 'application/xml' }), 'policy.xml');
  return wire.send(method, `${base}/${id}/policy`, by, form);
}

const bare = (id: string, more: object = {}) => world.resource({ id: id as ResourceId, owner: agency, rules: [], ...more });

test('given each of the seven policies that service owners wrote, when it is uploaded, then it is taken, told back byte for byte, and shown flat', async () => {
  assert.equal(names.length, 7);
  for (const name of names) {
    await bare(name);
    assert.equal((await wire.send('GET', `${base}/${name}/policy`)).status, 204);

    const answer = await upload(name, stored(name));

    assert.deepEqual([answer.status, answer.headers.get('location')], [201, `${base}/${name}/policy`], answer.text);
    const shown = await wire.send('GET', `${base}/${name}/policy`);
    assert.equal(`${shown.text}`, stored(name).replace(/^\uFEFF/, ''));
    const rules = (await wire.send('GET', `${base}/${name}/policy/rules`)).json<unknown[]>();
    assert.equal(rules.length > 0, name !== 'two-actions-at-once', name); // its one rule asks for two actions in one request
    const rights = (await wire.send('GET', `${base}/${name}/policy/rights`)).json<{ subjects: unknown[] }[]>();
    assert.equal(
      rights.reduce((n, { subjects }) => n + subjects.length, 0),
      rules.length,
      name,
    );
  }
});

test('given a subject of more resources than a page holds, when the answer is read on, then each stands there once', async () => {
  const many = 1204;
  const subject = 'urn:altinn:rolecode:everywhere';
  await world.db.pool.query(
    `insert into access.resource
     select (jsonb_populate_record(r, jsonb_build_object('id', 'many-' || n))).* from access.resource r cross join generate_series(1, ${many}) n
      where r.id = (select min(id) from access.resource)`,
  );
  await world.db.pool.query(
    `insert into access.resource_subject (resource_id, subject, updated_at) select id, $1, clock.now() from access.resource where id like 'many-%'`,
    [subject],
  );
  const values: string[] = [];
  let pages = 0;
  for (let next: string | null = `${base}/bysubjects`; next; pages += 1) {
    const answer = await wire.send('POST', next, undefined, [subject]);
    const page = answer.json<{ links: { next: string | null }; data: { resources: { value: string }[] }[] }>();
    values.push(...page.data.flatMap(({ resources }) => resources.map(({ value }) => value)));
    next = page.links.next;
  }
  assert.deepEqual([pages, values.length, new Set(values).size], [2, many, many]);
  const broken = await wire.send('POST', `${base}/bysubjects?token=${Buffer.from('["a"]').toString('base64url')}`, undefined, [subject]);
  assert.equal(broken.status, 400);
  await world.db.pool.query(`delete from access.resource_subject where subject = $1`, [subject]);
  await world.db.pool.query(`delete from access.resource where id like 'many-%'`);
});

test('given a policy that was uploaded, when its rights and subjects are read, then they are what it says', async () => {
  await bare('moved-post-2');
  await upload('moved-post-2', stored('moved-post').replaceAll('moved-post', 'moved-post-2'), { method: 'PUT' });

  const rights = (await wire.send('GET', `${base}/moved-post-2/policy/rights`)).json<{ rightKey: string; subjects: unknown[] }[]>();
  const subjects = (await wire.send('GET', `${base}/moved-post-2/policy/subjects`)).json<{ data: { urn: string }[] }>();
  const found = await wire.send('POST', `${base}/bysubjects/`, undefined, ['URN:altinn:rolecode:UTINN', 'urn:altinn:rolecode:nobody']);

  assert.deepEqual(
    rights.map(({ rightKey }) => rightKey),
    ['moved-post-2:read', 'moved-post-2:subscribe', 'moved-post-2:write'],
  );
  assert.deepEqual(rights[0]!.subjects, [{ subjectAttributes: [{ type: 'urn:altinn:rolecode', value: 'utinn' }] }]);
  assert.ok(subjects.data.some(({ urn }) => urn === 'urn:altinn:rolecode:utinn'));
  const { data } = found.json<{ data: { subject: { urn: string }; resources: { value: string }[] }[] }>();
  assert.deepEqual(
    data.map(({ subject }) => subject.urn),
    ['urn:altinn:rolecode:utinn'],
  );
  assert.ok(data[0]!.resources.some(({ value }) => value === 'moved-post-2'));

  await bare('moved-post-3');
  const person = 'urn:altinn:person:identifier-no:10818080064';
  const named = stored('moved-post')
    .replaceAll('moved-post', 'moved-post-3')
    .replaceAll('>UTINN<', '>10818080064<')
    .replaceAll('urn:altinn:rolecode', 'urn:altinn:person:identifier-no');
  const uploaded = await upload('moved-post-3', named);
  assert.equal(uploaded.status, 201, uploaded.text);
  const { rows } = await world.db.pool.query('select 1 from access.resource_subject where subject = $1', [person]);
  assert.equal(rows.length, 1, 'the policy names the person');
  const asked = await wire.send('POST', `${base}/bysubjects/`, undefined, [person, 'urn:altinn:rolecode:utinn']);
  const { data: about } = asked.json<{ data: { subject: { urn: string } }[] }>();
  assert.deepEqual(
    about.map(({ subject }) => subject.urn),
    ['urn:altinn:rolecode:utinn'],
  );
});

test('given policies outside the subset, when they are uploaded, then element and line are named, and policy, rows and files stay as they were', async () => {
  const id = await bare('unfit-policy');
  const fit = stored('moved-post').replaceAll('moved-post', id);
  await upload(id, fit);
  const condition = '<xacml:Condition><xacml:Apply FunctionId="f"/></xacml:Condition></xacml:Rule>';
  const refused = async (xml: string | Uint8Array<ArrayBuffer>, more = {}) => {
    const answer = await nothingWritten(world.db, () => upload(id, xml, more), wire.folder);
    return { code: answer.code, text: answer.text };
  };

  const conditioned = await refused(fit.replace('</xacml:Rule>', condition));
  assert.equal(conditioned.code, 9151);
  assert.match(conditioned.text, /\/Policy\/Rule\[1\]\/Condition\[1\], line \d+/);
  for (const [xml, code] of [
    ['<Policy', 9150],
    ['', 9150],
    ['<!DOCTYPE x [<!ENTITY a "b">]><x/>', 9150],
    [fit.replaceAll(id, 'another-resource'), 9152],
    [fit.replaceAll('UTINN', 'NOROLE'), 9188],
    [fit.replaceAll('utinn', 'norole').replaceAll('UTINN', 'norole'), 9188],
    [`${fit}${' '.repeat(1024 * 1024)}`, 9187],
  ] as const) {
    assert.equal((await refused(xml)).code, code, xml.slice(0, 60));
  }
  assert.equal((await refused(new Uint8Array([0xff, 0xfe, 0x00, 0x3c]))).code, 9150);
  assert.equal((await refused(fit, { field: 'file' })).code, 9186);
  assert.equal((await refused(fit, { by: 'other' })).code, 9183);
  const unknown = await nothingWritten(world.db, () => upload('no-such-resource', fit.replaceAll(id, 'no-such-resource')), wire.folder);
  assert.deepEqual([unknown.status, unknown.text], [400, '"Unknown resource"']);
  assert.equal((await wire.send('GET', `${base}/${id}/policy`)).text, fit.replace(/^\uFEFF/, ''));
});

test('given another policy, when it is uploaded, then it decides at once, whoever listens hears of it, and the same again changes nothing', async () => {
  const id = await bare('changing-policy');
  const [boss, company] = [await world.person('KARI'), await world.organization('SKIEN AS')];
  await world.role(boss, 'DAGL', company);
  const heard: ResourceId[][] = [];
  onPolicyChanged.fill(async (_tx, resources) => void heard.push(resources));
  const opens = async () => (await may(world.db, callerOf(boss), { action: 'read', resource: id, party: company })).permit;
  const policy = stored('service-for-leaders').replaceAll('service-for-leaders', id);
  assert.equal(await opens(), false);

  await upload(id, policy);

  assert.equal(await opens(), true);
  assert.deepEqual(await world.openers(company, id), [boss]);
  assert.deepEqual(heard, [[id]]);
  const before = await world.db.pool.query('select policy_version, touched_in from access.resource where id = $1', [id]);
  await upload(id, policy);
  assert.deepEqual(
    (await world.db.pool.query('select policy_version, touched_in from access.resource where id = $1', [id])).rows,
    before.rows,
  );
  await upload(id, policy.replaceAll('DAGL', 'LEDE').replaceAll('dagl', 'lede'));
  assert.equal(await opens(), false);
});

test('given a policy that makes post confidential, when it is uploaded, then ladder and what becomes of the unreachable follow, unless the document says otherwise', async () => {
  const sealed = (id: string) =>
    printPolicy({ ...empty(id), rules: [permit([[[subject(attribute.package, 'post-til-virksomheten-med-taushetsbelagt-innhold')]]])] });
  const [plain, told] = [await bare('sealed-plain'), await bare('sealed-told', { unreachable: 'fallback', fallback: other })];

  for (const id of [plain, told]) assert.equal((await upload(id, sealed(id))).status, 201);

  const { rows } = await world.db.pool.query(
    `select id, confidential, ladder, unreachable, fallback_id from access.resource where id like 'sealed-%' order by id`,
  );
  assert.deepEqual(rows, [
    { id: 'sealed-plain', confidential: true, ladder: 'confidential', unreachable: 'refuse', fallback_id: null },
    { id: 'sealed-told', confidential: true, ladder: 'confidential', unreachable: 'fallback', fallback_id: other },
  ]);
});

test('given a policy that names a person, when anybody reads it, then the number is nowhere', async () => {
  const number = await world.numberOf(await world.person('OLA'));
  const id = await bare('names-a-person');
  await upload(id, printPolicy({ ...empty(id), rules: [permit([[[subject(attribute.personNumber, number)]]])] }));

  for (const path of ['/policy', '/policy/rules', '/policy/rights', '/policy/subjects']) {
    const { status, text } = await wire.send('GET', `${base}/${id}${path}`);
    assert.equal(status, 200);
    assert.ok(!text.includes(number) && text.includes('***********'), path);
  }
  const feed = await everyPage('updated');
  assert.ok(!JSON.stringify(feed).includes(number));
});

test('given readers of a town document, when the policy is printed, then the importer reads the same rules from it', async () => {
  for (const rules of [
    await rulesOf(
      await world.resource({ owner: agency, readers: ['DAGL', 'self', 'organization', 'package:ordinaer-post-til-virksomheten'] }),
    ),
    await rulesOf(await world.resource({ owner: agency, senders: 'any', readers: ['package:eksplisitt'] })),
  ]) {
    const id = 'printed' as ResourceId;
    const printed = printPolicy({ ...empty(id), rules, minLevel: 3, minLevelOrg: 2 });
    const read = readPolicy(printed, id);
    assert.deepEqual(
      read.rules.map(({ effect, target }) => ({ effect, target })),
      rules.map(({ effect, target }) => ({ effect, target })),
    );
    assert.deepEqual([read.minLevel, read.minLevelOrg], [3, 2]);
  }
});

test('given a policy that branches a million times, when it is shown flat, then it is refused, and as XML it is not', async () => {
  const many = Array.from({ length: 101 }, (_, i) => [subject(attribute.orgCode, `org${i}`)]);
  assert.equal(flattenPolicy('x' as ResourceId, [permit([many, many, many])]), undefined);
  const id = await bare('branches');
  assert.equal((await upload(id, printPolicy({ ...empty(id), rules: [permit([many, many])] }))).status, 201);

  assert.equal((await wire.send('GET', `${base}/${id}/policy/rules`)).code, 9189);
  assert.equal((await wire.send('GET', `${base}/${id}/policy/rights`)).code, 9189);
  assert.equal((await wire.send('GET', `${base}/${id}/policy`)).status, 200);
});

test('given changes of resources, when the feeds are read page by page, then each is told once and in order, also what a slow transaction wrote', async () => {
  const slow = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  const id = 'slow-to-come' as ResourceId;
  const written = world.db.transaction(async (tx) => {
    saveResources(tx, [{ id, type: 'BrokerService', owner: agency, title: { nb: 'x', nn: 'x', en: 'x' }, readers: ['LEDE'] }]);
    await tx.one({ text: 'select 1 as one', values: [] });
    waiting.resolve();
    await slow.promise;
  });
  await waiting.promise;
  await bare('quick-to-come', { readers: ['INNH'], rules: undefined });
  const [early, earlyResources] = [await everyPage('updated'), await everyPage('changes')];
  slow.resolve();
  await written;

  // A transaction that still runs, in whichever database of the cluster, holds back what began after it.
  const tells = async (feed: string) => (await everyPage(feed)).some(({ resourceUrn }) => resourceUrn.endsWith('quick-to-come'));
  await until(async () => (await tells('updated')) && (await tells('changes')));
  const [late, lateResources] = [await everyPage('updated'), await everyPage('changes')];

  const told = (rows: { resourceUrn: string }[], name: string) => rows.filter(({ resourceUrn }) => resourceUrn.endsWith(name)).length;
  assert.deepEqual([told(early, 'quick-to-come'), told(early, id)], [0, 0]);
  assert.ok(told(late, 'quick-to-come') > 0 && told(late, id) > 0);
  assert.deepEqual(late.slice(0, early.length), early);
  assert.deepEqual(lateResources.slice(0, earlyResources.length), earlyResources);
  assert.deepEqual([told(lateResources, 'quick-to-come'), told(lateResources, id)], [1, 1]);
  const future = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
  assert.deepEqual((await wire.send('GET', `${base}/updated?since=${future}`)).json<{ data: unknown[] }>().data, []);
  const bent = [
    '["x","y","z"]',
    '["1"]',
    '["1","\\u0000"]',
    '["1","x","\\u0000"]',
    '["1","\\ud800"]',
    '["1","\\ud800","x"]',
    '[1,2,3]',
    '{}',
  ];
  for (const wrong of ['abc', ...bent.map((text) => Buffer.from(text).toString('base64url'))]) {
    assert.equal((await wire.send('GET', `${base}/updated?token=${wrong}`)).code, 9190);
    assert.equal((await wire.send('GET', `${base}/changes?token=${wrong}`)).code, 9190);
  }
  assert.deepEqual(wire.lies, []);
});

/** Fails after half a minute. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await isSo()); await setTimeout(50)) assert.ok(Date.now() < end, 'not so after half a minute');
}

async function everyPage(feed: string): Promise<{ resourceUrn: string }[]> {
  const rows: { resourceUrn: string }[] = [];
  for (let path: string | null = `${base}/${feed}?limit=7`; path; ) {
    const page: { data: { resourceUrn: string }[]; links: { next: string | null } } = (await wire.send('GET', path)).json();
    rows.push(...page.data);
    path = page.links.next;
  }
  return rows;
}

async function rulesOf(id: ResourceId): Promise<Rule[]> {
  const { rows } = await world.db.pool.query('select effect, actions, target from access.rule where resource_id = $1 order by ordinal', [
    id,
  ]);
  return rows;
}

const empty = (id: string) => ({ id: id as ResourceId, ownerId: agency as PartyId, rules: [], minLevel: 0, accessList: null });
const subject = (name: string, value: string) => ({ category: category.subject, attribute: name, match: matching.equal, value });
const permit = (target: Target): Rule => ({
  effect: 'permit',
  actions: ['read'],
  target: [...target, [[{ category: category.action, attribute: attribute.action, match: matching.equal, value: 'read' }]]],
});
