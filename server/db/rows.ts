import type pg from 'pg';

/** Rows are what the statement says they are: the type is the caller's word for it. */
export const many = <T>(result: pg.QueryResult): T[] => result.rows as T[];

export function maybeOne<T>(result: pg.QueryResult): T | undefined {
  if (result.rows.length > 1) throw new Error(`one row at most was expected, ${result.rows.length} came`);
  return result.rows[0] as T | undefined;
}

export function oneOf<T>(result: pg.QueryResult): T {
  const row = maybeOne<T>(result);
  if (row === undefined) throw new Error('one row was expected, none came');
  return row;
}
