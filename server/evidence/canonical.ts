/** What can be written canonically: no fractions, no integers past 2^53 - 1, no `undefined` inside arrays, no cycles. */
export type Canonical = null | boolean | number | string | Date | readonly Canonical[] | { readonly [name: string]: Canonical | undefined };

const deepest = 32;

/**
 * Canonical JSON (RFC 8785): members sorted by their UTF-16 code units, no space. A `Date` becomes
 * `YYYY-MM-DDTHH:MM:SS.sssZ`; a member that is `undefined` is left out.
 *
 * Throws for what has no canonical form here: fractions and unsafe integers, lone surrogates, dates that are no dates,
 * years outside 0000-9999, anything but plain objects and arrays, and nesting past 32 levels (which a cycle is).
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > deepest) throw new Error('cannot be canonical: nested too deeply');
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return integer(value);
  if (value instanceof Date) return instant(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item: unknown) => write(item, depth + 1)).join(',')}]`;
  if (isPlain(value)) return members(value, depth);
  throw new Error(`cannot be canonical: ${typeof value}`);
}

function members(value: Readonly<Record<string, unknown>>, depth: number): string {
  const written = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${text(name)}:${write(value[name], depth + 1)}`);
  return `{${written.join(',')}}`;
}

function text(value: string): string {
  if (!value.isWellFormed()) throw new Error('cannot be canonical: a lone surrogate');
  return JSON.stringify(value);
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error('cannot be canonical: only whole numbers below 2^53');
  return String(value === 0 ? 0 : value);
}

function instant(value: Date): string {
  const millis = value.getTime();
  if (Number.isNaN(millis)) throw new Error('cannot be canonical: not a date');
  const written = value.toISOString();
  if (written.length !== 24) throw new Error('cannot be canonical: a year of more than four digits');
  return `"${written}"`;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
