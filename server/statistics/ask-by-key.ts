import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from '#kernel/refusal.ts';
import { Reply } from '#kernel/route.ts';
import type { StatisticsContext } from './context.ts';
import { type Allowance, type Bucket, callLimit, clientAddress, limitCalls } from './limit-calls.ts';

export interface AskedByKey {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly remoteAddress: string;
}

/** How calls of one API are counted, and what it says to a key that is not the right one. */
export interface KeyDoor {
  readonly calls: Bucket;
  readonly refused: Bucket;
  /** Pure. `key` undefined: none was shown. */
  readonly wordsFor: (key: string | undefined, isAnyRight: boolean) => string;
}

/**
 * The key first, then the number of calls: ten an hour from an address with the right key, and ten with wrong ones. Then what
 * is asked for. Whatever a counted call is answered, it says how many are left. Source: compatibility.md, correspondence, §8.6; the second ten are ours.
 */
export async function answerByKey(ctx: StatisticsContext, asked: AskedByKey, door: KeyDoor, succeed: () => Promise<Reply>): Promise<Reply> {
  const address = clientAddress(asked, ctx.statistics.trustProxy);
  const key = asked.headers['x-api-key'];
  const isRight = isKey(key ?? '', ctx.statistics.apiKey);
  const allowance = await limitCalls(ctx, isRight ? door.calls : door.refused, address);
  if (!allowance.isAllowed) return tooMany(allowance);
  const counted = limitHeaders(allowance);
  if (!isRight) return new Reply(401, { error: door.wordsFor(key, Boolean(ctx.statistics.apiKey)) }, counted);
  try {
    const { status, body, headers } = await succeed();
    return new Reply(status, body, { ...headers, ...counted });
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.row, error.facts, counted) : error;
  }
}

/** Compared by digest, so that the time it takes tells nothing of the key. */
function isKey(given: string, wanted: string | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return wanted !== undefined && wanted !== '' && timingSafeEqual(digest(given), digest(wanted));
}

function limitHeaders({ remaining, resetAt }: Allowance): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(callLimit.calls),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(Math.ceil(resetAt.getTime() / 1000)),
  };
}

function tooMany(allowance: Allowance): Reply {
  const { retryAfterSeconds, resetAt } = allowance;
  const body = { error: 'Rate limit exceeded', retryAfter: retryAfterSeconds, resetTime: resetAt.toISOString() };
  return new Reply(429, body, { ...limitHeaders({ ...allowance, remaining: 0 }), 'Retry-After': String(retryAfterSeconds) });
}
