import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, Reader, Tx } from '#kernel/database.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { CommitUnknown, codeOf, isConnectionLoss } from './errors.ts';

/** What becomes of one caller in a batch: its value, once the batch is committed, or a no of its own. */
export type Answer<V> = { readonly value: V } | { readonly refusal: unknown };

/** How much a caller puts into a batch, and holds while it waits. */
export interface Weight {
  readonly rows: number;
  readonly bytes: number;
}

/** The work that callers share. */
export interface JoinedWork<I, V> {
  weigh(item: I): Weight;
  /**
   * Does the work of all these callers in one transaction and answers each, in their order. What it throws fails the batch, which
   * is then tried in halves, so that one bad caller harms nobody else. Ids must belong to the item: it may run again.
   */
  run(tx: Tx, items: readonly I[]): Promise<readonly Answer<V>[]>;
  /** Which of these are in the database. Asked when a commit's outcome is unknown. */
  findWritten(reader: Reader, values: readonly V[]): Promise<ReadonlySet<V>>;
}

export interface JoinerLimits {
  /** Transactions at a time. */
  readonly writers: number;
  /** Transactions at a time of those that go alone. */
  readonly loners: number;
  /**
   * While a batch of fewer rows is under way, and not for longer than this, those who come wait for its writer and go together:
   * two transactions at once cost more than one of twice the size.
   */
  readonly patience: { readonly rows: number; readonly millis: number };
  /** A batch is closed when it reaches one of these; a single caller may exceed them. */
  readonly batch: { readonly callers: number } & Weight;
  /** What may wait, in each of the two queues; past it callers are turned away. */
  readonly waiting: Weight;
}

export interface Joiner<I, V> {
  /** Waits for company, then for the commit. Throws the item's own no, Overloaded when too much waits, or the fault. */
  join(item: I): Promise<V>;
  /** The same in a transaction of its own: for an item that may have to wait for locks, which must hold up nobody else. */
  alone(item: I): Promise<V>;
}

interface Waiting<I, V> {
  readonly item: I;
  readonly weight: Weight;
  resolve(value: V): void;
  reject(reason: unknown): void;
}

const attempts = 6;
const firstPauseMillis = 20;

/**
 * Joins concurrent callers into few transactions: a transaction costs about as much as thirty messages in one. Whoever comes while
 * a small batch is under way waits for the next; a large one, or one that is held up, is passed by. Nobody waits for company when
 * nothing is under way.
 */
export function createJoiner<I, V>(db: Db, work: JoinedWork<I, V>, limits: JoinerLimits): Joiner<I, V> {
  const joined = createLane(db, work, limits);
  const single = createLane(db, work, {
    ...limits,
    writers: limits.loners,
    patience: { rows: 0, millis: 0 },
    batch: { ...limits.batch, callers: 1 },
  });
  return { join: joined, alone: single };
}

/** A queue and the writers that empty it. */
function createLane<I, V>(db: Db, work: JoinedWork<I, V>, limits: JoinerLimits): (item: I) => Promise<V> {
  const queue = new Queue<I, V>(limits);
  const { patience } = limits;
  let running = 0;
  /** Batches under way whose end is near. */
  const brief = new Set<readonly Waiting<I, V>[]>();

  function start(): void {
    if (running >= limits.writers || brief.size > 0) return;
    running += 1;
    // Those that arrive in this turn of the event loop go along.
    setImmediate(() => void drain());
  }

  async function drain(): Promise<void> {
    for (let batch = queue.take(); batch.length > 0; batch = queue.take()) await write(batch);
    running -= 1;
  }

  async function write(batch: readonly Waiting<I, V>[]): Promise<void> {
    const letPass = (): void => {
      brief.delete(batch);
      if (!queue.isEmpty) start();
    };
    brief.add(batch);
    if (batch.reduce((rows, { weight }) => rows + weight.rows, 0) >= patience.rows) letPass();
    const timer = setTimeout(letPass, patience.millis);
    await settle(db, work, batch);
    clearTimeout(timer);
    brief.delete(batch);
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.add({ item, weight: work.weigh(item), resolve, reject });
      start();
    });
}

/** First come, first served, within bounds. */
class Queue<I, V> {
  readonly #limits: JoinerLimits;
  #items: Waiting<I, V>[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(limits: JoinerLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  add(waiting: Waiting<I, V>): void {
    const { rows, bytes } = this.#limits.waiting;
    const isFull = this.#rows + waiting.weight.rows > rows || this.#bytes + waiting.weight.bytes > bytes;
    if (isFull && this.#items.length > 0) throw new Overloaded(1);
    this.#items.push(waiting);
    this.#count(waiting, 1);
  }

  /** The next batch; empty when nobody waits. */
  take(): Waiting<I, V>[] {
    const { callers, rows, bytes } = this.#limits.batch;
    let n = 0;
    for (let sum = { rows: 0, bytes: 0 }; n < this.#items.length && n < callers; n += 1) {
      const { weight } = this.#items[n]!;
      sum = { rows: sum.rows + weight.rows, bytes: sum.bytes + weight.bytes };
      if (n > 0 && (sum.rows > rows || sum.bytes > bytes)) break;
    }
    const batch = this.#items.slice(0, n);
    this.#items = this.#items.slice(n);
    for (const waiting of batch) this.#count(waiting, -1);
    return batch;
  }

  #count({ weight }: Waiting<I, V>, sign: 1 | -1): void {
    this.#rows += sign * weight.rows;
    this.#bytes += sign * weight.bytes;
  }
}

/** Answers every caller of the batch, whatever happens. */
async function settle<I, V>(db: Db, work: JoinedWork<I, V>, batch: readonly Waiting<I, V>[], left = attempts): Promise<void> {
  let answers: readonly Answer<V>[] = [];
  try {
    await db.transaction(async (tx) => {
      answers = await work.run(
        tx,
        batch.map(({ item }) => item),
      );
    });
  } catch (error) {
    return recover(db, work, { batch, answers, error, left }).catch((worse: unknown) => {
      for (const { reject } of batch) reject(worse);
    });
  }
  batch.forEach((waiting, i) => {
    answer(waiting, answers[i]);
  });
}

interface Failure<I, V> {
  readonly batch: readonly Waiting<I, V>[];
  readonly answers: readonly Answer<V>[];
  readonly error: unknown;
  readonly left: number;
}

/**
 * Lost at commit: those that are in the database are answered, the others go again with the same ids, which the database takes once. Where
 * it cannot be asked, nobody knows (CommitUnknown). No database: all hear so. Otherwise one of the callers is at fault, and is found by halving.
 */
async function recover<I, V>(db: Db, work: JoinedWork<I, V>, { batch, answers, error, left }: Failure<I, V>): Promise<void> {
  const mayBeWritten = error instanceof CommitUnknown || (batch.length === 1 && codeOf(error) === '23505');
  const rest = mayBeWritten ? await answerWritten(db, work, batch, answers) : batch;
  if (rest.length === 0) return;
  if (error instanceof CommitUnknown && left > 0) {
    await sleep(firstPauseMillis * 2 ** (attempts - left));
    return settle(db, work, rest, left - 1);
  }
  if (rest.length === 1 || error instanceof CommitUnknown || isConnectionLoss(error)) {
    for (const { reject } of rest) reject(error);
    return;
  }
  const half = Math.ceil(rest.length / 2);
  await settle(db, work, rest.slice(0, half), left);
  await settle(db, work, rest.slice(half), left);
}

/** Answers those whose work is in the database; the others. */
async function answerWritten<I, V>(
  db: Db,
  work: JoinedWork<I, V>,
  batch: readonly Waiting<I, V>[],
  answers: readonly Answer<V>[],
): Promise<Waiting<I, V>[]> {
  const values = answers.flatMap((each) => ('value' in each ? [each.value] : []));
  const written = await askUntilAnswered(() => db.transaction((tx) => work.findWritten(tx, values))).catch((unanswered: unknown) => {
    throw new CommitUnknown(unanswered);
  });
  return batch.filter((waiting, i) => {
    const each = answers[i];
    if (each === undefined || !('value' in each) || !written.has(each.value)) return true;
    waiting.resolve(each.value);
    return false;
  });
}

/** A question may meet the next lost connection, and even lose its commit: it is asked again, since it changes nothing. */
async function askUntilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0 || !(error instanceof CommitUnknown)) throw error;
    }
  }
}

function answer<I, V>({ resolve, reject }: Waiting<I, V>, given: Answer<V> | undefined): void {
  if (given && 'value' in given) resolve(given.value);
  else reject(given?.refusal ?? new Error('the joined work left a caller without an answer'));
}
