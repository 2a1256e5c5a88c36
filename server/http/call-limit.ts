import type { Caller } from '#kernel/context.ts';

const windowMillis = 60_000;
/** Clients that are counted at a time; the one that came first is forgotten first. */
const mostClients = 10_000;

interface Window {
  readonly begunAt: number;
  calls: number;
}

/**
 * Counts the calls of one route by client, in windows of a minute of real time, in this process. Gives the seconds after which a
 * client may come again, or 0 when it may go on.
 */
export function createCallLimit(callsPerMinute: number, now: () => number = Date.now): (caller: Caller) => number {
  const windows = new Map<string, Window>();
  return (caller) => {
    const client = caller.clientId ?? caller.consumer ?? caller.party ?? caller.kind;
    const at = now();
    let window = windows.get(client);
    if (!window || at - window.begunAt >= windowMillis) {
      window = { begunAt: at, calls: 0 };
      windows.delete(client);
      windows.set(client, window);
      if (windows.size > mostClients) windows.delete(windows.keys().next().value!);
    }
    window.calls += 1;
    return window.calls <= callsPerMinute ? 0 : Math.max(1, Math.ceil((window.begunAt + windowMillis - at) / 1000));
  };
}
