import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser } from './browser.ts';
import { api, citizenUrn, enterpriseTokenOf, resources, town } from './login-town.ts';
import { startTarget, type Target } from './server.ts';

/** A person opens the address of a file in a browser, without any token. */
let target: Target;
let server: string;
let file: string;
let all: string;

before(async () => {
  target = await startTarget('download-login', town);
  server = target.client.baseUrl;
  const form = new FormData();
  for (const [name, value] of Object.entries({
    'recipients[0]': citizenUrn,
    'correspondence.resourceId': resources.letters,
    'correspondence.sendersReference': 'fil',
    'correspondence.content.messageTitle': 'Vedtak',
    'correspondence.content.messageBody': 'Hei.',
    'correspondence.content.attachments[0].fileName': 'vedtak.txt',
    'correspondence.content.attachments[0].sendersReference': '1',
  })) {
    form.append(name, value);
  }
  form.append('attachments', new Blob(['vedtaket']), 'vedtak.txt');
  const sender = target.client.with(await enterpriseTokenOf(target.client));
  const sent = await sender.post(`${api}/correspondence/upload`, form);
  assert.equal(sent.status, 200, sent.text);
  const { correspondences, attachmentIds } = sent.json<{ correspondences: { correspondenceId: string }[]; attachmentIds: string[] }>();
  const id = correspondences[0]!.correspondenceId;
  file = `${server}${api}/correspondence/${id}/attachment/${attachmentIds[0]}/download`;
  all = `${server}${api}/correspondence/${id}/attachments/downloadall`;
  for (let tries = 0; ; tries++) {
    const { published } = (await sender.get(`${api}/correspondence/${id}`)).json<{ published: string | null }>();
    if (published) break;
    assert.ok(tries < 200, 'the letter is not published');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
after(() => target?.stop());

test('given a browser without a token, when it opens a file, then its person logs in and has it, and the address opens nothing a second time by itself', async () => {
  const first = await fetch(file, { redirect: 'manual' });
  const asked = new URL(first.headers.get('location')!);
  assert.deepEqual([first.status, asked.origin + asked.pathname], [302, `${server}/idporten/authorize`]);
  assert.deepEqual(
    ['scope', 'acr_values', 'response_type', 'code_challenge_method', 'redirect_uri'].map((name) => asked.searchParams.get(name)),
    [
      'openid profile',
      'selfregistered-email idporten-loa-substantial',
      'code',
      'S256',
      `${server}/correspondence/api/v1/idporten-callback`,
    ],
  );

  const browser = openBrowser(server);
  const page = await browser.press(await browser.open(file), { name: 'person', text: 'Ola Borger' });
  assert.deepEqual([page.status, page.text, page.isElsewhere], [200, 'vedtaket', false]);
  assert.match(page.url.search, /^\?session=[0-9a-f-]{36}$/);
  assert.equal(page.headers.get('content-disposition'), "attachment; filename*=UTF-8''vedtak.txt");

  const stolen = await fetch(page.url, { redirect: 'manual' });
  assert.deepEqual([stolen.status, new URL(stolen.headers.get('location')!).pathname], [302, '/idporten/authorize']);
  const reloaded = await browser.open(page.url);
  assert.deepEqual([reloaded.status, reloaded.text], [200, 'vedtaket'], 'who is logged in there comes straight back');
  const zipped = await browser.open(all);
  assert.deepEqual([zipped.status, zipped.headers.get('content-type')], [200, 'application/zip']);
});

test('given somebody who has nothing to do with the letter, when she logs in for its file, then she is refused as anybody', async () => {
  const browser = openBrowser(server);
  const page = await browser.press(await browser.open(file), { name: 'person', text: 'Kari Leder' });
  assert.equal(page.status, 401);
  assert.equal((JSON.parse(page.text) as { errorCode: number }).errorCode, 4001);
});

test('given a bad token, another method or another operation, when there is no login in it, then it is 401 as ever', async () => {
  for (const [address, init] of [
    [file, { headers: { authorization: 'Bearer x.y.z' } }],
    [file, { headers: { authorization: 'Basic eDp5' } }],
    [file, { method: 'HEAD' }],
    [file.replace(/\/attachment\/.*/, ''), {}],
    [file.replace(/\/attachment\/.*/, '/content?session=x'), {}],
  ] as const) {
    const answer = await fetch(address, { redirect: 'manual', ...init });
    assert.deepEqual([answer.status, answer.headers.get('location'), await answer.text()], [401, null, ''], address);
    assert.match(answer.headers.get('www-authenticate')!, /^Bearer/);
  }
});

test('given a browser that comes back with what nobody gave it, when it does, then it is sent on without a session', async () => {
  const callback = `${server}/correspondence/api/v1/idporten-callback`;
  for (const query of ['', '?code=x', '?code=x&state=y', '?error=access_denied&state=y', `?state=${'z'.repeat(3000)}`]) {
    const answer = await fetch(callback + query, { redirect: 'manual' });
    assert.deepEqual([answer.status, new URL(answer.headers.get('location')!).origin], [302, server]);
    assert.ok(!answer.headers.get('location')!.includes('session'));
  }
  const begun = new URL((await fetch(file, { redirect: 'manual' })).headers.get('location')!);
  const wrong = `${callback}?code=wrong&state=${begun.searchParams.get('state')}&iss=${encodeURIComponent(`${server}/idporten`)}`;
  const again = new URL((await fetch(wrong, { redirect: 'manual' })).headers.get('location')!);
  assert.equal(again.pathname, '/idporten/authorize', 'it begins once more');
  const over = wrong.replace(begun.searchParams.get('state')!, again.searchParams.get('state')!);
  assert.ok(!(await fetch(over, { redirect: 'manual' })).headers.get('location')!.includes('authorize'), 'and not a third time');
});
