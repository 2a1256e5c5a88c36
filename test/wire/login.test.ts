import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, decodeJwt, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { type Browser, openBrowser, type Page } from './browser.ts';
import { api, citizenUrn, enterpriseTokenOf, people, resources, town } from './login-town.ts';
import { startTarget, type Target } from './server.ts';

/** The login for browsers, as an independent client of OpenID Connect and a browser without scripts see it. */
let target: Target;
let server: string;
const key = await generateKeyPair('RS256', { extractable: true });
const app = { id: 'skjema-app', redirect: 'https://skjema.example/inn', goodbye: 'https://skjema.example/ut' };
const machine = { id: 'fagsystem', redirect: 'https://fagsystem.example/inn' };

before(async () => {
  target = await startTarget('login', {
    ...town,
    clients: [
      {
        clientId: app.id,
        organization: people.directorate,
        scopes: ['altinn:correspondence.read'],
        redirectUris: [app.redirect, 'http://localhost:9999/inn'],
        postLogoutRedirectUris: [app.goodbye],
        frontchannelLogoutUri: 'https://skjema.example/glem',
      },
      {
        clientId: machine.id,
        organization: people.otherAgency,
        keyId: 'k1',
        jwk: await exportJWK(key.publicKey),
        scopes: ['altinn:correspondence.read'],
        redirectUris: [machine.redirect],
      },
      { clientId: 'bare-maskin', organization: people.directorate, scopes: [], jwk: await exportJWK(key.publicKey) },
    ],
  });
  server = target.client.baseUrl;
});
after(() => target?.stop());

function discover(clientId: string, authentication: oidc.ClientAuth = oidc.None()): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(`${server}/idporten`), clientId, {}, authentication, { execute: [oidc.allowInsecureRequests] });
}

/** A request for a login, and what proves afterwards that it was ours. */
async function asked(config: oidc.Configuration, more: Record<string, string> = {}) {
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: app.redirect,
    scope: 'openid profile altinn:correspondence.read',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  });
  return { url, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce } };
}

/** Logs somebody in and answers what the service gets. */
async function logIn(config: oidc.Configuration, browser: Browser, name: string, more: Record<string, string> = {}) {
  const { url, checks } = await asked(config, more);
  const back = await browser.press(await browser.open(url), { name: 'person', text: name });
  assert.ok(back.isElsewhere, back.text);
  return { back, checks, tokens: await oidc.authorizationCodeGrant(config, back.url, checks) };
}

const main = (page: Page) => page.text.slice(page.text.indexOf('<main'));

test('given a person of the town, when she logs in with the code flow, then the tokens say who she is, how well that is known and for whom', async () => {
  const config = await discover(app.id);

  const { tokens } = await logIn(config, openBrowser(server), 'Ola Borger');

  const id = tokens.claims()!;
  assert.equal(id.iss, `${server}/idporten`);
  assert.equal(id.aud, app.id);
  assert.deepEqual([id.pid, id.acr, id.amr, id.locale], [people.citizen, 'idporten-loa-high', ['TestID'], 'nb']);
  assert.ok(typeof id.sid === 'string' && typeof id.auth_time === 'number' && !id.sub.includes(people.citizen));
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri!));
  const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, { issuer: `${server}/idporten` });
  assert.equal(protectedHeader.alg, 'RS256');
  assert.deepEqual(
    [payload.pid, payload.acr, payload.amr, payload.sid, payload.client_id, payload.client_orgno, payload.token_type],
    [people.citizen, 'idporten-loa-high', ['TestID'], id.sid, app.id, people.directorate, 'Bearer'],
  );
  assert.deepEqual(payload.consumer, { authority: 'iso6523-actorid-upis', ID: `0192:${people.directorate}` });
  assert.deepEqual(String(payload.scope).split(' ').sort(), ['altinn:correspondence.read', 'openid']);
  assert.deepEqual(await oidc.fetchUserInfo(config, tokens.access_token, id.sub), { sub: id.sub, pid: people.citizen, locale: 'nb' });
});

test('given an access token from the login, when it is exchanged, then the Altinn token opens the inbox of the same person', async () => {
  const sender = target.client.with(await enterpriseTokenOf(target.client));
  const letter = await sender.post(`${api}/correspondence`, {
    correspondence: {
      resourceId: resources.letters,
      sendersReference: 'login',
      content: { language: 'nb', messageTitle: 'Prøvebrev', messageSummary: 'Et brev', messageBody: 'Hei.' },
    },
    recipients: [citizenUrn],
  });
  assert.equal(letter.status, 200, letter.text);
  const id = letter.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
  const { tokens } = await logIn(await discover(app.id), openBrowser(server), 'Ola Borger');

  const exchanged = await target.client.with(tokens.access_token).get('/authentication/api/v1/exchange/id-porten');

  assert.equal(exchanged.status, 200, exchanged.text);
  assert.equal(decodeJwt(exchanged.text).pid, people.citizen);
  const content = await target.client.with(exchanged.text).get(`${api}/correspondence/${id}/content`);
  assert.deepEqual([content.status, content.text.includes('Hei.')], [200, true], content.text);
});

test('given a client with a registered key, when it asks for tokens, then its signature is demanded and believed', async () => {
  const right = await discover(machine.id, oidc.PrivateKeyJwt({ key: key.privateKey, kid: 'k1' }));
  const { url, checks } = await asked(right, { redirect_uri: machine.redirect });
  const browser = openBrowser(server);
  const back = await browser.press(await browser.open(url), { name: 'person', text: 'Ola Borger' });

  const stranger = await generateKeyPair('RS256');
  for (const wrong of [oidc.None(), oidc.PrivateKeyJwt({ key: stranger.privateKey, kid: 'k1' })]) {
    await assert.rejects(oidc.authorizationCodeGrant(await discover(machine.id, wrong), back.url, checks), { error: 'invalid_client' });
  }
  const tokens = await oidc.authorizationCodeGrant(right, back.url, checks);
  assert.equal(decodeJwt(tokens.access_token).client_amr, 'private_key_jwt');
});

test('given the built-in web application, when it asks for a login back to our own address, then it gets one, and to no other', async () => {
  const config = await discover('budstikke-web');
  const { url, checks } = await asked(config, {
    redirect_uri: `${server}/logged-in`,
    scope: 'openid altinn:portal/enduser altinn:serviceowner',
  });
  const browser = openBrowser(server);
  const back = await browser.press(await browser.open(url), { name: 'person', text: 'Kari Leder' });

  assert.deepEqual([back.url.origin, back.url.pathname], [server, '/logged-in']);
  const tokens = await oidc.authorizationCodeGrant(config, back.url, checks);
  assert.deepEqual(tokens.scope?.split(' ').sort(), ['altinn:portal/enduser', 'openid'], 'what it may not ask for it does not get');
  const elsewhere = await browser.open((await asked(config, { redirect_uri: 'https://evil.example/' })).url);
  assert.equal(elsewhere.status, 400);
});

test('given two clients, when the same person logs in to both, then each knows her by another sub, and the second asks nothing', async () => {
  const browser = openBrowser(server);
  const first = await logIn(await discover(app.id), browser, 'Ola Borger');
  const config = await discover('budstikke-web');
  const { url, checks } = await asked(config, { redirect_uri: `${server}/logged-in`, scope: 'openid' });

  const back = await browser.open(url);

  const second = await oidc.authorizationCodeGrant(config, back.url, checks);
  assert.equal(second.claims()!.pid, people.citizen);
  assert.notEqual(second.claims()!.sub, first.tokens.claims()!.sub);
  assert.notEqual(second.claims()!.sid, first.tokens.claims()!.sid);
});

test('given a login at level 3, when a service asks for level 4, then she logs in again, and a form cannot choose less', async () => {
  const config = await discover(app.id);
  const browser = openBrowser(server);
  const { url, checks } = await asked(config, { acr_values: 'idporten-loa-substantial' });
  const back = await browser.press(await browser.open(url), { name: 'person', text: 'Ola Borger' }, { level: 'idporten-loa-substantial' });
  const low = await oidc.authorizationCodeGrant(config, back.url, checks);
  assert.equal(low.claims()!.acr, 'idporten-loa-substantial');

  const more = await asked(config, { acr_values: 'idporten-loa-high' });
  const page = await browser.open(more.url);
  assert.ok(main(page).includes('nivå 4') && !main(page).includes('nivå 3'));
  const again = await browser.press(page, { name: 'person', text: 'Ola Borger' }, { level: 'idporten-loa-substantial' });

  assert.equal((await oidc.authorizationCodeGrant(config, again.url, more.checks)).claims()!.acr, 'idporten-loa-high');
  const silent = await browser.open((await asked(config, { acr_values: 'idporten-loa-high', prompt: 'none' })).url);
  assert.ok(silent.url.searchParams.has('code'));
});

test('given nobody logged in, when a service asks without a page (prompt=none), then it is told that login is required', async () => {
  const back = await openBrowser(server).open((await asked(await discover(app.id), { prompt: 'none' })).url);

  assert.equal(back.url.searchParams.get('error'), 'login_required');
});

test('given somebody logged in, when another person is chosen in the same browser, then the tokens are that person’s', async () => {
  const config = await discover(app.id);
  const browser = openBrowser(server);
  const first = await logIn(config, browser, 'Ola Borger');

  const second = await logIn(config, browser, 'Kari Leder', { prompt: 'login' });

  assert.equal(second.tokens.claims()!.pid, people.manager);
  assert.notEqual(second.tokens.claims()!.sub, first.tokens.claims()!.sub);
});

test('given a login under way, when it is cancelled, then the service is told access_denied with its own state', async () => {
  const { url, checks } = await asked(await discover(app.id));
  const browser = openBrowser(server);

  const back = await browser.press(await browser.open(url), { name: 'cancel' });

  assert.ok(back.url.href.startsWith(app.redirect));
  assert.deepEqual([back.url.searchParams.get('error'), back.url.searchParams.get('state')], ['access_denied', checks.expectedState]);
});

test('given a code, when it is shown with a wrong verifier, without one, or to another client, then there is no token', async () => {
  const config = await discover(app.id);
  const browser = openBrowser(server);
  const { url, checks } = await asked(config);
  const back = await browser.press(await browser.open(url), { name: 'person', text: 'Ola Borger' });

  await assert.rejects(oidc.authorizationCodeGrant(config, back.url, { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }), {
    error: 'invalid_grant',
  });
  const exchange = (fields: Record<string, string>) =>
    fetch(config.serverMetadata().token_endpoint!, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: back.url.searchParams.get('code')!,
        redirect_uri: app.redirect,
        ...fields,
      }),
    });
  const verifier = checks.pkceCodeVerifier;
  for (const fields of [
    { client_id: app.id },
    { client_id: 'budstikke-web', code_verifier: verifier },
    { client_id: 'nobody', code_verifier: verifier },
    { client_id: app.id, code_verifier: verifier, redirect_uri: 'http://localhost:9999/inn' },
  ]) {
    const answer = await exchange(fields);
    assert.ok([400, 401].includes(answer.status), JSON.stringify(fields));
    assert.ok(!(await answer.text()).includes('token":'));
  }
  assert.ok((await oidc.authorizationCodeGrant(config, back.url, checks)).access_token, 'the right one still works');
});

test('given a code that was used, when it is shown again, or by many at once, then one gets tokens', async () => {
  const config = await discover(app.id);
  const { back, checks } = await logIn(config, openBrowser(server), 'Ola Borger');
  await assert.rejects(oidc.authorizationCodeGrant(config, back.url, checks), { error: 'invalid_grant' });

  const browser = openBrowser(server);
  const another = await asked(config);
  const fresh = await browser.press(await browser.open(another.url), { name: 'person', text: 'Ola Borger' });
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => oidc.authorizationCodeGrant(config, fresh.url, another.checks)));

  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('given requests that are not as they should be, when they come, then no browser is sent anywhere that is not registered', async () => {
  const config = await discover(app.id);
  const browser = openBrowser(server);
  const bend = async (change: (query: URLSearchParams) => void) => {
    const { url } = await asked(config);
    change(url.searchParams);
    return browser.open(url);
  };
  for (const [name, value] of [
    ['client_id', 'nobody'],
    ['client_id', 'bare-maskin'],
    ['client_id', '../../x'],
    ['redirect_uri', 'https://evil.example/'],
    ['redirect_uri', `${app.redirect}/../evil`],
    ['redirect_uri', app.redirect.toUpperCase()],
    ['redirect_uri', 'javascript:alert(1)'],
  ] as const) {
    const page = await bend((query) => query.set(name, value));
    assert.deepEqual([page.status, page.isElsewhere], [400, false], `${name} ${value}`);
    assert.ok(main(page).includes('Innloggingen kan ikke begynne'), main(page));
  }
  for (const [change, error] of [
    [(query: URLSearchParams) => query.delete('code_challenge'), 'invalid_request'],
    [(query: URLSearchParams) => query.set('code_challenge_method', 'plain'), 'invalid_request'],
    [(query: URLSearchParams) => query.set('response_type', 'token'), 'unsupported_response_type'],
    [(query: URLSearchParams) => query.set('response_type', 'code id_token'), 'unsupported_response_type'],
  ] as const) {
    const page = await bend(change);
    assert.ok(page.isElsewhere && page.url.href.startsWith(app.redirect), page.url.href);
    const told = page.url.searchParams.get('error') ?? new URLSearchParams(page.url.hash.slice(1)).get('error');
    assert.equal(told, error);
  }
});

test('given a login under way in one browser, when another brings its address, its form or a bent one, then nothing happens', async () => {
  const config = await discover(app.id);
  const [mine, other] = [openBrowser(server), openBrowser(server)];
  const page = await mine.open((await asked(config)).url);
  const others = await other.open((await asked(config)).url);
  const person = /name="person" value="([^"]+)"/.exec(page.text)![1]!;
  const token = (of: Page) => /name="token" value="([^"]+)"/.exec(of.text)![1]!;

  const stolen = await other.open(page.url);
  assert.deepEqual([stolen.status, main(stolen).includes('ikke i gang lenger')], [404, true]);
  for (const bent of [
    `${page.url.pathname}x`,
    page.url.pathname.slice(0, -1),
    '/idporten/interaction/',
    '/idporten/interaction/%00',
    '/idporten/interaction/a/b',
  ]) {
    assert.equal((await mine.open(server + bent)).status, 404, bent);
  }
  const post = (browser: Browser, at: Page, fields: Record<string, string>) =>
    browser.press(
      { ...at, text: `<form method="post" action="${at.url.pathname}"><button name="x"></button></form>` },
      { name: 'x' },
      fields,
    );
  for (const fields of [{ person }, { person, token: '' }, { person, token: token(others) }, { person, token: `${token(page)}x` }]) {
    assert.equal((await post(mine, page, fields)).status, 403, JSON.stringify(fields));
  }
  assert.equal((await post(other, page, { person, token: token(page) })).status, 404);

  for (const wrong of ['', 'x', '00000000-0000-7000-8000-000000000000', person.toUpperCase()]) {
    assert.equal((await post(mine, page, { person: wrong, token: token(page) })).status, 200, 'the page is shown again');
  }
  const done = await mine.press(page, { name: 'person', text: 'Ola Borger' });
  assert.ok(done.isElsewhere, 'and the login goes on as if nothing had been');
  assert.equal((await mine.open(page.url)).status, 404, 'once');
});

test('given names, searches and languages with markup in them, when the page is shown, then they are text', async () => {
  const browser = openBrowser(server);
  const page = await browser.open(
    (await asked(await discover(app.id), { login_hint: '"><script>alert(1)</script>', ui_locales: '<b>' })).url,
  );
  assert.ok(page.text.includes('&lt;script&gt;') && !page.text.includes('<script>'));

  const found = await browser.open(`${server}${page.url.pathname}?q=${encodeURIComponent('O\'<Brien> & "Sønner"')}&lang=en`);

  assert.ok(main(found).includes('O&#39;&lt;Brien&gt; &amp; &quot;Sønner&quot; <span>'), main(found));
  assert.ok(!found.text.includes('<Brien>'));
  assert.ok(found.text.includes('<html lang="en">') && main(found).includes('Who do you want to be?'));
  const policy = found.headers.get('content-security-policy')!;
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /form-action 'self' https:\/\/skjema\.example;/);
  assert.match(policy, /frame-ancestors 'none'/);
});

test('given a search, when it is made without scripts, then those are found whose name or number it is', async () => {
  const browser = openBrowser(server);
  const page = await browser.open((await asked(await discover(app.id))).url);
  const shown = (of: Page) => [...of.text.matchAll(/name="person" value="[^"]+">([^<]+) </g)].map(([, name]) => name);

  assert.ok(shown(page).length > 3);
  assert.deepEqual(shown(await browser.press(page, { text: 'Søk' }, { q: 'borger OLA' })), ['Ola Borger']);
  assert.deepEqual(shown(await browser.press(page, { text: 'Søk' }, { q: people.manager.slice(0, 7) })), ['Kari Leder']);
  const none = await browser.press(page, { text: 'Søk' }, { q: '%' });
  assert.deepEqual(shown(none), []);
  assert.ok(main(none).includes('Ingen her svarer til «%».'));
});

test('given somebody logged in to two services, when one shows her id_token to log out, then both hear of it and the session is over', async () => {
  const config = await discover(app.id);
  const browser = openBrowser(server);
  const { tokens } = await logIn(config, browser, 'Ola Borger');
  await browser.open((await asked(await discover('budstikke-web'), { redirect_uri: `${server}/logged-in`, scope: 'openid' })).url);
  const logout = oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token!,
    post_logout_redirect_uri: app.goodbye,
    state: 's & t',
  });

  const page = await browser.open(logout);

  assert.equal(page.status, 200);
  const frame = new URL(/<iframe src="([^"]+)"/.exec(page.text)![1]!.replaceAll('&amp;', '&'));
  assert.deepEqual(
    [frame.origin + frame.pathname, frame.searchParams.get('iss'), frame.searchParams.get('sid')],
    ['https://skjema.example/glem', `${server}/idporten`, tokens.claims()!.sid],
  );
  const policy = page.headers.get('content-security-policy')!;
  assert.ok(policy.includes(`frame-src https://skjema.example ${server};`), `the web app hears of it too: ${policy}`);
  assert.ok(page.text.includes(`content="2;url=${app.goodbye}?state=s+%26+t"`), page.text.slice(0, 600));
  const silent = await browser.open((await asked(config, { prompt: 'none' })).url);
  assert.equal(silent.url.searchParams.get('error'), 'login_required');
});

test('given a link to log out without proof, when it is opened, then the person is asked, and a stranger’s answer does not count', async () => {
  const config = await discover(app.id);
  const browser = openBrowser(server);
  await logIn(config, browser, 'Ola Borger');
  const other = await logIn(config, openBrowser(server), 'Kari Leder');
  const isLoggedIn = async () => (await browser.open((await asked(config, { prompt: 'none' })).url)).url.searchParams.has('code');

  for (const query of ['', `?id_token_hint=${other.tokens.id_token}`]) {
    const page = await browser.open(`${server}/idporten/logout${query}`);
    assert.ok(main(page).includes('Vil du logge ut'), main(page));
    const forged = await browser.press(page, { text: 'Logg ut' }, { xsrf: 'x' });
    assert.equal(forged.status, 400);
    assert.ok(await isLoggedIn());
  }
  const done = await browser.press(await browser.open(`${server}/idporten/logout`), { text: 'Logg ut' });

  assert.ok(main(done).includes('Du er logget ut'), main(done));
  assert.equal(await isLoggedIn(), false);
});

test('given addresses to log out to that are not registered, or nobody logged in, when logout is asked for, then nobody is sent astray', async () => {
  const config = await discover(app.id);
  const browser = openBrowser(server);
  const { tokens } = await logIn(config, browser, 'Ola Borger');
  const logout = (more: Record<string, string>) => browser.open(`${server}/idporten/logout?${new URLSearchParams(more)}`);

  assert.equal((await logout({ id_token_hint: tokens.id_token!, post_logout_redirect_uri: 'https://evil.example/' })).status, 400);
  assert.equal((await logout({ id_token_hint: `${tokens.id_token}x`, post_logout_redirect_uri: app.goodbye })).status, 400);
  await logout({ id_token_hint: tokens.id_token! });

  const nobody = await logout({ client_id: app.id, post_logout_redirect_uri: app.goodbye });
  assert.ok(nobody.isElsewhere && nobody.url.href === app.goodbye);
  const plain = await logout({ post_logout_redirect_uri: 'https://evil.example/' });
  assert.deepEqual([plain.status, main(plain).includes('Du er logget ut')], [200, true]);
});

test('given tokens that are not for it, when userinfo is asked, then it answers 401, and 403 without the scope', async () => {
  const userinfo = (authorization: string) => fetch(`${server}/idporten/userinfo`, { headers: { authorization } });
  const { tokens } = await logIn(await discover(app.id), openBrowser(server), 'Ola Borger');

  assert.equal((await userinfo('')).status, 401);
  assert.equal((await userinfo('Bearer x')).status, 401);
  assert.equal((await userinfo(`Bearer ${tokens.access_token.slice(0, -6)}AAAAAA`)).status, 401);
  assert.equal((await userinfo(`Bearer ${await enterpriseTokenOf(target.client)}`)).status, 403);
  assert.equal((await userinfo(`Bearer ${tokens.access_token}`)).status, 200);
});

test('given bodies and addresses that nobody sends in earnest, when they come to the login, then it answers and lives', async () => {
  for (const [path, init] of [
    ['/idporten/token', { method: 'POST', body: 'x'.repeat(200_000), headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['/idporten/token', { method: 'POST', body: '{"grant_type":"authorization_code"}', headers: { 'content-type': 'application/json' } }],
    ['/idporten/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: app.id }) }],
    ['/idporten/authorize', {}],
    [`/idporten/authorize?${'x=1&'.repeat(3000)}`, {}],
    ['/idporten/authorize/%2e%2e/%2e%2e/etc', {}],
    ['/idporten/nowhere', {}],
    ['/idporten/reg', { method: 'POST', body: '{}' }],
    ['/idporten/.well-known/openid-configuration', { method: 'DELETE' }],
  ] as const) {
    const answer = await fetch(server + path, { redirect: 'manual', ...init });
    await answer.arrayBuffer();
    assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${answer.status}`);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  }
  const metadata = await fetch(`${server}/IDPORTEN/.well-known/openid-configuration`, { headers: { 'x-forwarded-host': 'evil.example' } });
  assert.ok((await metadata.text()).includes(`"authorization_endpoint":"${server}/idporten/authorize"`));
});
