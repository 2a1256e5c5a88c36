import { randomBytes, randomUUID } from 'node:crypto';
import { newId } from '#kernel/ids.ts';
import type { Row, Table } from './capture.ts';

/** A recipient as the register holds it. */
export interface Recipient {
  readonly id: string;
  readonly number: string;
  readonly kind: string;
}

/** What differs from one message to the next: whom it is for, when, and the ids that were made for it. */
export interface Occasion {
  readonly recipient: Recipient;
  readonly at: number;
  /** The new id in place of one of the pattern's. */
  idFor(patternId: string): string;
}

/** Values of one row for an occasion, in the order of its columns. */
export interface RowPattern {
  readonly table: Table;
  readonly columns: ReadonlyMap<string, (occasion: Occasion) => string | null>;
  readonly isNull: ReadonlySet<string>;
  /** Ids of the pattern that stand in it. */
  readonly ids: ReadonlySet<string>;
  readonly speaksOfRecipient: boolean;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const none: readonly string[] = [];

/**
 * Turns rows that the product has written for one message into a pattern by which the same rows are written for others.
 * Ids that were made for the message, the recipient's id and number, and instants are replaced wherever they stand, also inside
 * a text; all else stays. `known`: ids that are no message's own, such as those of parties.
 */
export function patternsOf(
  rows: readonly Row[],
  about: {
    readonly tables: ReadonlyMap<string, Table>;
    readonly known: ReadonlySet<string>;
    readonly recipient: Recipient;
    readonly at: number;
  },
): RowPattern[] {
  return rows.map((row) => patternOf(row, about));
}

function patternOf(row: Row, { tables, known, recipient, at }: Parameters<typeof patternsOf>[1]): RowPattern {
  const table = tables.get(row.table)!;
  const columns = new Map<string, (occasion: Occasion) => string | null>();
  const isNull = new Set<string>();
  const ids = new Set<string>();
  let speaksOfRecipient = false;

  for (const [column, type] of table.types) {
    const value = row.values[column] ?? null;
    if (value === null) {
      columns.set(column, () => null);
      isNull.add(column);
      continue;
    }
    if (type.startsWith('timestamp')) {
      const shift = Date.parse(isoOf(value)) - at;
      columns.set(column, (occasion) => new Date(occasion.at + shift).toISOString());
      continue;
    }
    const parts = value.split(new RegExp(`(${uuid.source}|${recipient.number})`, 'g')).map((part) => {
      if (part === recipient.id || part === recipient.number) speaksOfRecipient = true;
      if (part === recipient.id) return (occasion: Occasion) => occasion.recipient.id;
      if (part === recipient.number) return (occasion: Occasion) => occasion.recipient.number;
      if (!isUuid(part) || known.has(part)) return part;
      ids.add(part);
      return (occasion: Occasion) => occasion.idFor(part);
    });
    columns.set(column, joined(parts.filter((part) => part !== '')));
  }
  return { table, columns, isNull, ids, speaksOfRecipient };
}

type Part = string | ((occasion: Occasion) => string);

function joined(parts: readonly Part[]): (occasion: Occasion) => string {
  if (parts.every((part) => typeof part === 'string')) {
    const text = parts.join('');
    return () => text;
  }
  const [only, ...more] = parts;
  if (typeof only === 'function' && more.length === 0) return only;
  return (occasion) => parts.map((part) => (typeof part === 'string' ? part : part(occasion))).join('');
}

const isUuid = (text: string): boolean => (text.match(uuid) ?? none)[0] === text;

/** `2026-11-24 19:00:00.123+00` as Node reads it. */
export function isoOf(timestamp: string): string {
  return timestamp.replace(' ', 'T').replace(/\+00$/, 'Z');
}

/** A message's ids: made when they are first asked for, of the same version as the pattern's. `given` are known before. */
export function idsFor(given: ReadonlyMap<string, string> = new Map()): (patternId: string) => string {
  const made = new Map(given);
  return (patternId) => {
    const known = made.get(patternId);
    if (known !== undefined) return known;
    const id = likeOf(patternId);
    made.set(patternId, id);
    return id;
  };
}

/** Versions 7 and 8 begin with the time, so that their keys lie in order; any other is random. */
function likeOf(patternId: string): string {
  const version = patternId[14];
  if (version === '7') return newId();
  if (version !== '8') return randomUUID();
  const random = randomBytes(9).toString('hex');
  return `${newId().slice(0, 14)}8${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6)}`;
}
