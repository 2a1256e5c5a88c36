import { type Db, sql } from '#kernel/database.ts';

const known = new WeakMap<Db, Promise<Buffer>>();

/** By which places of lists are sealed: made with the database, and read once by a process. What fails is not kept. */
export function placeKey(db: Db): Promise<Buffer> {
  const found = known.get(db);
  if (found) return found;
  const asked = db.one<{ key: Buffer }>(sql`select key from inbox.place_key`).then(({ key }) => key);
  known.set(db, asked);
  asked.catch(() => known.delete(db));
  return asked;
}
