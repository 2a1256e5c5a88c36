import type { Db, Reader, Tx } from '#kernel/database.ts';
import { type Answer, createJoiner, type Joiner, type JoinerLimits } from './joiner.ts';

/** Callers of one operation. */
export interface JoinedCalls<I, V> {
  /**
   * Does the work of all in one transaction and answers each, in their order. Those whose rows others hold are answered `busy`, unless
   * the caller `waits`, which then is the only one. What it throws fails all of them, which are then tried in halves.
   */
  run(tx: Tx, items: readonly I[], waits: boolean): Promise<readonly (Answer<V> | typeof busy)[]>;
  /** Whether it must go by itself from the start. */
  isAlone?(item: I): boolean;
  /** Which of these are in the database. Asked when a commit's outcome is unknown; ids belong to the item, which may run again. */
  findWritten(reader: Reader, values: readonly V[]): Promise<ReadonlySet<V>>;
}

/** Somebody else holds what this caller needs: it waits by itself, and holds up nobody. */
export const busy: unique symbol = Symbol('busy');

const limits: JoinerLimits = {
  writers: 2,
  loners: 8,
  patience: { rows: 64, millis: 100 },
  batch: { callers: 64, rows: 64, bytes: Number.POSITIVE_INFINITY },
  // Whoever has come so far is let in: it is turned away at the door, if at all.
  waiting: { rows: 100_000, bytes: Number.POSITIVE_INFINITY },
};

interface Asked<I> {
  readonly item: I;
  readonly waits: boolean;
}

/**
 * Callers who come at the same time share a transaction, as those who send letters do: a transaction costs more than what one of them writes in
 * it. One for each database of a process. See decision 015.
 */
export function joinCallers<I, V>(work: JoinedCalls<I, V>): (db: Db, item: I) => Promise<V> {
  const joiners = new WeakMap<Db, Joiner<Asked<I>, V>>();
  const joinerOf = (db: Db): Joiner<Asked<I>, V> => {
    const known = joiners.get(db);
    if (known) return known;
    const made = createJoiner<Asked<I>, V>(
      db,
      {
        weigh: () => ({ rows: 1, bytes: 0 }),
        async run(tx, asked) {
          const answers = await work.run(
            tx,
            asked.map(({ item }) => item),
            asked[0]!.waits,
          );
          return answers.map((answer) => (answer === busy ? { refusal: busy } : answer));
        },
        findWritten: work.findWritten,
      },
      limits,
    );
    joiners.set(db, made);
    return made;
  };
  return async (db, item) => {
    const joiner = joinerOf(db);
    if (!work.isAlone?.(item)) {
      try {
        return await joiner.join({ item, waits: false });
      } catch (error) {
        if (error !== busy) throw error;
      }
    }
    return joiner.alone({ item, waits: true });
  };
}

/** What a step says of one of many: its value, or the refusal that it throws. */
export function answered<V>(step: () => V): Answer<V> {
  try {
    return { value: step() };
  } catch (refusal) {
    return { refusal };
  }
}

/** Pure. Whether none before this one wants the same thing: those after the first come when it is done, and see what it has written. */
export function isFirst(asked: readonly { readonly id: string }[], i: number): boolean {
  return asked.findIndex(({ id }) => id === asked[i]!.id) === i;
}

/** The answer of whoever goes by itself, and waits for what others hold. */
export async function alone<V>(answers: Promise<readonly (Answer<V> | typeof busy)[]>): Promise<V> {
  const [answer] = await answers;
  if (answer === undefined || answer === busy) throw new Error('who waits is not answered that others are before it');
  if ('refusal' in answer) throw answer.refusal;
  return answer.value;
}
