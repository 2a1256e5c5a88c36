import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import { countCalls, lockCaller, saveCall } from './store/call.ts';

/** Source: compatibility.md, correspondence, §8.6. */
export const callLimit = { calls: 10, seconds: 3600 } as const;

/** What is counted by itself: with the right key and with wrong ones, of letters and of files. */
export type Bucket = 'called' | 'refused' | 'files-called' | 'files-refused';

export interface Allowance {
  readonly isAllowed: boolean;
  readonly remaining: number;
  /** When the oldest call that counts no longer does. Real time. */
  readonly resetAt: Date;
  readonly retryAfterSeconds: number;
}

/**
 * The address that a call comes from. What a client writes into `X-Forwarded-For` itself stands before what the proxy adds, so
 * only the last entry is the proxy's word; and without a proxy the whole header is the client's, who could come from a new
 * address each time. So it counts only where the server is told that a proxy stands before it. The original takes it always.
 */
export function clientAddress(
  input: { readonly remoteAddress: string; readonly headers: Readonly<Record<string, string | undefined>> },
  trustProxy: boolean,
): string {
  if (!trustProxy) return input.remoteAddress;
  const last = input.headers['x-forwarded-for']?.split(',').at(-1)?.trim() ?? '';
  const real = input.headers['x-real-ip']?.trim() ?? '';
  return [bare(last), real].find((address) => isIP(address) !== 0) ?? input.remoteAddress;
}

/** Some proxies write a port behind the address. */
function bare(address: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ?? address;
}

/**
 * Counts a call in the window of an hour that slides. When it cannot be counted it is let through, as in the original. The
 * address is kept as a digest, for an hour.
 */
export async function limitCalls(ctx: Context, bucket: Bucket, address: string): Promise<Allowance> {
  const digest = createHash('sha256').update(address).digest('hex');
  try {
    return await ctx.db.transaction(async (tx) => {
      await lockCaller(tx, bucket, digest);
      const { count, first, now } = await countCalls(tx, bucket, digest, callLimit.seconds);
      const resetAt = new Date((first ?? now).getTime() + callLimit.seconds * 1000);
      const isAllowed = count < callLimit.calls;
      if (isAllowed) saveCall(tx, bucket, digest, callLimit.seconds);
      return {
        isAllowed,
        remaining: Math.max(callLimit.calls - count - 1, 0),
        resetAt,
        retryAfterSeconds: Math.max(Math.ceil((resetAt.getTime() - now.getTime()) / 1000), 1),
      };
    });
  } catch (error) {
    ctx.log.error(describeFault(error), 'a call for statistics could not be counted; it is let through');
    return { isAllowed: true, remaining: callLimit.calls, resetAt: new Date(Date.now() + callLimit.seconds * 1000), retryAfterSeconds: 1 };
  }
}
