import { lookup as resolveName } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hostOf } from './endpoint.ts';

/** What became of a post: a status, or the reason why there was none. Nothing of what the endpoint says is kept. */
export type PostResult = { readonly status: number } | { readonly failure: PostFailure };
export type PostFailure = 'timeout' | 'address not allowed' | 'name not found' | 'not reached' | 'broken off';
/** The process ends: nothing is known, and nothing is to be made of it. */
export const stopping = 'stopping';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Posts to endpoints of subscribers. */
export interface WebhookPort {
  post(post: Post): Promise<PostResult | typeof stopping>;
  /** Breaks off what is under way; from then on every post is `stopping`. */
  close(): void;
  readonly isClosed: boolean;
}

export interface WebhookOptions {
  readonly mayReach: (address: string) => boolean;
  /** 45 seconds when left out. Source: compatibility.md, platform, §4.2. */
  readonly timeoutMillis?: number;
  /** Connections in use at once, to all hosts together; 200 when left out. */
  readonly mostConnections?: number;
}

class AddressNotAllowed extends Error {}

/**
 * Posts by HTTP and HTTPS. A name is resolved for each connection and the connection goes to the address that was judged, so
 * that a name which changes its mind between the two gains nothing; redirects are not followed and no proxy is asked. The
 * answer's body is never waited for: a connection whose answer has one is closed, so that none can be kept busy by a body without end.
 */
export function createWebhooks({ mayReach, timeoutMillis = 45_000, mostConnections = 200 }: WebhookOptions): WebhookPort {
  const lookup = judged(mayReach);
  const kept = {
    keepAlive: true,
    maxSockets: mostConnections,
    maxTotalSockets: mostConnections,
    maxFreeSockets: 4,
    timeout: timeoutMillis,
  };
  const agents = {
    'http:': new http.Agent(kept),
    'https:': new https.Agent(kept),
  } as const;

  const closing = new AbortController();

  async function post({ url: text, headers, body }: Post): Promise<PostResult | typeof stopping> {
    if (closing.signal.aborted) return stopping;
    const url = new URL(text);
    const host = hostOf(url);
    if (isIP(host) !== 0 && !mayReach(host)) return { failure: 'address not allowed' }; // no name, so nothing is looked up
    const isHttps = url.protocol === 'https:';
    const late = AbortSignal.timeout(timeoutMillis);
    return new Promise((resolve) => {
      const request = (isHttps ? https : http).request(
        url,
        {
          method: 'POST',
          agent: agents[isHttps ? 'https:' : 'http:'],
          lookup,
          signal: AbortSignal.any([late, closing.signal]),
          maxHeaderSize: 16 * 1024,
          headers: { 'user-agent': 'Budstikke', ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          resolve({ status: answer.statusCode ?? 0 });
          answer.on('error', () => {});
          if (hasNoBody(answer)) answer.resume();
          else answer.destroy();
        },
      );
      request.on('error', (error) => resolve(closing.signal.aborted ? stopping : { failure: late.aborted ? 'timeout' : failureOf(error) }));
      request.end(body);
    });
  }

  return {
    post,
    get isClosed() {
      return closing.signal.aborted;
    },
    close: () => {
      closing.abort();
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Then the connection is free for the next event. */
function hasNoBody({ statusCode, headers }: http.IncomingMessage): boolean {
  return statusCode === 204 || headers['content-length'] === '0';
}

function failureOf(error: NodeJS.ErrnoException): PostFailure {
  if (error instanceof AddressNotAllowed) return 'address not allowed';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'name not found';
  return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'broken off' : 'not reached';
}

/** Looks a name up and gives those of its addresses that may be reached; none is an error. */
function judged(mayReach: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const open = addresses.filter(({ address }) => mayReach(address));
      if (open.length === 0) return callback(new AddressNotAllowed('the name stands for no address that may be reached'), []);
      if (options.all) return callback(null, open);
      return callback(null, open[0]!.address, open[0]!.family);
    });
  };
}
