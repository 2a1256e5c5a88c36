import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql, type Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { purposes } from '../texts.ts';
import { listNotices } from './notice-facts.ts';
import type { NoticeRow } from './notice-row.ts';
import { findOrders, type SenderOrder, saveOrders } from './orders.ts';
import { cancelNotices, planNotices, stepsUnderWay } from './plan-notices.ts';

const { db } = await createTestDatabase();
const at = new Date('2026-11-24T10:00:00Z');
const about = { about: newId(), party: newId<PartyId>() };
const row = (over: Partial<NoticeRow> = {}): NoticeRow => ({
  ...about,
  to: newId<PartyId>(),
  step: newId(),
  purpose: 'reminder',
  channel: 'email',
  address: 'kari@example.no',
  subject: 's',
  body: 'b',
  html: false,
  dueAt: at,
  at,
  ...over,
});
const order = (over: Partial<SenderOrder> = {}): SenderOrder => ({
  id: newId(),
  sender: newId<PartyId>(),
  template: 'CustomMessage',
  channel: 'EmailPreferred',
  emailSubject: '$messageTitle$ ($resourceName$)',
  emailBody: 'Fra $sendersName$: $messageTitle$ til $correspondenceRecipientName$',
  smsBody: '$sendersName$',
  at,
  sendersName: 'Skatt & avgift',
  resourceName: 'Skattepost',
  messageTitle: 'Vedtak',
  confidential: false,
  ...over,
});
const plan = (...rows: NoticeRow[]) => db.transaction(async (tx) => planNotices(tx, rows));
const bodiesOf = async (step: string) =>
  (await db.all<{ body: string }>(sql`select body from notifications.notice where step_id = ${step} order by channel, address`)).map(
    (n) => n.body,
  );

test('given one step and one address, when planned twice and twice in one call, then one notice stands, in its latest wording', async () => {
  const step = newId();
  await plan(row({ step }), row({ step, body: 'second' }), row({ step, channel: 'sms', address: '+4799999999' }));
  await plan(row({ step, body: 'third' }));
  assert.deepEqual(await bodiesOf(step), ['third', 'b']);
});

test('given a notice that has been tried, when its step is planned again, then its wording stays and the step counts as under way', async () => {
  const step = newId();
  await plan(row({ step }));
  assert.deepEqual(await stepsUnderWay(db, [step]), new Set());
  await db.transaction((tx) =>
    tx.run(sql`update notifications.notice set state = 'failed', attempts = 1, message_id = ${step} where step_id = ${step}`),
  );
  await plan(row({ step, body: 'later' }));
  assert.deepEqual(await bodiesOf(step), ['b']);
  assert.deepEqual(await stepsUnderWay(db, [step, newId()]), new Set([step]));
});

test('given several things, when one is opened, then only its notices die', async () => {
  const other = { about: newId(), party: newId<PartyId>() };
  await plan(row(), row(other), row({ ...other, party: newId<PartyId>() }));
  await db.transaction(async (tx) => cancelNotices(tx, [other]));
  const states = (await listNotices(db, [other.about])).map((n) => n.state).sort();
  assert.deepEqual(states, ['cancelled', 'due']);
  assert.ok((await listNotices(db, [about.about])).every((n) => n.state === 'due' || n.state === 'failed'));
});

test('given two plans of the same steps in opposite order at once, when both commit, then neither fails', async () => {
  const steps = Array.from({ length: 50 }, () => newId());
  await Promise.all([plan(...steps.map((step) => row({ step }))), plan(...steps.toReversed().map((step) => row({ step })))]);
  for (const step of steps) assert.equal((await bodiesOf(step)).length, 1);
});

test('given 2000 notices, when planned, and their things called off, then each is one statement', async () => {
  await db.transaction(async (tx) => {
    let n = 0;
    const send: Tx['send'] = (query) => {
      n += 1;
      tx.send(query);
    };
    const rows = Array.from({ length: 2000 }, () => row({ about: newId() }));
    planNotices({ ...tx, send }, rows);
    cancelNotices(
      { ...tx, send },
      rows.map((r) => ({ about: r.about!, party: r.party! })),
    );
    planNotices({ ...tx, send }, []);
    cancelNotices({ ...tx, send }, []);
    assert.equal(n, 2);
  });
});

test('given every purpose in code, when the database is asked to store it, then it takes them all and no other', async () => {
  await plan(...purposes.map((purpose) => row({ purpose })));
  await nothingWritten(db, () => assert.rejects(plan(row({ purpose: 'advert' as 'sealed' }))));
});

test('given wording that a sender ordered, when kept, then what is the same for all recipients is filled in', async () => {
  const open = order();
  const html = order({ emailHtml: true });
  await db.transaction(async (tx) => saveOrders(tx, [open, html]));
  const found = await findOrders(db, [open.id, html.id]);
  assert.equal(found.get(open.id)!.emailSubject, 'Vedtak (Skattepost)');
  assert.equal(found.get(open.id)!.emailBody, 'Fra Skatt & avgift: Vedtak til $correspondenceRecipientName$');
  assert.equal(found.get(html.id)!.emailBody, 'Fra Skatt &amp; avgift: Vedtak til $correspondenceRecipientName$');
  assert.equal(found.get(html.id)!.smsBody, 'Skatt & avgift');
});

test('given a confidential message, when its sender names the title in a notice, then neither title nor service is kept', async () => {
  const secret = order({ confidential: true });
  await db.transaction(async (tx) => saveOrders(tx, [secret]));
  const stored = (await findOrders(db, [secret.id])).get(secret.id)!;
  assert.doesNotMatch(JSON.stringify(stored), /Vedtak|Skattepost/);
  assert.equal(stored.smsBody, 'Skatt & avgift');
});

test('given no texts, when an order is kept, then it is empty and not a word is made up', async () => {
  const bare = order({ emailSubject: null, emailBody: '', smsBody: null });
  await db.transaction(async (tx) => saveOrders(tx, [bare]));
  const stored = (await findOrders(db, [bare.id])).get(bare.id)!;
  assert.deepEqual([stored.emailSubject, stored.emailBody, stored.smsBody, stored.emailHtml], [null, null, null, false]);
  assert.equal((await findOrders(db, [])).size, 0);
});

const generic = [
  [
    'nb',
    false,
    'En melding har blitt mottatt i Altinn',
    'Hei. $correspondenceRecipientName$ har mottatt en ny melding fra Skatt & avgift. Gjelder Vedtak. Logg deg inn i Altinn for å se denne meldingen.',
  ],
  [
    'nb',
    true,
    'Påminnelse - en melding har blitt mottatt i Altinn',
    'Hei. Dette er en påminnelse om at $correspondenceRecipientName$ har mottatt en ny melding fra Skatt & avgift. Gjelder Vedtak. Logg deg inn i Altinn for å se denne meldingen.',
  ],
  [
    'nn',
    false,
    'Ein melding har blitt motteke i Altinn',
    'Hei. $correspondenceRecipientName$ har motteke ei ny melding frå Skatt & avgift. Gjelder Vedtak. Logg deg inn i Altinn for å sjå denne meldinga.',
  ],
  [
    'nn',
    true,
    'Påminning - ein melding har blitt motteke i Altinn',
    'Hei. Dette er ei påminning om at $correspondenceRecipientName$ har motteke ei ny melding frå Skatt & avgift. Gjelder Vedtak. Logg deg inn i Altinn for å sjå denne meldinga.',
  ],
  [
    'en',
    false,
    'A message has been received in Altinn',
    'Hello. $correspondenceRecipientName$ has received a new message from Skatt & avgift. Gjelder Vedtak. Log in to Altinn to see this message.',
  ],
  [
    'en',
    true,
    'Reminder - a message has been received in Altinn',
    'Hello. This is a reminder that $correspondenceRecipientName$ has received a new message from Skatt & avgift. Gjelder Vedtak. Log in to Altinn to see this message.',
  ],
] as const;
for (const [language, isReminder, subject, body] of generic) {
  test(`given the general template in ${language}${isReminder ? ' for a reminder' : ''}, when kept, then it reads as the original's, with the sender's sentence`, async () => {
    const own = order({
      template: 'GenericAltinnMessage',
      language,
      isReminder,
      emailSubject: null,
      emailBody: 'Gjelder $messageTitle$.',
      smsBody: null,
    });
    await db.transaction(async (tx) => saveOrders(tx, [own]));
    const stored = (await findOrders(db, [own.id])).get(own.id)!;
    assert.deepEqual([stored.emailSubject, stored.emailBody, stored.smsBody], [subject, body, body.replace('Gjelder Vedtak. ', '')]);
  });
}
