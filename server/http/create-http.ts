import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type InjectOptions,
  type LightMyRequestResponse,
} from 'fastify';
import type { Blobs } from '#blobs/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Db } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { createGivingPlaces, usualDownloads } from '#kernel/giving-places.ts';
import type { Log } from '#kernel/log.ts';
import type { Mount } from '#kernel/mount.ts';
import type { Places } from '#kernel/places.ts';
import type { Refusal } from '#kernel/refusal.ts';
import type { AnyRoute } from '#kernel/route.ts';
import { handOver, handOverOne } from './answer/hand-over.ts';
import { noteTurn } from './answer/presence.ts';
import { plainProblem } from './answer/problem.ts';
import { recordTaken } from './answer/record-taken.ts';
import { send } from './answer/send.ts';
import { noteRequest } from './answer/when-taken.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { carryClientCert } from './client-cert.ts';
import { type Cors, createCors } from './cors.ts';
import { registerDocs } from './docs.ts';
import { registerOpenapi } from './openapi.ts';
import { createOverride } from './override.ts';
import { factsOf } from './request-facts.ts';
import { compileServe } from './serve.ts';
import { createTlsServer, listenTls, type TlsOptions } from './tls-listener.ts';

export interface HttpOptions {
  readonly routes: readonly AnyRoute[];
  /** Libraries that answer a part of the address space by themselves. A route below such a path comes first. */
  readonly mounts?: readonly Mount[];
  /** What a browser is shown at an address that there is not, in place of the JSON that machines read. */
  showMissing?(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What every `run` gets as its context: all that any feature's routes ask for. */
  readonly context: object;
  /** Who shows these headers (names in lower case) to this route: `anonymous` without a token, `invalid` with a bad one, or why it is refused. */
  authenticate(
    headers: Readonly<Record<string, string | undefined>>,
    asked: Pick<AnyRoute, 'method' | 'quiet' | 'takesLapsed'>,
  ): Promise<Caller | 'invalid' | Refusal>;
  /** Who opens this address in a browser without a token, by the session in it, or where it is to log in first; for routes that say `browser`. */
  enter?(address: string): Promise<Caller | { readonly location: string }>;
  /** Told whom a route that asks for a token has answered without a refusal. Returns at once. */
  onAnswered?(caller: Caller): void;
  readonly blobs: Blobs;
  readonly log: Log;
  /** In tests: an answer or refusal that a route does not declare becomes a 500 and stands in `lies`. */
  readonly checkAnswers: boolean;
  /** Where calls are counted, when routes that say how often a client may call are held to it. */
  readonly limitsCallsBy?: Db;
  /** In tests: how long nothing may come of a body before it is given up, two minutes otherwise. */
  readonly bodyPatienceMillis?: number;
  /** In tests: other places for those whose files are received than the process has. */
  readonly places?: Places;
  /** For those to whom files are given. */
  readonly giving?: Places;
  /** Where clients reach this server; told in the served OpenAPI document. */
  readonly publicUrl: string;
  /** Origins whose pages may call the routes that allow it: `https://af.altinn.no`, `https://*.altinn.no`. */
  readonly inboxOrigins?: readonly string[];
  /** A second port, with TLS, at which clients may show a certificate. */
  readonly tls?: TlsOptions;
  /** A proxy before this server sets `Client-Cert` and `Client-Cert-Chain` (RFC 9440), and takes out what clients write there. */
  readonly trustClientCert?: boolean;
}

export interface Http {
  /** Starts to take requests and tells the port: the one asked for, or the one that was free when 0 was. */
  listen(port: number, host: string): Promise<number>;
  /** The port of the listener with TLS, once it listens; null where there is none. */
  readonly tlsPort: number | null;
  /**
   * Takes no new connection, answers 503 to new requests on old ones, lets running requests finish for at most `graceSeconds`
   * and then cuts their connections. The work of those that were cut may take half as long more.
   */
  close(graceSeconds?: number): Promise<void>;
  /** The document of all routes, without the address of any server: for printing. */
  openapi(): object;
  /** A request without a socket, for tests. */
  inject(request: InjectOptions | string): Promise<LightMyRequestResponse>;
  /** What routes answered without declaring it; empty when `checkAnswers` is off. */
  readonly lies: readonly string[];
}

/** Bounds on what a peer may send before a route is known. Bodies have no minimum rate: slow uploads are allowed. */
const limits = {
  headerBytes: 16 * 1024,
  headers: 100,
  headersMillis: 20_000,
  keepAliveMillis: 60_000,
  paramLength: 500,
  /** Less than what is read at once, so that of a body one chunk waits for its reader: of two a copy would be made, and both left to the collector. */
  waitingBytes: 32 * 1024,
} as const;

/**
 * The HTTP face of all routes. Paths match without regard to case and to a trailing slash; an unknown path is 404, another
 * method than the path has is 405 with those that it has. Fastify routes, writes and closes; what a request means is decided in `serve.ts`.
 *
 * Source: compatibility.md, correspondence, §1.1-§1.3.
 */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const { routes, log } = options;
  const lies: string[] = [];
  const running = new Set<Promise<unknown>>();
  let closing = false;
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);

  const limitsOfServer = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMillis,
    connectionsCheckingInterval: 5_000,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    highWaterMark: limits.waitingBytes,
  };
  const override = createOverride(routes);
  const fastify = Fastify({
    logger: false,
    rewriteUrl: (request) => {
      override(request);
      return request.url ?? '/';
    },
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: limits.paramLength, querystringParser: () => ({}) },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMillis,
    http: limitsOfServer,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      logAtEnd(log, request, reply);
      refuse(request, reply, error.code === 'FST_ERR_BAD_URL' ? 400 : 404);
    },
  });
  fastify.server.maxHeadersCount = limits.headers;

  fastify.addHook('onRequest', async (request, reply) => {
    noteRequest(request.raw, reply.raw);
    noteTurn(request.raw, reply.raw);
    carryClientCert(request.raw, options.trustClientCert ?? false);
    logAtEnd(log, request, reply);
    if (!closing && !request.is404) return undefined;
    if (closing) refuse(request, reply, 503, { 'retry-after': '1' });
    else if (options.showMissing && wantsPage(request.raw))
      await handOverOne(request.raw, reply, { handle: options.showMissing, route: 'none', log });
    else refuse(request, reply, 404);
    return reply;
  });
  fastify.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  fastify.setErrorHandler((error, request, reply) => {
    log.error({ traceId: factsOf(request.raw).trace.traceId, ...describeFault(error) }, 'an answer could not be written');
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    refuse(request, reply, 500);
  });

  await registerOpenapi(fastify, routes);
  await registerDocs(fastify, options.publicUrl);
  const cors = createCors(options.inboxOrigins ?? []);
  const giving = options.giving ?? createGivingPlaces(usualDownloads);
  for (const route of routes) {
    const serve = compileServe(route, { ...options, giving, ...(options.checkAnswers ? { onLie: (lie) => lies.push(lie) } : {}) });
    mount(fastify, route, {
      cors,
      serve: (arrived, trace) => kept(running, serve(arrived, trace)),
      keep: (work) => kept(running, work),
      stopping: stopping.signal,
    });
  }
  mountOtherMethods(fastify, routes, cors);
  for (const mount of options.mounts ?? []) handOver(fastify, mount, log);
  await fastify.ready();
  const tls =
    options.tls &&
    createTlsServer(options.tls, { ...limitsOfServer, requestTimeout: 0, keepAliveTimeout: limits.keepAliveMillis }, (request, response) =>
      fastify.routing(request, response),
    );
  if (tls) {
    tls.maxHeadersCount = limits.headers;
    tls.on('clientError', answerBrokenRequest);
  }
  let tlsPort: number | null = null;

  return {
    lies,
    get tlsPort() {
      return tlsPort;
    },
    openapi: () => fastify.swagger(),
    inject: (request) => fastify.inject(request),
    async listen(port, host) {
      await fastify.listen({ port, host });
      if (tls) tlsPort = await listenTls(tls, options.tls!.port, host);
      const address = fastify.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    async close(graceSeconds = 10) {
      closing = true;
      stopping.abort();
      const cut = setTimeout(() => {
        fastify.server.closeAllConnections();
        tls?.closeAllConnections();
      }, graceSeconds * 1000);
      await Promise.all([fastify.close(), tls?.listening ? closed(tls) : undefined]);
      clearTimeout(cut);
      // One that was cut off may still have to keep what had come.
      await Promise.race([Promise.allSettled(running), sleep(graceSeconds * 500, undefined, { ref: false })]);
    },
  };
}

/** A proxy that takes an answer faster than its client does would have it counted as taken: nginx heeds this, and passes it on to nobody. */
const unbuffered = { 'x-accel-buffering': 'no' } as const;

interface Mounting {
  readonly cors: Cors;
  readonly serve: ReturnType<typeof compileServe>;
  /** Work that a stop waits for. */
  readonly keep: (work: Promise<void>) => void;
  readonly stopping: AbortSignal;
}

/** That a client has gone before its answer is written is heard before it is written, where it has come by now. */
async function heardOfItsEnd(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/**
 * The whole way stands in `onRequest`, before Fastify would look at the content type: the order of refusals is ours (token,
 * `Accept`, content type, shape), and bodies are read by the route's own rules.
 */
function mount(fastify: FastifyInstance, row: AnyRoute, { cors, serve, keep, stopping }: Mounting): void {
  fastify.route({
    method: row.method,
    url: row.path,
    config: { row },
    onRequest: async ({ raw, params, headers }, reply) => {
      const facts = factsOf(raw);
      const arrived = {
        request: raw,
        params: params as Readonly<Record<string, string>>,
        queryString: queryOf(raw.url ?? ''),
        headers: single(headers),
      };
      const served = await serve(arrived, facts.trace);
      if (served.code !== undefined) facts.code = served.code;
      const { onTaken } = served;
      if (onTaken) await heardOfItsEnd();
      if (onTaken) keep(recordTaken(reply.raw, { body: served.body, onTaken }, stopping));
      const besides = { ...(onTaken ? unbuffered : {}), ...(row.cors ? cors.headersFor(headers.origin) : {}) };
      send(raw, reply, { ...served, headers: { ...served.headers, ...besides } });
      return reply;
    },
    handler: (request, reply) => unreached(request, reply),
  });
}

/**
 * Every request is answered before it could come to a handler. But Fastify goes on to it when the client closes while its
 * answer is being written, as many do that have read the announced number of bytes: nobody is there to be answered.
 */
function unreached(_request: FastifyRequest, reply: FastifyReply): void {
  if (!reply.raw.headersSent && !reply.raw.destroyed) throw new Error('a request came to its handler without an answer');
  reply.hijack();
}

/** Takes no new connection, and answers when the last one is gone; those that rest go at once. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

/** In the set for as long as it runs. */
function kept<T>(running: Set<Promise<unknown>>, work: Promise<T>): Promise<T> {
  running.add(work);
  const forget = (): boolean => running.delete(work);
  work.then(forget, forget);
  return work;
}

const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** A path answers methods that it does not have with those that it has, and the questions that a page asks before it calls. */
function mountOtherMethods(fastify: FastifyInstance, routes: readonly AnyRoute[], cors: Cors): void {
  const byPath = Map.groupBy(routes, ({ path }) => path.replaceAll(/:\w+/g, ':').toLowerCase());
  for (const rows of byPath.values()) {
    const allowed = rows.map(({ method }) => method);
    const forPages = rows.filter((row) => row.cors).map(({ method }) => method);
    fastify.route({
      method: httpMethods.filter((method) => !(allowed as readonly string[]).includes(method)),
      url: rows[0]!.path,
      onRequest: async (request, reply) => {
        const answer = forPages.length > 0 && request.method === 'OPTIONS' ? cors.preflight(request.headers, forPages) : undefined;
        if (answer) send(request.raw, reply, { status: 204, headers: answer, body: undefined });
        else refuse(request, reply, 405, { allow: allowed.join(', ') });
        return reply;
      },
      handler: (request, reply) => unreached(request, reply),
    });
  }
}

/** A browser that goes to an address asks for a page by name; programs and scripts do not. */
function wantsPage({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept?.includes('text/html') ?? false);
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start + 1);
}

function single(headers: IncomingHttpHeaders): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, headers: Readonly<Record<string, string>> = {}): void {
  const { mediaType, body } = plainProblem(status, factsOf(request.raw).trace.traceparent);
  send(request.raw, reply, { status, headers: { 'content-type': mediaType, ...headers }, body });
}

/**
 * One line per request, when its answer is out or its client is gone (499). The route's pattern, not the path that came: an
 * address may hold what nobody should read in a log.
 */
function logAtEnd(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  const facts = factsOf(request.raw);
  const write = (status: number): void => {
    reply.raw.off('finish', finished).off('close', gone);
    const { trace, began, code } = facts;
    const ms = Math.round((performance.now() - began) * 10) / 10;
    const route = request.routeOptions.url ?? 'none';
    log.info({ method: request.method, route, status, ms, traceId: trace.traceId, ...(code === undefined ? {} : { code }) }, 'request');
  };
  const finished = (): void => write(reply.statusCode);
  const gone = (): void => write(499);
  reply.raw.on('finish', finished).on('close', gone);
}
