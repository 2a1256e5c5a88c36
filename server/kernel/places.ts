import type { Readable } from 'node:stream';
import { ClientGone } from './client-gone.ts';
import type { Caller } from './context.ts';
import { Overloaded } from './overloaded.ts';

/** A place among those whose bytes go through this process. */
export interface Place {
  /** It was not free at once. */
  readonly hasWaited: boolean;
  /** Once; again is as once. */
  leave(): void;
  /** The other side is waited for from now on, with so many bytes that it was given and has to take. `giveUp` is called when somebody else gets the place: no more is waited for then. */
  waits(giveUp: (error: PlaceGivenAway) => void, givenBytes?: number): void;
  /** So many have come, or were taken, or none will any more. */
  came(bytes: number): void;
}

/** Places of those whose bytes go through this process at this moment. */
export interface Places {
  /** Waits for a place. Overloaded when too many wait, or none came free for long; ClientGone when the request it is for closes before that. */
  enter(caller: Pick<Caller, 'party' | 'consumer'>, request?: Pick<Readable, 'destroyed' | 'on' | 'off'>): Promise<Place>;
}

export interface PlacesOptions {
  readonly most: number;
  readonly mostOfOne: number;
  /** Who may wait at a time; of one organization at most half of them. */
  readonly mostWaiting: number;
  /** Undefined: for as long as it takes. */
  readonly patienceMillis: number | undefined;
  /** How long a client may do nothing while others wait. */
  readonly silenceMillis: number;
  /** What makes up for a second of waiting. */
  readonly leastBytesPerSecond: number;
  /** What those are told who come when there are too many, and those whose place is given away. */
  readonly words: { readonly tooMany: string; readonly givenAway: GivenAway };
}

interface GivenAway {
  readonly reason: string;
  readonly advice: string;
  /** For the log. */
  readonly message: string;
}

/** A client did too little for a while, and others waited for its place. */
export class PlaceGivenAway extends Overloaded {
  override readonly name = 'PlaceGivenAway';
  override readonly advice: string;
  override readonly hangsUp = true;

  constructor({ reason, advice, message }: GivenAway) {
    super(retryAfterSeconds, reason);
    this.advice = advice;
    this.message = message;
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
 * they wait, and one organization has `mostOfOne` at most. Whose organization has the fewest comes in next, in the order in which they
 * came. While somebody waits, a place whose client does next to nothing is given away: only the time that the client is waited for
 * counts, so that a store that is slow throws nobody out.
 */
export function createPlaces(options: PlacesOptions): Places {
  const { most, mostOfOne, mostWaiting, patienceMillis, silenceMillis, leastBytesPerSecond, words } = options;
  const held = new Set<Held>();
  const perOne = new Map<string, number>();
  const waiting: Waiting[] = [];
  /** Those whose place was given away, and who have not left it yet; of one that takes too long to leave nothing is expected. */
  const leaving = new Map<Held, number>();
  let lookout: NodeJS.Timeout | undefined;
  const hasOf = (who: string): number => perOne.get(who) ?? 0;
  const mayEnter = (who: string): boolean => held.size < most && hasOf(who) < mostOfOne;
  const mayWait = (who: string): boolean =>
    waiting.length < mostWaiting && waiting.filter((one) => one.who === who).length < mostWaiting / 2;
  const millisFor = (bytes: number): number => (bytes / leastBytesPerSecond) * 1000;

  function take(who: string, hasWaited: boolean): Place {
    const one: Held = { who, millisLeft: silenceMillis, waitsSince: 0, giveUp: undefined };
    held.add(one);
    perOne.set(who, hasOf(who) + 1);
    return {
      hasWaited,
      leave() {
        if (!held.delete(one)) return;
        leaving.delete(one);
        one.giveUp = undefined;
        if (hasOf(who) > 1) perOne.set(who, hasOf(who) - 1);
        else perOne.delete(who);
        admitNext();
      },
      waits(giveUp, givenBytes = 0) {
        one.millisLeft = leftOf(one) + millisFor(givenBytes);
        one.giveUp = giveUp;
        one.waitsSince = performance.now();
      },
      came(bytes) {
        one.millisLeft = Math.min(silenceMillis, Math.max(0, leftOf(one)) + millisFor(bytes));
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
    const now = performance.now();
    for (const [one, since] of leaving) if (now - since > silenceMillis) leaving.delete(one);
    const over = [...held].filter((one) => one.giveUp && leftOf(one) <= 0);
    for (const one of over.sort((a, b) => hasOf(b.who) - hasOf(a.who) || leftOf(a) - leftOf(b))) {
      const canUseIt = waiting.filter(({ who }) => hasOf(who) - (who === one.who ? 1 : 0) < mostOfOne);
      if (canUseIt.length <= leaving.size) continue;
      leaving.set(one, now);
      one.giveUp!(new PlaceGivenAway(words.givenAway));
      one.giveUp = undefined;
    }
  }

  return {
    async enter({ party, consumer }, request) {
      const who = party ?? consumer ?? 'nobody known';
      if (mayEnter(who)) return take(who, false);
      if (request?.destroyed) throw new ClientGone();
      if (!mayWait(who)) throw new Overloaded(retryAfterSeconds, words.tooMany);
      const { promise, resolve, reject } = Promise.withResolvers<Place>();
      const giveUp = (why: Error): void => {
        stopWaiting();
        dismiss(one);
        reject(why);
      };
      const isTooLong = (): void => giveUp(new Overloaded(retryAfterSeconds, words.tooMany));
      const goAway = (): void => giveUp(new ClientGone());
      const timer = patienceMillis === undefined ? undefined : setTimeout(isTooLong, patienceMillis);
      const stopWaiting = (): void => {
        clearTimeout(timer);
        request?.off('close', goAway);
      };
      request?.on('close', goAway);
      const one: Waiting = {
        who,
        admit() {
          stopWaiting();
          resolve(take(who, true));
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
