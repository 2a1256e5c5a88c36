import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { openTranslations } from '../correspondence/read/open-message.ts';
import { initializeCorrespondence } from '../correspondence/send/initialize-correspondence.ts';
import { publishDue } from '../correspondence/send/publish-due.ts';
import { createTown, letter } from '../correspondence/testing/town.ts';
import { decideMessage } from './decide-message.ts';
import { deskErrors } from './errors.ts';
import { listSentPage, showSent } from './list-sent.ts';
import { listServices } from './list-services.ts';

const town = await createTown();
const { world, agency, citizen, sender } = town;
const neighbour = await world.person('NINA NABO');
await world.resource('andre-brev', agency);

async function send(to: Party, title: string, reference: string, resourceId?: string): Promise<CorrespondenceId> {
  const content = { language: 'nb', messageTitle: title, messageSummary: '', messageBody: 'Hei.' };
  const body = letter([to], { content, sendersReference: reference, ...(resourceId ? { resourceId } : {}) });
  return (await initializeCorrespondence(world.ctx, sender, { body })).correspondences[0]!.correspondenceId as CorrespondenceId;
}

const ids = [
  await send(citizen, 'Om hagen', 'sak-1'),
  await send(neighbour, 'Om 100 % av gjerdet', 'sak-2', 'andre-brev'),
  await send(citizen, 'Vedtak', 'sak-3'),
];
const row = (code: number) => (error: { row?: { code: number } }) => error.row?.code === code;
const listed = async (query: Parameters<typeof listSentPage>[2], caller: Caller = sender) =>
  (await listSentPage(world.ctx, caller, query)).items.map(({ id }) => id);

test('given post on several services, when its sender lists it page by page, then all of it comes once, latest first', async () => {
  const all: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listSentPage>> = await listSentPage(world.ctx, sender, { limit: 1, ...(after ? { after } : {}) });
    all.push(...page.items.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  assert.deepEqual(all, ids.toReversed());
  assert.deepEqual(await listed({ resource: 'andre-brev' }), [ids[1]]);
});

test('given words and numbers, when they are looked for, then recipient, reference and title are searched, and a sign means itself', async () => {
  assert.deepEqual(await listed({ q: 'hagen' }), [ids[0]]);
  assert.deepEqual(await listed({ q: ' SAK-3 ' }), [ids[2]]);
  assert.deepEqual(await listed({ q: 'nina' }), [ids[1]]);
  assert.deepEqual(await listed({ q: neighbour.number! }), [ids[1]]);
  assert.deepEqual(await listed({ q: '0 % av' }), [ids[1]]);
  for (const q of ['%', '_', 'finnes ikke', '14118490199']) assert.deepEqual(await listed({ q }), q === '%' ? [ids[1]] : [], q);
});

test('given a message that was decided about, when it is listed, then it says how it ended, and the others why they wait', async () => {
  await decideMessage(world.ctx, sender, ids[0]!, { decision: 'recall', name: 'Kari', reason: 'Feil.' });
  const { items } = await listSentPage(world.ctx, sender, {});
  const [last, , first] = items;
  assert.deepEqual([first!.outcome, first!.cause, first!.nextStepAt], ['recalled', null, null]);
  assert.ok(first!.settledAt && last!.cause && last!.nextStepAt && last!.outcome === null);
});

test('given confidential post, when its sender lists and searches, then its title is not shown and not found', async () => {
  await world.resource('taushetsbelagt', agency, {
    readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'],
    unreachable: 'accept',
  });
  const bakery = await world.organization('Bakeriet AS');
  const content = { language: 'nb', messageTitle: 'Hemmelig', messageSummary: '', messageBody: 'Hei.' };
  const body = letter([bakery], { content, sendersReference: 'sak-4', resourceId: 'taushetsbelagt', isConfidential: true });
  const id = (await initializeCorrespondence(world.ctx, sender, { body })).correspondences[0]!.correspondenceId;
  const [item] = (await listSentPage(world.ctx, sender, { q: 'sak-4' })).items;
  assert.deepEqual([item!.id, item!.title, item!.confidential], [id, null, true]);
  assert.deepEqual(await listed({ q: 'hemmelig' }), []);
});

test('given post that stands in many places, when its sender asks for some of it, then it is those and no others, also page by page', async () => {
  const [recalled, neighbours, third] = ids;
  const confidential = (await listed({ confidential: true }))[0]!;
  assert.deepEqual(await listed({ standing: 'ended' }), [recalled]);
  assert.deepEqual(await listed({ standing: 'unopened', confidential: false }), [third, neighbours]);
  assert.deepEqual(await listed({ standing: 'read' }), []);
  assert.deepEqual(await listed({ id: [neighbours!, recalled!, crypto.randomUUID()] }), [neighbours, recalled]);
  assert.deepEqual(await listed({ id: [] }), []);
  const { publishAt } = (await listSentPage(world.ctx, sender, { id: [third!] })).items[0]!;
  assert.deepEqual(await listed({ from: publishAt }), [confidential, third]);
  assert.deepEqual(await listed({ before: publishAt }), [neighbours, recalled]);
  const first = await listSentPage(world.ctx, sender, { standing: 'unopened', limit: 1 });
  assert.deepEqual([first.items.map(({ id }) => id), first.next], [[confidential], confidential]);
  assert.deepEqual(await listed({ standing: 'unopened', after: first.next! }), [third, neighbours]);
});

test('given one message, when its sender asks where it stands, then it is named with its recipient and service whatever became of it, and for others it is not there', async () => {
  const item = await showSent(world.ctx, sender, ids[0]!);
  assert.deepEqual(
    [item.title, item.recipient.name, item.resource, item.outcome],
    ['Om hagen', citizen.name, letter([citizen]).correspondence.resourceId, 'recalled'],
  );
  const other = organizationCaller(await world.organization('Enda andre'), scopes.sender);
  for (const [caller, id] of [
    [other, ids[0]!],
    [sender, crypto.randomUUID() as CorrespondenceId],
  ] as const)
    await assert.rejects(showSent(world.ctx, caller, id), row(deskErrors.messageNotFound.code));
});

test('given a letter to a person that is still to be published, when its sender lists and searches, then nothing of ours tells what the person is called, and when it has come it does', async () => {
  const wanted = await world.person('UKJENT NAVNESEN');
  const content = {
    ...{ language: 'nb', messageTitle: 'Til {{recipientName}}', messageSummary: '', messageBody: 'Hei {{recipientName}}' },
    translations: [{ language: 'en', messageTitle: 'To {{recipientName}}', messageBody: 'Hello {{recipientName}}' }],
  };
  const at = (seconds: number) => new Date(world.ctx.now().getTime() + seconds * 1000).toISOString();
  const body = letter([wanted], { content, sendersReference: 'oppslag', requestedPublishTime: at(3600) });
  const id = (await initializeCorrespondence(world.ctx, sender, { body })).correspondences[0]!.correspondenceId as CorrespondenceId;
  const told = async () => {
    const item = await showSent(world.ctx, sender, id);
    return [item.recipient.name, item.title, (await listed({ q: 'navnesen' })).length];
  };
  const masked = `${wanted.number!.slice(0, 6)} *****`;
  assert.deepEqual(await told(), [masked, 'Til {{recipientName}}', 0]);
  assert.ok(
    !JSON.stringify(await openTranslations(world.ctx, sender, id))
      .toLowerCase()
      .includes('navnesen'),
  );

  await world.advance(3601);
  await publishDue(world.ctx);
  assert.deepEqual(await told(), [wanted.name, 'Til Ukjent Navnesen', 1]);
});

test('given somebody else, when they list what they have sent, then it is nothing of this', async () => {
  const other = organizationCaller(await world.organization('Andre'), scopes.sender);
  for (const caller of [other, { ...other, party: null }]) {
    assert.deepEqual(await listSentPage(world.ctx, caller, {}), { items: [], next: null });
    assert.deepEqual(await listSentPage(world.ctx, caller, { q: 'sak' }), { items: [], next: null });
    assert.deepEqual(await listServices(world.ctx, caller), { services: [] });
  }
});

test('given an owner’s services, when it asks on which it may send, then it hears what each demands, and nothing of services for files', async () => {
  await world.resource('filer', agency, { type: 'BrokerService' });
  const { services } = await listServices(world.ctx, sender);
  const found = Object.fromEntries(services.map(({ id, confidential, unreachable }) => [id, [confidential, unreachable]]));
  assert.deepEqual([found['andre-brev'], found.taushetsbelagt, found.filer], [[false, 'accept'], [true, 'accept'], undefined]);
});

test('given services of others, some of which let anybody send, when an organization asks where it may send and sends there, then it finds both, and the owner and it see what was sent', async () => {
  const ministry = await world.organization('Departementet');
  const lent = await world.resource('felles-brev', ministry, { senders: 'any' });
  await world.resource('departementets-egne', ministry);
  await world.resource('felles-filer', ministry, { senders: 'any', type: 'BrokerService' });
  const services = async (caller: Caller) =>
    (await listServices(world.ctx, caller)).services.map(({ id, owner }) => [id, owner?.name ?? null]);
  const own = await services(sender);
  assert.deepEqual(own.at(-1), [lent, 'Departementet'], 'own services first');
  assert.ok(!own.some(([id]) => id === 'departementets-egne' || id === 'felles-filer'));
  assert.deepEqual(await services(organizationCaller(ministry, scopes.sender)), [
    ['departementets-egne', null],
    [lent, null],
  ]);

  const id = await send(citizen, 'For en annen', 'sak-5', lent);
  const stranger = organizationCaller(await world.organization('En tredje'), scopes.sender);
  assert.equal((await listed({}))[0], id);
  assert.deepEqual(await listed({ resource: lent }), [id]);
  assert.deepEqual(await listed({ q: 'For en annen' }), [id]);
  assert.deepEqual(await listed({ limit: 1, after: id }), [(await listed({}))[1]]);
  assert.deepEqual(await listed({}, organizationCaller(ministry, scopes.sender)), [id]);
  assert.deepEqual(await listed({}, stranger), [], 'who may send there too sees nothing of it');
  assert.equal((await showSent(world.ctx, sender, id)).id, id);
});
