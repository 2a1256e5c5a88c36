import type { Contents } from './contents.ts';

/** A statement and its values. Made by the `sql` tag only, so that a value never becomes text of the statement. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
  /** See `prepared`. */
  readonly isPrepared?: true;
}

/**
 * A statement that each connection parses and plans once: for inserts of the hot path that read nothing but what they are given. One
 * that looks into tables is planned each time, since a plan that was made while they were empty would stay.
 */
export function prepared(query: Sql): Sql {
  return { ...query, isPrepared: true };
}

function isSql(value: unknown): value is Sql {
  return typeof value === 'object' && value !== null && 'text' in value && 'values' in value;
}

/** Values become parameters; a nested `sql` fragment is woven in with its own. */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  if (!values.some(isSql)) return { text: textOf(strings), values };
  const all: unknown[] = [];
  let text = '';
  strings.forEach((piece, i) => {
    text += piece;
    if (i >= values.length) return;
    const value = values[i];
    if (isSql(value)) {
      const shift = all.length;
      text += value.text.replaceAll(/\$(\d+)/g, (_, n: string) => `$${Number(n) + shift}`);
      all.push(...value.values);
      return;
    }
    all.push(value);
    text += `$${all.length}`;
  });
  return { text, values: all };
}

const texts = new WeakMap<TemplateStringsArray, string>();

/** The text of a statement without fragments is the same each time: made once, it is known again without being read. */
function textOf(strings: TemplateStringsArray): string {
  const known = texts.get(strings);
  if (known !== undefined) return known;
  const text = strings.reduce((before, piece, i) => `${before}$${i}${piece}`);
  texts.set(strings, text);
  return text;
}

/** What can be asked of the database, inside a transaction or outside one. */
export interface Reader {
  /** How what letters say is kept here. */
  readonly contents: Contents;
  all<T>(query: Sql): Promise<T[]>;
  maybe<T>(query: Sql): Promise<T | undefined>;
  one<T>(query: Sql): Promise<T>;
}

/**
 * A transaction. Two ways to use it, and a function says which it serves:
 * reading and locking (`all`, `maybe`, `one`, `run`, awaited), and joined writing (`send`, nothing read back).
 */
export interface Tx extends Reader {
  /** Runs a statement and tells how many rows it touched. */
  run(query: Sql): Promise<number>;
  /** Sends a statement without waiting. All that was sent is settled before commit; the first failure rolls back and is thrown. */
  send(query: Sql): void;
  /**
   * From here on this transaction's statements are parsed and planned once on each connection, as `prepared` ones are, and by indexes
   * whatever the size of the tables, so that a plan which was made while they were empty is right when they are full. For work that is
   * done often, finds every row by a key, and has few statements: planning them takes longer than all that they do.
   */
  keepPlans(): void;
  /** Called once after a successful commit: wake-ups only, never work that must not be lost. */
  afterCommit(wake: () => void): void;
}

export interface Db extends Reader {
  /** Commits what `work` wrote, or nothing. Serialization failures and deadlocks are tried again with fresh state. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** A database that is this transaction: what would open one of its own becomes part of it, and falls with it. */
export function asDb(tx: Tx): Db {
  return { contents: tx.contents, all: tx.all, maybe: tx.maybe, one: tx.one, transaction: (work) => work(tx) };
}

/** A query that must return no rows. Run after every journey, and by the sweeper in production; a row raises an alarm. */
export interface Invariant {
  readonly name: string;
  readonly find: Sql;
}
