import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import type { LoginChecks, ProviderClient } from '#session/index.ts';
import { personCaller } from '../../../../test/world.ts';
import { createTown, rows } from '../../testing/town.ts';
import { createBrowserLogin } from './create-browser-login.ts';
import { sweepBrowserLogins } from './sweep-browser-logins.ts';

const town = await createTown();
const { world, citizen } = town;
const inbox = 'https://post.example/inbox';
const target = '/correspondence/api/v1/correspondence/1/attachment/2/download?x=1';

/** A provider that lets in whoever comes with the code `good`, and remembers what it was asked. */
function open(callerOf: Caller | null = { ...personCaller(citizen), issuer: 'idporten', authLevel: 4 }) {
  const asked: LoginChecks[] = [];
  const provider: Pick<ProviderClient, 'authorizationUrl' | 'loggedIn'> = {
    async authorizationUrl(checks) {
      asked.push(checks);
      return new URL(`https://login.example/authorize?state=${checks.state}`);
    },
    async loggedIn(comingBack, checks) {
      const begun = asked.find(({ state }) => state === checks.state);
      assert.deepEqual([checks.verifier, checks.nonce], [begun?.verifier, begun?.nonce]);
      assert.equal(comingBack.origin + comingBack.pathname, 'https://post.example/correspondence/api/v1/idporten-callback');
      if (comingBack.searchParams.get('code') !== 'good') throw new Error('not let in');
      return { claims: { pid: citizen.number }, idToken: '' } as never;
    },
  };
  const login = createBrowserLogin({
    ctx: world.ctx,
    provider,
    publicUrl: 'https://post.example',
    inbox,
    recognize: async () => callerOf ?? { ...personCaller(citizen), issuer: 'idporten', subject: null, party: null, authLevel: 0 },
  });
  return { login };
}

async function begin(login: ReturnType<typeof open>['login'], address = target): Promise<string> {
  const sent = await login.enter(address);
  assert.ok('location' in sent);
  return new URL(sent.location).searchParams.get('state')!;
}

test('given a browser without a token, when it has logged in, then it comes back with a session that opens once, as the person it is', async () => {
  const { login } = open();
  const state = await begin(login, `${target}&session=used-up`);

  const back = new URL(await login.comeBack({ state, code: 'good' }));
  const session = back.searchParams.get('session')!;
  assert.equal(back.href, `https://post.example${target}&session=${session}`);
  assert.match(session, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const caller = await login.enter(back.pathname + back.search);
  assert.ok('kind' in caller);
  assert.deepEqual(
    [caller.kind, caller.issuer, caller.subject, caller.party, caller.authLevel, [...caller.scopes]],
    ['person', 'idporten', citizen.id, citizen.id, 4, []],
  );

  assert.ok('location' in (await login.enter(back.pathname + back.search)), 'a second time it opens nothing');
  const [first, second] = await Promise.all([begin(login), begin(login)]);
  assert.notEqual(first, second);
});

test('given one session and two who show it at once, when both do, then one is let in', async () => {
  const { login } = open();
  const back = new URL(await login.comeBack({ state: await begin(login), code: 'good' }));
  const both = await Promise.all([1, 2].map(() => login.enter(back.pathname + back.search)));
  assert.deepEqual(both.map((one) => 'location' in one).sort(), [false, true]);
});

test('given a state that nobody gave out, that was used or is too old, when a browser comes back with it, then it goes to the inbox', async () => {
  const { login } = open();
  const used = await begin(login);
  await login.comeBack({ state: used, code: 'good' });
  const old = await begin(login);
  await world.db.transaction(async (tx) => tx.send(sql`update correspondence.login_attempt set expires_at = statement_timestamp()`));

  for (const state of [undefined, '', 'x', used, old]) {
    assert.equal(await world.nothingWritten(() => login.comeBack({ ...(state === undefined ? {} : { state }), code: 'good' })), inbox);
  }
});

test('given a login that fails, when the browser comes back, then it is sent once more, and after that to the inbox', async () => {
  const { login } = open();
  const again = new URL(await login.comeBack({ state: await begin(login), error: 'access_denied' }));
  assert.equal(again.origin, 'https://login.example');
  const state = again.searchParams.get('state')!;
  assert.ok(
    (await login.comeBack({ state, code: 'good' })).startsWith(`https://post.example${target}&session=`),
    'the second time it may be let in',
  );

  const twice = new URL(await login.comeBack({ state: await begin(login), code: 'bad' }));
  assert.equal(await login.comeBack({ state: twice.searchParams.get('state')!, code: 'bad' }), inbox);
});

test('given a session that is older than five minutes, or somebody the register does not know, when it is shown, then it gives no right', async () => {
  const { login } = open(null);
  const back = new URL(await login.comeBack({ state: await begin(login), code: 'good' }));
  const nobody = await login.enter(back.pathname + back.search);
  assert.ok('kind' in nobody);
  assert.deepEqual([nobody.subject, nobody.party, nobody.authLevel], [null, null, 0]);

  const late = new URL(await login.comeBack({ state: await begin(login), code: 'good' }));
  const [{ left }] = (await rows<{ left: number }>(
    town,
    sql`select extract(epoch from max(expires_at) - statement_timestamp())::int as left from correspondence.login_session`,
  )) as [{ left: number }];
  assert.ok(left > 240 && left <= 300, String(left));
  await world.db.transaction(async (tx) => tx.send(sql`update correspondence.login_session set expires_at = statement_timestamp()`));
  assert.ok('location' in (await login.enter(late.pathname + late.search)));

  await world.db.transaction(async (tx) => tx.send(sql`update correspondence.login_attempt set expires_at = statement_timestamp()`));
  await sweepBrowserLogins(world.ctx);
  assert.deepEqual(
    await rows(town, sql`select 1 from correspondence.login_session union all select 1 from correspondence.login_attempt`),
    [],
  );
});

test('given addresses made to lead elsewhere, when a browser comes back, then it comes back here', async () => {
  const { login } = open();
  for (const address of [
    '//evil.example/x',
    'https://evil.example/x?y=1',
    '/x?session=a&session=b',
    `/${'a'.repeat(100)}?${'b'.repeat(5000)}`,
  ]) {
    const back = new URL(await login.comeBack({ state: await begin(login, address), code: 'good' }));
    assert.equal(back.origin, 'https://post.example', address);
    assert.equal(back.searchParams.getAll('session').length, 1);
    assert.ok(back.href.length < 2100);
  }
});

test('given what is kept of logins, when somebody reads it, then nothing in it opens anything; and too many begun at once are turned away', async () => {
  const { login } = open();
  const state = await begin(login);
  const back = new URL(await login.comeBack({ state: await begin(login), code: 'good' }));
  const kept = JSON.stringify(
    await rows(
      town,
      sql`select encode(digest, 'escape') d, target t from correspondence.login_attempt union all select encode(digest, 'escape'), '' from correspondence.login_session`,
    ),
  );
  assert.ok(!kept.includes(state) && !kept.includes(back.searchParams.get('session')!));

  const flood = await Promise.allSettled(Array.from({ length: 250 }, () => login.enter(target)));
  const turnedAway = flood.filter((one) => one.status === 'rejected' && one.reason instanceof Overloaded);
  assert.ok(turnedAway.length >= 50, String(turnedAway.length));
});
