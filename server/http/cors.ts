import type { IncomingHttpHeaders } from 'node:http';

type Headers = Readonly<Record<string, string>>;

/** What pages of an inbox may do. Source: compatibility.md, correspondence, §1.1. */
const requestHeaders = 'Authorization, Content-Type, If-Match, request-id, request-context, traceparent, prefer';
/** What they may read beside the body: the revision of what they changed. */
const answerHeaders = 'ETag';

/** The answer of a route that pages of other origins may call depends on who asks: caches must know, and nobody else is told. */
export interface Cors {
  /** Headers for any answer of such a route. */
  headersFor(origin: string | undefined): Headers;
  /** Headers of the answer to a question before the call, on a path that has these methods for pages; undefined for what is no such question. */
  preflight(asked: IncomingHttpHeaders, methods: readonly string[]): Headers | undefined;
}

/** `https://af.altinn.no` is one origin; `https://*.altinn.no` is every subdomain of it, at any depth. */
export function createCors(origins: readonly string[]): Cors {
  const patterns = origins.map((origin) => {
    const [before = '', after] = origin.toLowerCase().split('*.');
    return after === undefined
      ? { matches: (asked: string) => asked === before }
      : {
          matches: (asked: string) =>
            asked.startsWith(before) && /^[a-z0-9.-]+\.$/.test(asked.slice(before.length, -after.length)) && asked.endsWith(after),
        };
  });
  const isAllowed = (origin: string): boolean => patterns.some(({ matches }) => matches(origin.toLowerCase()));
  const headersFor = (origin: string | undefined): Headers => ({
    vary: 'Origin',
    ...(origin !== undefined && isAllowed(origin)
      ? {
          'access-control-allow-origin': origin,
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': answerHeaders,
        }
      : {}),
  });
  return {
    headersFor,
    preflight(asked, methods) {
      if (asked.origin === undefined || asked['access-control-request-method'] === undefined) return undefined;
      const allowed = headersFor(asked.origin);
      if (!('access-control-allow-origin' in allowed)) return allowed;
      return {
        ...allowed,
        'access-control-allow-methods': [...methods, 'OPTIONS'].join(', '),
        'access-control-allow-headers': requestHeaders,
      };
    },
  };
}
