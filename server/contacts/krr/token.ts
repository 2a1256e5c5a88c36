import { importJWK, importPKCS8, type JWK, SignJWT } from 'jose';
import { newId } from '#kernel/ids.ts';

export interface TokenOptions {
  /** Where tokens are given: `https://maskinporten.no/token`. */
  readonly tokenUrl: string;
  /** The issuer's address, as grants name it: `https://maskinporten.no/`. */
  readonly audience: string;
  readonly clientId: string;
  readonly keyId: string;
  /** The private key, as PEM (PKCS #8) or JWK. */
  readonly key: string;
  readonly scope: string;
  readonly timeoutMillis?: number;
}

export interface TokenSource {
  /** A token that is good for half a minute at the least. Throws when none is to be had. */
  token(): Promise<string>;
  /** It was refused: the next one is a new one. */
  forget(): void;
}

/** Maskinporten tokens for a client of ours (RFC 7523), kept until shortly before they end; however many ask, one is fetched. Real time. */
export function createTokenSource(options: TokenOptions): TokenSource {
  let kept: { readonly token: Promise<{ value: string; endsAt: number }> } | undefined;
  return {
    async token() {
      if (kept) {
        const still = await kept.token.catch(() => undefined);
        if (still && still.endsAt - 30_000 > Date.now()) return still.value;
      }
      const fetching = { token: fetchToken(options) };
      kept = fetching;
      return (await fetching.token).value;
    },
    forget() {
      kept = undefined;
    },
  };
}

async function fetchToken(options: TokenOptions): Promise<{ value: string; endsAt: number }> {
  const { tokenUrl, timeoutMillis = 10_000 } = options;
  const assertion = await signGrant(options);
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMillis),
  });
  const answer = (await response.json().catch(() => ({}))) as { access_token?: string; expires_in?: number; error?: string };
  if (!response.ok || !answer.access_token) throw new Error(`no token: ${response.status} ${answer.error ?? ''}`.trim());
  return { value: answer.access_token, endsAt: Date.now() + (answer.expires_in ?? 60) * 1000 };
}

async function signGrant({ audience, clientId, keyId, key, scope }: TokenOptions): Promise<string> {
  const jwk = key.trimStart().startsWith('{') ? (JSON.parse(key) as JWK) : undefined;
  const alg = jwk?.alg ?? (jwk?.kty === 'EC' ? 'ES256' : 'RS256');
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: clientId, aud: audience, iat: now, exp: now + 100, jti: newId(), scope })
    .setProtectedHeader({ alg, kid: keyId })
    .sign(jwk ? await importJWK(jwk, alg) : await importPKCS8(key, alg));
}
