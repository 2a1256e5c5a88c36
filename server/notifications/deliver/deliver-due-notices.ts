import type { Reader } from '#kernel/database.ts';
import { findNextDue } from '../store/delivery.ts';
import { type DeliveryContext, handOverUnless } from './hand-over-notice.ts';
import { lineUpDue } from './line-up-due.ts';
import { type Attempt, settleAttempts } from './settle-attempts.ts';
import { settledTogether } from './settled-together.ts';

export type { DeliveryContext };

/**
 * To settle one takes about as long as to settle ten, so that a fast carrier's answers wait a moment for each other. A process that dies has
 * by so much more been told yes without having noted it.
 */
const company = { items: 64, millis: 50 };
/** While a database is slow to settle, no more than these are handed over beyond what it has noted. */
const unsettledAtMost = 200;
/** Of mail more than there are connections to its server: while one waits for the database, none of those stands idle. */
const atOnce = { email: 20, sms: 5 } as const;

/** Both channels, one after the other; says how many notices it tried. */
export async function deliverDueNotices(ctx: DeliveryContext): Promise<number> {
  return (await deliverDue(ctx, 'email')) + (await deliverDue(ctx, 'sms'));
}

/**
 * Hands over every notice of one channel that is due, and says how many it tried. Any number of workers may run it. Each channel
 * goes by itself, so that a carrier which hangs holds up its own notices alone. SMS whose hours are over, because a server was
 * down or a gateway slow, wait until they begin again.
 *
 * An attempt is committed, with its Message-ID, before the carrier hears of it; the carrier is asked outside any
 * transaction; what it answered is committed with its evidence. If this process ends in between, the attempt is made again
 * after the lease with the same Message-ID: only then, and only when the carrier had said yes, does a notice go out twice.
 * What was sent is settled, some at a time, while the next is on its way, and what comes after is claimed meanwhile: there is no end of
 * a batch at which the carrier waits for the database, or all for the one whose server hangs. After a failure of the database what is on
 * its way is settled if it can be, and nothing more begins.
 */
export async function deliverDue(ctx: DeliveryContext, channel: 'email' | 'sms'): Promise<number> {
  const line = lineUpDue(ctx, channel);
  const settling = settledTogether<Attempt>((attempts) => settleAttempts(ctx, attempts), company);
  const unsettled = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  const work = async () => {
    for (let next = await line.next(); next && !failure; next = await line.next()) {
      const { notice, whyNot, tried, settled } = next;
      const result = await handOverUnless(ctx, notice, whyNot);
      tried();
      const done = settling
        .add({ notice, result })
        .then(settled, fail)
        .finally(() => unsettled.delete(done));
      unsettled.add(done);
      if (unsettled.size >= unsettledAtMost) await Promise.race(unsettled);
    }
  };
  await Promise.all(Array.from({ length: atOnce[channel] }, () => work().catch(fail)));
  settling.end();
  await Promise.all(unsettled);
  await line.end();
  if (failure) throw failure.error;
  return line.count();
}

/** When the next notice is to be tried, of one channel or of both, in domain time; null when none is. */
export function nextNoticeDueAt(reader: Reader, channel?: 'email' | 'sms'): Promise<Date | null> {
  return findNextDue(reader, channel ? [channel] : ['email', 'sms']);
}
