import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { Refusal } from '#kernel/refusal.ts';
import { StartError } from '#kernel/start-error.ts';
import { createWorld, organizationCaller, personCaller } from '../../test/world.ts';
import { authenticateCookie } from './authenticate-cookie.ts';
import { beginLogin } from './begin-login.ts';
import { createEndByToken } from './end-by-provider.ts';
import { finishLogin } from './finish-login.ts';
import { sessionSweeper } from './jobs.ts';
import { logOut } from './log-out.ts';
import type { LoginChecks, ProviderClient } from './provider.ts';
import { returnToOf } from './return-to.ts';
import { csrfTokenOf, openWith, sealWith } from './secrets.ts';
import { type SessionContext, sessionContext } from './settings.ts';
import { showSession } from './show-session.ts';

const world = await createWorld();
const { ctx } = world;
const ola = await world.person('OLA NORDMANN');
const publicUrl = 'https://post.example';
const issuer = 'https://login.example';

/** Keys of a provider, at an address of their own. */
const [key, stranger] = [await generateKeyPair('RS256', { extractable: true }), await generateKeyPair('RS256')];
const keys = createServer(async (_, response) =>
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ keys: [{ ...(await exportJWK(key.publicKey)), alg: 'RS256' }] })),
);
keys.listen(0, '127.0.0.1');
await once(keys, 'listening');
after(() => keys.close());
const keysUrl = new URL(`http://127.0.0.1:${(keys.address() as AddressInfo).port}/`);

/** A provider that lets in whoever comes with the code `good`. */
function open(
  recognized: Caller = { ...personCaller(ola), issuer: 'idporten', authLevel: 4 },
  differs: Partial<SessionContext> = {},
): SessionContext {
  const asked: LoginChecks[] = [];
  const provider: ProviderClient = {
    issuer,
    clientId: 'post',
    async authorizationUrl(checks, acrValues, { loginHint = '', language = '' } = {}) {
      asked.push(checks);
      return new URL(`${issuer}/authorize?${new URLSearchParams({ state: checks.state, acrValues, loginHint, language })}`);
    },
    async loggedIn(comingBack, checks) {
      const begun = asked.find(({ state }) => state === checks.state);
      assert.deepEqual([checks.verifier, checks.nonce], [begun?.verifier, begun?.nonce]);
      if (comingBack.searchParams.get('code') !== 'good') throw new Error('not let in');
      return { claims: { sub: 'ola-there', sid: 'sid-1', iss: issuer } as never, idToken: 'the.id.token' };
    },
    endSessionUrl: async (idToken = 'none', goesOnTo) => new URL(`${issuer}/logout?${new URLSearchParams({ idToken, goesOnTo })}`),
    keysUrl: async () => keysUrl,
  };
  return {
    ...sessionContext({ ctx, provider, publicUrl, isSandbox: false, operator: undefined, recognize: async () => recognized }),
    ...differs,
  };
}

const pairOf = (setCookie: string | undefined): string => setCookie!.split(';')[0]!;

/** Logs in and gives the cookie as the browser sends it. */
async function logIn(session: SessionContext, returnTo?: string, cookie = ''): Promise<string> {
  const begun = await beginLogin(session, { cookie }, returnTo === undefined ? {} : { returnTo });
  const state = new URL(begun.location).searchParams.get('state')!;
  const done = await finishLogin(session, `${cookie}; ${pairOf(begun.cookie)}`, { state, code: 'good' });
  assert.equal(done.location, `${publicUrl}${returnTo ?? '/'}`);
  return pairOf(done.cookie);
}

const asked = (session: SessionContext, cookie: string, quiet = false) => authenticateCookie(session, { cookie }, { method: 'GET', quiet });
const isIn = async (session: SessionContext, cookie: string): Promise<boolean> => {
  const found = await asked(session, cookie, true);
  return !(found instanceof Refusal) && found.kind === 'person';
};
const move = (by: string) =>
  ctx.db.transaction(async (tx) =>
    tx.send(sql`
      update session.session
         set expires_at = expires_at - ${by}::interval, ends_at = ends_at - ${by}::interval, began_at = began_at - ${by}::interval`),
  );
const leftSeconds = async (session: SessionContext, cookie: string): Promise<number> => {
  const caller = (await asked(session, cookie, true)) as Caller;
  return (Date.parse((await showSession(session, caller, cookie)).expiresAt) - Date.now()) / 1000;
};

test('given whom a page would have log in, when a login is begun, then a sandbox tells its login so, and no other installation does', async () => {
  const hint = async (session: SessionContext) =>
    new URL((await beginLogin(session, {}, { who: ola.number! })).location).searchParams.get('loginHint');
  assert.equal(await hint(open(undefined, { isSandbox: true })), ola.number);
  assert.equal(await hint(open()), '');
  const asked = new URL((await beginLogin(open(), {}, { lang: 'nn' })).location);
  assert.equal(asked.searchParams.get('language'), 'nn', 'asked in the language that was spoken here');
});

test('given an installation with https, when somebody logs in, then both cookies belong to this host alone, and the caller is the person with an end user’s scopes', async () => {
  const session = open();
  const begun = await beginLogin(session, { cookie: undefined }, {});
  assert.match(begun.cookie!, /^__Host-budstikke-login=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=900$/);
  const done = await finishLogin(session, pairOf(begun.cookie), {
    state: new URL(begun.location).searchParams.get('state')!,
    code: 'good',
  });
  assert.match(done.cookie!, /^__Host-budstikke=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);

  const caller = (await asked(session, pairOf(done.cookie))) as Caller;
  assert.deepEqual(
    [caller.kind, caller.issuer, caller.subject, caller.party, caller.authLevel, caller.consumer],
    ['person', 'altinn', ola.id, ola.id, 4, null],
  );
  assert.ok(
    caller.scopes.has('altinn:portal/enduser') &&
      !caller.scopes.has('altinn:serviceowner') &&
      !caller.scopes.has('altinn:correspondence.write'),
  );
  assert.equal(
    await isIn(session, pairOf(done.cookie).replace('__Host-', '')),
    false,
    'the name without the prefix could be set by anybody',
  );
});

test('given a production without https, when it would let people log in, then it does not start and says what is missing', () => {
  assert.throws(
    () => sessionContext({ ...open(), publicUrl: 'http://post.example' }),
    (error) => error instanceof StartError && /BUDSTIKKE_PUBLIC_URL.*https/.test(error.message),
  );
  assert.ok(sessionContext({ ...open(), publicUrl: 'http://localhost:7070', isSandbox: true }));
});

test('given a session, when nothing is done for half an hour, or eight hours have passed whatever is done, then it is over', async () => {
  const session = open();
  const idle = await logIn(session);
  await move('29 minutes');
  assert.equal(await isIn(session, idle), true);
  await move('2 minutes');
  assert.equal(await isIn(session, idle), false);
  assert.equal(((await asked(session, idle)) as Caller).kind, 'anonymous', 'a use does not wake it');

  const busy = await logIn(session);
  for (let i = 0; i < 19; i += 1) {
    await move('25 minutes');
    await asked(session, busy);
    assert.equal(await isIn(session, busy), true, `${i}`);
  }
  assert.ok((await leftSeconds(session, busy)) <= 5 * 60 + 1, 'the end cannot be put off any more');
  await move('6 minutes');
  assert.equal(await isIn(session, busy), false);

  await sessionSweeper.run(ctx);
  assert.deepEqual(await ctx.db.all(sql`select 1 from session.session where expires_at <= statement_timestamp()`), []);
});

test('given a session, when a page asks by itself, then its end is not put off, and for what a person does it is, at most once a minute', async () => {
  const session = open();
  const cookie = await logIn(session);
  await move('10 minutes');
  await world.nothingWritten(() => asked(session, cookie, true));
  assert.ok((await leftSeconds(session, cookie)) < 20 * 60 + 1);
  await asked(session, cookie);
  assert.ok((await leftSeconds(session, cookie)) > 30 * 60 - 5);
  await world.nothingWritten(() => asked(session, cookie));
});

test('given what is kept of logins and sessions, when somebody reads it, then nothing in it opens anything or names the person', async () => {
  const session = open();
  const begun = await beginLogin(session, { cookie: undefined }, {});
  const cookie = await logIn(session);
  const kept = JSON.stringify([
    await ctx.db.all(sql`select encode(digest, 'base64'), encode(browser, 'base64'), return_to from session.login_attempt`),
    await ctx.db.all(sql`select encode(digest, 'base64'), party_id, provider_sub, encode(id_token, 'escape') from session.session`),
  ]);
  const secrets = [cookie, pairOf(begun.cookie)].map((pair) => pair.split('=')[1]!);
  for (const secret of [
    ...secrets,
    new URL(begun.location).searchParams.get('state')!,
    csrfTokenOf(secrets[0]!),
    'the.id.token',
    ola.number!,
  ])
    assert.ok(!kept.includes(secret));
  assert.equal(openWith(secrets[0]!, sealWith(secrets[0]!, 'x')), 'x');
  assert.throws(() => openWith(secrets[1]!, sealWith(secrets[0]!, 'x')));
});

test('given logins that do not hold, when browsers come back, then they get no cookie, nothing is written, and the page is told why', async () => {
  const session = open();
  const begin = async () => {
    const begun = await beginLogin(session, { cookie: undefined }, { returnTo: '/inbox/1' });
    return { state: new URL(begun.location).searchParams.get('state')!, cookie: pairOf(begun.cookie) };
  };
  const one = await begin();
  for (const [cookie, parameters] of [
    [undefined, { state: one.state, code: 'good' }],
    ['__Host-budstikke-login=short', { state: one.state, code: 'good' }],
    [(await begin()).cookie, { state: one.state, code: 'good' }],
    [one.cookie, { code: 'good' }],
    [one.cookie, { state: 'x', code: 'good' }],
    [`${one.cookie}; ${one.cookie}`, { state: one.state, code: 'good' }],
  ] as const) {
    const back = await world.nothingWritten(() => finishLogin(session, cookie, parameters));
    assert.deepEqual([back.cookie, back.location], [undefined, `${publicUrl}/?login=expired`]);
  }
  const late = await begin();
  await ctx.db.transaction(async (tx) => tx.send(sql`update session.login_attempt set expires_at = statement_timestamp()`));
  assert.equal((await finishLogin(session, late.cookie, { state: late.state, code: 'good' })).location, `${publicUrl}/?login=expired`);
  const reasonOf = async (parameters: Record<string, string>, other = session) => {
    const { state, cookie } = await begin();
    const back = await finishLogin(other === session ? session : { ...other, provider: session.provider }, cookie, {
      state,
      ...parameters,
    });
    assert.equal(back.cookie, undefined);
    return new URL(back.location).search;
  };
  assert.equal(await reasonOf({ error: 'access_denied' }), '?login=cancelled&returnTo=%2Finbox%2F1');
  assert.equal(await reasonOf({ error: 'server_error' }), '?login=failed&returnTo=%2Finbox%2F1');
  assert.equal(await reasonOf({ code: 'bad' }), '?login=failed&returnTo=%2Finbox%2F1');
  const unknown = open({ ...personCaller(ola), subject: null, party: null });
  assert.equal(await reasonOf({ code: 'good' }, unknown), '?login=unknown&returnTo=%2Finbox%2F1');
});

test('given one login and two tabs that come back with it at once, when both do, then one is let in', async () => {
  const session = open();
  const begun = await beginLogin(session, { cookie: undefined }, {});
  const state = new URL(begun.location).searchParams.get('state')!;
  const both = await Promise.all([1, 2].map(() => finishLogin(session, pairOf(begun.cookie), { state, code: 'good' })));
  assert.deepEqual(both.map(({ cookie }) => cookie !== undefined).sort(), [false, true]);
});

test('given more than a hundred begun logins in a second, when one more is begun, then it is turned away', async () => {
  const session = open();
  const flood = await Promise.all(Array.from({ length: 250 }, () => beginLogin(session, { cookie: undefined }, { returnTo: '/inbox' })));
  const turnedAway = flood.filter(({ cookie }) => cookie === undefined);
  assert.ok(turnedAway.length > 0);
  assert.deepEqual([...new Set(turnedAway.map(({ location }) => location))], [`${publicUrl}/?login=busy&returnTo=%2Finbox`]);
});

test('given a provider that cannot be reached, when a login is begun, then the browser comes to a page with words, and the log knows its reference', async () => {
  const { provider } = open();
  const log: object[] = [];
  const session = open(undefined, {
    ctx: { ...ctx, log: { ...ctx.log, warn: (facts: object) => void log.push(facts) } },
    provider: { ...provider, authorizationUrl: () => Promise.reject(new TypeError('fetch failed')) },
  });
  const sent = await world.nothingWritten(() => beginLogin(session, { cookie: undefined }, { returnTo: '/inbox/7' }));
  const { searchParams } = new URL(sent.location);
  assert.deepEqual([searchParams.get('login'), searchParams.get('returnTo'), sent.cookie], ['away', '/inbox/7', undefined]);
  assert.deepEqual(log, [{ reference: searchParams.get('reference'), error: 'TypeError' }]);
});

test('given addresses to come back to, when they could lead elsewhere, then the front page stands in their place', () => {
  for (const bad of [
    undefined,
    '',
    'x',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/ø',
    '/login',
    '/LOGIN?x',
    '/logout/frame',
    '/idporten/x',
    `/${'a'.repeat(3000)}`,
  ])
    assert.equal(returnToOf(bad, publicUrl), '/', JSON.stringify(bad));
  for (const good of ['/', '/inbox/1?q=%C3%B8#x', '/loginx', '/console/a:b@c']) assert.equal(returnToOf(good, publicUrl), good);
});

test('given a loopback address that is not the configured one, when a browser begins there, then it is sent to the one whose cookies will come back', async () => {
  const session = { ...open(), publicUrl: 'http://localhost:7070' };
  const sent = await world.nothingWritten(() => beginLogin(session, { host: '127.0.0.1:7070' }, { returnTo: '/inbox' }));
  assert.deepEqual(sent, { location: 'http://localhost:7070/login?returnTo=%2Finbox&level=substantial' });
  assert.ok((await beginLogin(session, { host: 'localhost:7070' }, {})).cookie);
  assert.ok((await beginLogin(open(), { host: 'proxied.internal' }, {})).cookie, 'what a proxy says is no reason to go round');
});

test('given a session, when it is logged out, then the provider is named with the login it had, also where it cannot be reached', async () => {
  const session = open();
  const cookie = await logIn(session);
  const shown = (pair: string) => ({ cookie: pair, origin: publicUrl, 'x-csrf-token': csrfTokenOf(session.jar.read(pair).session!) });
  await world.nothingWritten(() => assert.rejects(logOut(session, { cookie }), Refusal));
  await world.nothingWritten(() => assert.rejects(logOut(session, { ...shown(cookie), origin: 'https://evil.example' }), Refusal));
  const { location } = await logOut(session, shown(cookie));
  assert.equal(new URL(location).searchParams.get('idToken'), 'the.id.token');
  assert.equal(await isIn(session, cookie), false);
  for (const over of [{ cookie }, {}]) {
    const left = await world.nothingWritten(() => logOut(session, over));
    assert.equal(new URL(left.location).searchParams.get('idToken'), 'none', 'the provider’s session may not be over');
  }

  const second = await logIn(session);
  const away = { ...session, provider: { ...session.provider, endSessionUrl: () => Promise.reject(new Error('away')) } };
  assert.deepEqual(await logOut(away, shown(second)), { location: `${publicUrl}/` });
  assert.equal(await isIn(session, second), false);
});

test('given a logout token, when it is the provider’s for us, then the sessions that it names end; any other ends nothing', async () => {
  const session = open();
  const end = createEndByToken(session);
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const token = (claims: object, differs: { issuer?: string; audience?: string; key?: typeof stranger.privateKey; at?: number } = {}) =>
    new SignJWT({ events: event, jti: 'j', ...claims })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(differs.issuer ?? issuer)
      .setAudience(differs.audience ?? 'post')
      .setIssuedAt(differs.at)
      .sign(differs.key ?? key.privateKey);
  const cookie = await logIn(session);
  const sid = { sid: 'sid-1' };
  for (const [what, bad] of [
    ['signed by another', await token(sid, { key: stranger.privateKey })],
    ['of another provider', await token(sid, { issuer: 'https://evil.example' })],
    ['for another service', await token(sid, { audience: 'other' })],
    ['old', await token(sid, { at: Math.floor(Date.now() / 1000) - 3600 })],
    ['with a nonce: an id_token', await token({ ...sid, nonce: 'n' })],
    ['without the event', await token({ ...sid, events: {} })],
    ['about nobody', await token({})],
    ['none', 'x.y.z'],
    ['unsigned', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(sid)).toString('base64url')}.`],
  ] as const) {
    await assert.rejects(
      world.nothingWritten(() => end(bad)),
      (error) => error instanceof Refusal && error.row.code === 9503,
      what,
    );
  }
  assert.equal(await isIn(session, cookie), true);

  await end(await token({ sid: 'another' }));
  assert.equal(await isIn(session, cookie), true);
  await end(await token(sid));
  assert.equal(await isIn(session, cookie), false);
  const [one, two] = [await logIn(session), await logIn(session)];
  await end(await token({ sub: 'ola-there' }));
  assert.deepEqual([await isIn(session, one), await isIn(session, two)], [false, false]);

  const away = createEndByToken({ ...session, provider: { ...session.provider, keysUrl: () => Promise.reject(new Error('away')) } });
  await assert.rejects(away(await token(sid)), Overloaded);
});

test('given somebody who comes with a token, when the session is asked for, then there is none', async () => {
  const session = open();
  for (const caller of [personCaller(ola), organizationCaller(await world.organization('ETATEN'), [])])
    await assert.rejects(showSession(session, caller, undefined), (error) => error instanceof Refusal && error.row.code === 9502);
  const cookie = await logIn(session);
  const other = personCaller(await world.person('EN ANNEN'));
  await assert.rejects(showSession(session, other, cookie), (error) => error instanceof Refusal && error.row.code === 9502);
});
