import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Joins what comes while the former call is under way, and in the same turn of the event loop, into the next one: each caller waits for
 * the call that took its item, and no item waits longer than one call. A failed call fails those whose items it took.
 */
export function settledTogether<T>(settle: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  let gathered: { readonly items: T[]; readonly done: Promise<void> } | undefined;
  let under: Promise<void> = Promise.resolve();

  return (item) => {
    if (gathered) {
      gathered.items.push(item);
      return gathered.done;
    }
    const items = [item];
    const done = under.then(nextTurn).then(() => {
      gathered = undefined;
      return settle(items);
    });
    gathered = { items, done };
    under = done.catch(() => {});
    return done;
  };
}
