import { type Reader, sql } from '#kernel/database.ts';
import type { Queue, QueueName } from '#kernel/queue.ts';

export interface DatabaseFacts {
  readonly schema: string;
  readonly database: string;
  readonly databaseBytes: number;
}

/** What the database is. */
export function readDatabase(reader: Reader): Promise<DatabaseFacts> {
  return reader.one<DatabaseFacts>(sql`
    select (select max(name) from db.migration) as schema, current_setting('server_version') as database,
           pg_database_size(current_database())::float8 as "databaseBytes"`);
}

export interface Waiting {
  readonly name: QueueName;
  /** No more than `mostCounted` are counted. */
  readonly waiting: number;
  readonly oldestSeconds: number;
  readonly late: boolean;
}

/** Counting costs; whether it is ten thousand or a million, the queue has stopped. */
const mostCounted = 10_000;

/** How much waits in each, and for how long: one statement for all. */
export async function readQueues(reader: Reader, queues: readonly Queue[]): Promise<Waiting[]> {
  if (queues.length === 0) return [];
  const each = queues.map(
    ({ name, due }) => sql`
      select ${name}::text as name, count(*)::integer as waiting, coalesce(greatest(extract(epoch from clock.now() - min(at)), 0), 0)::integer as seconds
        from (select at from (${due}) due order by at limit ${mostCounted}) counted`,
  );
  const rows = await reader.all<{ name: QueueName; waiting: number; seconds: number }>(
    each.reduce((all, one) => sql`${all} union all ${one}`),
  );
  return queues.map(({ name, calmSeconds }) => {
    const { waiting, seconds } = rows.find((row) => row.name === name)!;
    return { name, waiting, oldestSeconds: seconds, late: seconds > calmSeconds };
  });
}
