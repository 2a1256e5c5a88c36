import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { WatchView } from '#watch/index.ts';
import { type Answer, type Client, enterpriseToken, personUrn } from '../../demo/client.ts';
import { invariantsOf } from '../../demo/own-api.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';

/** An owner writes its ladder and chooses it; a letter climbs it by working days, and its sender changes it for one letter. */

const agency = '315001285';
const other = '991825827';
const citizen = '10906916350';
const resourceId = 'ladder-letters';
const town = {
  version: 1,
  parties: [
    {
      kind: 'organization',
      number: agency,
      name: 'Stigetilsynet',
      orgCode: 'stige',
      unitType: 'ORGL',
      contactPoints: [{ channel: 'email', address: 'post@stige.example' }],
    },
    { kind: 'organization', number: other, name: 'Annen etat', orgCode: 'annen', unitType: 'ORGL', contactPoints: [] },
    { kind: 'person', number: citizen, name: 'Berit Borger', contactPoints: [{ channel: 'email', address: 'borger@stige.example' }] },
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: agency, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};
const scopes = ['altinn:serviceowner', 'altinn:correspondence.write'] as const;
const own = '/budstikke/v1/ladders/stige-rask';
const ofResource = `/budstikke/v1/resources/${resourceId}/ladder`;

let server: OwnServer;
let owner: Client;
let stranger: Client;
before(async () => {
  server = await startOwnServer('ladders', town);
  owner = server.client.with(await enterpriseToken(server.client, agency, scopes));
  stranger = server.client.with(await enterpriseToken(server.client, other, scopes));
});
after(() => server?.stop());

const steps = [
  { name: 'notify', after: 'PT0S', when: [], who: 'openers', channel: 'preferred', text: 'new-mail' },
  { name: 'remind', after: 'P2D', workingDays: true, when: [], who: 'openers', channel: 'preferred', text: 'reminder' },
  { name: 'tell-sender', after: 'P5D', workingDays: true, when: [], who: 'sender', channel: 'preferred', text: 'sender-unread' },
];

const watchOf = async (by: Client, id: string) => (await by.get(`/budstikke/v1/correspondence/${id}/watch`)).json<WatchView>();
const codeOf = (answer: Answer): unknown => answer.json<{ errorCode?: number }>().errorCode;

async function send(): Promise<string> {
  const answer = await owner.post('/correspondence/api/v1/correspondence', {
    recipients: [personUrn(citizen)],
    correspondence: {
      resourceId,
      sendersReference: randomUUID(),
      content: { language: 'nb', messageTitle: 'Stigen', messageBody: 'Et brev som venter.' },
    },
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

test('given an owner, when it writes a ladder and chooses it, then what it sends climbs it by working days, and its preview has said so', async () => {
  assert.equal((await owner.put(own, { steps })).status, 200);
  assert.equal((await owner.put(ofResource, { ladder: 'stige-rask', limits: null })).status, 200);
  const id = await send();
  const watch = await watchOf(owner, id);
  assert.deepEqual(watch.ladder, { name: 'stige-rask', version: 1 });

  const preview = await owner.post('/budstikke/v1/ladders/preview', { ladder: 'stige-rask', publishedAt: watch.publishedAt });
  assert.deepEqual(
    preview.json<{ steps: { name: string; dueAt: string }[] }>().steps.map(({ name, dueAt }) => [name, dueAt]),
    watch.steps.filter(({ name }) => name !== 'check-publication').map(({ name, dueAt }) => [name, dueAt]),
  );
  await server.client.post('/budstikke/v1/sandbox/clock', { advance: 'P20D' });
  const { cause, causes, steps: taken } = await watchOf(owner, id);
  assert.equal(cause, 'notified-not-opened');
  assert.deepEqual(
    causes.map((span) => [span.cause, span.to]),
    [['notified-not-opened', null]],
  );
  for (const name of ['notify', 'remind', 'tell-sender']) assert.equal(taken.find((step) => step.name === name)?.state, 'done', name);
  assert.equal(server.mails.mails.filter(({ to }) => to.includes('borger@stige.example')).length, 2);
});

test('given a letter, when its sender changes its ladder within the limits, then it climbs that, and beyond them it is told why not', async () => {
  const id = await send();
  const change = (wish: object, by = owner) => by.put(`/budstikke/v1/correspondence/${id}/ladder`, wish);
  assert.deepEqual([(await change({ changes: [{ name: 'remind', after: 'P1D' }] })).status], [403]);
  const limits = { ladders: ['ordinary'], own: true, mostSteps: 5, turnsTo: ['openers', 'sender'], notBefore: null, within: 'P10D' };
  assert.equal((await owner.put(ofResource, { ladder: 'stige-rask', limits })).status, 200);

  const changed = await change({ changes: [{ name: 'remind', after: 'P1D' }] });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(codeOf(await change({ changes: [{ name: 'remind', after: 'P11D' }] })), 9616);
  assert.equal(codeOf(await change({ ladder: 'ordinary', changes: [] })), undefined, 'no change at all does not fit the shape');
  assert.equal((await change({ ladder: 'ordinary' }, stranger)).status, 404);
  assert.equal((await change({ ladder: 'ordinary' })).json<{ ladder: { name: string } }>().ladder.name, 'ordinary');
});

test('given strangers, wrong ladders and wrong shapes, when they come by the wire, then each is refused in words', async () => {
  assert.equal(codeOf(await stranger.get(own)), 9608);
  assert.equal(codeOf(await stranger.put(own, { steps })), 9610);
  assert.equal(codeOf(await stranger.put(ofResource, { ladder: 'ordinary' })), 9614);
  assert.equal(codeOf(await owner.put('/budstikke/v1/ladders/stige-feil', { steps: [steps[0], steps[0]] })), 9609);
  assert.equal(codeOf(await owner.put(ofResource, { ladder: 'ks-paper' })), 9611);
  for (const wrong of [{ steps: [] }, { steps: [{ ...steps[0], after: 'soon' }] }, { steps: [{ ...steps[0], who: 'everybody' }] }, {}])
    assert.equal((await owner.put('/budstikke/v1/ladders/stige-feil', wrong)).status, 400, JSON.stringify(wrong));
  const plain = server.client.with(await enterpriseToken(server.client, agency, ['altinn:correspondence.write']));
  const seen = (await plain.get('/budstikke/v1/ladders')).json<{ ladders: { id: string }[] }>().ladders;
  assert.ok(seen.length > 0 && seen.every(({ id }) => !id.startsWith('stige')), 'whoever only sends sees those that come with the program');
  assert.equal((await server.client.get('/budstikke/v1/ladders')).status, 401);
  assert.equal(codeOf(await owner.put('/budstikke/v1/second-contact', { email: 'nobody', sms: null })), 9620);
  assert.equal((await owner.put('/budstikke/v1/second-contact', { email: 'vakt@stige.example', sms: null })).status, 200);
  const { invariants } = await invariantsOf(owner);
  assert.deepEqual(
    invariants.filter((one) => !one.holds),
    [],
  );
});

test('given a second contact that is not the sender itself, when it is named, then it gets a link, and only its button lets word of unread post through', async () => {
  const name = async () => (await owner.put('/budstikke/v1/second-contact', { email: 'vakt@stige.example', sms: null })).json<object>();
  assert.deepEqual(await name(), { email: 'vakt@stige.example', sms: null, emailConfirmed: false, smsConfirmed: false });
  await server.client.post('/budstikke/v1/sandbox/clock', { advance: 'PT1M' });
  const mails = server.mails.mails.filter(({ to }) => to.includes('vakt@stige.example'));
  assert.equal(mails.length, 1, 'named twice, asked once');
  const [link] = /\/budstikke\/v1\/second-contact\/addresses\/[\w-]{43}/.exec(mails[0]!.text) ?? [];
  assert.ok(link, mails[0]!.text);
  const page = await server.client.get(link);
  assert.equal(page.status, 200);
  assert.match(page.text, /<form method="post">/);
  assert.deepEqual(await name(), { email: 'vakt@stige.example', sms: null, emailConfirmed: false, smsConfirmed: false });
  assert.equal((await server.client.post(link)).status, 200);
  assert.deepEqual(await name(), { email: 'vakt@stige.example', sms: null, emailConfirmed: true, smsConfirmed: false });
  assert.equal(codeOf(await server.client.get(link.replace(/.{43}$/, 'x'.repeat(43)))), 9624);
});
