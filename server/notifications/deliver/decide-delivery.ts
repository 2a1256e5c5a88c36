import { sendingTime } from '../channels.ts';
import type { HandOver, RefusedReason } from '../ports.ts';

/** Seconds to wait after the first, second, … attempt that came to nothing: greylisting passes, and two days are tried. */
export const waits = [60, 300, 900, 3600, 4 * 3600, 8 * 3600, 12 * 3600, 24 * 3600] as const;

/** Since it was planned: `reserved`: whom it was for has said no to digital post. `address-gone`: its address is theirs no more. */
export type FailureReason = RefusedReason | 'carrier-timeout' | 'reserved' | 'address-gone';

export type Settlement =
  | { readonly state: 'handed-over' }
  | { readonly state: 'due'; readonly dueAt: Date }
  | { readonly state: 'failed'; readonly reason: FailureReason };

/** Pure. What a hand-over means for its notice after so many attempts, this one counted. An SMS is tried again within its hours alone. */
export function decideDelivery(
  { channel, attempts, anyHour = false }: { readonly channel: 'email' | 'sms'; readonly attempts: number; readonly anyHour?: boolean },
  result: HandOver,
  now: Date,
): Settlement {
  if (result.kind === 'handed-over') return { state: 'handed-over' };
  if (result.kind === 'refused') return { state: 'failed', reason: result.reason };
  const wait = waits[attempts - 1];
  if (wait === undefined) return { state: 'failed', reason: 'carrier-timeout' };
  const dueAt = new Date(now.getTime() + wait * 1000);
  return { state: 'due', dueAt: anyHour ? dueAt : sendingTime(channel, dueAt) };
}
