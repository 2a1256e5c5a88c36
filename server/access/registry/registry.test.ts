import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { resolveResource } from '../resolve-resource.ts';
import { openWire } from '../testing/wire.ts';
import { machineOf, openWorld } from '../testing/world.ts';

const base = '/resourceregistry/api/v1/resource';
const write = 'altinn:resourceregistry/resource.write';
const world = await openWorld();
const agency = await world.organization('Skatteetaten', { orgCode: 'skd' });
const other = await world.organization('Nav', { orgCode: 'nav' });
const closing = await world.organization('Gammel etat', { orgCode: 'gammel' });
const wire = await openWire(world, {
  agency: machineOf(agency, write),
  other: machineOf(other, write),
  closing: machineOf(closing, write),
  admin: machineOf(other, 'altinn:resourceregistry/resource.admin'),
  reader: machineOf(agency, 'altinn:correspondence.read'),
});

const texts = (text: string) => ({ nb: text, nn: text, en: text });
async function documentOf(identifier: string, owner: PartyId = agency, more: object = {}) {
  return {
    identifier,
    title: texts('Skattemelding'),
    description: texts('Din skattemelding'),
    rightDescription: texts('Leser skattemeldingen'),
    hasCompetentAuthority: { organization: await world.numberOf(owner), orgcode: 'skd', name: texts('Skatteetaten') },
    contactPoints: [{ category: 'Support', email: 'post@skd.example', telephone: null, contactPage: 'https://skd.example' }],
    resourceType: 'CorrespondenceService',
    ...more,
  };
}

const full = {
  version: '1.2',
  homepage: 'https://skd.example/om',
  status: 'Completed',
  spatial: ['NO'],
  produces: [],
  isPartOf: 'skatt',
  thematicAreas: ['https://psi.norge.no/los/tema/skatt'],
  resourceReferences: [{ referenceSource: 'Altinn2', reference: '4471', referenceType: 'ServiceCode' }],
  delegable: false,
  visible: false,
  keywords: [{ word: 'skatt', language: 'nb' }],
  accessListMode: 'Enabled',
  selfIdentifiedUserEnabled: true,
  enterpriseUserEnabled: true,
  availableForType: ['Company', 'PrivatePerson'],
  consentTemplate: 'sblanesoknad',
  consentText: { nb: '# Samtykke' },
  consentMetadata: { year: { optional: true } },
  isOneTimeConsent: true,
};

test('given a service owner, when it registers a resource with every member there is, then the same comes back, and 201 names where', async () => {
  const fallbackParty = await world.numberOf(other);
  const document = await documentOf('skattemelding-2026', agency, {
    ...full,
    budstikke: { unreachable: 'fallback', fallbackParty, keepUnreadDays: 30, demandsPerson: true },
  });

  const created = await wire.send('POST', base, 'agency', document);
  const shown = await wire.send('GET', `${base}/skattemelding-2026`);

  assert.deepEqual([created.status, created.headers.get('location')], [201, `${base}/skattemelding-2026`]);
  const { versionId, authorizationReference, ...rest } = shown.json<Record<string, unknown>>();
  assert.deepEqual(rest, document);
  assert.deepEqual([versionId, authorizationReference], [1, [{ id: 'urn:altinn:resource', value: 'skattemelding-2026' }]]);
});

test('given what a client has read, when it writes just that back, then nothing changes', async () => {
  await wire.send('POST', base, 'agency', await documentOf('rundtur', agency, full));
  const first = (await wire.send('GET', `${base}/rundtur`)).json<object>();
  await wire.send('PUT', `${base}/rundtur`, 'agency', first);
  const second = (await wire.send('GET', `${base}/rundtur`)).json<{ versionId: number }>();

  const again = await nothingWritten(world.db, () => wire.send('PUT', `${base}/rundtur`, 'agency', second));

  assert.equal(again.status, 200);
  assert.deepEqual({ ...second, versionId: 1 }, first);
  assert.deepEqual((await wire.send('GET', `${base}/rundtur`)).json(), second);
});

test('given a resource, when its owner writes it anew, then it has a new version, and the former can still be read', async () => {
  await wire.send('POST', base, 'agency', await documentOf('versjoner'));

  const changed = await wire.send(
    'PUT',
    `${base}/versjoner`,
    'agency',
    await documentOf('versjoner', agency, { title: texts('Ny tittel') }),
  );

  assert.equal(changed.status, 200);
  const titleOf = async (query: string) => {
    const shown = (await wire.send('GET', `${base}/versjoner${query}`)).json<{ title: { nb: string }; versionId: number }>();
    return [shown.versionId, shown.title.nb];
  };
  assert.deepEqual(await titleOf(''), [2, 'Ny tittel']);
  assert.deepEqual(await titleOf('?versionId=1'), [1, 'Skattemelding']);
  assert.deepEqual(await titleOf('?versionId=2'), [2, 'Ny tittel']);
  assert.equal((await wire.send('GET', `${base}/versjoner?versionId=9`)).code, 9181);
});

test('given documents that are not fit, when they are sent, then each is refused in its words and nothing is written', async () => {
  await wire.send('POST', base, 'agency', await documentOf('finnes-alt'));
  const unknown = { organization: '999999999', orgcode: 'x' };
  const refused = async (method: string, path: string, by: string, body: unknown) => {
    const { status, code, text } = await nothingWritten(world.db, () => wire.send(method, path, by, body));
    return code === undefined ? [status, text] : [status, code];
  };

  assert.deepEqual(await refused('POST', base, 'agency', await documentOf('finnes-alt')), [
    409,
    '"The Resource already exist: finnes-alt"',
  ]);
  assert.deepEqual(await refused('PUT', `${base}/noe-annet`, 'agency', await documentOf('finnes-alt')), [
    400,
    '"Id in path does not match ID in resource"',
  ]);
  for (const id of ['abc', 'Store', 'æøåæ', 'se_1234', 'app_ttd', 'a b c d']) {
    assert.deepEqual(await refused('POST', base, 'agency', await documentOf(id)), [400, 9182], id);
  }
  assert.deepEqual(await refused('POST', base, 'agency', await documentOf('uten-rett', agency, { rightDescription: null })), [400, 9185]);
  assert.deepEqual(
    await refused('POST', base, 'agency', await documentOf('eier-ukjent', agency, { hasCompetentAuthority: unknown })),
    [400, 9184],
  );
  assert.deepEqual(
    await refused('POST', base, 'agency', await documentOf('reserve', agency, { budstikke: { unreachable: 'fallback' } })),
    [400, 9191],
  );
  assert.deepEqual(
    await refused(
      'POST',
      base,
      'agency',
      await documentOf('filer-for-folk', agency, { resourceType: 'BrokerService', budstikke: { demandsPerson: true } }),
    ),
    [400, 9180],
  );
  assert.deepEqual(await refused('PUT', `${base}/ukjent-ressurs`, 'agency', await documentOf('ukjent-ressurs')), [404, 9181]);
  assert.deepEqual(await refused('DELETE', `${base}/ukjent-ressurs`, 'agency', undefined), [404, 9181]);
  const { title: _, ...untitled } = await documentOf('uten-tittel');
  assert.equal((await refused('POST', base, 'agency', untitled))[0], 400);
});

test('given the resource of another, when somebody writes it, takes it or deletes it, then it is refused; the administrator may', async () => {
  await wire.send('POST', base, 'agency', await documentOf('andres-ressurs'));
  const stolen = await documentOf('andres-ressurs', other);
  const form = new FormData();
  form.append('policyFile', new Blob(['<x/>']), 'policy.xml');

  for (const [method, path, body] of [
    ['POST', base, await documentOf('ny-for-andre')],
    ['PUT', `${base}/andres-ressurs`, await documentOf('andres-ressurs')],
    ['PUT', `${base}/andres-ressurs`, stolen],
    ['DELETE', `${base}/andres-ressurs`, undefined],
  ] as const) {
    const { status, code } = await nothingWritten(world.db, () => wire.send(method, path, 'other', body));
    assert.deepEqual([status, code], [403, 9183], `${method} ${path}`);
  }
  for (const by of ['reader', undefined]) {
    const answer = await nothingWritten(world.db, async () => wire.send('POST', base, by, await documentOf('uten-scope')));
    assert.deepEqual([answer.status, answer.text], [by ? 403 : 401, '']);
  }
  assert.equal((await wire.send('PUT', `${base}/andres-ressurs`, 'admin', stolen)).status, 200);
  assert.equal((await wire.send('DELETE', `${base}/andres-ressurs`, 'other')).status, 204);
});

test('given two who register the same name at once, when both are done, then one has it and the other is told that it exists', async () => {
  const documents = [await documentOf('kappløp-om-navn'.replace('ø', 'o'), agency), await documentOf('kapplop-om-navn', other)];

  const answers = await Promise.all([wire.send('POST', base, 'agency', documents[0]), wire.send('POST', base, 'other', documents[1])]);

  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
});

test('given a resource that was deleted, when it is looked for, then it is gone and takes no post, and only its owner may have it again', async () => {
  await wire.send('POST', base, 'agency', await documentOf('snart-borte'));
  const id = 'snart-borte' as ResourceId;

  assert.equal((await wire.send('DELETE', `${base}/snart-borte`, 'agency')).status, 204);

  for (const path of ['', '/policy', '/policy/subjects', '/policy/rules', '/policy/rights']) {
    assert.equal((await wire.send('GET', `${base}/snart-borte${path}`)).code, 9181, path);
  }
  assert.equal(await resolveResource(world.ctx, id, { type: 'CorrespondenceService', owner: agency }), undefined);
  const listed = (await wire.send('GET', `${base}/resourcelist`)).json<{ identifier: string }[]>();
  assert.ok(!listed.some(({ identifier }) => identifier === id));
  assert.equal((await wire.send('DELETE', `${base}/snart-borte`, 'agency')).code, 9181);
  assert.equal((await wire.send('POST', base, 'other', await documentOf('snart-borte', other))).status, 409);
  assert.equal((await wire.send('POST', base, 'agency', await documentOf('snart-borte'))).status, 201);
  assert.equal((await wire.send('GET', `${base}/snart-borte`)).json<{ versionId: number }>().versionId, 2);
});

test('given a resource that a request or a town document made, when it is looked up, then it shows like the others', async () => {
  const id = await world.resource({ id: 'fra-byen' as ResourceId, owner: agency, implicit: true });

  const shown = (await wire.send('GET', `${base}/${id}`)).json<Record<string, unknown>>();

  assert.deepEqual(
    [shown.identifier, shown.resourceType, (shown.hasCompetentAuthority as { orgcode: string }).orgcode, shown.accessListMode],
    ['fra-byen', 'CorrespondenceService', 'skd', 'Disabled'],
  );
  assert.deepEqual(shown.budstikke, { unreachable: 'accept', fallbackParty: null });
  const written = await wire.send('PUT', `${base}/${id}`, 'agency', { ...shown, title: texts('Skrevet om') });
  assert.equal(written.status, 200);
  assert.equal((await wire.send('GET', `${base}/${id}`)).json<{ title: { nn: string } }>().title.nn, 'Skrevet om');
  assert.equal((await wire.send('GET', `${base}/${id}/policy/subjects`)).json<{ data: unknown[] }>().data.length > 0, true);
});

test('given many resources, when they are searched, then those that have all words are found, and owners and catalogue name them', async () => {
  await wire.send(
    'POST',
    base,
    'agency',
    await documentOf('merverdiavgift', agency, { title: texts('Melding om <MVA>'), keywords: [{ word: 'Avgift' }] }),
  );
  const found = async (query: string) =>
    (await wire.send('GET', `${base}/Search?${query}`)).json<{ identifier: string }[]>().map(({ identifier }) => identifier);

  assert.deepEqual(await found('id=merverdi'), ['merverdiavgift']);
  assert.deepEqual(await found('title=om%20%3Cmva&keyword=avgift&resourceType=correspondenceservice'), ['merverdiavgift']);
  assert.deepEqual(await found('title=om%20%3Cmva&keyword=skatt'), []);
  assert.deepEqual(await found('title=om%20%3Cmva&resourceType=BrokerService'), []);
  const { orgs } = (await wire.send('GET', `${base}/orgs`)).json<{ orgs: Record<string, { orgnr: string }> }>();
  assert.equal(orgs.skd?.orgnr, await world.numberOf(agency));
  const catalogue = await wire.send('GET', `${base}/export`);
  assert.match(catalogue.headers.get('content-type')!, /rdf\+xml/);
  assert.match(catalogue.text, /<dct:title xml:lang="nb">Melding om &lt;MVA&gt;<\/dct:title>/);
  assert.doesNotMatch(catalogue.text, /skattemelding-2026/);
  assert.deepEqual(wire.lies, []);
});

test('given a service owner that is gone, when it changes, deletes or registers a resource, then it is refused, and what was there stays', async () => {
  const [old, fresh] = [await documentOf('gammel-melding', closing), await documentOf('ny-melding', closing)];
  assert.equal((await wire.send('POST', base, 'closing', old)).status, 201);
  await world.save({ kind: 'organization', number: await world.numberOf(closing), name: 'Gammel etat', deletedAt: '2026-01-01T00:00:00Z' });
  for (const [method, path, body] of [
    ['POST', base, fresh],
    ['PUT', `${base}/gammel-melding`, { ...old, homepage: 'https://ny.example' }],
    ['DELETE', `${base}/gammel-melding`, undefined],
  ] as const) {
    const answer = await nothingWritten(world.db, () => wire.send(method, path, 'closing', body));
    assert.deepEqual([answer.status, answer.code], [403, 9183], method);
  }
});
