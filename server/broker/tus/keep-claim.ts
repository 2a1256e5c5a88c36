import type { Context } from '#kernel/context.ts';
import type { Db } from '#kernel/database.ts';
import { renewClaims, type TusUploadId } from './store.ts';

const renewEveryMillis = 1000;

interface Held {
  readonly id: TusUploadId;
  readonly claimId: string;
  readonly isAlive: () => boolean;
}

/** The claims of this process, by the database that they are in: renewed together, however many they are. */
const processes = new Map<Db, { readonly claims: Set<Held>; readonly timer: NodeJS.Timeout }>();

/**
 * Says every second that somebody sees to an upload, for as long as `isAlive`: no other request writes to it meanwhile. When it has
 * fallen silent, another takes over, and what this one still brings is refused.
 */
export function keepClaim({ db }: Context, claim: Held): { stop(): void } {
  const { claims, timer } = processes.get(db) ?? startRenewing(db);
  claims.add(claim);
  return {
    stop() {
      claims.delete(claim);
      if (claims.size > 0) return;
      clearInterval(timer);
      processes.delete(db);
    },
  };
}

function startRenewing(db: Db): { readonly claims: Set<Held>; readonly timer: NodeJS.Timeout } {
  const claims = new Set<Held>();
  let running = false;
  const timer = setInterval(() => {
    const alive = [...claims].filter(({ isAlive }) => isAlive());
    if (running || alive.length === 0) return;
    running = true;
    renewClaims(db, alive)
      .catch(() => {}) // the next second it is tried again; a claim that lapsed meanwhile is noticed when it is used
      .finally(() => {
        running = false;
      });
  }, renewEveryMillis);
  timer.unref();
  const started = { claims, timer };
  processes.set(db, started);
  return started;
}
