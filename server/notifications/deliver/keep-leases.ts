import type { Context } from '#kernel/context.ts';
import { type ClaimedNotice, renewLeases } from '../store/delivery.ts';

export interface Lease {
  /** Whether an attempt with this notice may begin: it is ours, for longer than any carrier's time-out. */
  holds(notice: ClaimedNotice): boolean;
  /** It is settled. */
  release(notice: ClaimedNotice): void;
  end(): Promise<void>;
}

/**
 * Renews the leases of claimed notices four times in their length, in real time, for as long as this process lives. A notice that
 * others have taken over meanwhile is no longer held, and when no renewal has come through for half a lease none is.
 */
export function keepLeases(ctx: Context, claimed: readonly ClaimedNotice[], leaseSeconds: number): Lease {
  const held = new Map(claimed.map((notice) => [notice.id, notice]));
  const length = leaseSeconds * 1000;
  let sureUntil = Date.now() + length / 2;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async () => {
    const asked = [...held.values()];
    if (asked.length === 0) return;
    const began = Date.now();
    try {
      const ours = await ctx.db.transaction((tx) => renewLeases(tx, asked, leaseSeconds));
      for (const { id } of asked) if (!ours.has(id)) held.delete(id);
      sureUntil = began + length / 2;
    } catch (error) {
      ctx.log.error({ error: error instanceof Error ? error.name : 'unknown' }, 'leases of notices could not be renewed');
    }
  };
  const timer = setInterval(() => {
    renewal = renewal.then(renew);
  }, length / 4);
  return {
    holds: ({ id }) => held.has(id) && Date.now() < sureUntil,
    release: ({ id }) => void held.delete(id),
    async end() {
      clearInterval(timer);
      await renewal;
    },
  };
}
