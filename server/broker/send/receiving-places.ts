import type { Caller } from '#kernel/context.ts';
import { Overloaded } from '#kernel/overloaded.ts';

/** Places of those whose bytes this process receives at this moment. */
export interface ReceivingPlaces {
  /** Waits for a place and gives the way to leave it, once. Overloaded when too many wait, or none came free for long. */
  enter(caller: Pick<Caller, 'party' | 'consumer'>): Promise<() => void>;
}

export interface PlacesOptions {
  readonly most: number;
  readonly mostOfOne: number;
  /** Who may wait at a time; of one organization at most half of them. */
  readonly mostWaiting: number;
  readonly patienceMillis: number;
}

interface Waiting {
  readonly who: string;
  admit(): void;
}

const retryAfterSeconds = 5;

/**
 * Each stream of bytes takes memory, processor time and turns at the database from everything else that the process does: beyond `most`
 * they wait, unread, in the order in which they came, and one organization has `mostOfOne` at most, so that places are left for others.
 */
export function createReceivingPlaces({ most, mostOfOne, mostWaiting, patienceMillis }: PlacesOptions): ReceivingPlaces {
  const held = new Map<string, number>();
  const waiting: Waiting[] = [];
  let many = 0;
  const mayEnter = (who: string): boolean => many < most && (held.get(who) ?? 0) < mostOfOne;
  const mayWait = (who: string): boolean =>
    waiting.length < mostWaiting && waiting.filter((one) => one.who === who).length < mostWaiting / 2;

  function take(who: string): () => void {
    many += 1;
    held.set(who, (held.get(who) ?? 0) + 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      many -= 1;
      const left = held.get(who)! - 1;
      if (left > 0) held.set(who, left);
      else held.delete(who);
      const next = waiting.findIndex((one) => mayEnter(one.who));
      if (next >= 0) waiting.splice(next, 1)[0]!.admit();
    };
  }

  return {
    async enter({ party, consumer }) {
      const who = party ?? consumer ?? 'nobody known';
      if (mayEnter(who)) return take(who);
      if (!mayWait(who)) throw new Overloaded(retryAfterSeconds, 'Too many files are received at once.');
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(one), 1);
        reject(new Overloaded(retryAfterSeconds, 'Too many files are received at once.'));
      }, patienceMillis);
      const one: Waiting = {
        who,
        admit() {
          clearTimeout(timer);
          resolve(take(who));
        },
      };
      waiting.push(one);
      return promise;
    },
  };
}

/** A stream holds up to a mebibyte where bytes are encrypted or go to an object store, and who waits no more than a socket's buffer. */
export const placesOfProcess = { most: 192, mostOfOne: 128, mostWaiting: 640, patienceMillis: 30_000 } as const;

export const receivingPlaces = createReceivingPlaces(placesOfProcess);
