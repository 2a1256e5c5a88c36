import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openSandbox } from '../testing/open-sandbox.ts';
import { catchMessages } from './catch.ts';

const sandbox = await openSandbox();
const { mail, sms } = catchMessages(sandbox.ctx);
const path = '/budstikke/v1/sandbox/outbox';

interface Message {
  id: string;
  channel: string;
  messageId: string;
  from: string;
  to: string;
  subject: string | null;
  text: string;
  caughtAt: string;
}

const list = async (query = '') => (await (await sandbox.get(path + query)).json()) as { items: Message[]; next: string | null };
const send = (to: string, subject = 'Ny post', body = 'Hei.') =>
  mail.send({ messageId: `<${subject}@x>`, from: 'a@b.example', to, subject, body, html: false });

beforeEach(async () => {
  assert.equal((await sandbox.delete(path)).status, 204);
});

test('given a mail and an SMS, when they are handed over, then both are in the outbox, the newest first, and the carrier has taken them', async () => {
  const answers = [await send('kari@example.no'), await sms.send({ id: 'sms-1', to: '+4799999999', text: 'Hei på deg' })];

  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['handed-over', 'handed-over'],
  );
  const { items, next } = await list();
  assert.equal(next, null);
  assert.deepEqual(
    items.map(({ id: _, caughtAt: __, ...rest }) => rest),
    [
      { channel: 'sms', messageId: 'sms-1', from: 'Budstikke', to: '+4799999999', subject: null, text: 'Hei på deg' },
      { channel: 'email', messageId: '<Ny post@x>', from: 'a@b.example', to: 'kari@example.no', subject: 'Ny post', text: 'Hei.' },
    ],
  );
  assert.ok(Math.abs(Date.parse(items[0]!.caughtAt) - Date.now()) < 60_000);
});

test('given a mail handed over twice, when the outbox is read, then it stands there twice, since a receiver would have it twice', async () => {
  await send('kari@example.no');
  await send('kari@example.no');

  const { items } = await list();
  assert.deepEqual(new Set(items.map(({ messageId }) => messageId)).size, 1);
  assert.equal(items.length, 2);
});

test('given mails to several, when one address is asked for in any case, then only its mail is told', async () => {
  await send('Kari@Example.no');
  await send('ola@example.no');

  assert.deepEqual(
    (await list('?address=KARI@example.NO')).items.map(({ to }) => to),
    ['Kari@Example.no'],
  );
  assert.deepEqual((await list("?address='; drop table sandbox.caught; --")).items, []);
});

test('given more than a page, when pages are walked, then each mail comes once and in order, also when new ones arrive', async () => {
  for (let i = 0; i < 7; i++) await send('kari@example.no', `nr ${i}`);

  const seen: (string | null)[] = [];
  let query = '?limit=3';
  for (;;) {
    const { items, next } = await list(query);
    seen.push(...items.map(({ subject }) => subject));
    if (!next) break;
    await send('kari@example.no', 'later');
    query = `?limit=3&before=${next}`;
  }
  assert.deepEqual(seen, ['nr 6', 'nr 5', 'nr 4', 'nr 3', 'nr 2', 'nr 1', 'nr 0']);
});

test('given parameters that do not fit, when the outbox is read, then the answer is 400', async () => {
  for (const query of ['?limit=0', '?limit=501', '?limit=x', '?before=x', `?address=${'x'.repeat(321)}`]) {
    assert.equal((await sandbox.get(path + query)).status, 400, query);
  }
});

test('given an outbox, when it is emptied, then nothing is left, and emptying it again is well', async () => {
  await send('kari@example.no');

  assert.equal((await sandbox.delete(path)).status, 204);
  assert.equal((await sandbox.delete(path)).status, 204);
  assert.deepEqual(await list(), { items: [], next: null });
  assert.deepEqual(sandbox.lies, []);
});
