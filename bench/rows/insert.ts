import { isAlwaysNull, type Occasion, type RowPattern } from './pattern.ts';

/** A statement and its values; the name lets the server keep its plan. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | readonly (string | null)[])[];
}

/** A row that is to be written: its pattern, and for which message. */
export interface PlannedRow {
  readonly pattern: RowPattern;
  readonly occasion: Occasion;
}

/** One statement per table for any number of rows, tables in the order in which they are first named. */
export function insertStatements(order: readonly RowPattern[], rows: readonly PlannedRow[]): Statement[] {
  const perTable = Map.groupBy(rows, ({ pattern }) => pattern.table.name);
  return insertsOf(order).flatMap(({ name, table, columns, text }) => {
    const mine = perTable.get(table);
    if (!mine) return [];
    const values = columns.map((column) => mine.map(({ pattern, occasion }) => pattern.columns.get(column)!.make(occasion)));
    return [{ name, text, values }];
  });
}

interface Insert {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly text: string;
}

let made = 0;
const kept = new WeakMap<readonly RowPattern[], readonly Insert[]>();

function insertsOf(order: readonly RowPattern[]): readonly Insert[] {
  const known = kept.get(order);
  if (known) return known;
  const inserts = [...Map.groupBy(order, ({ table }) => table.name)].map(([table, patterns]) => insertOf(table, patterns));
  kept.set(order, inserts);
  return inserts;
}

/** Columns that are null in every pattern are left out: there is nothing to write in them. */
function insertOf(table: string, patterns: readonly RowPattern[]): Insert {
  const { types } = patterns[0]!.table;
  const columns = [...types.keys()].filter((column) => patterns.some((pattern) => !isAlwaysNull(pattern.columns.get(column)!)));
  const arrays = columns.map((column, i) => `$${i + 1}::${types.get(column)!.endsWith('[]') ? 'text' : types.get(column)}[]`);
  const picked = columns.map((column) => (types.get(column)!.endsWith('[]') ? `"${column}"::${types.get(column)}` : `"${column}"`));
  const names = columns.map((column) => `"${column}"`).join(', ');
  made += 1;
  return {
    name: `bench ${made}`,
    table,
    columns,
    text: `insert into ${table} (${names}) select ${picked.join(', ')} from unnest(${arrays.join(', ')}) as r (${names})`,
  };
}
