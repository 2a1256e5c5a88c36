import type { Db } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import type { Keyring } from './keyring.ts';
import { forgetRing, saveRing } from './store.ts';

/*
 * Which keys running servers know: so that a rotation sees who would not read what it wraps anew. Leases in real time, as those of uploads.
 */

const renewEveryMillis = 15_000;

/** Says that this process knows these keys, from before this is answered until `leave`. */
export async function announceRing(db: Db, { ids, current }: Pick<Keyring, 'ids' | 'current'>): Promise<{ leave(): Promise<void> }> {
  const ring = { id: newId(), keyIds: ids, current: current ?? null };
  await saveRing(db, ring);
  const timer = setInterval(() => void saveRing(db, ring).catch(() => {}), renewEveryMillis); // the database may be away; next time it is said again
  timer.unref();
  return {
    leave: async () => {
      clearInterval(timer);
      await forgetRing(db, ring.id).catch(() => {}); // its lease ends
    },
  };
}
