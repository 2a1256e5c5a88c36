import { sendingTime } from '../channels.ts';
import { type ClaimedNotice, claimNotices, endCalledOff, putOff } from '../store/delivery.ts';
import type { DeliveryContext } from './hand-over-notice.ts';
import { keepLeases, type Lease } from './keep-leases.ts';
import { followHindrances, type Hindrance, type Known, readUntimely } from './why-not-now.ts';

/**
 * How long an attempt may stay unsettled before it counts as broken off. Whoever lives renews its leases well before, so that
 * what a dead worker held is soon another's; who cannot renew begins no attempt any more.
 */
const leaseSeconds = 60;
const batch = 200;
/** With so few left to hand over the next batch is lined up: what is asked of it right before is answered when its first has its turn. */
const fewLeft = 50;

/** A claimed notice whose turn it is. */
export interface LinedUp {
  readonly notice: ClaimedNotice;
  /** Why it is not to go, or not now; `unattempted` when its lease is no longer sure, its hours are over, or its carrier has said what became of it. */
  whyNot(): Promise<Hindrance | 'unattempted' | undefined>;
  /** It was handed over, or is not to be: nothing more is asked of it. */
  tried(): void;
  settled(): void;
}

/** All notices of a channel that are due, in one line. */
export interface Line {
  /** The next; undefined when none is due any more. Throws when the database cannot say. */
  next(): Promise<LinedUp | undefined>;
  /** How many were claimed so far. */
  count(): number;
  /** What was claimed and is not settled is another's when its lease has run out. */
  end(): Promise<void>;
}

/** Claims what is due batch by batch, one batch ahead, while what was claimed before is being handed over. */
export function lineUpDue(ctx: DeliveryContext, channel: 'email' | 'sms'): Line {
  const waiting: LinedUp[] = [];
  const leases = new Set<Lease>();
  let count = 0;
  let isOver = false;
  const claim = () => {
    const claiming = claimBatch(ctx, channel);
    claiming.then(({ lease }) => leases.add(lease)).catch(() => {}); // a failure is met by whoever waits for the batch
    return claiming;
  };
  let upcoming: Promise<Batch> | undefined = claim();
  let growing: Promise<void> | undefined;
  const grow = async () => {
    const claimed = await upcoming!;
    isOver = claimed.claimed.length < batch;
    upcoming = isOver ? undefined : claim();
    if (claimed.claimed.length === 0) return;
    count += claimed.claimed.length;
    const { lease } = claimed;
    const end = () => {
      leases.delete(lease);
      void lease.end();
    };
    waiting.push(...lineUp(ctx, claimed, end));
  };

  return {
    async next() {
      for (;;) {
        if (waiting.length <= fewLeft && !isOver && !growing) {
          growing = grow().finally(() => {
            growing = undefined;
          });
          growing.catch(() => {}); // whoever finds nothing in the line meets it
        }
        const first = waiting.shift();
        if (first || !growing) return first;
        await growing;
      }
    },
    count: () => count,
    async end() {
      await upcoming?.catch(() => {});
      await Promise.all([...leases].map((lease) => lease.end()));
    },
  };
}

interface Batch {
  readonly claimed: readonly ClaimedNotice[];
  readonly lease: Lease;
  readonly known: Known;
}

async function claimBatch(ctx: DeliveryContext, channel: 'email' | 'sms'): Promise<Batch> {
  const mailDomain = ctx.mailFrom.slice(ctx.mailFrom.lastIndexOf('@') + 1).replace(/>$/, '');
  const opensAt = whenClosed(channel, ctx.now());
  const claimed = await ctx.db.transaction(async (tx) => {
    tx.keepPlans();
    endCalledOff(tx);
    if (opensAt) putOff(tx, channel, opensAt);
    return claimNotices(tx, { channel, limit: batch, leaseSeconds, mailDomain, isClosed: opensAt !== null });
  });
  const lease = keepLeases(ctx, claimed, leaseSeconds);
  return { claimed, lease, known: await readUntimely(ctx, claimed) };
}

/** When the hours of the channel begin again; null while it is within them. */
function whenClosed(channel: 'email' | 'sms', now: Date): Date | null {
  const opensAt = sendingTime(channel, now);
  return opensAt > now ? opensAt : null;
}

/**
 * What has become pointless is not sent, nor what is in somebody's quiet hours by the time that its carrier's turn comes. What waits when
 * the leases are no longer sure is given back untried. `end`: all are settled.
 */
function lineUp(ctx: DeliveryContext, { claimed, lease, known }: Batch, end: () => void): LinedUp[] {
  const left = new Map(claimed.map((notice) => [notice.id, notice]));
  const hindranceOf = followHindrances(ctx, known, left);
  let open = claimed.length;
  return claimed.map((notice) => ({
    notice,
    async whyNot() {
      if (notice.isReported) return 'unattempted';
      const hindrance = await hindranceOf(notice);
      const maySend = lease.holds(notice) && (notice.anyHour || whenClosed(notice.channel, ctx.now()) === null);
      return hindrance ?? (maySend ? undefined : 'unattempted');
    },
    tried: () => void left.delete(notice.id),
    settled() {
      lease.release(notice);
      open -= 1;
      if (open === 0) end();
    },
  }));
}
