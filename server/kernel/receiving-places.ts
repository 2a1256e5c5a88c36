import type { Caller } from './context.ts';
import { Overloaded } from './overloaded.ts';

/** A place among those whose bytes this process receives. */
export interface Place {
  /** Once; again is as once. */
  leave(): void;
  /** The next bytes are waited for from now on. `giveUp` is called when somebody else gets the place: no more is waited for then. */
  waits(giveUp: (error: PlaceGivenAway) => void): void;
  /** So many have come, or none will any more. */
  came(bytes: number): void;
}

/** Places of those whose bytes this process receives at this moment. */
export interface ReceivingPlaces {
  /** Waits for a place. Overloaded when too many wait, or none came free for long. */
  enter(caller: Pick<Caller, 'party' | 'consumer'>): Promise<Place>;
}

export interface PlacesOptions {
  readonly most: number;
  readonly mostOfOne: number;
  /** Who may wait at a time; of one organization at most half of them. */
  readonly mostWaiting: number;
  /** Undefined: for as long as it takes. */
  readonly patienceMillis: number | undefined;
  /** How long a client may bring nothing while others wait. */
  readonly silenceMillis: number;
  /** What makes up for a second of waiting. */
  readonly leastBytesPerSecond: number;
}

/** A client brought too little for a while, and others waited for its place. What a resumable upload has is kept; the client may go on from there. */
export class PlaceGivenAway extends Overloaded {
  override readonly name = 'PlaceGivenAway';
  override readonly advice = 'What can be gone on with is kept; come again.';
  override readonly hangsUp = true;

  constructor() {
    super(retryAfterSeconds, 'Too little came while others waited to send.');
    this.message = 'too little came while others waited';
  }
}

interface Waiting {
  readonly who: string;
  admit(): void;
}

interface Held {
  readonly who: string;
  /** Of waiting, before another gets the place. */
  millisLeft: number;
  waitsSince: number;
  giveUp: ((error: PlaceGivenAway) => void) | undefined;
}

const retryAfterSeconds = 5;
const lookEveryMillis = 500;

/**
 * Each stream of bytes takes memory, processor time and turns at the database from everything else that the process does: beyond `most`
 * they wait, unread, and one organization has `mostOfOne` at most. Whose organization has the fewest comes in next, in the order in which they
 * came. While somebody waits, a place whose client brings next to nothing is given away: only the time that its bytes are waited for
 * counts, so that a store that is slow throws nobody out.
 */
export function createReceivingPlaces(options: PlacesOptions): ReceivingPlaces {
  const { most, mostOfOne, mostWaiting, patienceMillis, silenceMillis, leastBytesPerSecond } = options;
  const held = new Set<Held>();
  const perOne = new Map<string, number>();
  const waiting: Waiting[] = [];
  /** Those whose place was given away, and who have not left it yet. */
  const leaving = new Set<Held>();
  let lookout: NodeJS.Timeout | undefined;
  const hasOf = (who: string): number => perOne.get(who) ?? 0;
  const mayEnter = (who: string): boolean => held.size < most && hasOf(who) < mostOfOne;
  const mayWait = (who: string): boolean =>
    waiting.length < mostWaiting && waiting.filter((one) => one.who === who).length < mostWaiting / 2;

  function take(who: string): Place {
    const one: Held = { who, millisLeft: silenceMillis, waitsSince: 0, giveUp: undefined };
    held.add(one);
    perOne.set(who, hasOf(who) + 1);
    return {
      leave() {
        if (!held.delete(one)) return;
        leaving.delete(one);
        one.giveUp = undefined;
        if (hasOf(who) > 1) perOne.set(who, hasOf(who) - 1);
        else perOne.delete(who);
        admitNext();
      },
      waits(giveUp) {
        one.giveUp = giveUp;
        one.waitsSince = performance.now();
      },
      came(bytes) {
        one.millisLeft = Math.min(silenceMillis, Math.max(0, leftOf(one)) + (bytes / leastBytesPerSecond) * 1000);
        one.giveUp = undefined; // after that: what is left is counted of one that was waited for
      },
    };
  }

  function admitNext(): void {
    const able = waiting.filter(({ who }) => mayEnter(who));
    const [first, ...others] = able;
    if (!first) return;
    const next = others.reduce((least, one) => (hasOf(one.who) < hasOf(least.who) ? one : least), first);
    dismiss(next);
    next.admit();
  }

  function dismiss(one: Waiting): void {
    waiting.splice(waiting.indexOf(one), 1);
    if (waiting.length > 0) return;
    clearInterval(lookout);
    lookout = undefined;
  }

  /** Whose waiting is over gives way, the most silent of those who hold most first, and no more of them than others can use. */
  function look(): void {
    const over = [...held].filter((one) => one.giveUp && leftOf(one) <= 0);
    for (const one of over.sort((a, b) => hasOf(b.who) - hasOf(a.who) || leftOf(a) - leftOf(b))) {
      const canUseIt = waiting.filter(({ who }) => hasOf(who) - (who === one.who ? 1 : 0) < mostOfOne);
      if (canUseIt.length <= leaving.size) continue;
      leaving.add(one);
      one.giveUp!(new PlaceGivenAway());
      one.giveUp = undefined;
    }
  }

  return {
    async enter({ party, consumer }) {
      const who = party ?? consumer ?? 'nobody known';
      if (mayEnter(who)) return take(who);
      if (!mayWait(who)) throw new Overloaded(retryAfterSeconds, 'Too many files are received at once.');
      const { promise, resolve, reject } = Promise.withResolvers<Place>();
      const giveUp = (): void => {
        dismiss(one);
        reject(new Overloaded(retryAfterSeconds, 'Too many files are received at once.'));
      };
      const timer = patienceMillis === undefined ? undefined : setTimeout(giveUp, patienceMillis);
      const one: Waiting = {
        who,
        admit() {
          clearTimeout(timer);
          resolve(take(who));
        },
      };
      waiting.push(one);
      lookout ??= setInterval(look, Math.min(lookEveryMillis, silenceMillis)).unref();
      return promise;
    },
  };
}

function leftOf({ millisLeft, waitsSince, giveUp }: Held): number {
  return giveUp ? millisLeft - (performance.now() - waitsSince) : millisLeft;
}

/** A stream holds up to a mebibyte where bytes are encrypted or go to an object store, and who waits no more than a socket's buffer. */
export const placesOfProcess = {
  most: 192,
  mostOfOne: 128,
  mostWaiting: 640,
  patienceMillis: 30_000,
  silenceMillis: 5000,
  leastBytesPerSecond: 16 * 1024,
} as const;

export const receivingPlaces = createReceivingPlaces(placesOfProcess);
