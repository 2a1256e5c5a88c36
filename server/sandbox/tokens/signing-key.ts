import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose';
import { type KeySource, KeysUnavailable, type TrustedIssuer } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import { type IssuerName, listSigningKeys, lockSigningKeys, type StoredKey, saveSigningKey } from './store.ts';

/** An issuer of the sandbox: what signs its tokens and what they are verified with. */
export interface TokenIssuer {
  /** Its address, as `iss` says it. */
  readonly issuer: string;
  /** Signs claims, times among them, into a JWT. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** The same, with the key's thumbprint as `x5c` too, as an application signs. */
  signAsApplication(claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** The public keys, as they are published. */
  keySet(): Promise<JSONWebKeySet>;
  /** The private keys, for a library that signs by itself. The first one signs. */
  privateKeys(): Promise<readonly JWK[]>;
  /** What `createIdentity` trusts. */
  trusted(): TrustedIssuer;
}

/** Every issuer of a sandbox, by what it is modelled on. */
export type TokenIssuers = Readonly<Record<IssuerName, TokenIssuer>>;

/** Where each stands under the sandbox's address; a trailing slash where the model has one. */
const paths: Readonly<Record<IssuerName, string>> = {
  altinn: '/authentication/api/v1/openid/',
  maskinporten: '/maskinporten/',
  idporten: '/idporten',
};

export function createTokenIssuers(ctx: Pick<Context, 'db'>, publicUrl: string): TokenIssuers {
  const make = (name: IssuerName) => createTokenIssuer(ctx, publicUrl, name);
  return { altinn: make('altinn'), maskinporten: make('maskinporten'), idporten: make('idporten') };
}

/**
 * An issuer of a sandbox at `publicUrl`. Its RS256 key lives in the database, made by whoever needs it first; processes
 * that start at once end up with the same one, so that a token made by one is good at all.
 */
export function createTokenIssuer(ctx: Pick<Context, 'db'>, publicUrl: string, name: IssuerName): TokenIssuer {
  const issuer = publicUrl.replace(/\/+$/, '') + paths[name];
  let loading: Promise<Loaded> | undefined;

  function loaded(): Promise<Loaded> {
    loading ??= load(ctx, name).catch((error: unknown) => {
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
    privateKeys: async () => (await loaded()).privateKeys,
    trusted: () => ({ issuer, kind: name, keys }),
  };
}

interface Loaded {
  readonly kid: string;
  readonly privateKey: Parameters<SignJWT['sign']>[0];
  readonly privateKeys: readonly JWK[];
  readonly keySet: JSONWebKeySet;
  readonly find: KeySource;
}

async function load(ctx: Pick<Context, 'db'>, name: IssuerName): Promise<Loaded> {
  const found = await listSigningKeys(ctx.db, name);
  const keys = found.length > 0 ? found : await makeOnce(ctx, name);
  const first = keys[0]!;
  const keySet = { keys: keys.map((key) => key.publicJwk) };
  return {
    kid: first.kid,
    privateKey: await importJWK(first.privateJwk, 'RS256'),
    privateKeys: keys.map((key) => key.privateJwk),
    keySet,
    find: createLocalJWKSet(keySet),
  };
}

/** Locks before it looks again: of two that found no key, the second takes the first one's. */
async function makeOnce(ctx: Pick<Context, 'db'>, name: IssuerName): Promise<StoredKey[]> {
  const made = await makeKey();
  return ctx.db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const found = await listSigningKeys(tx, name);
    if (found.length > 0) return found;
    saveSigningKey(tx, name, made);
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
