import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';

type Claims = Readonly<Record<string, unknown>>;

/** A small real issuer: keys of its own, and their JWKS on loopback. */
export interface TestIssuer {
  readonly issuer: string;
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly jwksUrl: string;
  /** Paths that were asked for, in order, those of the key set left out. */
  readonly asked: readonly string[];
  /** Serves a document, metadata say, at a path of its own; undefined takes it away. */
  serve(path: string, document: object | undefined): void;
  /** How often the key set was fetched. */
  fetches(): number;
  /** A good token with these claims more; `header` replaces what stands in the header. */
  sign(claims: Claims, header?: Claims): Promise<string>;
  /** New tokens are signed with a new key, whose id the key set holds from now on. */
  rotate(): Promise<void>;
  /** The key set names none of its keys. */
  writeNoIds(): void;
  /** The key set no longer holds its oldest key. */
  withdrawFirst(): void;
  /** What the key set's address answers instead of the keys. */
  break(status: number | undefined): void;
  /** Takes requests for its keys and does not answer them. */
  hang(): void;
  /** Writes numbers of keys in plain base64, as Altinn does. */
  writePlainBase64(): void;
  publicPem(): Promise<string>;
  close(): Promise<void>;
}

/** Without a name the issuer is the address where it listens, with a slash at the end. */
export async function startIssuer(name?: string, alg = 'RS256'): Promise<TestIssuer> {
  let pair = await generateKeyPair(alg, { extractable: true });
  let made = 1;
  let kid = 'key-1';
  const keys: JWK[] = [];
  let fetched = 0;
  let broken: number | undefined;
  let plain = false;
  let hanging = false;
  let nameless = false;
  const documents = new Map<string, object>();
  const asked: string[] = [];

  const publish = async () => void keys.push({ ...(await exportJWK(pair.publicKey)), kid, use: 'sig', alg });
  const written = ({ kid: id, ...key }: JWK): JWK => ({ ...(plain ? inPlainBase64(key) : key), ...(nameless ? {} : { kid: id! }) });
  await publish();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path !== '/jwks') {
      asked.push(path);
      const document = documents.get(path);
      response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? {}));
      return;
    }
    fetched += 1;
    if (hanging) return;
    response.writeHead(broken ?? 200, { 'content-type': 'application/json' });
    response.end(broken ? 'no' : JSON.stringify({ keys: keys.map((key) => written(key)) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = name ?? `${url}/`;
  return {
    issuer,
    url,
    jwksUrl: `${url}/jwks`,
    asked,
    serve(path, document) {
      if (document) documents.set(path, document);
      else documents.delete(path);
    },
    fetches: () => fetched,
    sign: (claims, header = {}) =>
      new SignJWT({ ...usual(issuer), ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(pair.privateKey),
    async rotate() {
      pair = await generateKeyPair(alg, { extractable: true });
      made += 1;
      kid = `key-${made}`;
      await publish();
    },
    withdrawFirst() {
      keys.shift();
    },
    break(status) {
      broken = status;
    },
    hang() {
      hanging = true;
    },
    writeNoIds() {
      nameless = true;
    },
    writePlainBase64() {
      plain = true;
    },
    publicPem: () => exportSPKI(pair.publicKey),
    close: () => closed(server),
  };
}

export function usual(issuer: string): Claims {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, iat: now, nbf: now, exp: now + 600 };
}

/** A token of parts that no library would make. */
export function forged(header: Claims, payload: Claims, sign: (signed: string) => string): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${sign(signed)}`;
}

export function hmac(secret: string): (signed: string) => string {
  return (signed) => createHmac('sha256', secret).update(signed).digest('base64url');
}

function base64url(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function inPlainBase64(key: JWK): JWK {
  return { ...key, n: Buffer.from(key.n!, 'base64url').toString('base64'), e: Buffer.from(key.e!, 'base64url').toString('base64') };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
