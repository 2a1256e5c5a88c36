import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, SignJWT } from 'jose';
import { type KeySource, KeysUnavailable, type TrustedIssuer } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import { listSigningKeys, lockSigningKeys, type StoredKey, saveSigningKey } from './store.ts';

/** The sandbox's own issuer: what signs its tokens and what they are verified with. */
export interface TokenIssuer {
  /** Its address, as `iss` says it. */
  readonly issuer: string;
  /** Signs claims, times among them, into a JWT. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** The same, with the key's thumbprint as `x5c` too, as an application signs. */
  signAsApplication(claims: Readonly<Record<string, unknown>>): Promise<string>;
  keySet(): Promise<JSONWebKeySet>;
  /** What `createIdentity` trusts. */
  trusted(): TrustedIssuer;
}

/**
 * The issuer of a sandbox at `publicUrl`. Its RS256 key lives in the database, made by whoever needs it first; processes
 * that start at once end up with the same one, so that a token made by one is good at all.
 */
export function createTokenIssuer(ctx: Pick<Context, 'db'>, publicUrl: string): TokenIssuer {
  const issuer = `${publicUrl.replace(/\/+$/, '')}/authentication/api/v1/openid/`;
  let loading: Promise<Loaded> | undefined;

  function loaded(): Promise<Loaded> {
    loading ??= load(ctx).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  const keys: KeySource = async (header, token) => {
    const { find } = await loaded().catch((cause: unknown) => {
      throw new KeysUnavailable('The signing key of the sandbox cannot be read', { cause });
    });
    return find(header, token);
  };

  return {
    issuer,
    async sign(claims) {
      const { kid, privateKey } = await loaded();
      return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(privateKey);
    },
    async signAsApplication(claims) {
      const { kid, privateKey } = await loaded();
      return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT', x5c: [kid] }).sign(privateKey);
    },
    keySet: async () => (await loaded()).keySet,
    trusted: () => ({ issuer, kind: 'altinn', keys }),
  };
}

interface Loaded {
  readonly kid: string;
  readonly privateKey: Parameters<SignJWT['sign']>[0];
  readonly keySet: JSONWebKeySet;
  readonly find: KeySource;
}

async function load(ctx: Pick<Context, 'db'>): Promise<Loaded> {
  const found = await listSigningKeys(ctx.db);
  const keys = found.length > 0 ? found : await makeOnce(ctx);
  const first = keys[0]!;
  const keySet = { keys: keys.map((key) => key.publicJwk) };
  return { kid: first.kid, privateKey: await importJWK(first.privateJwk, 'RS256'), keySet, find: createLocalJWKSet(keySet) };
}

/** Locks before it looks again: of two that found no key, the second takes the first one's. */
async function makeOnce(ctx: Pick<Context, 'db'>): Promise<StoredKey[]> {
  const made = await makeKey();
  return ctx.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const found = await listSigningKeys(tx);
    if (found.length > 0) return found;
    saveSigningKey(tx, made);
    return [made];
  });
}

async function makeKey(): Promise<StoredKey> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const named = { kid, use: 'sig', alg: 'RS256' };
  return { kid, privateJwk: { ...(await exportJWK(pair.privateKey)), ...named }, publicJwk: { ...publicJwk, ...named } };
}
