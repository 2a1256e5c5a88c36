import { withoutFormulas } from '../../server/kernel/spreadsheet.ts';

export type Cell = string | number | null;

/** By it Excel knows that a file is UTF-8. */
const byteOrderMark = '\uFEFF';

/**
 * Pure. A table as a file that a spreadsheet opens: divided by semicolons, as spreadsheets in Norway expect, and no formula in it.
 */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return byteOrderMark + rows.map((row) => `${row.map(field).join(';')}\r\n`).join('');
}

function field(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell).replace('.', ',');
  const guarded = withoutFormulas(cell);
  return /[",;\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
