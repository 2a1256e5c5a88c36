import type { Db, Tx } from '#kernel/database.ts';
import { StartError } from '#kernel/start-error.ts';
import { type Keyring, KeyUnknown, type WrappedKey } from './keyring.ts';
import { forgetKey, lockWrapped, registerKeys, saveRewrapped } from './store.ts';

const atOnce = 500;

/** Data keys of one table: whatever is wrapped by `keyId`, up to `limit`, is wrapped anew. Tells how many. */
export type Rewrap = (tx: Tx, keyId: string, limit: number, anew: (key: WrappedKey, about: string) => WrappedKey) => Promise<number>;

export const rewrapBlobs: Rewrap = async (tx, keyId, limit, anew) => {
  const rows = await lockWrapped(tx, keyId, limit);
  await saveRewrapped(
    tx,
    rows.map((row) => ({ key: row.key, ...anew(row, row.key) })),
  );
  return rows.length;
};

/** What became of a rotation. */
export interface Rotated {
  readonly rewrapped: number;
  /** Nothing is wrapped by these any more: they may leave the file. */
  readonly retired: readonly string[];
  /** Something came in meanwhile that is wrapped by these: a server still runs with the old file. */
  readonly stillUsed: readonly string[];
}

/**
 * Wraps all data keys by the current key of the ring; what they encrypt is not touched. In batches that are committed one by one: broken off
 * or run again, it goes on from where it was. Refuses (StartError) when there is no key, or one that is needed is missing.
 */
export async function rotateKeys(db: Db, keyring: Keyring, tables: readonly Rewrap[], signal: AbortSignal): Promise<Rotated> {
  const { current } = keyring;
  if (current === undefined) throw new StartError('BUDSTIKKE_ENCRYPTION_KEYS is not set: there is no key to wrap by.');
  const old = (await registerKeys(db, [])).map(({ id }) => id).filter((id) => id !== current);
  const anew = (key: WrappedKey, about: string): WrappedKey => keyring.wrap(unwrap(keyring, key, about), about);
  let rewrapped = 0;
  for (const keyId of old) {
    for (const rewrap of tables) {
      for (let many = atOnce; many === atOnce; rewrapped += many) {
        signal.throwIfAborted();
        many = await db.transaction((tx) => rewrap(tx, keyId, atOnce, anew));
      }
    }
  }
  const [retired, stillUsed]: [string[], string[]] = [[], []];
  for (const keyId of old) {
    if (await forgetKey(db, keyId)) stillUsed.push(keyId);
    else retired.push(keyId);
  }
  return { rewrapped, retired, stillUsed };
}

function unwrap(keyring: Keyring, key: WrappedKey, about: string): Buffer {
  try {
    return keyring.unwrap(key, about);
  } catch (error) {
    if (error instanceof KeyUnknown) throw new StartError(`Something is wrapped by "${key.keyId}", but ${error.message}.`);
    throw error;
  }
}
