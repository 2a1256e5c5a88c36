import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import * as oidc from 'openid-client';
import type { Mount } from '#kernel/mount.ts';
import { saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { openBrowser, type Page } from '../../../test/wire/browser.ts';
import { createTokenIssuers } from '../tokens/signing-key.ts';
import { webClientId } from './client-metadata.ts';
import { createLogin } from './create-login.ts';
import { keepState } from './keep-state.ts';
import { lowestWanted, reaches } from './levels.ts';
import { sweepLogins } from './sweep-logins.ts';
import { loginTexts } from './texts.ts';

const { ctx, db } = await createTestDatabase();
await ctx.db.transaction(async (tx) => saveParties(tx, [{ kind: 'person', number: '14886498226', name: 'Kari Nordmann' }]));

/** Two processes behind one address: every other request goes to the other. */
const processes: Mount[] = [];
let turn = 0;
const server = createServer((request, response) => {
  turn += 1;
  void processes[turn % processes.length]!.handle(request, response);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
for (let i = 0; i < 2; i += 1) processes.push(await createLogin(ctx, createTokenIssuers(ctx, url).idporten, url));
after(() => server.close());

const config = await oidc.discovery(new URL(`${url}/idporten`), webClientId, {}, oidc.None(), { execute: [oidc.allowInsecureRequests] });

async function begin(browser = openBrowser(url), hint?: string) {
  const [verifier, state] = [oidc.randomPKCECodeVerifier(), oidc.randomState()];
  const page = await browser.open(
    oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${url}/logged-in`,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...(hint === undefined ? {} : { login_hint: hint }),
    }),
  );
  return { browser, page, checks: { pkceCodeVerifier: verifier, expectedState: state } };
}

/** Lets what is kept of a kind grow old. */
async function age(model: string): Promise<void> {
  const { rowCount } = await db.pool.query(`update sandbox.login_state set expires_at = now() - interval '1 second' where model = $1`, [
    model,
  ]);
  assert.ok((rowCount ?? 0) > 0, model);
}

const isGone = (page: Page) => page.status >= 400 && page.text.includes('ikke i gang lenger');

test('given two processes on one database, when they answer in turn, then a login goes through both', async () => {
  const { browser, page, checks } = await begin();

  const back = await browser.press(page, { name: 'person' });
  const tokens = await oidc.authorizationCodeGrant(config, back.url, checks);

  assert.equal(tokens.claims()?.pid, '14886498226');
});

test('given a login that has lain too long, when it is gone on with, then it is over', async () => {
  const { browser, page } = await begin();
  await age('Interaction');

  assert.ok(isGone(await browser.press(page, { name: 'person' })));
  assert.ok(isGone(await browser.open(page.url)));
});

test('given a code that is too old, when it is shown, then there is no token', async () => {
  const { browser, page, checks } = await begin();
  const back = await browser.press(page, { name: 'person' });
  await age('AuthorizationCode');

  await assert.rejects(oidc.authorizationCodeGrant(config, back.url, checks), { error: 'invalid_grant' });
});

test('given a session that is too old, when a service asks, then the person logs in again', async () => {
  const { browser, page } = await begin();
  await browser.press(page, { name: 'person' });
  assert.ok((await begin(browser)).page.url.searchParams.has('code'), 'nothing is asked while the session lasts');
  await age('Session');

  assert.ok((await begin(browser)).page.text.includes('Kari Nordmann'));
});

test('given somebody who has died, when she is chosen, then the page is shown again and nobody is logged in', async () => {
  const { browser, page } = await begin();
  await db.pool.query(`update register.party set died_on = '2026-01-01' where number = '14886498226'`);

  const shown = await browser.press(page, { name: 'person' });

  assert.equal(shown.status, 200);
  assert.ok(shown.text.includes('Det bor ingen personer her ennå.'));
  await db.pool.query(`update register.party set died_on = null where number = '14886498226'`);
});

test('given things that are kept, when they are past their time, then they are found no more, and the sweeper removes those alone', async () => {
  await db.pool.query('delete from sandbox.login_state');
  const [codes, sessions, logins] = ['AuthorizationCode', 'Session', 'Interaction'].map(keepState(ctx, url));
  await codes!.upsert('old', { grantId: 'g' }, -1);
  await codes!.upsert('new', { grantId: 'g' }, 60);
  await sessions!.upsert('s', { uid: 'u' }, 60);
  await logins!.upsert('l', { grantId: 'g' }, 60);

  assert.equal(await codes!.find('old'), undefined);
  assert.deepEqual(await codes!.find('new'), { grantId: 'g' });
  assert.deepEqual(await sessions!.findByUid('u'), { uid: 'u' });
  assert.equal(await sweepLogins(ctx), undefined);
  const left = await db.pool.query<{ id: string }>('select id from sandbox.login_state order by id');
  assert.deepEqual(
    left.rows.map(({ id }) => id),
    ['l', 'new', 's'],
  );

  await codes!.revokeByGrantId('g');
  assert.equal(await codes!.find('new'), undefined);
  assert.ok(await logins!.find('l'), 'a login under way stays');
});

test('given more than a thousand old things, when the sweeper runs, then it does so many and says that there is more', async () => {
  await db.pool.query(`insert into sandbox.login_state (model, id, payload, expires_at)
    select 'Grant', 'many ' || i, '{}', now() - interval '1 hour' from generate_series(1, 1001) i`);

  assert.equal(await sweepLogins(ctx), 'more');
  assert.equal(await sweepLogins(ctx), undefined);
});

test('given a code, when many use it at once, then one does', async () => {
  const codes = keepState(ctx, url)('AuthorizationCode');
  await codes.upsert('once', {}, 60);

  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => codes.consume('once')));

  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
  const kept = await codes.find('once');
  assert.ok(typeof (kept as { consumed: unknown }).consumed === 'number');
});

test('given levels that are wished for, when they are weighed, then any named will do, a higher one too, and substantial where none is known', () => {
  assert.equal(lowestWanted('idporten-loa-high'), 'idporten-loa-high');
  assert.equal(lowestWanted('idporten-loa-high idporten-loa-substantial'), 'idporten-loa-substantial');
  for (const unknown of [undefined, '', 'Level4', 'idporten-loa-low', 'constructor', 7])
    assert.equal(lowestWanted(unknown), 'idporten-loa-substantial');
  assert.deepEqual(
    [undefined, 'idporten-loa-low', 'idporten-loa-substantial', 'idporten-loa-high', 'toString'].map((acr) =>
      reaches(acr, 'idporten-loa-substantial'),
    ),
    [false, false, true, true, false],
  );
});

test('given the texts of the login, when they are read, then each says something, and English is not Norwegian', () => {
  const keys = Object.keys(loginTexts.nb) as (keyof typeof loginTexts.nb)[];
  for (const t of Object.values(loginTexts)) for (const key of keys) assert.ok(String(t[key]).trim() !== '', key);
  for (const key of keys) assert.notEqual(String(loginTexts.nb[key]), String(loginTexts.en[key]), key);
});

test('given zero letters in what a browser sends, when it wants to log in, then it is told so and nothing falls over', async () => {
  const right = {
    client_id: webClientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${url}/`,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  };

  for (const bent of [{ client_id: 'a\u0000b' }, { state: 'a\u0000b' }, { login_hint: '\u0000' }]) {
    const answer = await fetch(`${url}/idporten/authorize?${new URLSearchParams({ ...right, ...bent })}`, { redirect: 'manual' });

    assert.ok(answer.status < 500, `${JSON.stringify(bent)}: ${answer.status} ${await answer.text()}`);
    assert.doesNotMatch(answer.headers.get('location') ?? '', /interaction/);
  }
});

test('given somebody who is logged in, when a service names another, then that one is shown first and comes in; nobody is asked twice', async () => {
  await ctx.db.transaction(async (tx) =>
    saveParties(tx, [
      { kind: 'person', number: '21919330756', name: 'Ola Nordmann' },
      { kind: 'person', number: '09895402629', name: 'Kari Berg' },
    ]),
  );
  const { browser, page } = await begin();
  await browser.press(page, { name: 'person', text: 'Kari Berg' });

  const another = await begin(browser, '21919330756');
  assert.ok(!another.page.url.searchParams.has('code'), 'it is not taken for the one who is logged in');
  assert.match(another.page.text, /Ola Nordmann/);
  assert.doesNotMatch(another.page.text, /Kari Berg/);
  const back = await browser.press(another.page, { name: 'person' });
  const tokens = await oidc.authorizationCodeGrant(config, back.url, another.checks);
  assert.equal(tokens.claims()?.pid, '21919330756');

  assert.ok((await begin(browser, '21919330756')).page.url.searchParams.has('code'), 'whoever is named and logged in is asked nothing');
  const third = await begin(browser, '09895402629');
  const everybody = await browser.open(new URL(`${third.page.url.href}?q=Ola`));
  const chosen = await browser.press(everybody, { name: 'person', text: 'Ola Nordmann' });
  assert.ok(chosen.url.searchParams.has('code'), 'who chooses another than was named comes in as that one');
});
