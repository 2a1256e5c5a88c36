import type { Db, Tx } from '#kernel/database.ts';
import { StartError } from '#kernel/start-error.ts';
import { type Keyring, KeyUnknown, type WrappedKey } from './keyring.ts';
import { forgetKey, listRings, lockWrapped, registerKeys, saveRewrapped, type WrappedOf } from './store.ts';

const atOnce = 500;
const first = '00000000-0000-0000-0000-000000000000';

/** Which data keys of a table come next: those that `keyId` wraps, after one, in their order. */
export interface Page {
  readonly keyId: string;
  readonly after: string;
  readonly limit: number;
}

export interface PageDone {
  readonly rewrapped: number;
  /** What the keys are for that cannot be opened: they stay as they are. */
  readonly damaged: readonly string[];
  /** Undefined when nothing comes after. */
  readonly last: string | undefined;
}

/** Data keys of one table are wrapped anew, a page at a time. `anew` gives undefined for one that cannot be opened. */
export type Rewrap = (tx: Tx, page: Page, anew: (key: WrappedKey, about: string) => WrappedKey | undefined) => Promise<PageDone>;

export const rewrapBlobs: Rewrap = async (tx, { keyId, after, limit }, anew) => {
  const rows = await lockWrapped(tx, keyId, { after, limit });
  const opened = rows.map((row) => ({ row, wrapped: anew(row, row.key) }));
  const whole = opened.flatMap(({ row, wrapped }): WrappedOf[] => (wrapped ? [{ key: row.key, ...wrapped }] : []));
  await saveRewrapped(tx, whole);
  const damaged = opened.flatMap(({ row, wrapped }) => (wrapped ? [] : [row.key]));
  return { rewrapped: whole.length, damaged, last: rows.length < limit ? undefined : rows.at(-1)?.key };
};

/** What became of a rotation. */
export interface Rotated {
  readonly rewrapped: number;
  /** Nothing is wrapped by these any more: they may leave the file. */
  readonly retired: readonly string[];
  /** Something came in meanwhile that is wrapped by these: a server still runs with the old file. */
  readonly stillUsed: readonly string[];
  /** Blobs whose data key cannot be opened; the key that wraps it is still in use for them. */
  readonly damaged: readonly string[];
}

/**
 * Wraps all data keys by the current key of the ring; what they encrypt is not touched. In batches that are committed one by one: broken off
 * or run again, it goes on from where it was. A data key that cannot be opened is passed over and told. Refuses (StartError) when there is no
 * key, one that is needed is missing, or a server runs that would not read what is wrapped anew, or writes by another key.
 */
export async function rotateKeys(db: Db, keyring: Keyring, tables: readonly Rewrap[], signal: AbortSignal): Promise<Rotated> {
  const { current } = keyring;
  if (current === undefined) throw new StartError('BUDSTIKKE_ENCRYPTION_KEYS is not set: there is no key to wrap by.');
  await refuseWhileOldRings(db, current);
  const old = (await registerKeys(db, [])).map(({ id }) => id).filter((id) => id !== current);
  const anew = (key: WrappedKey, about: string): WrappedKey | undefined => {
    const dataKey = unwrap(keyring, key, about);
    return dataKey && keyring.wrap(dataKey, about);
  };
  const damagedOf = new Map<string, string[]>();
  let rewrapped = 0;
  for (const keyId of old) {
    const damaged: string[] = [];
    damagedOf.set(keyId, damaged);
    for (const rewrap of tables) {
      for (let after: string | undefined = first; after !== undefined; ) {
        signal.throwIfAborted();
        await refuseWhileOldRings(db, current);
        const page: Page = { keyId, after, limit: atOnce };
        const done = await db.transaction((tx) => rewrap(tx, page, anew));
        rewrapped += done.rewrapped;
        damaged.push(...done.damaged);
        after = done.last;
      }
    }
  }
  await refuseWhileOldRings(db, current);
  const [retired, stillUsed]: [string[], string[]] = [[], []];
  for (const keyId of old) {
    if (!(await forgetKey(db, keyId))) retired.push(keyId);
    else if (damagedOf.get(keyId)!.length === 0) stillUsed.push(keyId);
  }
  return { rewrapped, retired, stillUsed, damaged: [...damagedOf.values()].flat() };
}

async function refuseWhileOldRings(db: Db, current: string): Promise<void> {
  const late = (await listRings(db)).filter((ring) => ring.current !== current);
  if (late.length === 0) return;
  const without = late.filter(({ keyIds }) => !keyIds.includes(current)).length;
  const writing = [...new Set(late.map((ring) => (ring.current === null ? 'no key' : `"${ring.current}"`)))].sort().join(', ');
  throw new StartError(
    `${late.length} running servers still write by ${writing}${without === 0 ? '' : `, and ${without} of them do not know "${current}"`}. Restart all servers with the present file, then run this again. One that was killed counts as running for a minute.`,
  );
}

/** Undefined when it is another key, or something was changed. */
function unwrap(keyring: Keyring, key: WrappedKey, about: string): Buffer | undefined {
  try {
    return keyring.unwrap(key, about);
  } catch (error) {
    if (error instanceof KeyUnknown) throw new StartError(`Something is wrapped by "${key.keyId}", but ${error.message}.`);
    return undefined;
  }
}
