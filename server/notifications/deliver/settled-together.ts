import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long items wait for company: until there are so many, or the first has waited so long. */
export interface Company {
  readonly items: number;
  readonly millis: number;
}

export interface Together<T> {
  /** Resolves when the call that took the item has come to an end. */
  add(item: T): Promise<void>;
  /** No more will come: what waits goes at once. */
  end(): void;
}

/**
 * Joins items into few calls, one at a time: what comes while the former call is under way, and as much more as there is patience for,
 * goes into the next. Each caller waits for the call that took its item. A failed call fails those whose items it took.
 */
export function settledTogether<T>(settle: (items: readonly T[]) => Promise<void>, company: Company): Together<T> {
  let gathered: { readonly items: T[]; readonly done: Promise<void>; goOn(): void } | undefined;
  let under: Promise<void> = Promise.resolve();
  let isOver = false;

  const gather = (): NonNullable<typeof gathered> => {
    const items: T[] = [];
    const { promise: ready, resolve: goOn } = Promise.withResolvers<void>();
    const timer = setTimeout(goOn, company.millis);
    const done = Promise.all([under, ready])
      .then(() => nextTurn())
      .then(() => {
        clearTimeout(timer);
        gathered = undefined;
        return settle(items);
      });
    under = done.catch(() => {});
    return { items, done, goOn };
  };

  return {
    add(item) {
      gathered ??= gather();
      gathered.items.push(item);
      if (isOver || gathered.items.length >= company.items) gathered.goOn();
      return gathered.done;
    },
    end() {
      isOver = true;
      gathered?.goOn();
    },
  };
}
