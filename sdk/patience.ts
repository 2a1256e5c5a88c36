import { setTimeout as sleep } from 'node:timers/promises';

/** How often and how long it is tried again. */
export interface Patience {
  /** Attempts in a row without anything gained, the first included. */
  readonly attempts: number;
  readonly firstMillis: number;
  readonly mostMillis: number;
  /** A server that asks for more than this is not waited for. */
  readonly mostAskedMillis: number;
}

/** A minute or more in all, as a server needs to start again where much else starts; one that is there again is not kept waiting for long. */
export const usualPatience: Patience = { attempts: 12, firstMillis: 500, mostMillis: 10_000, mostAskedMillis: 10 * 60_000 };

/** What is told while it is waited. */
export interface Waiting {
  readonly millis: number;
  readonly because: unknown;
}

/** Pure. Milliseconds that `Retry-After` asks for: seconds, or a date (RFC 9110 §10.2.3). Undefined for what is neither. */
export function askedMillis(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/**
 * Pure. How long to wait before the next attempt: twice as long each time, up to a most, and a part of it by `chance` (0 to 1), so that
 * clients which failed at once do not come again at once. Never less than the server asked for. Undefined: no more attempts.
 */
export function waitBefore(patience: Patience, failures: number, asked: number | undefined, chance: number): number | undefined {
  if (failures >= patience.attempts || (asked ?? 0) > patience.mostAskedMillis) return undefined;
  const most = Math.min(patience.mostMillis, patience.firstMillis * 2 ** (failures - 1));
  return Math.max(asked ?? 0, most / 2 + (most / 2) * chance);
}

/** Waits; ends early, by throwing its reason, when `signal` is aborted. */
export async function pause(millis: number, signal?: AbortSignal): Promise<void> {
  await sleep(millis, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    throw signal?.reason ?? error;
  });
}
