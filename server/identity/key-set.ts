import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK } from 'jose';
import type { Log } from '#kernel/log.ts';
import { fetchDocument } from './fetch-document.ts';
import { type KeySource, KeysUnavailable } from './issuers.ts';

/** All in milliseconds of real time. */
const freshFor = 10 * 60_000;
const staleFor = 24 * 60 * 60_000;
const betweenFetches = 30_000;
const betweenFailures = 5_000;

interface Held {
  readonly find: KeySource;
  readonly fetchedAt: number;
}

/**
 * The keys of an issuer, at the JWKS address that `locate` tells. After ten minutes they are fetched anew while the old ones go
 * on serving, so that an issuer that hangs holds nobody up. A key id that is not among them fetches anew at most every half
 * minute, so that rotation is seen at once and strangers cannot make us hammer the issuer; a failed fetch is tried again
 * after five seconds at the earliest. Keys that cannot be renewed serve for a day, then `KeysUnavailable` is thrown.
 */
export function remoteKeys(issuer: string, locate: () => Promise<string>, log: Log): KeySource {
  let held: Held | undefined;
  let nextFetchAt = 0;
  let lastFailed = false;
  let fetching: Promise<void> | undefined;

  const unavailable = (): KeysUnavailable => new KeysUnavailable(`The keys of ${issuer} cannot be fetched`);

  async function fetchNow(): Promise<void> {
    try {
      held = { find: createLocalJWKSet(readKeySet(await fetchDocument(await locate()))), fetchedAt: Date.now() };
      nextFetchAt = Date.now() + betweenFetches;
      lastFailed = false;
    } catch (error) {
      nextFetchAt = Date.now() + betweenFailures;
      lastFailed = true;
      log.warn({ issuer, reason: error instanceof Error ? error.message : String(error) }, 'keys of an issuer could not be fetched');
    }
  }

  /** Never throws. */
  async function refresh(): Promise<void> {
    if (!fetching && Date.now() < nextFetchAt) return;
    fetching ??= fetchNow().finally(() => {
      fetching = undefined;
    });
    await fetching;
  }

  async function current(): Promise<Held> {
    if (!held || isOlder(held, staleFor)) await refresh();
    else if (isOlder(held, freshFor)) void refresh();
    if (held && !isOlder(held, staleFor)) return held;
    throw unavailable();
  }

  return async (header, token) => {
    const before = await current();
    try {
      return await before.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      if (held === before) throw lastFailed ? unavailable() : error; // the key may be one of those that could not be fetched
      return (await current()).find(header, token);
    }
  };
}

function isOlder({ fetchedAt }: Held, millis: number): boolean {
  return Date.now() - fetchedAt >= millis;
}

/** A JSON Web Key Set with its numbers in base64url, which some issuers (Altinn among them) write in plain base64. Source: compatibility.md, platform, §1.3. */
export function readKeySet(value: unknown): JSONWebKeySet {
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('is not a JSON Web Key Set');
  return { keys: keys.filter((key) => typeof key === 'object' && key !== null).map(inBase64Url) };
}

const numbers = ['n', 'e', 'x', 'y'] as const;

function inBase64Url(key: Record<string, unknown>): JWK {
  const copy: Record<string, unknown> = { ...key };
  for (const name of numbers) {
    const value = copy[name];
    if (typeof value === 'string') copy[name] = value.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }
  return copy as JWK;
}
