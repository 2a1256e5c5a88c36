import type { Caller } from '#kernel/context.ts';
import type { Db } from '#kernel/database.ts';
import { clearWindows, countCall } from './store.ts';

/** Clients that are known to be over their limit, in this process; the one that came first is forgotten first, and asked about again. */
const mostClients = 10_000;
/** Calls of this process between two looks for windows that are over. */
const clearEvery = 1000;

export interface CallLimit {
  readonly db: Db;
  /** As the route table has it: `GET /broker/api/v1/filetransfer`. */
  readonly operation: string;
  readonly callsPerMinute: number;
}

/**
 * Counts the calls of one operation by client, in windows of a minute of real time, over all processes of a database: one statement for a
 * call, and none for a client that is over its limit. Gives the seconds after which a client may come again, or 0 when it may go on.
 */
export function createCallLimit(
  { db, operation, callsPerMinute }: CallLimit,
  now: () => number = Date.now,
): (caller: Caller) => Promise<number> {
  const refusedUntil = new Map<string, number>();
  let untilClear = clearEvery;
  return async (caller) => {
    const client = caller.clientId ?? caller.consumer ?? caller.party ?? caller.kind;
    const until = refusedUntil.get(client) ?? 0;
    if (until > now()) return Math.max(1, Math.ceil((until - now()) / 1000));
    refusedUntil.delete(client);
    const { calls, secondsLeft } = await countCall(db, operation, client);
    if (--untilClear <= 0) {
      untilClear = clearEvery;
      await clearWindows(db);
    }
    if (calls <= callsPerMinute) return 0;
    refusedUntil.set(client, now() + secondsLeft * 1000);
    if (refusedUntil.size > mostClients) refusedUntil.delete(refusedUntil.keys().next().value!);
    return Math.max(1, Math.ceil(secondsLeft));
  };
}
