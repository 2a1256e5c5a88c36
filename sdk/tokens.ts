import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { importJWK, importPKCS8, type JWK, SignJWT } from 'jose';
import type { TokenSource } from './ask.ts';
import { Refused, readRefusal } from './refused.ts';
import { exchange, textOf } from './transport.ts';

/** The scopes of whoever sends and receives files. */
export const transferScopes = ['altinn:broker.write', 'altinn:broker.read'] as const;

/** A token that somebody else renews: the file is read again whenever a token was not taken. */
export function tokenOfFile(file: string): TokenSource {
  return remembered(async () => ({ token: (await readFile(file, 'utf8')).trim(), seconds: 60 }));
}

/** A token for an organization from the generator of a sandbox. */
export function tokenOfSandbox(baseUrl: string, organization: string): TokenSource {
  return remembered(async () => {
    const search = new URLSearchParams({ env: 'tt02', orgNo: organization, scopes: transferScopes.join(' '), ttl: '1800' });
    const answer = await exchange({ method: 'GET', url: `${baseUrl.replace(/\/+$/, '')}/api/GetEnterpriseToken?${search}` });
    const text = await textOf(answer);
    if (answer.status !== 200) throw readRefusal(answer, text);
    return { token: text.trim(), seconds: 1800 };
  });
}

/** A client that is registered with Maskinporten, with its private key. */
export interface Grantee {
  readonly tokenUrl: string;
  readonly clientId: string;
  /** PEM (PKCS 8), or a JWK. */
  readonly key: string;
  readonly keyId?: string | undefined;
  /** The issuer; the address of the tokens without its last segment where it is left out, as with Maskinporten. */
  readonly audience?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

const grantSeconds = 100;

/** Tokens by a signed grant (RFC 7523), as Maskinporten gives them. Throws Refused when it gives none. */
export function tokenOfGrant({ tokenUrl, clientId, key, keyId, audience, scopes = transferScopes }: Grantee): TokenSource {
  return remembered(async () => {
    const jwk = key.trimStart().startsWith('{') ? (JSON.parse(key) as JWK) : undefined;
    const alg = jwk?.alg ?? (jwk?.kty === 'EC' ? 'ES256' : 'RS256');
    const kid = keyId ?? jwk?.kid;
    const assertion = await new SignJWT({ scope: scopes.join(' ') })
      .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
      .setIssuer(clientId)
      .setAudience(audience ?? new URL('.', tokenUrl).href)
      .setIssuedAt()
      .setExpirationTime(`${grantSeconds}s`)
      .setJti(randomUUID())
      .sign(jwk ? await importJWK(jwk, alg) : await importPKCS8(key, alg));
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await exchange({ method: 'POST', url: tokenUrl, headers, body });
    const text = await textOf(answer);
    if (answer.status !== 200) throw notGiven(answer, text);
    const given = JSON.parse(text) as { access_token: string; expires_in?: number };
    return { token: given.access_token, seconds: given.expires_in ?? 60 };
  });
}

function notGiven(answer: Parameters<typeof readRefusal>[0], text: string): Refused {
  const { message, refusal } = readRefusal(answer, text);
  const said = /"error_description"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? message;
  return new Refused(answer.status < 500 ? 'unauthenticated' : refusal, `no token was given: ${said}`, answer, {});
}

/** Asks for another when the last one has little time left. Requests at once wait for one answer. */
function remembered(get: () => Promise<{ readonly token: string; readonly seconds: number }>): TokenSource {
  let last: { readonly token: Promise<string>; until: number } | undefined;
  return (fresh) => {
    if (last && !fresh && Date.now() < last.until) return last.token;
    const got = get();
    const mine = { token: got.then(({ token }) => token), until: Number.POSITIVE_INFINITY };
    last = mine;
    got.then(
      ({ seconds }) => {
        mine.until = Date.now() + Math.max(seconds - 30, seconds / 2) * 1000;
      },
      () => {
        mine.until = 0;
      },
    );
    return mine.token;
  };
}
