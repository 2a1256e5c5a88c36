import { type Reader, sql } from '#kernel/database.ts';

/** When the next extract goes to a sender; null when none is to. -- index: routine_due */
export async function findNextExtract(reader: Reader): Promise<Date | null> {
  const row = await reader.maybe<{ at: Date }>(sql`select next_at as at from unread.routine where is_on order by next_at limit 1`);
  return row?.at ?? null;
}
