import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { saveQuiet } from './store.ts';

const batch = 500;

/**
 * Notes which machines have fallen silent: whoever was not seen for 30 days counts no more as somebody who can open, and whoever counted on it
 * is to hear that at once. `tell` is called in the transaction of each batch. Answers how many there were; safe to run anywhere, at any time.
 */
export async function noteQuietMachines(ctx: Context, tell: (tx: Tx) => Promise<void>): Promise<number> {
  for (let noted = 0; ; ) {
    const some = await ctx.db.transaction(async (tx) => {
      const found = await saveQuiet(tx, batch);
      if (found > 0) await tell(tx);
      return found;
    });
    noted += some;
    if (some < batch) return noted;
  }
}
