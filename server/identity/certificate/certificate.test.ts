import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { after, test } from 'node:test';
import { createCertificateChecker, createFetch, readTrust } from '#certificates/index.ts';
import { Authority, type Issued, openIssuerServer, policy, seid1, seid2 } from '#certificates/testing/authority.ts';
import { createHttp } from '#http/index.ts';
import { silentLog } from '#kernel/log.ts';
import { isOrganizationNumber, saveParties } from '#register/index.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { callerOfCertificate } from './caller-of-certificate.ts';
import { certificateRoutes } from './routes.ts';

const { db, ctx } = await createTestDatabase();
const [known, unknown] = ['991825827', '310000000'];
await db.transaction(async (tx) => saveParties(tx, [{ kind: 'organization', number: known, name: 'Digdir' }]));

const issuers = await openIssuerServer();
const root = Authority.root('Rot');
const issuer = root.below(
  'Utsteder',
  { crl: `${issuers.url}/issuer.crl`, ocsp: '' },
  { crlDistributionPoints: `URI:${issuers.url}/root.crl` },
);
issuers.answers.set('/issuer.crl', () => issuer.list()).set('/root.crl', () => root.list());
const checker = createCertificateChecker({
  trust: readTrust(root.own.certificateFile),
  policies: [policy],
  revocation: 'hard',
  isOrganizationNumber,
  fetch: createFetch(() => true),
  log: silentLog,
});

const serverAuthority = root.issue({
  subject: '/C=NO/CN=localhost',
  extensions: { extendedKeyUsage: 'serverAuth', subjectAltName: 'DNS:localhost' },
});
const tls = { port: 0, certificate: serverAuthority.pem, key: serverAuthority.key.export({ type: 'pkcs8', format: 'pem' }).toString() };
const open = async (trustClientCert: boolean) => {
  const http = await createHttp({
    routes: certificateRoutes(checker),
    context: ctx,
    authenticate: async () => 'invalid',
    blobs: {} as never,
    log: silentLog,
    checkAnswers: true,
    publicUrl: 'http://localhost',
    tls,
    trustClientCert,
  });
  const port = await http.listen(0, '127.0.0.1');
  after(() => http.close(0));
  return { http, port };
};
const plain = await open(false);
const proxied = await open(true);

interface Answer {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

async function overTls(
  shown: { cert?: string; key?: string },
  headers: Record<string, string> = {},
  agent = new Agent({ keepAlive: false }),
): Promise<Answer> {
  const asked = request({
    host: '127.0.0.1',
    port: plain.http.tlsPort!,
    path: '/budstikke/v1/certificate',
    servername: 'localhost',
    ca: root.own.pem,
    headers,
    agent,
    ...shown,
  });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { status: answer.statusCode!, body: JSON.parse(text) as Answer['body'] };
}

async function byHeader(port: number, headers: Record<string, string>): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${port}/budstikke/v1/certificate`, { headers });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const pemOf = (issued: Issued, ...chain: Issued[]) => ({
  cert: [issued, ...chain].map(({ pem }) => pem).join('\n'),
  key: issued.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
});
const headerOf = ({ der }: Issued) => `:${der.toString('base64')}:`;
const thumbprint = ({ der }: Issued) => createHash('sha256').update(der).digest('hex');

test('given a client that shows an enterprise certificate by TLS, when it asks who it is, then it is told, known to the register or not', async () => {
  const certificate = issuer.issue({ subject: seid2(known) });
  const { status, body } = await overTls(pemOf(certificate, issuer.own));
  assert.deepEqual([status, body.organizationNumber, body.isKnown, body.thumbprint], [200, known, true, thumbprint(certificate)]);
  const stranger = await overTls(pemOf(issuer.issue({ subject: seid1(unknown) }), issuer.own));
  assert.deepEqual([stranger.status, stranger.body.organizationNumber, stranger.body.isKnown], [200, unknown, false]);
});

test('given no certificate, one without its intermediate, or a revoked one, when it is shown by TLS, then the answer says what is wrong', async () => {
  const [good, revoked] = [issuer.issue(), issuer.issue({ extensions: { crlDistributionPoints: `URI:${issuers.url}/newer.crl` } })];
  issuer.revoke(revoked);
  issuers.answers.set('/newer.crl', () => issuer.list());
  assert.equal((await overTls({})).body.errorCode, 9324);
  assert.equal((await overTls({})).status, 401);
  assert.equal((await overTls(pemOf(good))).body.errorCode, 9329);
  assert.equal((await overTls(pemOf(issuer.issue({ days: [-5, -1] }), issuer.own))).body.errorCode, 9327);
  assert.equal((await overTls(pemOf(revoked, issuer.own))).body.errorCode, 9335);
});

test('given a TLS client that comes again, when its session could be resumed, then its whole chain is there all the same', async () => {
  const shown = pemOf(issuer.issue(), issuer.own);
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 10 });
  for (let i = 0; i < 3; i += 1) assert.equal((await overTls(shown, {}, agent)).status, 200);
});

test('given a header that names a certificate, when no proxy is trusted or the client speaks TLS, then it is nobody’s word', async () => {
  const headers = { 'client-cert': headerOf(issuer.issue()), 'client-cert-chain': headerOf(issuer.own) };
  assert.equal((await byHeader(plain.port, headers)).body.errorCode, 9324);
  assert.equal((await overTls({}, headers)).body.errorCode, 9324);
  const mine = await overTls(pemOf(issuer.issue({ subject: seid2(known) }), issuer.own), {
    'client-cert': headerOf(issuer.issue({ subject: seid2(unknown) })),
  });
  assert.equal(mine.body.organizationNumber, known);
});

test('given a proxy that is trusted, when it sets the headers of RFC 9440, then they count, and nothing else that looks like them', async () => {
  const [own, chain] = [headerOf(issuer.issue()), headerOf(issuer.own)];
  const good = await byHeader(proxied.port, { 'client-cert': own, 'client-cert-chain': `${chain}, ${headerOf(root.own)}` });
  assert.deepEqual([good.status, good.body.organizationNumber], [200, known]);
  assert.equal((await byHeader(proxied.port, {})).body.errorCode, 9324);
  assert.equal((await byHeader(proxied.port, { 'client-cert': own })).body.errorCode, 9329);
  for (const wrong of [own.slice(1), `${own}, ${own}`, ':x:', encodeURIComponent(issuer.own.pem)])
    assert.equal(
      (await byHeader(proxied.port, { 'client-cert': wrong, 'client-cert-chain': chain })).body.errorCode,
      9325,
      wrong.slice(0, 20),
    );
});

test('given a certificate that holds, when a door asks who calls, then it is the organization at level 3 with no scope', async () => {
  const headers = { 'client-cert': headerOf(issuer.issue()), 'client-cert-chain': headerOf(issuer.own) };
  const { caller } = await callerOfCertificate(ctx, checker, headers);
  assert.deepEqual(
    [caller.kind, caller.issuer, caller.authLevel, caller.scopes.size, caller.clientId],
    ['organization', 'certificate', 3, 0, null],
  );
  assert.ok(caller.party !== null && caller.subject === caller.party);
});

test('given all these requests, when they were answered, then no answer was undeclared', () => {
  assert.deepEqual([...plain.http.lies, ...proxied.http.lies], []);
});
