import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compile } from 'typebox/compile';
import { announceAccessChanges, saveGrants, saveResources, saveSystemUsers } from '#access/index.ts';
import { saveCertificateSeen, saveClients } from '#identity/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { createWorld, organizationCaller, personCaller, scopes } from '../../test/world.ts';
import { readersIn } from '../access/describe-readers.ts';
import { attribute, category, matching, type Rule } from '../access/policy.ts';
import { saveActivity } from '../identity/store.ts';
import { texts } from '../notifications/texts.ts';
import { actAsSender } from '../session/act-as-sender.ts';
import { consumerNames } from '../subscriptions/subscriber.ts';
import { ladderErrors } from '../watch/ladders/errors.ts';
import { listOwnLadders, previewLadder } from '../watch/ladders/list-ladders.ts';
import { putLadder } from '../watch/ladders/put-ladder.ts';
import { chooseLadder, showResourceLadder } from '../watch/ladders/resource-ladder.ts';
import type { WrittenStep } from '../watch/ladders/wire.ts';
import { previewNotice } from '../watch/preview/preview-notice.ts';
import { NoticePreviewRequest, previewedSteps } from '../watch/preview/wire.ts';
import { keysErrors } from './keys/errors.ts';
import { showKeys } from './keys/show-keys.ts';
import { nameOrganizations } from './name-organizations.ts';
import { NamesRequest } from './services-wire.ts';
import { showOwnServices } from './show-own-services.ts';

const world = await createWorld();
const { db } = world.ctx;
const ctx = { ...world.ctx, addresses: { inbox: 'https://post.example.no/inbox', console: 'https://post.example.no/console' } };
const agency = await world.organization('Etaten');
const archive = await world.organization('Arkivet');
const [manager, clerk] = [await world.person('SIGRID SKAR'), await world.person('ODD ANSATT')];
await world.role(manager, 'DAGL', agency);
const letters = await world.resource('etatens-brev', agency, { readers: ['self', 'DAGL', 'package:ordinaer-post-til-virksomheten'] });
const secret = await world.resource('hemmelig', agency, {
  ...{ readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'], unreachable: 'fallback', fallback: archive.id },
});
const files = await world.resource('filer', agency, {
  type: 'BrokerService',
  readers: ['organization'],
  broker: { maxFileTransferSize: 1000 },
});
await world.resource('andres', archive);
await db.transaction(async (tx) => {
  saveGrants(tx, [{ at: agency.id, to: clerk.id, resource: letters, actions: ['write'] }]);
  await announceAccessChanges(tx);
});

const machine = organizationCaller(agency, scopes.sender);
const stranger = organizationCaller(archive, scopes.sender);
const browserOf = async (person: typeof manager) => (await actAsSender(db, personCaller(person), agency.id, true)) as Caller;
const [asOwner, byPolicy] = [await browserOf(manager), await browserOf(clerk)];
const steps: WrittenStep[] = [
  { name: 'notify', after: 'PT0S', when: [], who: 'openers', channel: 'preferred', text: 'new-mail' },
  { name: 'ask', after: 'P5D', workingDays: true, when: [], who: 'sender', channel: 'preferred', text: 'sender-decision' },
];

async function refused(name: keyof typeof ladderErrors, work: () => Promise<unknown>): Promise<void> {
  await world.nothingWritten(() => assert.rejects(work(), (error) => error instanceof Refusal && error.row === ladderErrors[name]));
}

test('given an owner’s services, when it lists them, then each says who can open in words, what becomes of what nobody can, and how files are carried', async () => {
  for (const caller of [machine, asOwner]) {
    const { services, next } = await showOwnServices(ctx, caller, {});
    assert.equal(next, null);
    assert.deepEqual(services.map(({ id }) => id).sort(), ['etatens-brev', 'filer', 'hemmelig']);
    const byId = new Map(services.map((each) => [each.id, each]));
    const readers = (id: string) =>
      byId.get(id)!.readers.ways.map((way) => way.map(({ kind, name }) => `${kind} ${name?.nb ?? ''}`.trim()));
    assert.deepEqual(readers(letters), [['self'], ['role Daglig leder'], ['package Ordinær post til virksomheten']]);
    assert.deepEqual(readers(files), [['organization']]);
    assert.deepEqual(
      [byId.get(secret)!.unreachable, byId.get(secret)!.fallback, byId.get(secret)!.confidential],
      ['fallback', { name: 'Arkivet' }, true],
    );
    assert.deepEqual(byId.get(files)!.files, {
      ...{ mostBytes: 1000, timeToLiveSeconds: 30 * 86_400, purgeAfterAllConfirmed: true, graceSeconds: 7200 },
    });
    assert.deepEqual(services.map(({ carries, mayChoose }) => `${carries} ${mayChoose}`).sort(), [
      'files true',
      'letters true',
      'letters true',
    ]);
  }
});

test('given a person who sends by a policy’s leave, and a stranger, when they list services, then they see those on which they may send, and none', async () => {
  const { services } = await showOwnServices(ctx, byPolicy, {});
  assert.deepEqual(
    services.map(({ id, mayChoose }) => [id, mayChoose]),
    [[letters, false]],
  );
  assert.deepEqual(
    (await showOwnServices(ctx, stranger, {})).services.map(({ id }) => id),
    ['andres'],
  );
  assert.deepEqual(await showOwnServices(ctx, { ...stranger, party: null }, {}), { services: [], next: null });
});

test('given an owner of more services than go on one page, when it lists them page by page, then each comes once', async () => {
  const many = await world.organization('Storetaten');
  const title = { nb: 'Post', nn: 'Post', en: 'Post' };
  const ids = Array.from({ length: 201 }, (_, i) => `stor-${String(i).padStart(3, '0')}` as ResourceId);
  await db.transaction(async (tx) => {
    saveResources(
      tx,
      ids.map((id) => ({ id, type: 'CorrespondenceService', owner: many.id, title })),
    );
    await announceAccessChanges(tx);
  });
  const owner = organizationCaller(many, scopes.sender);
  const first = await showOwnServices(ctx, owner, {});
  const rest = await showOwnServices(ctx, owner, { after: first.next! });
  assert.deepEqual([first.services.length, first.next, rest.next], [200, 'stor-199', null]);
  assert.deepEqual(
    [...first.services, ...rest.services].map(({ id }) => id),
    ids,
  );
});

test('given rules that say more than words do, when they are described, then the words never say less than the policy, and say that there is more', () => {
  const match = (name: string, value: string) => ({ category: category.subject, attribute: name, match: matching.equal, value });
  const permit = (target: Rule['target'], effect: Rule['effect'] = 'permit'): Rule => ({ effect, actions: ['read'], target });
  const dagl = match(attribute.role, 'urn:altinn:rolecode:DAGL');
  const kinds = (rules: readonly Rule[]) => {
    const { ways, more } = readersIn(rules);
    return [ways.map((way) => way.map(({ kind, code }) => code ?? kind).join('+')), more];
  };
  assert.deepEqual(kinds([permit([[[dagl, match(attribute.package, 'skatt')]]])]), [['dagl+skatt'], false]);
  assert.deepEqual(kinds([permit([[[dagl]], [[match(attribute.package, 'skatt')]]])]), [[], true]);
  assert.deepEqual(kinds([permit([[[match('urn:odd', 'x')], [dagl]]])]), [['dagl'], true]);
  assert.deepEqual(kinds([permit([[[dagl]]]), permit([[[dagl]]], 'deny')]), [['dagl'], true]);
  assert.deepEqual(kinds([permit([])]), [['anybody'], false]);
  assert.deepEqual(kinds([{ ...permit([[[dagl]]]), actions: ['write'] }]), [[], false]);
  assert.deepEqual(kinds([permit([[[match(attribute.partyUuid, agency.id)]]])]), [['named'], false]);
});

test('given numbers of organizations, unknown ones, and a person’s, when a sender asks for names, then organizations are named, and nobody by the number of a person', async () => {
  const unknown = '999999999';
  const { names } = await world.nothingWritten(() =>
    nameOrganizations(ctx, machine, { numbers: [archive.number!, unknown, archive.number!, manager.number!] }),
  );
  assert.deepEqual(
    names.map(({ name }) => name),
    ['Arkivet', null, 'Arkivet', null],
  );
  const shape = Compile(NamesRequest);
  assert.ok(shape.Check({ numbers: [archive.number] }));
  assert.ok(!shape.Check({ numbers: [manager.number] }), 'the border takes no number of a person');
  assert.ok(!shape.Check({ numbers: Array.from({ length: 501 }, () => unknown) }));
});

test('given who administers access at the owner, when they write, preview and choose a ladder from a browser, then it is the owner’s, as for its own client', async () => {
  const written = await putLadder(ctx, asOwner, 'etatens-stige', steps);
  assert.deepEqual([written.version, written.kind], [1, 'own']);
  for (const caller of [asOwner, byPolicy, machine])
    assert.ok((await listOwnLadders(ctx, caller, {})).ladders.some(({ id }) => id === 'etatens-stige'));
  assert.deepEqual((await chooseLadder(ctx, asOwner, letters, { ladder: 'etatens-stige' })).ladder, 'etatens-stige');
  for (const caller of [byPolicy, machine]) assert.equal((await showResourceLadder(ctx, caller, letters)).ladder, 'etatens-stige');
  const planned = await previewLadder(ctx, byPolicy, { publishedAt: '2026-11-27T09:00:00Z', ladder: 'etatens-stige' });
  assert.deepEqual(
    planned.steps.map(({ dueOn }) => dueOn),
    ['2026-11-27', '2026-12-04'],
  );
});

test('given a person who only sends, a client without the owner’s scope, and a stranger, when they would change ladders, then it is refused and nothing is written', async () => {
  const client = organizationCaller(agency, ['altinn:correspondence.write']);
  await refused('notAdministrator', () => putLadder(ctx, byPolicy, 'min-stige', steps));
  await refused('notAdministrator', () => chooseLadder(ctx, byPolicy, letters, { ladder: 'ordinary' }));
  await refused('notOrganization', () => putLadder(ctx, client, 'min-stige', steps));
  await refused('notOrganization', () => showResourceLadder(ctx, client, letters));
  await refused('notOrganization', () => putLadder(ctx, personCaller(manager), 'min-stige', steps));
  await refused('resourceNotYours', () => chooseLadder(ctx, stranger, letters, { ladder: 'ordinary' }));
  assert.ok(!(await listOwnLadders(ctx, client, {})).ladders.some(({ kind }) => kind === 'own'));
});

test('given a service, when its sender previews a notice, then it says what would be sent in each language and by each channel, and nothing is written', async () => {
  const { notices } = await world.nothingWritten(() =>
    previewNotice(ctx, byPolicy, { resource: letters, step: 'new-mail', recipient: 'organization', recipientName: 'Bakeriet AS' }),
  );
  assert.deepEqual(
    notices.map(({ language, channel }) => `${language} ${channel}`),
    ['nb email', 'nb sms', 'nn email', 'nn sms', 'en email', 'en sms'],
  );
  const [email, sms] = notices;
  assert.equal(
    email!.subject,
    texts.nb['new-mail'].emailSubject.replace('{recipientName}', 'Bakeriet AS').replace('{senderName}', 'Etaten'),
  );
  assert.equal(sms!.subject, null);
  assert.match(sms!.body, /Etaten.*Bakeriet AS.*https:\/\/post\.example\.no\/inbox/s);
});

test('given each step that tells somebody, of letters and of files, when it is previewed, then it has words, without a blank left, and what is confidential says so', async () => {
  for (const resource of [letters, secret, files]) {
    for (const step of previewedSteps) {
      const { notices } = await previewNotice(ctx, machine, {
        ...{ resource, step, recipient: 'person', dueAt: '2026-12-24T11:00:00Z', languages: ['en'], channels: ['email', 'email'] },
      });
      assert.equal(notices.length, 1, `${resource} ${step}`);
      assert.doesNotMatch(`${notices[0]!.subject} ${notices[0]!.body}`, /[{}]/, `${resource} ${step}`);
    }
  }
  const { notices } = await previewNotice(ctx, machine, { resource: secret, step: 'sealed', recipient: 'organization', languages: ['en'] });
  assert.match(notices[0]!.body, /confidential/i);
});

test('given a service of another, one that is not there, and a caller who acts for nobody, when a notice is previewed, then all are refused alike', async () => {
  const wish = { step: 'new-mail', recipient: 'person' } as const;
  await refused('mayNotSendOn', () => previewNotice(ctx, stranger, { ...wish, resource: letters }));
  await refused('mayNotSendOn', () => previewNotice(ctx, byPolicy, { ...wish, resource: secret }));
  await refused('mayNotSendOn', () => previewNotice(ctx, machine, { ...wish, resource: 'no-such' }));
  await refused('mayNotSendOn', () => previewNotice(ctx, { ...machine, party: null }, { ...wish, resource: letters }));
  const shape = Compile(NoticePreviewRequest);
  assert.ok(!shape.Check({ ...wish, resource: letters, step: 'print' }));
  assert.ok(!shape.Check({ ...wish, resource: letters, recipientName: 'x'.repeat(201) }));
});

test('given clients, a system, certificates and webhooks of two organizations, when who speaks for one looks at its keys, then it sees its own, when they came, and no secret', async () => {
  const [seenAt, validTo] = [new Date('2026-11-02T09:00:00Z'), new Date('2028-01-01T00:00:00Z')];
  const [system, thumbprint] = [newId<PartyId>(), 'ab'.repeat(32)];
  const client = {
    organizationId: agency.id,
    keyId: 'k1',
    publicJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
    scopes: ['altinn:serviceowner'],
  };
  const key = { keyId: 'k1', keyType: 'EC', scopes: ['altinn:serviceowner'], isRegistered: true };
  const seen = (party: PartyId, clientId: string) => ({ party, clientId, readScope: false, authLevel: 3, at: seenAt });
  await db.transaction(async (tx) => {
    saveClients(tx, [
      { ...client, clientId: 'etatens-fagsystem' },
      { ...client, clientId: 'arkivets-eget', organizationId: archive.id },
    ]);
    saveSystemUsers(tx, [{ id: system, system: 'Postrom', owner: agency.id, rights: [{ resource: letters, actions: ['write'] }] }]);
    for (const [organization, print] of [
      [agency.id, thumbprint],
      [archive.id, 'cd'.repeat(32)],
    ] as const)
      saveCertificateSeen(tx, { organization, thumbprint: print, validTo, at: seenAt });
    await announceAccessChanges(tx);
  });
  await db.transaction(async (tx) =>
    saveActivity(tx, [seen(agency.id, 'hos-maskinporten'), seen(archive.id, 'arkivets-eget'), seen(system, 'leverandoren')]),
  );
  for (const [endpoint, party] of [
    ['https://etaten.example/h', agency],
    ['https://arkivet.example/h', archive],
  ] as const)
    await db.pool.query(
      `insert into subscriptions.subscription (party_id, consumer, endpoint, resource, include_subunits, own_events, media_type, fingerprint, caller,
              secret, former_secret, former_until, state, validated_at, created_at)
       values ($1, $2, $3, 'x', false, true, 'application/json', 'f', '{}', 'hemmelig', 'gammel', now() + interval '1 hour', 'Active', now(), now())`,
      [party.id, consumerNames(organizationCaller(party, scopes.sender), party)[0], endpoint],
    );

  for (const caller of [machine, asOwner]) {
    const keys = await showKeys(ctx, caller);
    const at = seenAt.toISOString();
    assert.deepEqual(keys.clients, [
      { clientId: 'etatens-fagsystem', ...key, lastSeenAt: null },
      { clientId: 'hos-maskinporten', isRegistered: false, keyId: null, keyType: null, scopes: [], lastSeenAt: at },
    ]);
    const [{ id, title, clients }] = keys.systems as [(typeof keys.systems)[number]];
    assert.deepEqual([keys.systems.length, id, title], [1, system, 'Postrom']);
    assert.deepEqual(clients, [{ clientId: 'leverandoren', lastSeenAt: at }]);
    assert.deepEqual(keys.certificates, [{ thumbprint, validTo: validTo.toISOString(), firstSeenAt: at, lastSeenAt: at }]);
    assert.deepEqual(
      keys.webhooks.map(({ endPoint, state, formerUntil }) => [endPoint, state, formerUntil !== null]),
      [['https://etaten.example/h', 'Active', true]],
    );
    assert.equal(keys.hasMore, false);
    assert.doesNotMatch(JSON.stringify(keys), /hemmelig|gammel|P-256/);
  }
});

test('given more clients, systems and certificates than are shown at once, when each kind is read on by its place, then each of them is seen once', async () => {
  const names = (what: string) => Array.from({ length: 201 }, (_, i) => `${what}-${String(i).padStart(3, '0')}`);
  const prints = Array.from({ length: 201 }, (_, i) => String(i).padStart(64, 'a'));
  const at = new Date('2026-11-02T09:00:00Z');
  await db.transaction(async (tx) => {
    saveClients(
      tx,
      names('app').map((clientId) => ({ clientId, organizationId: archive.id, keyId: null, publicJwk: null, scopes: [] })),
    );
    saveSystemUsers(
      tx,
      names('system').map((system) => ({ id: newId<PartyId>(), system, owner: archive.id, rights: [] })),
    );
    for (const thumbprint of prints) saveCertificateSeen(tx, { organization: archive.id, thumbprint, validTo: at, at });
    await announceAccessChanges(tx);
  });
  const caller = organizationCaller(archive, scopes.sender);
  const first = await showKeys(ctx, caller);
  assert.equal(first.hasMore, true);
  const nameOf = { clients: 'clientId', systems: 'title', certificates: 'thumbprint' } as const;
  for (const kind of ['clients', 'systems', 'certificates'] as const) {
    const rest = await showKeys(ctx, caller, { kind, after: first.next[kind]! });
    const all = [...first[kind], ...rest[kind]].map((each) => (each as Record<string, unknown>)[nameOf[kind]]);
    assert.equal(rest.next[kind], null);
    assert.equal(new Set(all).size, all.length, `each of the ${kind} once`);
    const wanted = { clients: names('app'), systems: names('system'), certificates: prints }[kind];
    for (const name of wanted) assert.ok(all.includes(name), name);
    const others = [rest.clients, rest.systems, rest.certificates, rest.webhooks].filter((each) => each.length > 0);
    assert.equal(others.length, 1, 'this kind alone');
    const beyond = await showKeys(ctx, caller, { kind, after: 'ingen slik' });
    assert.deepEqual(kind === 'clients' ? [] : beyond[kind], []);
  }
});

test('given a certificate that comes again, within the hour and after it, when it is noted, then the first time stays and the last is to the hour', async () => {
  const [first, soon, later] = ['09:00', '09:40', '10:01'].map((time) => new Date(`2026-11-03T${time}:00Z`)) as [Date, Date, Date];
  const own = { organization: archive.id, thumbprint: 'ef'.repeat(32), validTo: new Date('2028-01-01T00:00:00Z') };
  const seen = () =>
    db.one(sql`select first_seen_at as first, last_seen_at as last from identity.certificate where thumbprint = ${own.thumbprint}`);
  for (const at of [first, soon]) await db.transaction(async (tx) => saveCertificateSeen(tx, { ...own, at }));
  assert.deepEqual(await seen(), { first, last: first });
  await db.transaction(async (tx) => saveCertificateSeen(tx, { ...own, at: later }));
  assert.deepEqual(await seen(), { first, last: later });
});

test('given a person who sends by a policy’s leave, a client without the owner’s scope, and one who is nobody, when they ask for keys, then they are refused', async () => {
  const lesser = organizationCaller(agency, ['altinn:broker.write']);
  for (const caller of [byPolicy, lesser, personCaller(manager), { ...machine, party: null, consumer: null, subject: null }])
    await world.nothingWritten(() =>
      assert.rejects(showKeys(ctx, caller), (error) => error instanceof Refusal && error.row === keysErrors.notForTheWhole),
    );
});
