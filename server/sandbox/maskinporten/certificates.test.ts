import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt, SignJWT } from 'jose';
import { createCertificateChecker, createFetch, readTrust } from '#certificates/index.ts';
import { Authority, type Issued, openIssuerServer, policy, seid1, seid2 } from '#certificates/testing/authority.ts';
import { sql } from '#kernel/database.ts';
import { silentLog } from '#kernel/log.ts';
import { isOrganizationNumber } from '#register/index.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { openSandbox } from '../testing/open-sandbox.ts';

const issuers = await openIssuerServer();
const root = Authority.root('Rot', { crl: `${issuers.url}/root.crl`, ocsp: '' });
const issuer = root.below('Utsteder', { crl: `${issuers.url}/issuer.crl`, ocsp: '' });
issuers.answers.set('/root.crl', () => root.list()).set('/issuer.crl', () => issuer.list());
const certificates = createCertificateChecker({
  trust: readTrust(root.own.certificateFile),
  policies: [policy],
  revocation: 'hard',
  isOrganizationNumber,
  fetch: createFetch(() => true),
  log: silentLog,
});
const sandbox = await openSandbox([], certificates);
const [vendor, other] = ['991825827', '310000000'];
const scope = 'altinn:correspondence.write';
const seeded = await sandbox.post('/budstikke/v1/sandbox/seed', {
  version: 1,
  parties: [
    { kind: 'organization', number: vendor, name: 'Leverandøren' },
    { kind: 'organization', number: other, name: 'En annen' },
  ],
  clients: [{ clientId: 'keyless', organization: vendor, scopes: [scope] }],
});
assert.equal(seeded.status, 200, await seeded.clone().text());

async function ask(by: Issued, chain: readonly Issued[] = [issuer.own], alg = 'ES256', signer = by): Promise<Response> {
  const now = Math.floor(Date.now() / 1000);
  const x5c = [by, ...chain].map(({ der }) => der.toString('base64'));
  const claims = { iss: 'keyless', aud: 'https://test.maskinporten.no/', iat: now, exp: now + 100, jti: randomUUID(), scope };
  const assertion = await new SignJWT(claims).setProtectedHeader({ alg, x5c }).sign(signer.key);
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  return fetch(`${sandbox.url}/maskinporten/token`, { method: 'POST', body: form });
}

test('given a client without any key, when it signs with an enterprise certificate of its organization, then it gets a token that says so', async () => {
  for (const subject of [seid2(vendor), seid1(vendor)]) {
    const answer = await ask(issuer.issue({ subject }));
    const { access_token } = (await answer.json()) as { access_token: string };
    const claims = decodeJwt(access_token);
    assert.deepEqual(
      [claims.client_amr, claims.consumer],
      ['virksomhetssertifikat', { authority: 'iso6523-actorid-upis', ID: `0192:${vendor}` }],
    );
  }
  const noted = await sandbox.ctx.db.all(
    sql`select count(*)::int as count, bool_and(valid_to > last_seen_at) as valid from identity.certificate
         where organization_id = (select id from register.party where number = ${vendor})`,
  );
  assert.deepEqual(noted, [{ count: 2, valid: true }], 'the organization sees which were used');
});

test('given certificates that do not hold, when grants are signed with them, then each is refused in the words of OAuth and nothing is written', async () => {
  const revoked = issuer.issue({ extensions: { crlDistributionPoints: `URI:${issuers.url}/newer.crl` } });
  issuer.revoke(revoked);
  issuers.answers.set('/newer.crl', () => issuer.list());
  const dead = { crlDistributionPoints: `URI:${issuers.url}/dead.crl` };
  const stranger = Authority.root('Fremmed');
  const cases: [what: string, answer: () => Promise<Response>, status: number, error: string, says: RegExp][] = [
    ['expired', () => ask(issuer.issue({ days: [-5, -1] })), 400, 'invalid_client', /has expired/],
    ['not yet valid', () => ask(issuer.issue({ days: [1, 5] })), 400, 'invalid_client', /not yet valid/],
    ['another root', () => ask(stranger.issue(), [stranger.own]), 400, 'invalid_client', /No chain/],
    ['no intermediate', () => ask(issuer.issue(), []), 400, 'invalid_client', /No chain/],
    ['revoked', () => ask(revoked), 400, 'invalid_client', /revoked/],
    ['nobody says', () => ask(issuer.issue({ extensions: dead })), 503, 'temporarily_unavailable', /cannot be found out/],
    ['no number', () => ask(issuer.issue({ subject: '/C=NO/CN=X' })), 400, 'invalid_client', /no Norwegian organization number/],
    ['another organization', () => ask(issuer.issue({ subject: seid2(other) })), 400, 'invalid_client', /another organization/],
    ['signed by another key', () => ask(issuer.issue(), [issuer.own], 'ES256', issuer.issue()), 400, 'invalid_grant', /signature/],
  ];
  await nothingWritten(sandbox.db, async () => {
    for (const [what, answer, status, error, says] of cases) {
      const refused = await answer();
      const body = (await refused.json()) as { error: string; error_description: string };
      assert.deepEqual([refused.status, body.error], [status, error], what);
      assert.match(body.error_description, says, what);
    }
  });
});

test('given all these requests, when they were answered, then no answer was undeclared', () => {
  assert.deepEqual(sandbox.lies, []);
});
