/** A value that PostgreSQL reads in an array without quotes. */
export type PlainValue = string | number | boolean | null;

const rendered = new WeakMap<readonly PlainValue[], string>();

/**
 * A column as the text of a PostgreSQL array, to be cast (`${column(ids)}::uuid[]`): of ids, numbers, URNs and other words. The
 * driver renders an array anew for each statement, value by value; here it is done once for an array that many statements share.
 * Throws for a text that would need quotes.
 */
export function column(values: readonly PlainValue[]): string {
  const known = rendered.get(values);
  if (known !== undefined) return known;
  const joined = values.join(','); // null becomes nothing, which is told apart below
  const isPlain = !/[^\w:/.,-]/.test(joined) && count(joined, ',') === Math.max(values.length - 1, 0);
  if (!isPlain) throw new Error('a column of plain values holds one that is not');
  const hasEmpty = joined.startsWith(',') || joined.endsWith(',') || joined.includes(',,') || (joined === '' && values.length > 0);
  const text = `{${hasEmpty ? values.map(written).join(',') : joined}}`;
  rendered.set(values, text);
  return text;
}

function written(value: PlainValue): string {
  if (value === null) return 'NULL';
  return value === '' ? '""' : String(value);
}

function count(text: string, mark: string): number {
  let found = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) found += 1;
  return found;
}
