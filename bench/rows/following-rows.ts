import type pg from 'pg';
import { type Row, rowsSince, type Table } from './capture.ts';
import { knownIds, type LetterRows, type Sample } from './letter-rows.ts';
import { isoOf, patternsOf, type RowPattern } from './pattern.ts';
import type { ChangePattern } from './update.ts';

/** What the product does for a message after it was sent: its due step is taken, the notice of that step is handed over, its events are told. */
export interface FollowingRows {
  readonly perKind: ReadonlyMap<string, Following>;
  /** Per kind, all rows of a message as they stand when nothing of it is due; not the mail itself. */
  readonly settled: ReadonlyMap<string, readonly RowPattern[]>;
  readonly perTransaction: readonly string[];
  /** Whether events are told: what is not built cannot be measured. */
  readonly tellsEvents: boolean;
}

export interface Following {
  /** Ids of the sample, in whose place those of a claimed row come. */
  readonly ids: { readonly message: string; readonly step: string; readonly notice: string };
  readonly ofStep: { readonly inserts: readonly RowPattern[]; readonly changes: readonly ChangePattern[] };
  readonly ofNotice: { readonly inserts: readonly RowPattern[]; readonly changes: readonly ChangePattern[] };
}

/** Compares what was written for the samples with what stands there now that all work that follows has been done. */
export async function captureFollowing(client: pg.ClientBase, letter: LetterRows, since: number): Promise<FollowingRows> {
  const known = await knownIds(client);
  const rows = await rowsSince(client, letter.tables, since);
  const perKind = new Map(letter.samples.map((sample) => [sample.recipient.kind, followingOf(sample, rows, letter.tables, known)]));
  return {
    perKind,
    settled: new Map(letter.samples.map((sample) => [sample.recipient.kind, settledOf(sample, rows, letter.tables, known)])),
    perTransaction: letter.perTransaction,
    tellsEvents: rows.some(({ table, values }) => table === 'events.outbox' && values.told_at != null),
  };
}

function followingOf(sample: Sample, rows: readonly Row[], tables: ReadonlyMap<string, Table>, known: ReadonlySet<string>): Following {
  const before = new Map(sample.rows.map((row) => [keyOf(row, tables), row]));
  const step = only(sample.rows, 'watch.step');
  const first = rows.filter((row) => mentions(row, sample.id));
  const notice = only(first, 'notifications.notice');
  const mine = rows.filter((row) => mentions(row, sample.id) || mentions(row, notice)).filter(({ table }) => table !== 'events.outbox');
  const taken = mine.find((row) => row.table === 'watch.step' && row.values.id === step)!;
  const at = Date.parse(isoOf(taken.values.changed_at!));
  const pattern = (row: Row): RowPattern => patternsOf([row], { tables, known, recipient: sample.recipient, at })[0]!;

  const asPlanned = (row: Row): Row =>
    row.table === 'notifications.notice'
      ? { ...row, values: { ...row.values, state: 'due', message_id: null, attempts: '0', leased_until: null, carrier_answer: null } }
      : row;
  const asClaimed = (row: Row): Row => ({ ...row, values: { ...asPlanned(row).values, state: 'handing-over', leased_until: 'a while' } });
  const isNotice = (row: Row): boolean => row.table === 'notifications.notice';
  const ofNotice = (row: Row): boolean => mentions(row, notice) && !isNotice(row);
  const fresh = mine.filter((row) => !before.has(keyOf(row, tables)));
  const changed = mine.filter((row) => before.has(keyOf(row, tables)));
  const change = (old: Row, now: Row): ChangePattern => ({
    pattern: pattern(now),
    columns: Object.keys(now.values).filter((column) => now.values[column] !== old.values[column]),
  });
  return {
    ids: { message: sample.id, step, notice },
    ofStep: {
      inserts: fresh.filter((row) => !ofNotice(row)).map((row) => pattern(asPlanned(row))),
      changes: changed.map((row) => change(before.get(keyOf(row, tables))!, row)),
    },
    ofNotice: {
      inserts: fresh.filter(ofNotice).map(pattern),
      changes: fresh
        .filter(isNotice)
        .slice(0, 1)
        .map((row) => change(asClaimed(row), row)),
    },
  };
}

function settledOf(sample: Sample, rows: readonly Row[], tables: ReadonlyMap<string, Table>, known: ReadonlySet<string>): RowPattern[] {
  const now = rows.filter((row) => mentions(row, sample.id));
  const replaced = new Set(now.map((row) => keyOf(row, tables)));
  const all = [...sample.rows.filter((row) => !replaced.has(keyOf(row, tables))), ...now];
  return patternsOf(
    all.filter(({ table }) => table !== 'sandbox.caught' && !tables.get(table)!.isPerTransaction),
    { tables, known, recipient: sample.recipient, at: sample.at },
  );
}

const mentions = (row: Row, id: string): boolean => Object.values(row.values).some((value) => value?.includes(id));

function keyOf(row: Row, tables: ReadonlyMap<string, Table>): string {
  return [row.table, ...tables.get(row.table)!.key.map((column) => row.values[column])].join(' ');
}

/** The id of the first row of a table. */
function only(rows: readonly Row[], table: string): string {
  const row = rows.find((each) => each.table === table);
  if (!row) throw new Error(`The work that follows a letter left no row in ${table}: the bench no longer knows what it is.`);
  return row.values.id!;
}
