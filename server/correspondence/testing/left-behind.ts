import type { Database } from '#db/index.ts';

const tables = [
  ['watch.item', 'about'],
  ['watch.need', 'about'],
  ['watch.grantor', 'about'],
  ['watch.step', 'about'],
  ['evidence.evidence', 'about'],
  ['correspondence.message', 'id'],
  ['correspondence.status', 'message_id'],
  ['events.outbox', 'resource_instance'],
] as const;

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const instant = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00(:00)?|Z)/g;

/**
 * All rows that these messages left behind, by table: every column, with each id told by its name and times left out, so that two
 * ways of sending can be compared.
 */
export async function leftBehind(
  db: Database,
  messages: readonly string[],
  names: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found = await Promise.all(
    tables.map(async ([table, column]) => {
      const { rows } = await db.pool.query<{ row: object }>(
        `select to_jsonb(t) - 'xact' as row from ${table} t where ${column}::text = any($1::text[])`,
        [messages],
      );
      const texts = rows.map(({ row }) =>
        JSON.stringify(row)
          .replaceAll(uuid, (id) => names.get(id) ?? 'some id')
          .replaceAll(instant, 'some time'),
      );
      return [table, texts.sort()] as const;
    }),
  );
  return Object.fromEntries(found);
}
