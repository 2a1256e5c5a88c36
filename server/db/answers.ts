import { type Reader, sql } from '#kernel/database.ts';

/** Whether the database answers now. */
export async function answers(reader: Reader): Promise<boolean> {
  try {
    await reader.one(sql`select 1 as answer`);
    return true;
  } catch {
    return false;
  }
}
