import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { createTown, letter, rows } from '../testing/town.ts';
import { openWire } from '../testing/wire.ts';
import type { InitializeCorrespondences } from './wire.ts';

/** What the border makes of requests to send: limits of the shape, lists without end, and what clients write otherwise. */
const town = await createTown();
const { world, citizen, municipality, sender } = town;
const wire = await openWire(town, { sender });
const fit = letter([citizen]);
const post = (body: object) => wire.json('POST', '/correspondence', 'sender', body);
const within = (change: object): object => ({ ...fit, correspondence: { ...fit.correspondence, ...change } });
const content = (change: object): object => within({ content: { ...fit.correspondence.content, ...change } });
const notified = (change: object): object => within({ notification: { notificationTemplate: 1, ...change } });
const attached = (change: object): object => content({ attachments: [{ fileName: 'a.pdf', sendersReference: 'x', ...change }] });
const many = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i));
const id = (i: number): string => `0198f0a0-0000-7000-8000-${String(i).padStart(12, '0')}`;
const properties = (count: number): object => within({ propertyList: Object.fromEntries(many(count, (i) => [`k${i}`, 'v'])) });
const references = (count: number, value: unknown = { referenceType: 0, referenceValue: 'x' }): object =>
  within({ externalReferences: many(count, () => value) });
const recipients = (count: number): object => ({ ...fit, recipients: many(count, (i) => `0192:${String(800_000_000 + i)}`) });

const translated = (count: number, change: object): object =>
  content({ translations: many(count, (i) => ({ language: ['nn', 'en', 'nn'][i], messageTitle: 'x', messageBody: 'x', ...change })) });
const translationKey = (member: string): string => `Correspondence.Content.Translations[0].${member}`;

interface Limit {
  readonly what: string;
  /** One past the limit. */
  readonly beyond: object;
  readonly key: string;
  /** At the limit: whatever it meets then, it is not the shape. */
  readonly at?: object;
}

const text = (length: number): string => 'x'.repeat(length);
const limits: readonly Limit[] = [
  {
    what: 'resourceId',
    beyond: within({ resourceId: text(256) }),
    at: within({ resourceId: text(255) }),
    key: 'Correspondence.ResourceId',
  },
  { what: 'resourceId empty', beyond: within({ resourceId: '' }), key: 'Correspondence.ResourceId' },
  { what: 'a colon after the prefix', beyond: within({ resourceId: 'urn:altinn:resource:a:b' }), key: 'Correspondence.ResourceId' },
  {
    what: 'sendersReference',
    beyond: within({ sendersReference: text(4097) }),
    at: within({ sendersReference: text(4096), resourceId: 'finnes-ikke' }),
    key: 'Correspondence.SendersReference',
  },
  { what: 'sendersReference missing', beyond: within({ sendersReference: undefined }), key: 'Correspondence.SendersReference' },
  {
    what: 'messageSender',
    beyond: within({ messageSender: text(256) }),
    at: within({ messageSender: text(255) }),
    key: 'Correspondence.MessageSender',
  },
  {
    what: 'messageTitle',
    beyond: content({ messageTitle: text(256) }),
    at: content({ messageTitle: text(255) }),
    key: 'Correspondence.Content.MessageTitle',
  },
  {
    what: 'messageTitle in UTF-16',
    beyond: content({ messageTitle: `${'😀'.repeat(127)}xx` }),
    at: content({ messageTitle: `${'😀'.repeat(127)}x` }),
    key: 'Correspondence.Content.MessageTitle',
  },
  {
    what: 'messageSummary',
    beyond: content({ messageSummary: text(256) }),
    at: content({ messageSummary: text(255) }),
    key: 'Correspondence.Content.MessageSummary',
  },
  {
    what: 'messageBody',
    beyond: content({ messageBody: text(30_001) }),
    at: content({ messageBody: text(30_000) }),
    key: 'Correspondence.Content.MessageBody',
  },
  { what: 'messageBody missing', beyond: content({ messageBody: null }), key: 'Correspondence.Content.MessageBody' },
  {
    what: 'a language of four units',
    beyond: content({ language: '😀😀' }),
    at: content({ language: '😀' }),
    key: 'Correspondence.Content.Language',
  },
  {
    what: 'a language of one',
    beyond: content({ language: 'n' }),
    at: content({ language: '   ' }),
    key: 'Correspondence.Content.Language',
  },
  {
    what: 'translations',
    beyond: translated(3, {}),
    at: translated(2, { messageTitle: text(255), messageSummary: text(255), messageBody: text(30_000) }),
    key: 'Correspondence.Content.Translations',
  },
  { what: 'a title of a translation', beyond: translated(1, { messageTitle: text(256) }), key: translationKey('MessageTitle') },
  { what: 'a summary of a translation', beyond: translated(1, { messageSummary: text(256) }), key: translationKey('MessageSummary') },
  { what: 'a body of a translation', beyond: translated(1, { messageBody: text(30_001) }), key: translationKey('MessageBody') },
  { what: 'a translation without a language', beyond: translated(1, { language: undefined }), key: translationKey('Language') },
  { what: 'recipients', beyond: recipients(501), at: recipients(500), key: 'Recipients' },
  { what: 'properties', beyond: properties(11), at: properties(10), key: 'Correspondence.PropertyList' },
  {
    what: 'a name of a property',
    beyond: within({ propertyList: { [text(51)]: 'v' } }),
    at: within({ propertyList: { [text(50)]: text(300) } }),
    key: 'Correspondence.PropertyList',
  },
  { what: 'references', beyond: references(11), at: references(10), key: 'Correspondence.ExternalReferences' },
  {
    what: 'a subject of a notice',
    beyond: notified({ emailSubject: text(513) }),
    at: notified({ emailSubject: text(512) }),
    key: 'Correspondence.Notification.EmailSubject',
  },
  {
    what: 'a body of a reminder',
    beyond: notified({ reminderEmailBody: text(10_001) }),
    at: notified({ reminderEmailBody: text(10_000) }),
    key: 'Correspondence.Notification.ReminderEmailBody',
  },
  {
    what: 'an SMS',
    beyond: notified({ smsBody: text(2145) }),
    at: notified({ smsBody: text(2144) }),
    key: 'Correspondence.Notification.SmsBody',
  },
  {
    what: 'a file name',
    beyond: attached({ fileName: `${text(252)}.pdf` }),
    at: attached({ fileName: `${text(251)}.pdf` }),
    key: 'Correspondence.Content.Attachments[0].FileName',
  },
  {
    what: 'a display name',
    beyond: attached({ displayName: text(256) }),
    at: attached({ displayName: text(255) }),
    key: 'Correspondence.Content.Attachments[0].DisplayName',
  },
  {
    what: 'a checksum',
    beyond: attached({ checksum: text(33) }),
    at: attached({ checksum: text(32) }),
    key: 'Correspondence.Content.Attachments[0].Checksum',
  },
  {
    what: 'a checksum in capitals',
    beyond: attached({ checksum: 'X'.repeat(32) }),
    at: attached({ checksum: ' ' }),
    key: 'Correspondence.Content.Attachments[0].Checksum',
  },
  {
    what: 'new attachments',
    beyond: content({ attachments: many(1001, (i) => ({ fileName: `${i}.pdf`, sendersReference: 'x' })) }),
    at: content({ attachments: many(1000, (i) => ({ fileName: `${i}.pdf`, sendersReference: 'x' })) }),
    key: 'Correspondence.Content.Attachments',
  },
  {
    what: 'existing attachments',
    beyond: { ...fit, existingAttachments: many(1001, id) },
    at: { ...fit, existingAttachments: many(1000, id) },
    key: 'ExistingAttachments',
  },
  {
    what: 'reply options',
    beyond: within({ replyOptions: many(101, (i) => ({ linkURL: `http://a.example/${i}` })) }),
    at: within({ replyOptions: many(100, (i) => ({ linkURL: `http://a.example/${i}` })) }),
    key: 'Correspondence.ReplyOptions',
  },
  {
    what: 'custom recipients',
    beyond: notified({ customRecipients: many(101, () => ({ emailAddress: 'a@b.no' })) }),
    at: notified({ customRecipients: many(100, () => ({ emailAddress: 'x' })) }),
    key: 'Correspondence.Notification.CustomRecipients',
  },
  {
    what: 'a channel that is none',
    beyond: notified({ notificationChannel: 5 }),
    at: notified({ notificationChannel: 4 }),
    key: '$.correspondence.notification.notificationChannel',
  },
  {
    what: 'a reply option without a link',
    beyond: within({ replyOptions: [{ linkText: 'x' }] }),
    key: 'Correspondence.ReplyOptions[0].LinkURL',
  },
];

for (const { what, beyond, at, key } of limits) {
  test(`given ${what}, when it is past its limit, then the shape is refused by its key and nothing is written; at the limit it fits`, async () => {
    const refused = await world.nothingWritten(() => post(beyond));
    const body = await refused.text();
    assert.equal(refused.status, 400, body);
    const { code, errors } = JSON.parse(body) as { code: string; errors: Record<string, string[]> };
    assert.equal(code, 'STD-00000');
    assert.ok((errors[key] ?? []).length > 0, body);
    if (!at) return;
    const fitting = await (await post(at)).text();
    assert.ok(!fitting.includes('STD-00000'), fitting);
  });
}

/** Each about the size of the largest body that is read. */
const endless: readonly (readonly [what: string, body: object])[] = [
  ['properties', properties(100_000)],
  ['references that are none', references(1_000_000, 0)],
  ['references', references(80_000)],
  ['recipients', recipients(200_000)],
  ['recipients that are none', { ...fit, recipients: many(800_000, () => '') }],
  ['reply options', within({ replyOptions: many(90_000, () => ({ linkURL: 'https://a.example' })) })],
  ['existing attachments', { ...fit, existingAttachments: many(90_000, id) }],
  ['members that nobody knows', within(Object.fromEntries(many(300_000, (i) => [`k${i}`, 1])))],
];

test('given lists without end, when they are sent, then each is refused and nothing is written', async () => {
  await world.nothingWritten(async () => {
    for (const [what, body] of endless) {
      const answer = await post(body);
      const said = (await answer.json()) as { code: string; validationErrors: unknown[] };
      assert.deepEqual([answer.status, said.code], [400, 'STD-00000'], what);
      assert.ok(said.validationErrors.length <= 100, what);
    }
  });
});

test('given a letter as old and careless clients write it, when it is sent, then it is taken as it is meant', async () => {
  const due = new Date(world.ctx.now().getTime() + 86_400_000).toISOString();
  const careless = {
    RECIPIENTS: [`URN:ALTINN:Organization:Identifier-No:${municipality.number}`],
    Correspondence: {
      ResourceID: 'urn:altinn:resource:brev',
      SENDERSREFERENCE: 'sak-7',
      sender: '0192:991825827',
      allowSystemDeleteAfter: '2030-01-01',
      visibleFrom: 'igår',
      isReservable: 7,
      MessageSender: '',
      Content: { Language: 'NN', MessageTitle: 'Tittel', messagesummary: null, MessageBody: 'Hei', unknown: {} },
      DueDateTime: due.replace('Z', ''),
      isConfirmationNeeded: 'True',
      ignoreReservation: null,
      ExternalReferences: [{ ReferenceType: '4', ReferenceValue: 'x' }],
      Notification: { NotificationTemplate: '1', notificationChannel: 'emailandsms', RequestedSendTime: 'x', reminderEmailContentType: 1 },
    },
    idempotentKey: null,
  };

  const answer = await post(careless);
  assert.equal(answer.status, 200, await answer.clone().text());
  const { correspondences } = (await answer.json()) as { correspondences: { correspondenceId: string; recipient: string }[] };
  assert.equal(correspondences[0]!.recipient, `urn:altinn:organization:identifier-no:${municipality.number}`);
  const [stored] = await rows<Record<string, unknown>>(
    town,
    sql`select s.resource_id as resource, s.language, s.message_sender as name, s.due_at as due, s.is_confirmation_needed as confirm
          from correspondence.submission s join correspondence.message m on m.submission_id = s.id where m.id = ${correspondences[0]!.correspondenceId}`,
  );
  assert.deepEqual(stored, { resource: 'brev', language: 'nn', name: null, due: new Date(due), confirm: true });
});

test('given media types and methods that are not those of sending, when they come, then each has its answer and nothing is written', async () => {
  const bytes = JSON.stringify(fit satisfies InitializeCorrespondences);
  const send = (method: string, headers: Record<string, string>) =>
    wire.request(method, '/correspondence/upload', 'sender', { headers, ...(method === 'POST' ? { body: bytes } : {}) });
  const json = (headers: Record<string, string>) => wire.request('POST', '/correspondence', 'sender', { body: bytes, headers });
  await world.nothingWritten(async () => {
    assert.equal((await send('POST', { 'content-type': 'application/json' })).status, 415);
    assert.equal((await json({ 'content-type': 'multipart/form-data; boundary=x' })).status, 415);
    const unacceptable = await json({ 'content-type': 'application/json', accept: 'application/*' });
    assert.deepEqual([unacceptable.status, await unacceptable.text()], [406, 'Supported media types: application/json']);
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
      const answer = await send(method, {});
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'], method);
    }
    const head = await wire.request('HEAD', '/correspondence', 'sender');
    assert.deepEqual([head.status, head.headers.get('allow')], [405, 'POST, GET']);
  });
});
