interface Holding {
  readonly nextUpdate: Date;
}

/** What was fetched and holds for a while. */
export interface Kept<T extends Holding> {
  /** What is kept under the key, else what `fetch` gives; those who ask at the same time wait for one. Throws what `fetch` throws. */
  get(key: string, at: Date, fetch: () => Promise<T>): Promise<T>;
}

interface Entry<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  /** Milliseconds: when it is worth while to fetch anew. */
  readonly againAt: number;
}

/** A server that does not answer is left in peace for as long, and nobody waits for it meanwhile. */
const pauseMillis = 30_000;

/**
 * Keeps what it fetched until it ends, and fetches it anew when it is older than `renewMillis`; where that fails, what it has goes
 * on to hold. At most so many are kept: the one that was used longest ago goes.
 */
export function createKept<T extends Holding>({ most, renewMillis }: { readonly most: number; readonly renewMillis: number }): Kept<T> {
  const entries = new Map<string, Entry<T>>();
  const underWay = new Map<string, Promise<Entry<T>>>();

  async function renew(key: string, at: Date, fetch: () => Promise<T>): Promise<Entry<T>> {
    const had = entries.get(key)?.value;
    const entry = await fetch().then(
      (value): Entry<T> => ({ value, error: undefined, againAt: Math.min(at.getTime() + renewMillis, value.nextUpdate.getTime()) }),
      (error: unknown): Entry<T> => ({ value: had, error, againAt: at.getTime() + pauseMillis }),
    );
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > most) entries.delete(entries.keys().next().value!);
    return entry;
  }

  return {
    async get(key, at, fetch) {
      let entry = entries.get(key);
      if (entry && entry.againAt > at.getTime()) {
        entries.delete(key);
        entries.set(key, entry);
      } else {
        const waiting = underWay.get(key) ?? renew(key, at, fetch).finally(() => underWay.delete(key));
        underWay.set(key, waiting);
        entry = await waiting;
      }
      if (entry.value && entry.value.nextUpdate >= at) return entry.value;
      throw entry.error ?? new Error('what was kept has ended');
    },
  };
}
