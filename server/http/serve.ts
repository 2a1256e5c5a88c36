import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Blobs } from '#blobs/index.ts';
import { BodyStalled } from '#kernel/body-stalled.ts';
import { anonymous, type Caller } from '#kernel/context.ts';
import type { Db } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import { OutcomeUnknown } from '#kernel/outcome-unknown.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import type { Place, Places } from '#kernel/places.ts';
import { receivingPlaces } from '#kernel/receiving-places.ts';
import { Refusal, refuse } from '#kernel/refusal.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { type Answer, answerOf } from './answer/answer.ts';
import { checkOf, RouteLied } from './answer/check-answers.ts';
import { inText } from './answer/in-text.ts';
import { itsTurn, placeFor } from './answer/presence.ts';
import {
  modelProblem,
  type ProblemAnswer,
  plainProblem,
  refusalProblem,
  validationCode,
  validationProblem,
  wireCode,
} from './answer/problem.ts';
import { createCallLimit } from './call-limit.ts';
import { judge, type Verdict } from './gate.ts';
import { receiveAt, waitForBody } from './input/body.ts';
import { type Arrived, compileInput, defaultMaxBytes, type Input, removeFiles } from './input/input.ts';
import { BodyTooLarge, ClientGone, Misfit } from './input/refused.ts';
import { accepts, bodyKindOf, declaredType, readsType } from './media.ts';
import type { Trace } from './trace.ts';

/** What a route needs to be served. */
export interface Serving {
  /** What every `run` gets as its context; a use case takes of it what its type asks for. */
  readonly context: object;
  readonly blobs: Blobs;
  readonly log: Log;
  /** Who shows these headers to this route. A refusal is answered as it is, on every route. */
  authenticate(
    headers: Readonly<Record<string, string | undefined>>,
    asked: Pick<AnyRoute, 'method' | 'quiet' | 'takesLapsed'>,
  ): Promise<Caller | 'invalid' | Refusal>;
  /** Who opens this address in a browser without a token, or where it is to log in first. Without it nobody does. */
  enter?(address: string): Promise<Caller | Redirect>;
  /** Told whom a route that asks for a token has answered without a refusal. Returns at once. */
  onAnswered?(caller: Caller): void;
  /** Where calls are counted, when routes that say how often a client may call are held to it. */
  readonly limitsCallsBy?: Db;
  /** In tests: how long nothing may come of a body. */
  readonly bodyPatienceMillis?: number;
  /** In tests: other places than the process has for those whose files are received. */
  readonly places?: Places;
  /** For those to whom files are given. */
  readonly giving: Places;
  /** In tests: told when a route answers what it does not declare. */
  readonly onLie?: (message: string) => void;
}

/** An answer, and the code that the log line carries. */
export interface Served extends Answer {
  readonly code?: string;
  /** Of an answer that is a file: left when it is out. */
  readonly place?: Place;
}

const ofProblem = ({ status, mediaType, body }: ProblemAnswer, code?: string): Served => ({
  status,
  headers: { 'content-type': mediaType },
  body,
  ...(code === undefined ? {} : { code }),
});

const exchangeTitle = 'IDX10205: Issuer validation failed';
const exchangeDetail =
  'The token was issued by Maskinporten, and this operation takes tokens issued by Altinn. Exchange it for an Altinn token (/authentication/api/v1/exchange/maskinporten) and use that one.';

function ofVerdict(verdict: Exclude<Verdict, 'pass'>, invalid: boolean, traceId: string): Served {
  switch (verdict) {
    case 'unknown':
      return { status: 401, headers: { 'www-authenticate': invalid ? 'Bearer error="invalid_token"' : 'Bearer' }, body: undefined };
    case 'forbidden':
      return { status: 403, headers: {}, body: undefined };
    case 'exchange':
      return ofProblem(plainProblem(403, traceId, { title: exchangeTitle, detail: exchangeDetail }));
  }
}

/** The rest of the body is not waited for. */
function hangingUp(served: Served): Served {
  return { ...served, headers: { ...served.headers, connection: 'close' } };
}

interface Redirect {
  readonly location: string;
}

/** To the login, and from there back: the address is nobody else's business. */
function ofRedirect({ location }: Redirect): Served {
  return { status: 302, headers: { location, 'referrer-policy': 'no-referrer' }, body: undefined };
}

function ofOverload({ retryAfterSeconds, reason, advice, hangsUp }: Overloaded, traceId: string): Served {
  const problem = plainProblem(503, traceId, { detail: `${reason} ${advice}` });
  const { status, headers, body } = ofProblem(problem, 'overloaded');
  const served = { status, headers: { ...headers, 'retry-after': String(retryAfterSeconds) }, body, code: 'overloaded' };
  return hangsUp ? hangingUp(served) : served;
}

/** Methods that do the same again, so that a client may come again by itself. Source: RFC 9110 §9.2.2. */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const changesNothing: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const comeAgainSeconds = 5;

const unknownDetail =
  'The connection to the database was lost while this was being kept: it was done, or it was not. With an idempotency key, send it again with the same key: it is done once. Without one, look at the state before you send it again.';

/** Nobody may be led to do a thing twice: `Retry-After` has only what may be asked again. */
function ofUnknown(method: string, traceId: string): Served {
  const detail = changesNothing.has(method) ? 'The connection to the database was lost. Come again.' : unknownDetail;
  const served = ofProblem(plainProblem(503, traceId, { detail }), 'outcome-unknown');
  if (!repeatable.has(method)) return served;
  return { ...served, headers: { ...served.headers, 'retry-after': String(comeAgainSeconds) } };
}

/** Source: RFC 9112 §6.3. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** In the words of each of the originals. */
function notAccepted(route: AnyRoute): string {
  const type = declaredType(route);
  if (!route.path.startsWith('/broker/')) return `Supported media types: ${type}`;
  return `This endpoint does not support the requested Accept header. Supported Accept headers are: ${type}, */*.`;
}

/** The rest of a body is read and dropped, so that the client gets to read this. */
function ofLimit(retryAfterSeconds: number, traceId: string): Served {
  const served = ofProblem(plainProblem(429, traceId, { detail: 'Too many calls of this operation within a minute.' }), 'limited');
  return { ...served, headers: { ...served.headers, 'retry-after': String(retryAfterSeconds) } };
}

/**
 * Makes the way from a request to its answer, always in this order: token and scope, how often, `Accept`, content type, shape, run.
 * Never throws: what is unexpected becomes a 500 that says nothing but its trace id.
 *
 * Source: compatibility.md, correspondence, §1.2, §1.3, §1.5.
 */
export function compileServe(route: AnyRoute, serving: Serving): (arrived: Arrived, trace: Trace) => Promise<Served> {
  const read = compileInput(route, serving.blobs);
  const check = serving.onLie ? checkOf(route) : undefined;
  const kind = bodyKindOf(route);
  const receivesFiles = kind === 'form' || route.receivesFile === true;
  const { limitsCallsBy: db } = serving;
  const { callsPerMinute } = route;
  const limit =
    db && callsPerMinute !== undefined ? createCallLimit({ db, operation: `${route.method} ${route.path}`, callsPerMinute }) : undefined;

  async function identify({ headers, request }: Arrived): Promise<Caller | 'invalid' | Refusal | Redirect> {
    if (route.scope === 'open') return anonymous;
    const identified = await serving.authenticate(headers, route);
    const enters = route.browser && headers.authorization === undefined && identified === anonymous && serving.enter;
    return enters ? enters(request.url ?? '/') : identified;
  }

  async function runRoute(caller: Caller, input: Input): Promise<Answer> {
    try {
      const result: unknown = await route.run(serving.context, caller, input);
      check?.answer(result);
      const answer = answerOf(route, result);
      if (caller.kind !== 'anonymous' && answer.status < 400) serving.onAnswered?.(caller);
      return answer;
    } catch (error) {
      await removeFiles(serving.blobs, input.files);
      throw error;
    }
  }

  /** Bytes of files are received by so many at a time; what has none needs no place. */
  async function inPlace(caller: Caller, { request }: Arrived, work: () => Promise<Answer>): Promise<Served> {
    if (route.givesFile) return withFile(caller, request, work);
    if (!receivesFiles || !hasBody(request)) return work();
    const place = await placeFor(request, caller, serving.places ?? receivingPlaces);
    try {
      receiveAt(request, place);
      return await work();
    } finally {
      place.leave();
    }
  }

  /**
   * Bytes of files are given to so many at a time, until they have taken them; what has none needs its place no longer. An answer behind
   * another on its connection has no place before its turn: one connection has one at most.
   */
  async function withFile(caller: Caller, request: IncomingMessage, work: () => Promise<Answer>): Promise<Served> {
    await itsTurn(request);
    const place = await placeFor(request, caller, serving.giving);
    try {
      const answer = await work();
      if (answer.body instanceof Readable) return { ...answer, place };
      place.leave();
      return answer;
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  function ofError(error: unknown, { traceId: tracedAs, traceparent: traceId }: Trace): Served {
    if (error instanceof Misfit) {
      const envelope = route.path.startsWith('/broker/') ? modelProblem : validationProblem;
      return ofProblem(envelope(error.violations, traceId), validationCode);
    }
    if (error instanceof BodyTooLarge) {
      const most = route.maxBodyBytes ?? (kind === 'bytes' || kind === 'urlencoded' ? defaultMaxBytes[kind] : defaultMaxBytes.json);
      return ofProblem(plainProblem(413, traceId, { detail: `The body may hold at most ${most} bytes.` }));
    }
    if (error instanceof Overloaded) return ofOverload(error, traceId);
    if (error instanceof ClientGone) return { status: 499, headers: {}, body: undefined };
    if (error instanceof BodyStalled && !route.stalled) return hangingUp(ofProblem(plainProblem(408, traceId)));
    const refusal = error instanceof BodyStalled ? refuse(route.stalled!) : error;
    if (refusal instanceof Refusal) {
      check?.refusal(refusal);
      const problem = ofProblem(refusalProblem(refusal, traceId), wireCode(refusal.row));
      const served = { ...problem, headers: { ...problem.headers, ...refusal.headers } };
      return refusal.row.status === 408 ? hangingUp(served) : served;
    }
    if (error instanceof OutcomeUnknown) {
      serving.log.error(
        { traceId: tracedAs, route: `${route.method} ${route.path}`, ...describeFault(error) },
        'a request may have been done, or not',
      );
      return ofUnknown(route.method, traceId);
    }
    if (error instanceof RouteLied) serving.onLie?.(error.message);
    serving.log.error({ traceId: tracedAs, route: `${route.method} ${route.path}`, ...describeFault(error) }, 'a request failed');
    return ofProblem(plainProblem(500, traceId), 'fault');
  }

  const answerTo = async (arrived: Arrived, trace: Trace): Promise<Served> => {
    if (serving.bodyPatienceMillis !== undefined) waitForBody(arrived.request, serving.bodyPatienceMillis);
    try {
      const identified = await identify(arrived);
      if (identified instanceof Refusal) return ofProblem(refusalProblem(identified, trace.traceparent), wireCode(identified.row));
      if (typeof identified === 'object' && 'location' in identified) return ofRedirect(identified);
      const caller = identified === 'invalid' ? anonymous : identified;
      const verdict = judge(route.scope, caller);
      if (verdict !== 'pass') return ofVerdict(verdict, identified === 'invalid', trace.traceparent);
      const retryAfterSeconds = (await limit?.(caller)) ?? 0;
      if (retryAfterSeconds > 0) return ofLimit(retryAfterSeconds, trace.traceparent);
      if (!accepts(route, arrived.headers.accept)) {
        return {
          status: 406,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: notAccepted(route),
        };
      }
      if (!readsType(route, arrived.headers['content-type'])) return ofProblem(plainProblem(415, trace.traceparent));
      return await inPlace(caller, arrived, async () => runRoute(caller, await read(arrived)));
    } catch (error) {
      try {
        return ofError(error, trace);
      } catch (lie) {
        return ofError(lie, trace);
      }
    }
  };
  const inItsWords = route.answersInText;
  return inItsWords ? async (arrived, trace) => inText(await answerTo(arrived, trace), inItsWords) : answerTo;
}
