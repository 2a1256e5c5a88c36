import { resolve } from 'node:path';
import type { Config } from './config.ts';
import { browserLoginRoutes, callbackPath, createBrowserLogin } from './correspondence/index.ts';
import type { HttpOptions } from './http/index.ts';
import type { Identity } from './identity/index.ts';
import { anonymous, type Context } from './kernel/context.ts';
import type { AnyRoute, Reply } from './kernel/route.ts';
import { loginProvider, sessionProvider } from './outside.ts';
import type { TokenIssuers } from './sandbox/index.ts';
import { authenticateCookie, createProviderClient, serveApp, sessionCallbackPath, sessionContext } from './session/index.ts';
import { sessionRoutes } from './session/routes.ts';

/** Where `web/` is built to. */
const builtTo = resolve(import.meta.dirname, '../web/dist');

export interface Browsers {
  readonly routes: readonly AnyRoute[];
  readonly enter?: NonNullable<HttpOptions['enter']>;
  readonly authenticate: HttpOptions['authenticate'];
}

interface Options {
  readonly config: Config;
  readonly base: Context;
  readonly issuers: TokenIssuers | undefined;
  readonly identity: Identity;
  readonly publicUrl: string;
  readonly inbox: string;
}

/**
 * What people's browsers need: the login with its session, and the one for downloads by address. Without a login provider there is
 * neither, and only tokens tell who is calling. A request with `Authorization` is judged by that alone, whatever cookie comes along.
 */
export function createBrowsers({ config, base, issuers, identity, publicUrl, inbox }: Options): Browsers {
  const [download, web] = [loginProvider(config, issuers), sessionProvider(config, issuers)];
  if (!download || !web) return { routes: [], authenticate: identity.authenticate };
  const { recognize } = identity;
  const entering = createBrowserLogin({
    ctx: base,
    provider: createProviderClient(download, publicUrl + callbackPath),
    publicUrl,
    inbox,
    recognize,
  });
  const provider = createProviderClient(web, publicUrl + sessionCallbackPath);
  const session = sessionContext({
    ctx: base,
    provider,
    publicUrl,
    isSandbox: config.MODE === 'sandbox',
    operator: config.OPERATOR,
    recognize,
  });
  return {
    routes: [...browserLoginRoutes(entering), ...sessionRoutes(session)],
    enter: entering.enter,
    authenticate: (headers, asked) =>
      headers.authorization === undefined ? authenticateCookie(session, headers, asked) : identity.authenticate(headers, asked),
  };
}

/** The web app at its addresses. A page that stands at `/` among the routes is shown there until the app is built. */
export function placeApp(
  routes: readonly AnyRoute[],
  { config, ctx, issuers, publicUrl }: { config: Config; ctx: object; issuers: TokenIssuers | undefined; publicUrl: string },
): Required<Pick<HttpOptions, 'routes' | 'mounts' | 'showMissing'>> {
  const front = routes.find(({ method, path }) => method === 'GET' && path === '/');
  const show = async (headers: Readonly<Record<string, string | undefined>>, lang: string | undefined): Promise<Reply> => {
    const query = lang === undefined ? {} : { lang };
    return (await front!.run(ctx, anonymous, { query, headers } as never)) as Reply;
  };
  const providerIssuer = sessionProvider(config, issuers)?.issuer;
  return {
    routes: routes.filter((route) => route !== front),
    ...serveApp({ folder: builtTo, publicUrl, providerIssuer, ...(front ? { front: show } : {}) }),
  };
}
