import type pg from 'pg';
import { insertStatements, type PlannedRow, type Statement } from '../rows/insert.ts';
import type { LetterRows } from '../rows/letter-rows.ts';
import type { RowPattern } from '../rows/pattern.ts';

/** Writes rows in one transaction: everything pipelined, commit when all of it has succeeded. */
export function writeRows(client: pg.ClientBase, letter: LetterRows, rows: readonly PlannedRow[]): Promise<void> {
  const statements = insertStatements(letter.order, rows);
  return commitAll(client, [...statements, ...feedOf(letter.perTransaction, letter.order, statements)]);
}

/** One transaction of these statements, or the rest of one that has begun. */
export async function commitAll(client: pg.ClientBase, statements: readonly Statement[], begun?: 'begun'): Promise<void> {
  const begin = begun ? [] : [client.query('begin')];
  const sent = [
    ...begin,
    ...statements.map(({ name, text, values }) => client.query({ name, text, values: [...values] })),
  ] as Promise<unknown>[];
  const failed = (await Promise.allSettled(sent)).find((result) => result.status === 'rejected');
  if (failed) {
    await client.query('rollback');
    throw failed.reason;
  }
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new Error(`not committed: the server answered ${command}`);
}

const feed = 'evidence.log_feed';

/** The row that the evidence of a transaction leaves behind for the sequencer. */
export function feedOf(perTransaction: readonly string[], order: readonly RowPattern[], statements: readonly Statement[]): Statement[] {
  const unknown = perTransaction.find((table) => table !== feed);
  if (unknown) throw new Error(`The bare path does not know what ${unknown} holds of a transaction.`);
  const evidence = statements.find(({ text }) => text.startsWith('insert into evidence.evidence ('));
  if (perTransaction.length === 0 || !evidence) return [];
  const column = [...order.find(({ table }) => table.name === 'evidence.evidence')!.table.types.keys()].indexOf('id');
  const ids = [...(evidence.values[column] as readonly string[])].sort();
  return [
    { name: 'bench feed', text: `insert into ${feed} (lo, hi, n) values ($1, $2, $3)`, values: [ids[0]!, ids.at(-1)!, String(ids.length)] },
  ];
}
