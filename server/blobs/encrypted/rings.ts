import { type Db, type Reader, sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import type { Keyring } from './keyring.ts';

/*
 * Which keys running servers know: so that a rotation sees who would not read what it wraps anew. Leases in real time, as those of uploads.
 */

const renewEveryMillis = 15_000;
/** After so long without a word a server counts as gone. */
const leaseSeconds = 60;

export interface Ring {
  readonly keyIds: readonly string[];
  /** By which it wraps what is new. */
  readonly current: string | null;
}

/** Says that this process knows these keys, from before this is answered until `leave`. */
export async function announceRing(db: Db, { ids, current }: Pick<Keyring, 'ids' | 'current'>): Promise<{ leave(): Promise<void> }> {
  const id = newId();
  const renew = (): Promise<void> =>
    db.transaction(async (tx) => {
      await tx.run(sql`
        insert into blobs.ring (id, key_ids, current_id, seen_at) values (${id}, ${ids}::text[], ${current ?? null}, statement_timestamp())
            on conflict (id) do update set seen_at = excluded.seen_at`);
    });
  await renew();
  const timer = setInterval(() => void renew().catch(() => {}), renewEveryMillis); // the database may be away; next time it is said again
  timer.unref();
  return {
    leave: async () => {
      clearInterval(timer);
      await db
        .transaction(async (tx) => {
          await tx.run(sql`delete from blobs.ring where id = ${id} or seen_at < statement_timestamp() - interval '1 day'`);
        })
        .catch(() => {}); // its lease ends
    },
  };
}

/** Of every server that runs. */
export function listRings(reader: Reader): Promise<Ring[]> {
  return reader.all<Ring>(sql`
    select key_ids as "keyIds", current_id as current from blobs.ring
     where seen_at > statement_timestamp() - make_interval(secs => ${leaseSeconds})`);
}
