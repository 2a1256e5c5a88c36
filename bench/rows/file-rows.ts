import type pg from 'pg';
import { listTables, nextTransaction, type Row, rowsSince, type Table } from './capture.ts';
import { knownIds, type LetterRows } from './letter-rows.ts';
import { isoOf, patternsOf, type Recipient } from './pattern.ts';

/** What one file left in the database when it was announced, had come, and was published; as it can be told to another process. */
export interface FileSample {
  readonly rows: readonly Row[];
  readonly recipient: Recipient;
  readonly at: number;
}

/** Finds out what the product writes for a file: `send` sends one and gives its id. Of rows that were changed since, as they are now. */
export async function captureFile(client: pg.ClientBase, recipient: Recipient, send: () => Promise<string>): Promise<FileSample> {
  const before = await nextTransaction(client);
  const id = await send();
  const all = await rowsSince(client, await listTables(client), before);
  const own = new Set(all.filter((row) => names(row, id)).map(({ transaction }) => transaction));
  const rows = all.filter(({ transaction }) => own.has(transaction));
  const transfer = rows.find(({ table }) => table === 'broker.file_transfer');
  if (!transfer) throw new Error('A file was sent, and left no row.');
  return { rows, recipient, at: Date.parse(isoOf(transfer.values.created_at!)) };
}

const names = (row: Row, id: string): boolean => Object.values(row.values).some((value) => value?.includes(id));

/** The database asks for a watch and evidence with what is stored, and for what a row refers to. */
const first = ['watch.item', 'evidence.evidence', 'blobs.blob', 'broker.file_transfer', 'broker.recipient'];

/** The same rows for any number of files, each table's by one statement. */
export async function readFileRows(client: pg.ClientBase, { rows, recipient, at }: FileSample): Promise<LetterRows> {
  const tables: ReadonlyMap<string, Table> = await listTables(client);
  const lasting = rows.filter(({ table }) => !tables.get(table)!.isPerTransaction);
  const patterns = patternsOf(lasting, { tables, known: await knownIds(client), recipient, at });
  const written = [...new Set([...first, ...rows.map(({ table }) => table)])];
  return {
    tables,
    shared: [],
    perMessage: new Map([[recipient.kind, patterns]]),
    order: written.flatMap((name) => patterns.filter(({ table }) => table.name === name)),
    perTransaction: written.filter((name) => tables.get(name)!.isPerTransaction),
    samples: [],
  };
}
