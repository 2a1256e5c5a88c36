import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oidc from 'openid-client';
import { openBrowser } from './browser.ts';
import { people, town } from './login-town.ts';
import { type OwnServer, startOwnServer } from './server.ts';

let server: OwnServer;
before(async () => {
  server = await startOwnServer('login-restart', town);
});
after(() => server?.stop());

test('given a login under way, when the server is killed and started again between each step, then it goes on as if nothing had been', async () => {
  const url = server.client.baseUrl;
  const restart = async () => {
    await server.process().kill();
    await server.restart();
  };
  const config = await oidc.discovery(new URL(`${url}/idporten`), 'budstikke-web', {}, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  const verifier = oidc.randomPKCECodeVerifier();
  const challenge = { code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
  const ask = (more: Record<string, string>) =>
    oidc.buildAuthorizationUrl(config, { redirect_uri: `${url}/logged-in`, scope: 'openid', state: 's', ...challenge, ...more });
  const browser = openBrowser(url);

  const page = await browser.open(ask({}));
  await restart();
  const back = await browser.press(page, { name: 'person', text: 'Ola Borger' });
  await restart();
  const tokens = await oidc.authorizationCodeGrant(config, back.url, { pkceCodeVerifier: verifier, expectedState: 's' });
  await restart();

  assert.equal(tokens.claims()?.pid, people.citizen);
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub)).pid, people.citizen);
  assert.ok((await browser.open(ask({ prompt: 'none' }))).url.searchParams.has('code'), 'and she is still logged in');
});
