import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Contents } from '#kernel/contents.ts';
import type { Tx } from '#kernel/database.ts';
import { createDatabase, type DatabaseOptions } from './database.ts';
import { attempt } from './transaction.ts';

/** A transaction that can also take rows as a stream. Statements wait for the ones before them. */
export interface CopyTx extends Tx {
  /** Runs a `copy … from stdin` on these lines of its text format. Nothing else may be under way on the transaction meanwhile. */
  copy(statement: string, lines: string): Promise<void>;
}

/** Connections for COPY: apart from the others, since a connection on which statements are pipelined cannot stream. */
export interface Copying {
  /** As of a `Database`. */
  keepContentsBy(contents: Contents): void;
  /** Commits what `work` wrote, or nothing. Tried once: a caller that can tell whether it was written tries again. */
  transaction<T>(work: (tx: CopyTx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createCopying(options: Omit<DatabaseOptions, 'pipelined'>): Copying {
  const database = createDatabase({ ...options, pipelined: false });
  const { pool, close } = database;
  return {
    keepContentsBy: database.keepContentsBy,
    close,
    async transaction(work) {
      const client = await pool.connect();
      const turns = inTurn();
      const { connection } = client as unknown as { readonly connection: unknown };
      const waiting = { connection, query: (query: pg.QueryConfig) => turns(() => client.query(query)) } as unknown as pg.ClientBase;
      const copy = (statement: string, lines: string): Promise<void> =>
        turns(() => pipeline(Readable.from([lines]), client.query(copyFrom(statement))));
      let isWhole = false;
      try {
        const done = await attempt({ client: waiting, contents: database.contents, beginsAtOnce: true }, (tx) => work({ ...tx, copy }));
        isWhole = true;
        if (!done.committed) throw done.error;
        for (const wake of done.wakes) wake();
        return done.value;
      } finally {
        client.release(!isWhole);
      }
    },
  };
}

/** Does one thing after the other, whatever became of the former. */
function inTurn(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act);
    last = mine.catch(() => {});
    return mine;
  };
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value in the text format of COPY. Source: the PostgreSQL manual, COPY. */
export function copyText(value: string | number | boolean | null): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return String(value);
  return /[\\\t\n\r]/.test(value) ? value.replaceAll(/[\\\t\n\r]/g, (c) => escapes[c]!) : value;
}
