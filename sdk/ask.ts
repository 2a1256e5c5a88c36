import { askedMillis, type Patience, pause, usualPatience, type Waiting, waitBefore } from './patience.ts';
import { Refused, readRefusal } from './refused.ts';
import { type Answer, ConnectionLost, exchange, type Question, textOf } from './transport.ts';

/** Gives the token to show. `fresh`: the last one was not taken, so one that is remembered will not do. */
export type TokenSource = (fresh: boolean) => Promise<string>;

export interface Connection {
  /** Where the server answers, such as `https://post.example.no`. */
  readonly baseUrl: string;
  readonly token: TokenSource;
  readonly patience?: Patience;
  /** Told before each wait, so that a person can see why nothing happens. */
  readonly onWait?: (waiting: Waiting) => void;
  readonly signal?: AbortSignal;
  readonly userAgent?: string;
}

/** A question to a path of the server. */
export interface Asked extends Omit<Question, 'url' | 'body' | 'signal'> {
  readonly path: string;
  /** Made anew for each attempt. */
  readonly body?: string | (() => NonNullable<Question['body']>);
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks one server. Every operation that it is used for may be asked again: what was done already is answered as if it were done now, or
 * (an announcement) leaves nothing behind that anybody sees.
 */
export interface Ask {
  /** Once, but for a token that was not taken. Throws Refused for every answer that is no success, and ConnectionLost. */
  once(asked: Asked): Promise<Answer>;
  /** Until it is answered, with pauses, as long as nothing but time is missing. */
  patiently(asked: Asked): Promise<Answer>;
  json<T>(asked: Asked): Promise<T>;
  /** Waits after a failure; throws it when it is none that time mends, or there were too many in a row. */
  waitAfter(error: unknown, failures: number, signal?: AbortSignal): Promise<void>;
}

const passing = new Set([408, 423, 429, 502, 503, 504]);

/** Pure. Whether the same question may be answered later. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof Refused && passing.has(error.status));
}

export function createAsk({ baseUrl, token, patience = usualPatience, onWait, signal: ends, userAgent = 'budstikke' }: Connection): Ask {
  const origin = baseUrl.replace(/\/+$/, '');

  const attempt = async (asked: Asked, fresh: boolean): Promise<Answer> => {
    const { path, body, headers, ...rest } = asked;
    const answer = await exchange({
      ...rest,
      url: origin + path,
      headers: { 'user-agent': userAgent, ...headers, authorization: `Bearer ${await token(fresh)}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : body() }),
      signal: bothOf(ends, asked.signal),
    });
    if (answer.status < 400) return answer;
    throw readRefusal(answer, await textOf(answer));
  };

  const once = async (asked: Asked): Promise<Answer> => {
    try {
      return await attempt(asked, false);
    } catch (error) {
      if (!(error instanceof Refused && error.refusal === 'unauthenticated')) throw error;
      return attempt(asked, true);
    }
  };

  const waitAfter = async (error: unknown, failures: number, signal?: AbortSignal): Promise<void> => {
    if (!isPassing(error)) throw error;
    const asked = error instanceof Refused ? askedMillis(error.retryAfter, Date.now()) : undefined;
    const millis = waitBefore(patience, failures, asked, Math.random());
    if (millis === undefined) throw error;
    onWait?.({ millis, because: error });
    await pause(millis, bothOf(ends, signal));
  };

  const persist = async <T>(asked: Asked, use: (answer: Answer) => Promise<T>): Promise<T> => {
    for (let failures = 0; ; ) {
      try {
        return await use(await once(asked));
      } catch (error) {
        failures += 1;
        await waitAfter(error, failures, asked.signal);
      }
    }
  };

  return {
    once,
    waitAfter,
    patiently: (asked) => persist(asked, async (answer) => answer),
    json: <T>(asked: Asked) => persist(asked, async (answer) => JSON.parse(await textOf(answer)) as T),
  };
}

function bothOf(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one && other && one !== other ? AbortSignal.any([one, other]) : (one ?? other);
}
