import { type Reader, sql } from '#kernel/database.ts';

/** When the next extract goes to a sender; null when none is to. */
export async function findNextExtract(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(
    sql`select greatest(next_at, retry_at) as at from unread.routine where is_on order by 1 limit 1`,
  );
  return row?.at ?? null;
}
