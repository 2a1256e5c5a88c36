/** What a client says about the part that it wants. */
export interface RangeAsked {
  /** The header `Range`. */
  readonly range: string | undefined;
  /** The header `If-Range`: the range holds for what has this tag only, and else the whole is wanted. */
  readonly ifRange: string | undefined;
}

/** Bytes `start` to `end`, both inclusive. */
export interface Chosen {
  readonly start: number;
  readonly end: number;
}

/**
 * Pure. Which bytes an answer holds: those of a single range, `whole`, or `unsatisfiable` when the range begins after the last
 * byte. A header of another unit, of several ranges, or that cannot be read is as none. `entityTag` is a strong one, with its quotes.
 * Numbers may be as large as anybody writes, Int64.MaxValue as the end among them. Source: RFC 9110 §13.1.5, §14.1.2, §14.2.
 */
export function chosenBytes({ range, ifRange }: RangeAsked, sizeBytes: number, entityTag: string): Chosen | 'whole' | 'unsatisfiable' {
  const match = /^bytes\s*=\s*(\d{0,400})\s*-\s*(\d{0,400})$/i.exec(range?.trim() ?? '');
  if (!match || (ifRange !== undefined && ifRange.trim() !== entityTag)) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? 'whole' : lastBytes(Number(last), sizeBytes);
  const start = Number(first);
  if (last !== '' && BigInt(last) < BigInt(first)) return 'whole';
  if (start >= sizeBytes) return 'unsatisfiable';
  return { start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}

function lastBytes(length: number, sizeBytes: number): Chosen | 'unsatisfiable' {
  if (length === 0 || sizeBytes === 0) return 'unsatisfiable';
  return { start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 };
}
