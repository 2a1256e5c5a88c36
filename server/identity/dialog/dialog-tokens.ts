import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  SignJWT,
} from 'jose';
import type { Context } from '#kernel/context.ts';
import { newId } from '#kernel/ids.ts';
import { type KeySource, KeysUnavailable, type TrustedIssuer } from '../issuers.ts';
import type { DialogClaims } from './claims.ts';
import { type DialogKey, listDialogKeys, lockDialogKeys, saveDialogKeys } from './store.ts';

/** Signs the tokens with which a reader of a dialog fetches what it refers to, and tells what they are verified with. */
export interface DialogTokens {
  /** The address that `iss` says. */
  readonly issuer: string;
  readonly keySetAddress: string;
  sign(claims: DialogClaims): Promise<string>;
  /** The public keys, as they are published. */
  keySet(): Promise<JSONWebKeySet>;
  /** What `createIdentity` trusts. */
  trusted(): TrustedIssuer;
}

/** Seconds of real time. Source: compatibility.md, platform, §5.3. */
const lifetime = 600;
const algorithm = 'EdDSA';

/**
 * The issuer of dialog tokens of an installation at `publicUrl`. Its keys (Ed25519: one that signs, one that is published before it
 * is needed) lie in the database, made by whoever needs them first. Source: compatibility.md, platform, §5.3.
 */
export function createDialogTokens(ctx: Pick<Context, 'db'>, publicUrl: string): DialogTokens {
  const issuer = `${publicUrl.replace(/\/+$/, '')}/dialogporten/api/v1`;
  let loading: Promise<Loaded> | undefined;
  const loaded = (): Promise<Loaded> => {
    loading ??= load(ctx).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const keys: KeySource = async (header, token) => {
    const { find } = await loaded().catch((cause: unknown) => {
      throw new KeysUnavailable('The keys of dialog tokens cannot be read', { cause });
    });
    if (!isCanonical(token.signature)) throw new errors.JWSInvalid('The signature is written in more than one way');
    return find(header, token);
  };
  return {
    issuer,
    keySetAddress: `${issuer}/.well-known/jwks.json`,
    async sign(claims) {
      const { kid, privateKey } = await loaded();
      const now = Math.floor(Date.now() / 1000);
      const times = { iss: issuer, jti: newId(), iat: now, nbf: now, exp: now + lifetime };
      return new SignJWT({ ...claims, ...times }).setProtectedHeader({ alg: algorithm, typ: 'JWT', kid }).sign(privateKey);
    },
    keySet: async () => (await loaded()).keySet,
    trusted: () => ({ issuer, kind: 'dialog', keys }),
  };
}

/** Pure. Base64url as RFC 7515 §2 has it, no padding, nothing between, no bits left over: a token has one form. */
function isCanonical(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text;
}

interface Loaded {
  readonly kid: string;
  readonly privateKey: Parameters<SignJWT['sign']>[0];
  readonly keySet: JSONWebKeySet;
  readonly find: KeySource;
}

async function load(ctx: Pick<Context, 'db'>): Promise<Loaded> {
  const found = await listDialogKeys(ctx.db);
  const keys = found.length > 0 ? found : await makeOnce(ctx);
  const keySet = { keys: keys.map(({ publicJwk }) => publicJwk) };
  const { kid, privateJwk } = keys[0]!;
  return { kid, privateKey: await importJWK(privateJwk, algorithm), keySet, find: createLocalJWKSet(keySet) };
}

/** Locks before it looks again: of two that found no key, the second takes the first one's. */
async function makeOnce(ctx: Pick<Context, 'db'>): Promise<DialogKey[]> {
  const made = [await makeKey(0), await makeKey(1)];
  return ctx.db.transaction(async (tx) => {
    await lockDialogKeys(tx);
    const found = await listDialogKeys(tx);
    if (found.length > 0) return found;
    saveDialogKeys(tx, made);
    return made;
  });
}

async function makeKey(place: number): Promise<DialogKey & { readonly createdAt: Date }> {
  const pair = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const named = { kid, use: 'sig', alg: algorithm };
  const privateJwk = { ...(await exportJWK(pair.privateKey)), ...named };
  return { kid, privateJwk, publicJwk: { ...publicJwk, ...named }, createdAt: new Date(Date.now() + place) };
}
