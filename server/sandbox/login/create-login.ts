import type { IncomingMessage } from 'node:http';
import Provider, { type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { Mount } from '#kernel/mount.ts';
import type { TokenIssuer } from '../tokens/signing-key.ts';
import { choosePerson, interactionPath } from './choose-person.ts';
import { type LoggingOut, logOut, tellServices } from './log-out.ts';
import { readSecrets } from './secrets.ts';
import { cookieNames, loginSettings } from './settings.ts';

/**
 * The sandbox's login for browsers, shaped as ID-porten: OpenID Connect, code flow with PKCE, with persons of the town to choose
 * from. It signs with the key of its issuer, which the rest of the server trusts, and keeps everything in the database, so
 * that any process goes on with what another began.
 *
 * Addresses are those of `publicUrl`, whatever host a request names.
 * Source: compatibility.md, platform, §1.2.
 */
export async function createLogin(ctx: Pick<Context, 'db' | 'log'>, issuer: TokenIssuer, publicUrl: string): Promise<Mount> {
  const path = new URL(issuer.issuer).pathname;
  const secrets = await readSecrets(issuer);
  const leaving: LoggingOut = {
    ctx,
    issuer: issuer.issuer,
    webLogoutUri: `${publicUrl}/logout/frame`,
    secrets,
    cookie: { name: cookieNames.session, options: { httpOnly: true, sameSite: 'lax', signed: true, path } },
  };
  const keys = (await issuer.privateKeys()) as readonly JWK[];
  const provider = new Provider(
    issuer.issuer,
    loginSettings({ ctx, publicUrl: publicUrl.replace(/\/+$/, ''), issuer: issuer.issuer, keys, secrets, leaving }),
  );
  provider.proxy = true;
  provider.use((koa, next) => sayGoodbye(leaving, koa as unknown as KoaContextWithOIDC, next));
  provider.on('server_error', (_koa, error) => ctx.log.error({ route: `${path}/*`, ...describeFault(error) }, 'a login failed'));
  const library = provider.callback();
  const choosing = { ctx, provider, secrets };

  return {
    path,
    async handle(request, response) {
      standAt(publicUrl, path, request);
      const uid = interactionOf(request);
      if (uid === undefined) await library(request, response);
      else await choosePerson(choosing, request, response, uid);
    },
  };
}

/** The library takes its own address from the request: it is told the public one, whatever the request says. */
function standAt(publicUrl: string, path: string, request: IncomingMessage): void {
  const { host, protocol } = new URL(publicUrl);
  Object.assign(request.headers, { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) });
  const whole = request.url ?? '';
  Object.assign(request, { originalUrl: path + whole.slice(path.length), url: whole.slice(path.length) });
}

function interactionOf({ url = '' }: IncomingMessage): string | undefined {
  const [path = ''] = url.split('?');
  return path.startsWith(interactionPath) ? path.slice(interactionPath.length) : undefined;
}

/** After the library has logged somebody out, or found nobody logged in, the browser gets the last page. */
async function sayGoodbye(leaving: LoggingOut, koa: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const { route, session } = koa.oidc ?? {};
  const isOver = session !== undefined && 'destroyed' in session && session.destroyed === true;
  if (route === 'end_session' && koa.status === 200 && session && !session.accountId && !isOver) await logOut(leaving, koa);
  if (route === 'end_session_confirm' && koa.status === 303 && isOver) {
    const location = koa.response.get('location');
    await tellServices(leaving, koa, location.includes('/logout/success') ? undefined : location);
  }
}
