import type pg from 'pg';

/** A table as the bench must know it to write the same rows. */
export interface Table {
  /** `schema.table` */
  readonly name: string;
  /** Types by column, of those that are written: the database makes generated columns and transaction ids itself. */
  readonly types: ReadonlyMap<string, string>;
  readonly key: readonly string[];
  /** Keyed by the transaction: it holds a row of each, however many messages were written. */
  readonly isPerTransaction: boolean;
}

/** A row that some transaction has left, every value as PostgreSQL writes it. */
export interface Row {
  readonly table: string;
  readonly values: Readonly<Record<string, string | null>>;
  readonly transaction: number;
  /** The statement of the transaction that wrote it. */
  readonly statement: number;
}

/** All tables but those of the job queue. */
export async function listTables(client: pg.ClientBase): Promise<Map<string, Table>> {
  const { rows } = await client.query<{ name: string; column: string; type: string; isMade: boolean; isKey: boolean }>(`
    select n.nspname || '.' || c.relname as name, a.attname as column, format_type(a.atttypid, null) as type,
           a.attgenerated <> '' or a.attidentity <> '' as "isMade", coalesce(a.attnum = any (i.indkey), false) as "isKey"
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_index i on i.indrelid = c.oid and i.indisprimary
     where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|graphile_worker)'
     order by 1, a.attnum`);
  const tables = new Map<string, Table>();
  for (const [name, columns] of Map.groupBy(rows, (row) => row.name)) {
    const key = columns.filter(({ isKey }) => isKey);
    tables.set(name, {
      name,
      types: new Map(columns.filter(({ type, isMade }) => !isMade && type !== 'xid8').map(({ column, type }) => [column, type])),
      key: key.map(({ column }) => column),
      isPerTransaction: key.length > 0 && key.every(({ type }) => type === 'xid8'),
    });
  }
  return tables;
}

/** The number that the next transaction will have or pass. */
export async function nextTransaction(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ xact: string }>('select pg_snapshot_xmax(pg_current_snapshot())::text as xact');
  return Number(rows[0]!.xact);
}

/** Every row that a transaction from this number on has written, in the order in which they were. */
export async function rowsSince(client: pg.ClientBase, tables: ReadonlyMap<string, Table>, transaction: number): Promise<Row[]> {
  const selects = [...tables.values()].map(({ name, types }) => {
    const columns = [...types.keys()];
    const values =
      columns.length > 0
        ? `json_object(array[${columns.map((c) => `'${c}'`)}], array[${columns.map((c) => `"${c}"::text`)}])`
        : `'{}'::json`;
    return `select '${name}' as table, ${values} as values, xmin::text::bigint::float8 as transaction, cmin::text::integer as statement
              from ${name} where xmin::text::bigint >= ${transaction}`;
  });
  const { rows } = await client.query<Row>(`select * from (${selects.join(' union all ')}) r order by transaction, statement`);
  return rows;
}

/** How many rows each table holds. */
export async function countRows(client: pg.ClientBase, tables: ReadonlyMap<string, Table>): Promise<Map<string, number>> {
  const selects = [...tables.keys()].map((name) => `select '${name}' as name, count(*)::float8 as n from ${name}`);
  const { rows } = await client.query<{ name: string; n: number }>(selects.join(' union all '));
  return new Map(rows.map(({ name, n }) => [name, n]));
}
