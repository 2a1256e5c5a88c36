/** What was found out before, to be trusted only by whoever checks its version. */
export interface Memory<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** Of all that it holds. */
  readonly weight: number;
}

/**
 * Holds values up to a weight and forgets those that were used longest ago. A value that alone weighs more than a tenth
 * of the limit is not held at all.
 */
export function createMemory<V>(limit: number, weigh: (value: V) => number): Memory<V> {
  const entries = new Map<string, { readonly value: V; readonly weight: number }>();
  let total = 0;
  const forget = (key: string) => {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      forget(key);
      const weight = weigh(value);
      if (weight > limit / 10) return;
      entries.set(key, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= limit) break;
        forget(oldest);
      }
    },
    get weight() {
      return total;
    },
  };
}
