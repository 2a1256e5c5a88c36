import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { after, test } from 'node:test';
import { SignJWT } from 'jose';
import { createCertificateChecker, createFetch, readTrust } from '#certificates/index.ts';
import { Authority, type Issued, openIssuerServer, policy, seid2 } from '#certificates/testing/authority.ts';
import { createHttp } from '#http/index.ts';
import { silentLog } from '#kernel/log.ts';
import { isOrganizationNumber } from '#register/index.ts';
import { nothingWritten } from '../../../test/nothing-written.ts';
import { openSandbox } from '../../sandbox/testing/open-sandbox.ts';
import { certificateRoutes } from './routes.ts';

/**
 * Every door through which an enterprise certificate comes in. A file that asks a checker, and is not among them, fails the last test:
 * it gets a door here, so that what is revoked is tried there too.
 */
const askers = ['server/identity/certificate/caller-of-certificate.ts', 'server/sandbox/maskinporten/check-signature.ts'];
/** Those that take whoever `callerOfCertificate` names. */
const takers = ['server/identity/certificate/routes.ts'];

const issuers = await openIssuerServer();
const root = Authority.root('Rot');
const issuer = root.below(
  'Utsteder',
  { crl: `${issuers.url}/issuer.crl`, ocsp: '' },
  { crlDistributionPoints: `URI:${issuers.url}/root.crl` },
);
issuers.answers.set('/issuer.crl', () => issuer.list()).set('/root.crl', () => root.list());
const vendor = '991825827';
const newChecker = () =>
  createCertificateChecker({
    trust: readTrust(root.own.certificateFile),
    policies: [policy],
    revocation: 'hard',
    isOrganizationNumber,
    fetch: createFetch(() => true),
    log: silentLog,
  });
const checker = newChecker();
const sandbox = await openSandbox([], checker);
const scope = 'altinn:correspondence.write';
const seeded = await sandbox.post('/budstikke/v1/sandbox/seed', {
  version: 1,
  parties: [{ kind: 'organization', number: vendor, name: 'Leverandøren' }],
  clients: [{ clientId: 'keyless', organization: vendor, scopes: [scope] }],
});
assert.equal(seeded.status, 200);

const server = root.issue({
  subject: '/C=NO/CN=localhost',
  extensions: { extendedKeyUsage: 'serverAuth', subjectAltName: 'DNS:localhost' },
});
const open = async (trustClientCert: boolean) => {
  const http = await createHttp({
    routes: certificateRoutes(checker),
    context: sandbox.ctx,
    authenticate: async () => 'invalid',
    blobs: {} as never,
    log: silentLog,
    checkAnswers: true,
    publicUrl: 'http://localhost',
    tls: { port: 0, certificate: server.pem, key: server.key.export({ type: 'pkcs8', format: 'pem' }).toString() },
    trustClientCert,
  });
  const port = await http.listen(0, '127.0.0.1');
  after(() => http.close(0));
  return { http, port };
};
const [plain, proxied] = [await open(false), await open(true)];

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Each door with what it says to one that is revoked. */
const doors: Record<
  string,
  { readonly knock: (by: Issued, chain: Issued) => Promise<Answer>; readonly status: number; readonly says: RegExp }
> = {
  'mTLS at GET /budstikke/v1/certificate': {
    async knock(by, chain) {
      const asked = request({
        ...{ host: '127.0.0.1', port: plain.http.tlsPort!, path: '/budstikke/v1/certificate', servername: 'localhost', ca: root.own.pem },
        ...{ agent: new Agent({ keepAlive: false }), cert: `${by.pem}\n${chain.pem}` },
        key: by.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      });
      asked.end();
      const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      return { status: answer.statusCode!, text };
    },
    status: 403,
    says: /9335/,
  },
  'a proxy’s header at GET /budstikke/v1/certificate': {
    async knock(by, chain) {
      const headerOf = ({ der }: Issued) => `:${der.toString('base64')}:`;
      const headers = { 'client-cert': headerOf(by), 'client-cert-chain': headerOf(chain) };
      const answer = await fetch(`http://127.0.0.1:${proxied.port}/budstikke/v1/certificate`, { headers });
      return { status: answer.status, text: await answer.text() };
    },
    status: 403,
    says: /9335/,
  },
  'x5c at POST /maskinporten/token': {
    async knock(by, chain) {
      const now = Math.floor(Date.now() / 1000);
      const x5c = [by, chain].map(({ der }) => der.toString('base64'));
      const claims = { iss: 'keyless', aud: 'https://test.maskinporten.no/', iat: now, exp: now + 100, jti: randomUUID(), scope };
      const assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', x5c }).sign(by.key);
      const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
      const answer = await fetch(`${sandbox.url}/maskinporten/token`, { method: 'POST', body: form });
      return { status: answer.status, text: await answer.text() };
    },
    status: 400,
    says: /"invalid_client".*revoked/,
  },
};

let named = 0;
/** A certificate whose revocation is asked for at an address of its own, by list or by responder, so that no answer is kept of another. */
function fresh(by: 'list' | 'responder', from = issuer): Issued {
  named += 1;
  const [crl, ocsp] = [`${issuers.url}/own-${named}.crl`, `${issuers.url}/own-${named}.ocsp`];
  issuers.answers.set(`/own-${named}.crl`, () => from.list()).set(`/own-${named}.ocsp`, (question) => from.answer(question));
  const extensions =
    by === 'list' ? { crlDistributionPoints: `URI:${crl}` } : { crlDistributionPoints: undefined, authorityInfoAccess: `OCSP;URI:${ocsp}` };
  return from.issue({ subject: seid2(vendor), extensions });
}

for (const [door, { knock, status, says }] of Object.entries(doors))
  test(`given certificates of which one is revoked, by list or by responder, when they come by ${door}, then that one opens nothing, writes nothing and is told why`, async () => {
    for (const by of ['list', 'responder'] as const) {
      const [good, bad] = [fresh(by), fresh(by)];
      issuer.revoke(bad);
      assert.equal((await knock(good, issuer.own)).status, 200, by);
      const refused = await nothingWritten(sandbox.db, () => knock(bad, issuer.own));
      assert.equal(refused.status, status, `${by}: ${refused.text}`);
      assert.match(refused.text, says, by);
      assert.ok(!refused.text.includes('access_token'));
    }
  });

test('given an issuer whose own certificate is revoked, when what it has issued comes by any door, then it opens nothing', async () => {
  const lost = root.below(
    'Tapt',
    { crl: `${issuers.url}/lost.crl`, ocsp: '' },
    { crlDistributionPoints: `URI:${issuers.url}/root-newer.crl` },
  );
  root.revoke(lost.own);
  issuers.answers.set('/lost.crl', () => lost.list()).set('/root-newer.crl', () => root.list());
  for (const [door, { knock }] of Object.entries(doors)) {
    const refused = await nothingWritten(sandbox.db, () => knock(fresh('list', lost), lost.own));
    assert.ok(refused.status >= 400 && refused.status < 500, `${door}: ${refused.status} ${refused.text}`);
  }
});

test('given the server’s code, when it is searched for what asks about certificates, then every place has its door here', () => {
  const files = globSync('server/**/*.ts').filter((file) => !file.endsWith('.test.ts') && !file.startsWith('server/certificates/'));
  const those = (pattern: RegExp) => files.filter((file) => pattern.test(readFileSync(file, 'utf8'))).sort();
  assert.deepEqual(those(/(?:checker|certificates)\??\.check\(/), [...askers].sort());
  assert.deepEqual(
    those(/await callerOfCertificate\(/),
    [...takers].sort(),
    'a new door by certificate: let one that is revoked knock at it',
  );
  assert.deepEqual([...plain.http.lies, ...proxied.http.lies, ...sandbox.lies], []);
});
