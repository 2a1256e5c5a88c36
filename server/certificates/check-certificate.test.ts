import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { silentLog } from '#kernel/log.ts';
import { type CertificateCheckerOptions, createCertificateChecker } from './check-certificate.ts';
import { createFetch } from './fetch-bounded.ts';
import { readCertificate } from './read-certificate.ts';
import { Authority, type Issued, openIssuerServer, policy, seid1, seid2, type Wanted } from './testing/authority.ts';

const server = await openIssuerServer();
const addresses = (name: string) => ({ crl: `${server.url}/${name}.crl`, ocsp: `${server.url}/${name}.ocsp` });
const root = Authority.root('Rot', addresses('root'));
const issuer = root.below('Utsteder', addresses('issuer'));
const stranger = Authority.root('Fremmed', addresses('issuer'));
server.answers.set('/root.crl', () => root.list());
server.answers.set('/issuer.crl', () => issuer.list());
const day = 24 * 60 * 60_000;

const trusting = (...authorities: Issued[]) => ({ anchors: authorities.map(({ der }) => readCertificate(der)!), intermediates: [] });
const checkerOf = (more: Partial<CertificateCheckerOptions> = {}) =>
  createCertificateChecker({
    trust: trusting(root.own),
    policies: [policy],
    revocation: 'hard',
    isOrganizationNumber: (text) => ['991825827', '310000000'].includes(text),
    fetch: createFetch(() => true),
    log: silentLog,
    ...more,
  });
const problemOf = async (
  issued: Issued,
  { with: others = [issuer.own], at, ...more }: Partial<CertificateCheckerOptions> & { with?: Issued[]; at?: Date } = {},
) => {
  const verdict = await checkerOf(more).check([issued.der, ...others.map(({ der }) => der)], at);
  return 'problem' in verdict ? verdict.problem : verdict.certificate.organizationNumber;
};
const issued = (wanted: Wanted) => issuer.issue(wanted);

test('given certificates of both profiles, when they are checked, then they are for the organization that they name', async () => {
  assert.equal(await problemOf(issued({ subject: seid2('991825827') })), '991825827');
  assert.equal(await problemOf(issued({ subject: seid1('310000000') })), '310000000');
  const both = `/C=NO/O=Skien/serialNumber=310000000/organizationIdentifier=NTRNO-991825827/CN=SKIEN`;
  assert.equal(await problemOf(issued({ subject: both })), '991825827', 'SEID 2 comes first');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  assert.equal(await problemOf(issued({ key: rsa })), '991825827');

  const verdict = await checkerOf().check([issued({}).der, issuer.own.der]);
  assert.ok('certificate' in verdict && verdict.certificate.isKnownNotRevoked && /^[0-9a-f]{64}$/.test(verdict.certificate.thumbprint));
});

test('given certificates that do not hold by themselves, when they are checked, then each is refused for its own fault', async () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const ext = (extensions: Wanted['extensions']) => issued({ extensions });
  const cases: [what: string, certificate: Issued, problem: string][] = [
    ['expired', issued({ days: [-10, -1] }), 'expired'],
    ['not yet valid', issued({ days: [1, 5] }), 'notYetValid'],
    ['a weak key', issued({ key: weak }), 'weak'],
    ['a weak signature', issued({ digest: 'sha1' }), 'weak'],
    ['for signing', ext({ keyUsage: 'critical,nonRepudiation' }), 'usage'],
    ['for encryption', ext({ keyUsage: 'critical,keyEncipherment' }), 'usage'],
    ['without key usage', ext({ keyUsage: undefined }), 'usage'],
    ['for servers', ext({ extendedKeyUsage: 'serverAuth' }), 'usage'],
    ['an authority', ext({ basicConstraints: 'critical,CA:TRUE', keyUsage: 'critical,digitalSignature,keyCertSign' }), 'usage'],
    ['unknown and critical', ext({ '1.2.3.4': 'critical,ASN1:UTF8String:x' }), 'extension'],
    ['another policy', ext({ certificatePolicies: '2.16.578.1.26.1.0.3.29' }), 'policy'],
    ['no policy', ext({ certificatePolicies: undefined }), 'policy'],
    ['no number', issued({ subject: '/C=NO/O=Skien/CN=SKIEN' }), 'noNumber'],
    ['a number that checks wrong', issued({ subject: seid2('991825828') }), 'noNumber'],
    ['another register', issued({ subject: '/C=NO/O=X/organizationIdentifier=VATNO-991825827/serialNumber=991825827/CN=X' }), 'noNumber'],
    ['another country', issued({ subject: '/C=SE/O=X/organizationIdentifier=NTRNO-991825827/CN=X' }), 'noNumber'],
    ['a person', issued({ subject: '/C=NO/O=X/serialNumber=UN:NO-9578-4050-100001/CN=X' }), 'noNumber'],
    ['two numbers', issued({ subject: '/C=NO/O=X/serialNumber=991825827/serialNumber=310000000/CN=X' }), 'noNumber'],
    ['an authority that everybody trusts', root.own, 'selfSigned'],
  ];
  for (const [what, certificate, problem] of cases) assert.equal(await problemOf(certificate), problem, what);
  assert.equal(await problemOf(ext({ extendedKeyUsage: undefined })), '991825827', 'no extended usage bounds nothing');
});

test('given a family of policies, when a certificate has one of it, then it counts, and a look-alike does not', async () => {
  const policies = ['2.16.578.1.29.13.200.*'];
  const withPolicy = (certificatePolicies: string) => problemOf(issued({ extensions: { certificatePolicies } }), { policies });
  assert.equal(await withPolicy('2.16.578.1.29.13.200.1.0'), '991825827');
  assert.equal(await withPolicy('2.16.578.1.29.13.200'), '991825827');
  assert.equal(await withPolicy('2.16.578.1.29.13.2001'), 'policy');
});

test('given chains that lead nowhere, when they are checked, then nobody is believed', async () => {
  const good = issued({});
  assert.equal(await problemOf(good, { with: [] }), 'untrusted', 'the intermediate is missing');
  const known = { anchors: trusting(root.own).anchors, intermediates: [readCertificate(issuer.own.der)!] };
  assert.equal(await problemOf(good, { with: [], trust: known }), '991825827', 'the intermediate is known here');
  assert.equal(await problemOf(good, { trust: trusting(stranger.own) }), 'untrusted', 'another root');
  assert.equal(await problemOf(stranger.issue(), { with: [stranger.own] }), 'untrusted', 'a root that is shown is not trusted for it');

  const deep = issuer.below('Dypere');
  assert.equal(await problemOf(deep.issue(), { with: [deep.own, issuer.own] }), 'untrusted', 'the issuer may have no authority below it');
  const unsigning = root.below('Stum', addresses('root'), { keyUsage: 'critical,digitalSignature' });
  assert.equal(await problemOf(unsigning.issue(), { with: [unsigning.own] }), 'untrusted', 'it may not sign');
  const enterprise = issued({});
  const forged = new Date(Date.now() + 25 * day);
  assert.equal(await problemOf(issued({ days: [-1, 40] }), { at: forged }), 'untrusted', 'the issuer has expired by then');
  assert.equal(await problemOf(enterprise, { with: [issuer.own, issuer.own, root.own] }), '991825827', 'more than is needed does no harm');
});

test('given bytes that are no certificate, when they are checked, then they are unreadable', async () => {
  const checker = checkerOf();
  const { der } = issued({});
  const half = der.subarray(0, der.length - 20);
  for (const shown of [
    [Buffer.from('x')],
    [Buffer.alloc(0)],
    [half],
    [Buffer.concat([der, Buffer.from('x')])],
    [Buffer.alloc(20_000, 48)],
    Array(9).fill(der),
  ])
    assert.deepEqual(await checker.check(shown as Buffer[]), { problem: 'unreadable' });
  assert.deepEqual(await checker.check([]), { problem: 'missing' });
});

test('given a certificate with any byte changed, when it is checked, then nobody is anybody by it, and nothing is thrown', async () => {
  const { der } = issued({});
  const checker = checkerOf({ revocation: 'soft', fetch: () => Promise.reject(new Error('none')) });
  await fc.assert(
    fc.asyncProperty(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = Buffer.from(der);
      changed[at]! ^= by;
      return 'problem' in (await checker.check([changed, issuer.own.der]));
    }),
    { numRuns: 150 },
  );
});

test('given a list of revoked certificates, when one stands in it, then it is refused, and the list is kept until it ends', async () => {
  const [good, bad] = [issued({}), issued({})];
  issuer.revoke(bad);
  const checker = checkerOf();
  const check = async ({ der }: Issued, at?: Date) => {
    const verdict = await checker.check([der, issuer.own.der], at);
    return 'problem' in verdict ? { problem: verdict.problem } : verdict;
  };
  server.asked.length = 0;
  assert.deepEqual(await check(bad), { problem: 'revoked' });
  assert.ok('certificate' in (await check(good)));
  assert.deepEqual(server.asked.filter((url) => url === '/issuer.crl').length, 1, 'asked once for both');

  server.answers.set('/issuer.crl', () => Buffer.from('down'));
  assert.ok('certificate' in (await check(good, new Date(Date.now() + 30 * 60_000))), 'kept while the server is down');
  const ended = new Date(Date.now() + 2 * 60 * 60_000);
  assert.deepEqual(await check(good, ended), { problem: 'statusUnknown' }, 'ended');
  server.answers.set('/issuer.crl', () => issuer.list());
});

test('given an authority that its own issuer has revoked, when its certificates are checked, then they are refused', async () => {
  const fallen = root.below('Falt', addresses('issuer'));
  const certificate = fallen.issue({ extensions: { crlDistributionPoints: `URI:${server.url}/fallen.crl` } });
  server.answers.set('/fallen.crl', () => fallen.list());
  assert.equal(await problemOf(certificate, { with: [fallen.own] }), '991825827');
  root.revoke(fallen.own);
  assert.equal(await problemOf(certificate, { with: [fallen.own] }), 'revoked');
});

test('given lists that do not count, when nothing else says whether a certificate is revoked, then it is refused, or passes where the installation says so', async () => {
  const elsewhere = (path: string) => ({ crlDistributionPoints: `URI:${server.url}${path}`, authorityInfoAccess: undefined });
  const cases: [path: string, answer: (() => Buffer) | undefined][] = [
    ['/none.crl', undefined],
    ['/strange.crl', () => stranger.list()],
    ['/other.crl', () => root.list()],
    ['/old.crl', () => issuer.list(1)],
    [
      '/broken.crl',
      () => {
        const list = issuer.list();
        list[list.length - 3]! ^= 1;
        return list;
      },
    ],
    ['/huge.crl', () => Buffer.alloc(33 * 1024 * 1024)],
  ];
  for (const [path, answer] of cases) {
    if (answer) server.answers.set(path, answer);
    const certificate = issued({ extensions: elsewhere(path) });
    const at = path === '/old.crl' ? new Date(Date.now() + 60_000) : undefined;
    assert.equal(await problemOf(certificate, at ? { at } : {}), 'statusUnknown', path);
    if (path === '/none.crl') assert.equal(await problemOf(certificate, { revocation: 'soft' }), '991825827');
  }
  const silent = issued({ extensions: { crlDistributionPoints: undefined, authorityInfoAccess: undefined } });
  assert.equal(await problemOf(silent), 'statusUnknown', 'it names nobody to be asked');
  const inside = createFetch((address) => address !== '127.0.0.1');
  assert.equal(await problemOf(issued({}), { fetch: inside }), 'statusUnknown', 'an address that may not be reached is not asked');
});

test('given lists of one issuer for some of its certificates, when another one is handed out than was asked for, then it does not count', async () => {
  const scoped = (scope: string) => {
    const mine = root.below('Delt', addresses('root'));
    const url = `${server.url}/scoped-${mine.own.der.subarray(-4).toString('hex')}.crl`;
    const [good, bad] = [0, 1].map(() =>
      mine.issue({ extensions: { crlDistributionPoints: `URI:${url}`, authorityInfoAccess: undefined } }),
    ) as [Issued, Issued];
    mine.revoke(bad);
    const list = mine.list(3600, scope.replace('HERE', url));
    server.answers.set(new URL(url).pathname, () => list);
    return Promise.all([good, bad].map((each) => problemOf(each, { with: [mine.own] })));
  };
  assert.deepEqual(await scoped('fullname = URI:HERE'), ['991825827', 'revoked']);
  assert.deepEqual(await scoped('onlyuser = TRUE'), ['991825827', 'revoked']);
  assert.deepEqual(await scoped('onlyCA = TRUE'), ['statusUnknown', 'statusUnknown'], 'a list of authorities');
  assert.deepEqual(
    await scoped('fullname = URI:http://elsewhere.example/x.crl'),
    ['statusUnknown', 'statusUnknown'],
    'for another address',
  );
  assert.deepEqual(await scoped('onlysomereasons = keyCompromise'), ['statusUnknown', 'statusUnknown'], 'for some reasons');
  assert.deepEqual(await scoped('indirectCRL = TRUE'), ['statusUnknown', 'statusUnknown'], 'with those of other issuers');
});

test('given a responder, when it is asked, then its word counts if the issuer signed it or gave it the task, and no stranger’s', async () => {
  const byResponder = { crlDistributionPoints: undefined, authorityInfoAccess: `OCSP;URI:${server.url}/asked.ocsp` };
  const fresh = () => issued({ extensions: byResponder });
  const deputy = issued({ subject: '/C=NO/O=X/CN=Responder', extensions: { extendedKeyUsage: 'OCSPSigning' } });
  const [bad, answeredBy] = [fresh(), (by?: Issued) => server.answers.set('/asked.ocsp', (question) => issuer.answer(question, by))];
  issuer.revoke(bad);

  answeredBy();
  assert.equal(await problemOf(fresh()), '991825827');
  assert.equal(await problemOf(bad), 'revoked');
  answeredBy(deputy);
  assert.equal(await problemOf(fresh()), '991825827');
  assert.equal(await problemOf(bad), 'revoked');

  for (const by of [stranger.own, issued({}), stranger.issue({ extensions: { extendedKeyUsage: 'OCSPSigning' } })]) {
    answeredBy(by);
    assert.equal(await problemOf(fresh()), 'statusUnknown');
    assert.equal(await problemOf(bad), 'statusUnknown', 'nor is a stranger believed who says revoked');
  }
  const other = fresh();
  let recorded: Buffer | undefined;
  server.answers.set('/asked.ocsp', (question) => {
    recorded = issuer.answer(question);
    return recorded;
  });
  assert.equal(await problemOf(other), '991825827');
  server.answers.set('/asked.ocsp', () => recorded!);
  assert.equal(await problemOf(fresh()), 'statusUnknown', 'an answer about another');
  assert.equal(await problemOf(other, { at: new Date(Date.now() + 60 * 60_000) }), 'statusUnknown', 'an old answer');
  server.answers.set('/asked.ocsp', () => Buffer.from('3003', 'hex'));
  assert.equal(await problemOf(fresh()), 'statusUnknown');
});

test('given a list that cannot be had, when the responder answers, then its word counts', async () => {
  server.answers.set('/instead.ocsp', (question) => issuer.answer(question));
  const extensions = { crlDistributionPoints: `URI:${server.url}/gone.crl`, authorityInfoAccess: `OCSP;URI:${server.url}/instead.ocsp` };
  const [good, bad] = [issued({ extensions }), issued({ extensions })];
  issuer.revoke(bad);
  assert.equal(await problemOf(good), '991825827');
  assert.equal(await problemOf(bad), 'revoked');
});
