/** What was found out before, to be trusted only by whoever checks its version. */
export interface Memory<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** Of all that it holds. */
  readonly weight: number;
}

interface Entry<V> {
  readonly value: V;
  readonly weight: number;
}

/**
 * Holds values up to a weight, in two generations: when the young ones would weigh more than half of the limit they become the old ones, and
 * those that were old and have not been used since are forgotten, all at once. Nothing is moved for being used while young, and
 * nothing is deleted one by one: a Map that has lost its first entries is slow to find the next. A value that alone weighs
 * more than a tenth of the limit is not held.
 */
export function createMemory<V>(limit: number, weigh: (value: V) => number): Memory<V> {
  let young = new Map<string, Entry<V>>();
  let old = new Map<string, Entry<V>>();
  let [youngWeight, oldWeight] = [0, 0];

  const keep = (key: string, entry: Entry<V>): void => {
    if (youngWeight + entry.weight > limit / 2) {
      [old, oldWeight] = [young, youngWeight];
      [young, youngWeight] = [new Map(), 0];
    }
    youngWeight += entry.weight - (young.get(key)?.weight ?? 0);
    young.set(key, entry);
  };

  return {
    get(key) {
      const entry = young.get(key);
      if (entry) return entry.value;
      const aged = old.get(key);
      if (!aged) return undefined;
      keep(key, aged);
      return aged.value;
    },
    set(key, value) {
      const weight = weigh(value);
      if (weight <= limit / 10) return keep(key, { value, weight });
      youngWeight -= young.get(key)?.weight ?? 0;
      oldWeight -= old.get(key)?.weight ?? 0;
      young.delete(key);
      old.delete(key);
    },
    get weight() {
      return youngWeight + oldWeight;
    },
  };
}
