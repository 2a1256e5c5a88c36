import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK } from 'jose';
import type { Log } from '#kernel/log.ts';
import { type KeySource, KeysUnavailable } from './issuers.ts';

/** All in milliseconds of real time. */
const freshFor = 10 * 60_000;
const staleFor = 24 * 60 * 60_000;
const betweenFetches = 30_000;
const betweenFailures = 5_000;
const timeout = 5_000;
const maxBytes = 1024 * 1024;

interface Held {
  readonly find: KeySource;
  readonly fetchedAt: number;
}

/**
 * The keys at a JWKS address, cached for ten minutes. A key id that is not among them fetches anew at most every half
 * minute, so that rotation is seen at once and strangers cannot make us hammer the issuer; a failed fetch is tried again
 * after five seconds at the earliest. Keys that cannot be renewed serve for a day, then `KeysUnavailable` is thrown.
 */
export function remoteKeys(url: string, log: Log): KeySource {
  let held: Held | undefined;
  let nextFetchAt = 0;
  let fetching: Promise<void> | undefined;

  async function fetchNow(): Promise<void> {
    try {
      held = { find: createLocalJWKSet(await fetchKeySet(url)), fetchedAt: Date.now() };
      nextFetchAt = Date.now() + betweenFetches;
    } catch (error) {
      nextFetchAt = Date.now() + betweenFailures;
      log.warn({ url, reason: error instanceof Error ? error.message : String(error) }, 'keys of an issuer could not be fetched');
    }
  }

  async function refresh(): Promise<void> {
    if (Date.now() < nextFetchAt) return;
    fetching ??= fetchNow().finally(() => {
      fetching = undefined;
    });
    await fetching;
  }

  function current(): Held {
    if (held && Date.now() - held.fetchedAt < staleFor) return held;
    throw new KeysUnavailable(`The keys at ${url} cannot be fetched`);
  }

  return async (header, token) => {
    if (fetching) await fetching;
    if (!held || Date.now() - held.fetchedAt > freshFor) await refresh();
    try {
      return await current().find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const before = held;
      await refresh();
      if (held === before) throw error;
      return current().find(header, token);
    }
  };
}

async function fetchKeySet(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'error', signal: AbortSignal.timeout(timeout) });
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > maxBytes) throw new Error(`answered ${length} bytes`);
  const text = await response.text();
  if (text.length > maxBytes) throw new Error(`answered ${text.length} characters`);
  return readKeySet(JSON.parse(text));
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
