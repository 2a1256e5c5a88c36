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

/** A row as it is written for any message. */
export interface RowPattern {
  readonly table: Table;
  readonly columns: ReadonlyMap<string, Column>;
  /** Ids of the pattern that stand in it. */
  readonly ids: ReadonlySet<string>;
}

export interface Column {
  /** What its value is put together from. */
  readonly parts: readonly Part[];
  readonly make: (occasion: Occasion) => string | null;
}

export type Part =
  | { readonly is: 'null' }
  | { readonly is: 'text'; readonly text: string }
  /** Milliseconds after the message's own time. */
  | { readonly is: 'instant'; readonly shift: number }
  | { readonly is: 'id'; readonly patternId: string }
  /** The number that an event has among all of them. */
  | { readonly is: 'position' }
  | { readonly is: 'recipientId' }
  | { readonly is: 'recipientNumber' };

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
  const varying = new RegExp(`(${uuid.source}|${recipient.number})`, 'g');
  const partOf = (text: string): Part => {
    if (text === recipient.id) return { is: 'recipientId' };
    if (text === recipient.number) return { is: 'recipientNumber' };
    return isUuid(text) && !known.has(text) ? { is: 'id', patternId: text } : { is: 'text', text };
  };
  const partsOf = (column: string, value: string | null, type: string): Part[] => {
    if (value === null) return [{ is: 'null' }];
    if (column === 'position' && row.table === 'events.outbox') return [{ is: 'position' }];
    if (type.startsWith('timestamp')) return [{ is: 'instant', shift: Date.parse(isoOf(value)) - at }];
    return value === '' ? [{ is: 'text', text: '' }] : value.split(varying).filter(Boolean).map(partOf);
  };
  const columns = new Map<string, Column>();
  for (const [column, type] of table.types) {
    const parts = partsOf(column, row.values[column] ?? null, type);
    columns.set(column, { parts, make: makerOf(parts) });
  }
  const parts = [...columns.values()].flatMap((column) => column.parts);
  return { table, columns, ids: new Set(parts.flatMap((part) => (part.is === 'id' ? [part.patternId] : []))) };
}

function makerOf(parts: readonly Part[]): Column['make'] {
  const makers = parts.map(makerOfPart);
  const [only] = makers;
  if (makers.length === 1) return only!;
  if (parts.every(({ is }) => is === 'text')) {
    const text = parts.map((part) => (part.is === 'text' ? part.text : '')).join('');
    return () => text;
  }
  return (occasion) => makers.map((make) => make(occasion)).join('');
}

function makerOfPart(part: Part): Column['make'] {
  switch (part.is) {
    case 'null':
      return () => null;
    case 'text':
      return () => part.text;
    case 'instant':
      return (occasion) => new Date(occasion.at + part.shift).toISOString();
    case 'id':
      return (occasion) => occasion.idFor(part.patternId);
    case 'position':
      return () => String(nextPosition++);
    case 'recipientId':
      return (occasion) => occasion.recipient.id;
    case 'recipientNumber':
      return (occasion) => occasion.recipient.number;
  }
}

/** Of events that the bare path numbers: past all that a server has. */
let nextPosition = 1_000_000_000;

export const isAlwaysNull = (column: Column): boolean => column.parts[0]!.is === 'null';

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
