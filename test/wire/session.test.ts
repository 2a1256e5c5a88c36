import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Browser, openBrowser, type Page } from './browser.ts';
import { api, citizenUrn, enterpriseTokenOf, people, resources, town } from './login-town.ts';
import { startTarget, type Target } from './server.ts';

/** A person logs in to the web app with a browser, and its pages ask the API by cookie. */
let target: Target;
let server: string;
let letterId: string;

before(async () => {
  const leader = { holder: people.stranger, role: 'DAGL', at: people.directorate };
  target = await startTarget('session', { ...town, roles: [...town.roles, leader] });
  server = target.client.baseUrl;
  letterId = await sendLetter();
});
after(() => target?.stop());

async function sendLetter(): Promise<string> {
  const sender = target.client.with(await enterpriseTokenOf(target.client));
  const sent = await sender.post(`${api}/correspondence`, {
    correspondence: {
      resourceId: resources.letters,
      sendersReference: 'økt',
      content: { language: 'nb', messageTitle: 'Vedtak', messageSummary: 'Et brev', messageBody: 'Hei.' },
    },
    recipients: [citizenUrn],
  });
  assert.equal(sent.status, 200, sent.text);
  return sent.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

interface Shown {
  readonly person: { readonly name: string; readonly language: string };
  readonly csrfToken: string;
  readonly expiresAt: string;
  readonly sandbox: boolean;
}

/** Logs in by the link of a page. */
async function logIn(browser: Browser, name = 'Ola Borger', returnTo = '/inbox/1'): Promise<Page> {
  const choosing = await browser.open(`${server}/login?returnTo=${encodeURIComponent(returnTo)}`);
  // who is logged in at the provider already comes straight back
  return choosing.url.pathname.startsWith('/idporten/') ? browser.press(choosing, { name: 'person', text: name }) : choosing;
}

const cookieOf = (browser: Browser, name = 'budstikke'): string | undefined =>
  [...browser.cookies.values()].find((cookie) => cookie.name === name)?.value;
const withCookie = (value: string | undefined): Record<string, string> => (value === undefined ? {} : { cookie: `budstikke=${value}` });

/** What a script of a page does. */
function fetchAs(
  browser: Browser,
  path: string,
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Response> {
  return fetch(server + path, { redirect: 'manual', ...init, headers: { ...withCookie(cookieOf(browser)), ...init.headers } });
}

async function shownTo(browser: Browser): Promise<Shown> {
  const answer = await fetchAs(browser, '/budstikke/v1/session');
  assert.equal(answer.status, 200);
  return (await answer.json()) as Shown;
}

const letter = () => `${api}/correspondence/${letterId}`;

test('given a browser, when its person logs in, then it comes back to the page with a cookie that no script sees, and the API knows the person', async () => {
  const browser = openBrowser(server);
  const page = await logIn(browser, 'Ola Borger', '/inbox/1?folder=bin#x');
  assert.equal(page.url.pathname + page.url.search, '/inbox/1?folder=bin');

  const answer = await fetchAs(browser, '/budstikke/v1/session');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const text = await answer.text();
  const shown = JSON.parse(text) as Shown;
  assert.deepEqual([shown.person.name, shown.person.language, shown.sandbox], ['Ola Borger', 'nb', true]);
  assert.doesNotMatch(text, /(?<![\w-])\d{11}(?![\w-])/, 'no identity number'); // eleven digits inside a token say nothing
  const left = Date.parse(shown.expiresAt) - Date.now();
  assert.ok(left > 29 * 60_000 && left <= 30 * 60_000 + 1000, String(left));

  const content = await fetchAs(browser, `${letter()}/content`);
  assert.deepEqual([content.status, (await content.text()).includes('Hei.')], [200, true]);
  assert.equal((await fetch(`${server}/budstikke/v1/session`)).status, 401);
});

test('given a login, when its answers are read, then the cookie is HttpOnly and Lax, the way to the provider has PKCE, state and nonce, and nothing leaks by a referrer', async () => {
  const first = await fetch(`${server}/login?returnTo=/inbox`, { redirect: 'manual' });
  const asked = new URL(first.headers.get('location')!);
  assert.deepEqual([first.status, asked.origin + asked.pathname], [302, `${server}/idporten/authorize`]);
  assert.deepEqual(
    ['response_type', 'code_challenge_method', 'redirect_uri', 'acr_values'].map((name) => asked.searchParams.get(name)),
    ['code', 'S256', `${server}/login/callback`, 'idporten-loa-substantial'],
  );
  for (const name of ['state', 'nonce', 'code_challenge']) assert.equal(asked.searchParams.get(name)?.length, 43, name);
  assert.equal(first.headers.get('referrer-policy'), 'no-referrer');
  assert.match(first.headers.get('set-cookie')!, /^budstikke-login=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=900$/);
  const high = await fetch(`${server}/login?level=high`, { redirect: 'manual' });
  assert.equal(new URL(high.headers.get('location')!).searchParams.get('acr_values'), 'idporten-loa-high');
});

test('given a session, when a request that changes something lacks the token, bends it or comes from another site, then it is 403 and nothing is done', async () => {
  const browser = openBrowser(server);
  await logIn(browser);
  const { csrfToken } = await shownTo(browser);
  const other = openBrowser(server);
  await logIn(other, 'Kari Leder');
  const foreign = (await shownTo(other)).csrfToken;

  for (const headers of [
    {},
    { 'x-csrf-token': '' },
    { 'x-csrf-token': foreign },
    { 'x-csrf-token': `${csrfToken}x` },
    { 'x-csrf-token': csrfToken, origin: 'https://evil.example' },
    { 'x-csrf-token': csrfToken, origin: 'null' },
    { 'x-csrf-token': csrfToken, 'sec-fetch-site': 'cross-site' },
    { 'x-csrf-token': csrfToken, 'sec-fetch-site': 'same-site' },
    { 'x-csrf-token': csrfToken, 'sec-fetch-site': 'none' },
  ] as Record<string, string>[]) {
    for (const [method, path] of [
      ['POST', `${letter()}/markasread`],
      ['DELETE', `${letter()}/purge`],
      ['POST', '/logout'],
      ['POST', '/budstikke/v1/grants'],
    ] as const) {
      const answer = await fetchAs(browser, path, { method, headers });
      assert.equal(answer.status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
      assert.equal(((await answer.json()) as { code: string }).code, 'BUD-09500');
    }
  }
  const letterNow = (await (await fetchAs(browser, letter())).json()) as { status: string };
  assert.notEqual(letterNow.status, 'Purged');

  const good = { 'x-csrf-token': csrfToken, origin: server, 'sec-fetch-site': 'same-origin' };
  const unread = `${api}/correspondence/${await sendLetter()}`;
  const looked = await fetchAs(browser, unread);
  assert.equal(looked.status, 200);
  const marked = await fetchAs(browser, `${unread}/markasread`, { method: 'POST', headers: good });
  assert.equal(marked.status, 200, await marked.text());
});

test('given a session, when another site makes the browser read, then the cookie counts for nothing and no letter is opened by it', async () => {
  const id = await sendLetter();
  const browser = openBrowser(server);
  await logIn(browser);
  const path = `${api}/correspondence/${id}/content`;
  for (const site of ['cross-site', 'same-site', 'none']) {
    assert.equal((await fetchAs(browser, path, { headers: { 'sec-fetch-site': site } })).status, 401, site);
  }
  const overview = (await (await fetchAs(browser, `${api}/correspondence/${id}`)).json()) as { status: string };
  assert.equal(overview.status, 'Published');
  assert.equal((await fetchAs(browser, path, { headers: { 'sec-fetch-site': 'same-origin' } })).status, 200);
});

test('given a cookie and a token, when both are shown, then the token alone is judged', async () => {
  const browser = openBrowser(server);
  await logIn(browser);
  const token = await enterpriseTokenOf(target.client);
  const bearer = (text: string) => ({ headers: { authorization: text } });
  assert.equal((await fetchAs(browser, '/budstikke/v1/session', bearer('Bearer x.y.z'))).status, 401);
  assert.equal((await fetchAs(browser, '/budstikke/v1/session', bearer('Basic eDp5'))).status, 401);
  assert.equal((await fetchAs(browser, '/budstikke/v1/session', bearer(`Bearer ${token}`))).status, 403);
  // and a token asks for no CSRF token, whatever cookie comes along
  const sent = await fetchAs(browser, `${letter()}/purge`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  assert.notEqual(sent.status, 401);
  assert.doesNotMatch(await sent.text(), /BUD-09500/);
});

test('given a login begun elsewhere, when its address is opened in another browser, then nobody is logged in there, and the one who began it still can', async () => {
  const attacker = openBrowser(server);
  const choosing = await attacker.open(`${server}/login`);
  // up to the address that the provider sends back to, which the attacker does not open but gives away
  const back = await pressUntilCallback(attacker, choosing);

  const victim = openBrowser(server);
  const fooled = await victim.open(back);
  assert.equal(fooled.url.search, '?login=expired');
  assert.equal(cookieOf(victim), undefined);
  await victim.open(`${server}/login`); // has a secret of its own now, which is not the attacker's
  assert.equal((await victim.open(back)).url.search, '?login=expired');
  assert.equal(cookieOf(victim), undefined);

  await attacker.open(back);
  assert.ok(cookieOf(attacker));
  const again = openBrowser(server);
  for (const [key, cookie] of attacker.cookies) if (cookie.name === 'budstikke-login') again.cookies.set(key, cookie);
  assert.equal((await again.open(back)).url.search, '?login=expired', 'a state is good once');
});

/** Chooses a person, and stops before the address that leads back here. */
async function pressUntilCallback(browser: Browser, choosing: Page): Promise<URL> {
  const [, action = ''] = /<form[^>]*method="post"[^>]*action="([^"]+)"/.exec(choosing.text) ?? [];
  const [, formToken = ''] = /name="token" value="([^"]+)"/.exec(choosing.text) ?? [];
  const [, person = ''] = /<button[^>]*name="person" value="([^"]+)"[^>]*>[^<]*(?:<[^>]+>)*[^<]*Ola Borger/.exec(choosing.text) ?? [];
  let url = new URL(action || choosing.url.pathname, server);
  let form: URLSearchParams | undefined = new URLSearchParams({ token: formToken, person });
  for (let steps = 0; steps < 10; steps += 1) {
    const cookie = [...browser.cookies.values()]
      .filter(({ path }) => url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const answer: Response = await fetch(url, { redirect: 'manual', headers: { cookie }, ...(form ? { method: 'POST', body: form } : {}) });
    const location = answer.headers.get('location');
    assert.ok(location, `${url} ${answer.status} ${await answer.text()}`);
    url = new URL(location, url);
    form = undefined;
    if (url.pathname === '/login/callback') return url;
  }
  throw new Error('the login did not come back');
}

test('given a cookie that somebody planted, when the person logs in with it, then the session is a new one and the planted one opens nothing', async () => {
  const browser = openBrowser(server);
  await logIn(browser);
  const old = cookieOf(browser)!;
  const page = await logIn(browser, 'Ola Borger', '/inbox');
  assert.equal(page.url.pathname, '/inbox');
  const fresh = cookieOf(browser)!;
  assert.notEqual(fresh, old);
  const answer = await fetch(`${server}/budstikke/v1/session`, { headers: withCookie(old) });
  assert.equal(answer.status, 401, 'the session that the browser had before is over');

  const planted = openBrowser(server);
  const secret = 'A'.repeat(43);
  planted.cookies.set('budstikke /', { name: 'budstikke', value: secret, path: '/' });
  await logIn(planted);
  assert.notEqual(cookieOf(planted), secret);
  assert.equal((await fetch(`${server}/budstikke/v1/session`, { headers: withCookie(secret) })).status, 401);
  const twice = { cookie: `budstikke=${fresh}; budstikke=${secret}` };
  assert.equal((await fetch(`${server}/budstikke/v1/session`, { headers: twice })).status, 401, 'a name that comes twice');
});

test('given addresses made to lead elsewhere, when somebody logs in by them, then the browser stays here', async () => {
  for (const returnTo of [
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    '/.//evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/login?returnTo=/login',
    '/logout',
  ]) {
    const browser = openBrowser(server);
    const page = await logIn(browser, 'Ola Borger', returnTo);
    assert.deepEqual([page.isElsewhere, page.url.origin, page.url.pathname], [false, server, '/'], returnTo);
  }
});

test('given a session, when the person logs out, then it is over here at once, in every tab, and at the provider after it', async () => {
  const browser = openBrowser(server);
  await logIn(browser);
  const stolen = cookieOf(browser)!;
  const { csrfToken } = await shownTo(browser);
  const headers = { 'x-csrf-token': csrfToken };

  const answer = await fetchAs(browser, '/logout', { method: 'POST', headers });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('set-cookie')!, /^budstikke=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0;/);
  const { location } = (await answer.json()) as { location: string };

  for (const path of ['/budstikke/v1/session', letter()]) {
    assert.equal((await fetch(server + path, { headers: withCookie(stolen) })).status, 401, path);
  }
  const late = await fetch(`${server}/logout`, { method: 'POST', headers: { ...withCookie(stolen), ...headers } });
  const { location: elsewhere } = (await late.json()) as { location: string };
  assert.equal(late.status, 200);
  assert.equal(new URL(elsewhere).searchParams.has('id_token_hint'), false);
  assert.equal(new URL(elsewhere).pathname, '/idporten/logout', 'whose session is over still logs out at the provider');

  assert.equal(new URL(location).origin + new URL(location).pathname, `${server}/idporten/logout`);
  const front = await browser.open(location);
  assert.ok(front.status === 200 && front.url.href.startsWith(server), front.text);
  const choosing = await browser.open(`${server}/login`);
  assert.match(choosing.url.pathname, /^\/idporten\/interaction\//, 'the provider asks anew who it is');
});

test('given sessions in two browsers, when the person logs out at the provider in one, then its frame ends that session and no other', async () => {
  const [here, there] = [openBrowser(server), openBrowser(server)];
  await logIn(here);
  await logIn(there);
  const asking = await here.open(`${server}/idporten/logout`);
  const last = await here.press(asking, { name: 'logout' });
  const [, frame = ''] = /<iframe src="([^"]+)"/.exec(last.text) ?? [];
  assert.ok(frame.startsWith(`${server}/logout/frame?`), last.text);
  const url = frame.replaceAll('&amp;', '&');

  const wrong = new URL(url);
  wrong.searchParams.set('iss', 'https://evil.example');
  for (const harmless of [
    `${server}/logout/frame`,
    wrong.href,
    `${server}/logout/frame?iss=${encodeURIComponent(`${server}/idporten`)}&sid=`,
  ]) {
    assert.equal((await fetch(harmless)).status, 200);
    assert.equal((await fetchAs(here, '/budstikke/v1/session')).status, 200, harmless);
  }
  const framed = await fetch(url);
  assert.deepEqual([framed.status, framed.headers.get('content-security-policy')], [200, `default-src 'none'; frame-ancestors ${server}`]);
  assert.equal((await fetchAs(here, '/budstikke/v1/session')).status, 401);
  assert.equal((await fetchAs(there, '/budstikke/v1/session')).status, 200);
});

test('given a person who declines, when the browser comes back, then it has no session and the page is told why and where it was going', async () => {
  const browser = openBrowser(server);
  const choosing = await browser.open(`${server}/login?returnTo=/inbox/7`);
  const back = await browser.press(choosing, { name: 'cancel' });
  assert.deepEqual([back.url.pathname, back.url.search], ['/', '?login=cancelled&returnTo=%2Finbox%2F7']);
  assert.equal(cookieOf(browser), undefined);
});

test('given a session, when a file is opened by its address, then no second login is needed, and its person is who asks', async () => {
  const browser = openBrowser(server);
  await logIn(browser);
  const path = `${letter()}/attachments/downloadall`;
  assert.notEqual((await fetchAs(browser, path)).status, 302);
  assert.notEqual((await fetchAs(browser, path, { headers: { 'sec-fetch-site': 'none' } })).status, 302, 'by a link of a notice');
  assert.equal((await fetchAs(browser, path, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 302, 'from elsewhere: log in first');
});

interface Sending {
  readonly browser: Browser;
  readonly headers: Readonly<Record<string, string>>;
  readonly organization: string;
}

/** Logs in, and chooses to act for the agency that sends. */
async function actAsAgency(name: string, organization?: string): Promise<Sending> {
  const browser = openBrowser(server);
  await logIn(browser, name);
  const { csrfToken } = await shownTo(browser);
  const answer = await fetchAs(browser, '/budstikke/v1/session/parties');
  const { parties } = (await answer.json()) as { parties: { id: string; sends: boolean }[] };
  const chosen = organization ?? parties.find(({ sends }) => sends)!.id;
  return {
    browser,
    organization: chosen,
    headers: { 'x-csrf-token': csrfToken, 'x-acting-for': chosen, 'content-type': 'application/json' },
  };
}

const decision = (name: string) => JSON.stringify({ decision: 'accept-as-unread', name, reason: 'Svar kom på telefon.' });

test('given who administers access at an agency, when they send and decide for it from the browser, then it is done, and the timeline names the person and the agency', async () => {
  const { browser, headers, organization } = await actAsAgency('Fremmed Fugl');
  const body = JSON.stringify({
    correspondence: {
      resourceId: resources.letters,
      sendersReference: 'fra nettleseren',
      content: { language: 'nb', messageTitle: 'Vedtak', messageSummary: '', messageBody: 'Hei.' },
    },
    recipients: [citizenUrn],
  });
  const sent = await fetchAs(browser, `${api}/correspondence`, { method: 'POST', headers, body });
  const text = await sent.text();
  assert.equal(sent.status, 200, text);
  const id = (JSON.parse(text) as { correspondences: { correspondenceId: string }[] }).correspondences[0]!.correspondenceId;

  const asked = JSON.stringify({ resource: resources.letters, parties: [citizenUrn] });
  const reached = await fetchAs(browser, '/budstikke/v1/reachability', { method: 'POST', headers, body: asked });
  const foreign = JSON.stringify({ resource: resources.others, parties: [citizenUrn] });
  const refused = await fetchAs(browser, '/budstikke/v1/reachability', { method: 'POST', headers, body: foreign });
  assert.deepEqual([reached.status, refused.status], [200, 404], 'who can open is for its own services');

  const path = `/budstikke/v1/correspondence/${id}`;
  const { 'x-csrf-token': _, ...bare } = headers;
  const forged = await fetchAs(browser, `${path}/decision`, { method: 'POST', headers: bare, body: decision('Kari') });
  assert.deepEqual([forged.status, ((await forged.json()) as { code: string }).code], [403, 'BUD-09500']);

  const decided = await fetchAs(browser, `${path}/decision`, { method: 'POST', headers, body: decision('En helt annen') });
  const watch = (await decided.json()) as { outcome: string; decision: { name: string } };
  assert.deepEqual([decided.status, watch.outcome, watch.decision.name], [200, 'accepted-unread', 'Fremmed Fugl']);

  const shown = await fetchAs(browser, `${path}/timeline`, { headers });
  const { entries } = (await shown.json()) as { entries: { event: string; who: { actor?: Record<string, string> } }[] };
  for (const event of ['SubmissionAcceptance', 'AcceptedUnread']) {
    const actor = entries.find((entry) => entry.event === event)?.who.actor;
    assert.deepEqual([actor?.kind, actor?.actsFor], ['person', organization], event);
    assert.ok(actor?.party && actor.party !== organization, event);
  }
});

test('given somebody who has nothing to do there, or a token, when X-Acting-For names the agency, then nothing is done for it, nor for the person instead', async () => {
  const { organization } = await actAsAgency('Fremmed Fugl');
  const id = await sendLetter();
  const { browser, headers } = await actAsAgency('Ola Borger', organization);
  for (const [method, path, body] of [
    ['GET', '/budstikke/v1/unread', undefined],
    ['POST', `/budstikke/v1/correspondence/${id}/decision`, decision('Ola Borger')],
    ['POST', `${api}/correspondence/${id}/markasread`, undefined],
  ] as const) {
    const answer = await fetchAs(browser, path, { method, headers, ...(body ? { body } : {}) });
    assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [403, 'BUD-09520'], path);
  }
  const without = await fetchAs(browser, `/budstikke/v1/correspondence/${id}/decision`, {
    method: 'POST',
    headers: { ...headers, 'x-acting-for': '' },
    body: decision('Ola Borger'),
  });
  assert.equal(without.status, 403);
  const letterNow = (await (await fetchAs(browser, `${api}/correspondence/${id}`)).json()) as { status: string };
  assert.equal(letterNow.status, 'Published', 'not read, not taken back');
  const token = await enterpriseTokenOf(target.client);
  const bearer = { authorization: `Bearer ${token}`, 'x-acting-for': 'nobody' };
  assert.equal((await fetch(`${server}/budstikke/v1/unread`, { headers: bearer })).status, 200, 'the header is for browsers only');
});
