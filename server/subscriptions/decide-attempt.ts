import type { PostResult } from './webhook/post-webhook.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses before each next try of an event, about 35 hours in all. Source: compatibility.md, platform, §4.2. */
export const waits: readonly number[] = [
  10 * second,
  30 * second,
  minute,
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  12 * hour,
];

/**
 * A subscriber that does not answer is left alone no longer than this, with whatever event is next by then: the one that it
 * chokes on waits its longer times alone, and holds up no other.
 */
const mostPause = 5 * minute;

export interface Attempted {
  /** Attempts at this event, the one that was just made included. */
  readonly attempts: number;
  /** Attempts in a row that the subscriber has failed, this one included. */
  readonly failures: number;
  /** Since when nothing has gone well there; this attempt's time if it is the first that failed. */
  readonly failingSince: Date;
  readonly at: Date;
}

export type Settled =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'later'; readonly nextAt: Date; readonly notBefore: Date }
  /** The last try, while other events went through. */
  | { readonly kind: 'given-up' }
  /** The last try, and nothing at all went through in all that time: the subscription rests, the event with it. */
  | { readonly kind: 'paused' };

export function isTaken(result: PostResult): boolean {
  return 'status' in result && result.status >= 200 && result.status < 300;
}

/** What an attempt was answered, for the log of deliveries. */
export function answerOf(result: PostResult): string {
  return 'status' in result ? String(result.status) : result.failure;
}

const ladder = waits.reduce((sum, wait) => sum + wait, 0);

/** Pure. What becomes of an event, and of its subscriber, after an attempt. */
export function decideAttempt(result: PostResult, { attempts, failures, failingSince, at }: Attempted): Settled {
  if (isTaken(result)) return { kind: 'delivered' };
  const wait = waits[attempts - 1];
  if (wait === undefined) return at.getTime() - failingSince.getTime() >= ladder ? { kind: 'paused' } : { kind: 'given-up' };
  const pause = Math.min(waits[failures - 1] ?? mostPause, mostPause);
  return { kind: 'later', nextAt: new Date(at.getTime() + wait), notBefore: new Date(at.getTime() + Math.min(pause, wait)) };
}
