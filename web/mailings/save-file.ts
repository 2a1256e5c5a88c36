import { withoutFormulas } from '../../server/kernel/spreadsheet.ts';

/** Gives the browser a file to save, as spreadsheets open it. */
export function saveTable(name: string, rows: readonly (readonly string[])[]): void {
  const text = rows.map((row) => row.map(cellOf).join(';')).join('\r\n');
  const address = URL.createObjectURL(new Blob([`\ufeff${text}\r\n`], { type: 'text/csv;charset=utf-8' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** In quotes, and no formula. */
export function cellOf(text: string): string {
  return `"${withoutFormulas(text).replaceAll('"', '""')}"`;
}
