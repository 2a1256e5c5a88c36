import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { catchMessages } from '../outbox/catch.ts';
import { openSandbox, publicUrl } from '../testing/open-sandbox.ts';
import { html, withLinks } from './html.ts';
import { chooseLanguage } from './language.ts';
import { texts } from './texts.ts';

const sandbox = await openSandbox();
const { mail, sms } = catchMessages(sandbox.ctx);
const attack = `<script>alert("1")</script><img src=x onerror='alert(2)'>&amp;`;

const page = async (path: string, language = 'nb') => {
  const answer = await sandbox.get(path, { 'accept-language': language });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};
const send = (subject: string, body = 'Hei.', to = 'kari@example.no') =>
  mail.send({ messageId: '<1@x>', from: 'a@b.example', to, subject, body, html: false });

beforeEach(() => sandbox.delete('/budstikke/v1/sandbox/outbox'));

test('given an outbox with nothing in it, when it is looked at, then it says so and what to do', async () => {
  const { status, headers, text } = await page('/outbox');

  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.ok(text.includes(texts.nb.empty) && text.includes(texts.nb.emptyNext));
});

test('given caught mail and SMS, when the page is opened, then each is a link to its text, the newest first', async () => {
  await send('Første');
  await sms.send({ id: 's', to: '+4799999999', text: 'Andre' });

  const { text } = await page('/outbox');
  assert.ok(text.indexOf('>Andre<') < text.indexOf('>Første<') && text.includes('+4799999999') && text.includes('kari@example.no'));
  const [, link] = /<a href="(\/outbox\/[0-9a-f-]{36}\?lang=nb)">Første</.exec(text)!;
  const one = await page(link!);
  assert.equal(one.status, 200);
  for (const part of ['Første', 'Hei.', 'a@b.example', '&lt;1@x&gt;']) assert.ok(one.text.includes(part), part);
});

test('given a mail full of markup, when any page shows it, then all of it is text', async () => {
  await send(attack, attack, `"${attack}"@example.no`);
  await sms.send({ id: attack, to: attack, text: attack });
  const { text } = await page('/outbox');
  const links = [...text.matchAll(/href="(\/outbox\/[0-9a-f-]{36}[^"]*)"/g)].map(([, link]) => link!);
  assert.equal(links.length, 2);

  for (const path of [...links, '/outbox', `/outbox?address=${encodeURIComponent(attack)}`, `/outbox?lang=${encodeURIComponent(attack)}`]) {
    const shown = (await page(path)).text;
    assert.doesNotMatch(shown, /<script|<img|onerror='/, path);
  }
});

test('given any page, when its headers are read, then nothing may run, load or frame it, and its own style may', async () => {
  await send('x');
  for (const path of ['/', '/outbox', `/outbox/${'0198f0a0-0000-7000-8000-000000000001'}`]) {
    const { headers, text } = await page(path);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    assert.doesNotMatch(text, /<script|<iframe|style="|javascript:/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});

test('given readers of three languages, when they come, then each page is in theirs, by choice or by what the browser asks for', async () => {
  for (const [language, t] of Object.entries(texts)) {
    for (const { text, headers } of [await page('/outbox', language), await page(`/outbox?lang=${language}`, 'de')]) {
      assert.ok(text.includes(`<html lang="${language}">`) && text.includes(t.line) && text.includes(t.outboxLead));
      assert.equal(headers.get('content-language'), language);
    }
    assert.ok((await page('/', language)).text.includes(t.frontLead));
  }
});

test('given what browsers send as wished languages, when one is chosen, then it is the best that there is', () => {
  const cases: [string | undefined, string | undefined, string][] = [
    [undefined, undefined, 'nb'],
    [undefined, 'nn-NO,nn;q=0.9,nb;q=0.8', 'nn'],
    [undefined, 'de, en-US;q=0.7, nb;q=0.3', 'en'],
    [undefined, 'no', 'nb'],
    [undefined, 'de', 'nb'],
    [undefined, 'nb;q=0, en;q=0.1', 'en'],
    [undefined, ';;;,,q=,*;q=x', 'nb'],
    ['nn', 'en', 'nn'],
    ['fr', 'en', 'en'],
  ];
  for (const [chosen, accepted, language] of cases) assert.equal(chooseLanguage(chosen, accepted), language, `${chosen} ${accepted}`);
});

test('given a reader with a keyboard or a screen reader, when a page is opened, then its landmarks, labels and one heading are there', async () => {
  await send('x');
  for (const path of ['/', '/outbox']) {
    const { text } = await page(path);
    for (const part of [
      '<main id="main"',
      '<a class="skip" href="#main">',
      '<nav aria-label="Språk">',
      'aria-current="true"',
      '<meta name="viewport"',
    ]) {
      assert.ok(text.includes(part), `${path}: ${part}`);
    }
    assert.equal(text.match(/<h1>/g)?.length, 1);
    for (const [, id] of text.matchAll(/<input id="(\w+)"/g)) assert.ok(text.includes(`<label for="${id}">`));
  }
});

test('given more than fifty mails, when the page is opened, then the older ones are a link away, within the chosen address', async () => {
  for (let i = 0; i < 52; i++) await send(`nr ${i}`);
  const first = (await page('/outbox?address=kari@example.no')).text;
  const [, older] = /rel="next" href="([^"]+)"/.exec(first)!;

  const second = (await page(older!.replaceAll('&amp;', '&'))).text;

  assert.equal(first.match(/<li><a href="\/outbox\/[0-9a-f]/g)?.length, 50);
  assert.deepEqual(
    [...second.matchAll(/>(nr \d+)</g)].map(([, nr]) => nr),
    ['nr 1', 'nr 0'],
  );
  assert.ok(second.includes('value="kari@example.no"'));
});

test('given a mail that is gone, when its page is opened, then the answer is 404 and says what may have happened', async () => {
  const { status, text } = await page('/outbox/0198f0a0-0000-7000-8000-000000000001');

  assert.equal(status, 404);
  assert.ok(text.includes(texts.nb.missing));
  assert.equal((await page('/outbox/x')).status, 400);
});

test('given the front page, when it is opened, then it leads to the outbox and the API, and its examples are addresses of this sandbox', async () => {
  const { text } = await page('/', 'en');

  for (const part of [
    'href="/outbox"',
    'href="/docs"',
    'href="/openapi.json"',
    `${publicUrl}/api/GetEnterpriseToken`,
    `${publicUrl}/budstikke/v1/sandbox/seed`,
  ]) {
    assert.ok(text.includes(part), part);
  }
  const examples = [...text.replaceAll('&amp;', '&').matchAll(/curl &quot;http:\/\/sandbox\.example:7070(\/api\S+?)&quot;/g)];
  assert.equal(examples.length, 3);
  for (const [, path] of examples) assert.equal((await sandbox.get(path!)).status, 200, path);
});

test('given values of every kind, when markup is made of them, then only markup stays markup', () => {
  assert.equal(
    html`<p title="${`"'<>&`}">${1}${null}${[html`<b>${'<'}</b>`]}</p>`.markup,
    '<p title="&quot;&#39;&lt;&gt;&amp;">1<b>&lt;</b></p>',
  );
  assert.equal(
    withLinks('Se <https://a.example/x?y=1&z=2>. Eller http://b.example, javascript:alert(1)').markup,
    'Se &lt;<a href="https://a.example/x?y=1&amp;z=2" rel="noreferrer">https://a.example/x?y=1&amp;z=2</a>&gt;. Eller <a href="http://b.example" rel="noreferrer">http://b.example</a>, javascript:alert(1)',
  );
});

test('given the texts, when languages are compared, then none has been left in another and none is empty', () => {
  const keys = Object.keys(texts.nb) as (keyof typeof texts.nb)[];
  const same = keys.filter((key) => String(texts.nb[key]) === String(texts.en[key]));
  assert.deepEqual(same.sort(), ['messageId', 'sms']);
  for (const key of keys) for (const t of Object.values(texts)) assert.ok(String(t[key]).trim() !== '', key);
  assert.deepEqual(sandbox.lies, []);
});
