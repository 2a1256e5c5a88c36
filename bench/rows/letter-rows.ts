import type pg from 'pg';
import { listTables, nextTransaction, type Row, rowsSince, type Table } from './capture.ts';
import { isoOf, patternsOf, type Recipient, type RowPattern } from './pattern.ts';

/** All that the product writes for a letter, so that it can be written again without the product. */
export interface LetterRows {
  readonly tables: ReadonlyMap<string, Table>;
  /** Once per request. */
  readonly shared: readonly RowPattern[];
  /** Once per message, by the kind of its recipient. */
  readonly perMessage: ReadonlyMap<string, readonly RowPattern[]>;
  /** All of them in the order in which the product writes them. */
  readonly order: readonly RowPattern[];
  /** Tables that hold a row of each transaction. */
  readonly perTransaction: readonly string[];
  /** The messages that were looked at. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly id: string;
  readonly recipient: Recipient;
  readonly at: number;
  readonly rows: readonly Row[];
}

/**
 * Finds out what the product writes: `send` sends a letter to each of these groups, and gives the messages' ids in the order of the
 * recipients. No two of all of them are of one kind.
 */
export async function captureLetters(
  client: pg.ClientBase,
  groups: readonly (readonly Recipient[])[],
  send: (recipients: readonly Recipient[]) => Promise<readonly string[]>,
): Promise<LetterRows> {
  const tables = await listTables(client);
  const captured: Captured[] = [];
  for (const group of groups) {
    const before = await nextTransaction(client);
    const messages = await send(group);
    captured.push(sortRows(await rowsSince(client, tables, before), group, messages));
  }
  const known = await knownIds(client);
  const patternsFor = (rows: readonly Row[], { recipient, at }: Pick<Sample, 'recipient' | 'at'>): RowPattern[] =>
    patternsOf(
      rows.filter(({ table }) => !tables.get(table)!.isPerTransaction),
      { tables, known, recipient, at },
    );
  const shared = captured.flatMap(({ shared, at }) => patternsFor(shared, { recipient: nobody, at }));
  const samples = captured.flatMap(({ samples }) => samples);
  const perMessage = new Map(samples.map((sample) => [sample.recipient.kind, patternsFor(sample.rows, sample)]));
  const written = captured.flatMap(({ rows }) => rows.map(({ table }) => table));
  const all = [...shared, ...[...perMessage.values()].flat()];
  return {
    tables,
    shared,
    perMessage,
    order: [...new Set(written)].flatMap((name) => all.filter(({ table }) => table.name === name)),
    perTransaction: [...new Set(written)].filter((name) => tables.get(name)!.isPerTransaction),
    samples,
  };
}

interface Captured {
  readonly rows: readonly Row[];
  readonly shared: readonly Row[];
  readonly samples: readonly Sample[];
  readonly at: number;
}

/**
 * Of a letter to one, all rows are that message's. Of a letter to several, those that name one of them are its own. What other
 * transactions wrote meanwhile, such as who was seen, belongs to no letter.
 */
function sortRows(all: readonly Row[], group: readonly Recipient[], messages: readonly string[]): Captured {
  const transactions = new Set(all.filter((row) => messages.some((id) => names(row, id))).map(({ transaction }) => transaction));
  const rows = all.filter(({ transaction }) => transactions.has(transaction));
  const at = Date.parse(isoOf(rows.find(({ table }) => table === 'correspondence.submission')!.values.created_at!));
  const isOf = (row: Row, id: string): boolean => messages.length === 1 || names(row, id);
  const samples = messages.map((id, i): Sample => ({ id, recipient: group[i]!, at, rows: rows.filter((row) => isOf(row, id)) }));
  return { rows, shared: rows.filter((row) => !messages.some((id) => isOf(row, id))), samples, at };
}

const names = (row: Row, id: string): boolean => Object.values(row.values).some((value) => value?.includes(id));

const nobody: Recipient = { id: 'nobody', number: 'nobody', kind: 'nobody' };

/** Ids that are no message's own. */
export async function knownIds(client: pg.ClientBase): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>('select id from register.party');
  return new Set(rows.map(({ id }) => id));
}

/** The recipients with these numbers, in the order of the register. */
export async function listRecipients(client: pg.ClientBase, numbers: readonly string[]): Promise<Recipient[]> {
  const { rows } = await client.query<Recipient>('select id, number, kind from register.party where number = any($1) order by id', [
    numbers,
  ]);
  return rows;
}
