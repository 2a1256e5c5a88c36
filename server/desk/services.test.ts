import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compile } from 'typebox/compile';
import { announceAccessChanges, saveGrants, saveResources } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { createWorld, organizationCaller, personCaller, scopes } from '../../test/world.ts';
import { readersIn } from '../access/describe-readers.ts';
import { attribute, category, matching, type Rule } from '../access/policy.ts';
import { texts } from '../notifications/texts.ts';
import { actAsSender } from '../session/act-as-sender.ts';
import { ladderErrors } from '../watch/ladders/errors.ts';
import { listOwnLadders, previewLadder } from '../watch/ladders/list-ladders.ts';
import { putLadder } from '../watch/ladders/put-ladder.ts';
import { chooseLadder, showResourceLadder } from '../watch/ladders/resource-ladder.ts';
import type { WrittenStep } from '../watch/ladders/wire.ts';
import { previewNotice } from '../watch/preview/preview-notice.ts';
import { NoticePreviewRequest, previewedSteps } from '../watch/preview/wire.ts';
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
