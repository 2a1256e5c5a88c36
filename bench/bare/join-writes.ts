import type pg from 'pg';
import type { PlannedRow } from '../rows/insert.ts';
import type { LetterRows } from '../rows/letter-rows.ts';
import { writeRows } from './write.ts';

/** Of callers that wait at once, how many go into one transaction at most. */
const joinedAtMost = 128;

/**
 * Joins concurrent callers: whenever one of the connections is free it takes all who wait. Gives the function by which a caller
 * has its rows written, and that answers when they are committed.
 */
export function joinWrites(clients: readonly pg.ClientBase[], letter: LetterRows): (rows: readonly PlannedRow[]) => Promise<void> {
  const waiting: { readonly rows: readonly PlannedRow[]; readonly done: PromiseWithResolvers<void> }[] = [];
  const free = [...clients];

  const start = (): void => {
    const client = waiting.length > 0 ? free.pop() : undefined;
    if (!client) return;
    const taken = waiting.splice(0, joinedAtMost);
    writeRows(
      client,
      letter,
      taken.flatMap(({ rows }) => rows),
    )
      .then(
        () => {
          for (const { done } of taken) done.resolve();
        },
        (error: unknown) => {
          for (const { done } of taken) done.reject(error);
        },
      )
      .finally(() => {
        free.push(client);
        start();
      });
  };
  return (rows) => {
    const done = Promise.withResolvers<void>();
    waiting.push({ rows, done });
    // Callers that are answered together come back together: all of them go into one batch.
    setImmediate(start);
    return done.promise;
  };
}
