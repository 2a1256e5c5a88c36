import type { IncomingMessage } from 'node:http';
import type { AnyRoute } from '#kernel/route.ts';

/**
 * Clients behind what lets no PATCH or DELETE through ask by POST and name the method in `X-HTTP-Method-Override`, at routes that say so
 * (`byPost`). The request becomes that method before it is routed: scope, rights, limits and the log are those of the true one.
 */
export function createOverride(routes: readonly AnyRoute[]): (request: IncomingMessage) => void {
  const patterns = routes
    .filter(({ byPost }) => byPost)
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}/?$`, 'i') }));
  return (request) => {
    const named = request.headers['x-http-method-override'];
    if (named === undefined || request.method !== 'POST') return;
    const wanted = String(named).trim().toUpperCase();
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (patterns.some(({ method, pattern }) => method === wanted && pattern.test(path))) request.method = wanted;
  };
}
