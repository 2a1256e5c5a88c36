import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A certificate as openssl made it. */
export interface Issued {
  readonly der: Buffer;
  readonly pem: string;
  readonly key: KeyObject;
  /** Files for clients that want them. */
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface Wanted {
  readonly subject?: string;
  /** Lines of openssl's configuration, in place of those that an enterprise certificate has. */
  readonly extensions?: Readonly<Record<string, string | undefined>> | undefined;
  readonly days?: readonly [from: number, to: number];
  readonly key?: KeyObject;
  readonly digest?: string;
}

export const policy = '2.16.578.1.26.1.0.3.2';
export const seid2 = (number: string): string => `/C=NO/O=Skien kommune/organizationIdentifier=NTRNO-${number}/CN=SKIEN KOMMUNE`;
export const seid1 = (number: string): string => `/C=NO/O=Skien kommune/CN=SKIEN KOMMUNE/serialNumber=${number}`;

const dayMillis = 24 * 60 * 60_000;
const openssl = (args: readonly string[], input?: Buffer): Buffer =>
  execFileSync('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'], ...(input ? { input } : {}) });
const curve = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const stamp = (days: number): string => `${new Date(Date.now() + days * dayMillis).toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`;

let folder: string | undefined;
/** A directory of its own for the keys of a test file; it goes with it. */
function scratch(): string {
  if (folder) return folder;
  folder = mkdtempSync(join(tmpdir(), 'budstikke-authority-'));
  after(() => rmSync(folder!, { recursive: true, force: true }));
  return folder;
}

let count = 0;

/** An authority that issues, revokes, lists and answers, by openssl. */
export class Authority {
  readonly own: Issued;
  readonly #home: string;
  readonly #addresses: { readonly crl: string; readonly ocsp: string };

  private constructor(home: string, own: Issued, addresses: { crl: string; ocsp: string }) {
    this.#home = home;
    this.own = own;
    this.#addresses = addresses;
  }

  static root(name: string, addresses: { crl: string; ocsp: string } = nowhere): Authority {
    const home = newHome();
    const key = save(home, 'own', curve());
    const file = join(home, 'own.pem');
    openssl([
      ...['req', '-x509', '-new', '-key', key.keyFile, '-subj', `/C=NO/O=${name}/CN=${name}`, '-days', '30', '-out', file],
      ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ]);
    return new Authority(home, issuedFrom(file, key), addresses);
  }

  /** An authority below this one. */
  below(name: string, addresses: { crl: string; ocsp: string } = nowhere, extensions: Wanted['extensions'] = {}): Authority {
    const own = this.issue({
      subject: `/C=NO/O=${name}/CN=${name}`,
      extensions: {
        basicConstraints: 'critical,CA:TRUE,pathlen:0',
        keyUsage: 'critical,keyCertSign,cRLSign',
        extendedKeyUsage: undefined,
        ...extensions,
      },
    });
    const home = newHome();
    writeFileSync(join(home, 'own.pem'), own.pem);
    save(home, 'own', own.key);
    return new Authority(home, own, addresses);
  }

  issue({ subject = seid2('991825827'), extensions = {}, days = [-1, 20], key = curve(), digest = 'sha256' }: Wanted = {}): Issued {
    const id = `issued-${++count}`;
    const saved = save(this.#home, id, key);
    const [csr, file, extFile] = ['csr', 'pem', 'ext'].map((end) => join(this.#home, `${id}.${end}`)) as [string, string, string];
    const { crl, ocsp } = this.#addresses;
    const lines = {
      basicConstraints: 'CA:FALSE',
      keyUsage: 'critical,digitalSignature',
      extendedKeyUsage: 'clientAuth',
      certificatePolicies: policy,
      authorityKeyIdentifier: 'keyid',
      crlDistributionPoints: crl === '' ? undefined : `URI:${crl}`,
      authorityInfoAccess: ocsp === '' ? undefined : `OCSP;URI:${ocsp}`,
      ...extensions,
    };
    const written = Object.entries(lines).filter(([, value]) => value !== undefined);
    writeFileSync(extFile, written.map(([name, value]) => `${name} = ${value}\n`).join(''));
    openssl(['req', '-new', '-utf8', '-key', saved.keyFile, '-subj', subject, '-out', csr]);
    this.#ca(
      '-in',
      csr,
      '-out',
      file,
      '-startdate',
      stamp(days[0]),
      '-enddate',
      stamp(days[1]),
      '-extfile',
      extFile,
      '-notext',
      '-md',
      digest,
    );
    return issuedFrom(file, saved);
  }

  revoke({ certificateFile }: Issued): void {
    this.#ca('-revoke', certificateFile);
  }

  /** The list of what it has revoked, DER, good until so many seconds from now; `scope` is a line of its extension issuingDistributionPoint. */
  list(seconds = 3600, scope?: string): Buffer {
    const pem = join(this.#home, 'list.pem');
    const extended = scope === undefined ? [] : ['-crlexts', 'scoped'];
    if (scope !== undefined)
      appendFileSync(join(this.#home, 'ca.cnf'), `[scoped]\nissuingDistributionPoint = critical,@point\n[point]\n${scope}\n`);
    this.#ca('-gencrl', '-crlsec', String(seconds), '-out', pem, ...extended);
    return openssl(['crl', '-in', pem, '-outform', 'DER']);
  }

  /** Answers a question about what it issued, signed by itself or by somebody else. */
  answer(question: Buffer, by: Pick<Issued, 'certificateFile' | 'keyFile'> = this.own): Buffer {
    const [asked, answered] = [join(this.#home, 'question.der'), join(this.#home, 'answer.der')];
    writeFileSync(asked, question);
    openssl([
      ...[
        'ocsp',
        '-index',
        join(this.#home, 'index.txt'),
        '-CA',
        this.own.certificateFile,
        '-rsigner',
        by.certificateFile,
        '-rkey',
        by.keyFile,
      ],
      ...['-reqin', asked, '-respout', answered, '-nmin', '10'],
    ]);
    return readFileSync(answered);
  }

  #ca(...args: readonly string[]): void {
    openssl([
      'ca',
      '-config',
      join(this.#home, 'ca.cnf'),
      '-cert',
      join(this.#home, 'own.pem'),
      '-keyfile',
      join(this.#home, 'own.key'),
      '-batch',
      '-utf8',
      ...args,
    ]);
  }
}

const nowhere = { crl: '', ocsp: '' };

function newHome(): string {
  const home = join(scratch(), `authority-${++count}`);
  mkdirSync(home);
  const fields = ['countryName', 'organizationName', 'organizationIdentifier', 'commonName', 'serialNumber', 'organizationalUnitName'];
  writeFileSync(join(home, 'index.txt'), '');
  writeFileSync(join(home, 'serial'), `${randomBytes(8).toString('hex')}\n`);
  writeFileSync(join(home, 'index.txt.attr'), 'unique_subject = no\n');
  writeFileSync(
    join(home, 'ca.cnf'),
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${home}/index.txt\nnew_certs_dir = ${home}\nserial = ${home}/serial\ndefault_md = sha256\ndefault_days = 30\npolicy = any\npreserve = yes\n[any]\n${fields.map((name) => `${name} = optional\n`).join('')}`,
  );
  return home;
}

function save(home: string, id: string, key: KeyObject): { key: KeyObject; keyFile: string } {
  const keyFile = join(home, `${id}.key`);
  writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { key, keyFile };
}

function issuedFrom(certificateFile: string, { key, keyFile }: { key: KeyObject; keyFile: string }): Issued {
  return {
    der: openssl(['x509', '-in', certificateFile, '-outform', 'DER']),
    pem: readFileSync(certificateFile, 'utf8'),
    key,
    certificateFile,
    keyFile,
  };
}

/** An issuer's server on loopback: what stands under a path answers, everything else is 404. `asked` counts. */
export async function openIssuerServer(): Promise<{
  readonly url: string;
  readonly answers: Map<string, (body: Buffer) => Buffer | Promise<Buffer>>;
  readonly asked: string[];
}> {
  const answers = new Map<string, (body: Buffer) => Buffer | Promise<Buffer>>();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push(request.url!);
    const answer = answers.get(request.url!);
    if (answer) response.end(await answer(Buffer.concat(chunks)));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers, asked };
}
