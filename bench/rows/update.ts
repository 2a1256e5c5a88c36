import type { Statement } from './insert.ts';
import type { Occasion, RowPattern } from './pattern.ts';

/** A row that is changed: all of its pattern is known, `columns` are those that change. */
export interface ChangePattern {
  readonly pattern: RowPattern;
  readonly columns: readonly string[];
}

export interface PlannedChange {
  readonly change: ChangePattern;
  readonly occasion: Occasion;
}

/** One statement for any number of changes of the same kind of row. */
export function updateStatement(name: string, changes: readonly PlannedChange[]): Statement[] {
  const first = changes[0]?.change;
  if (!first) return [];
  const { table } = first.pattern;
  const columns = [...table.key, ...first.columns];
  const arrays = columns.map((column, i) => `$${i + 1}::${table.types.get(column)}[]`);
  const quoted = (names: readonly string[]): string => names.map((column) => `"${column}"`).join(', ');
  const set = first.columns.map((column) => `"${column}" = r."${column}"`).join(', ');
  const where = table.key.map((column) => `t."${column}" = r."${column}"`).join(' and ');
  return [
    {
      name,
      text: `update ${table.name} t set ${set} from unnest(${arrays.join(', ')}) as r (${quoted(columns)}) where ${where}`,
      values: columns.map((column) => changes.map(({ change, occasion }) => change.pattern.columns.get(column)!.make(occasion))),
    },
  ];
}
