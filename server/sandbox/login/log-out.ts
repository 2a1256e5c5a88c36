import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '#kernel/context.ts';
import type { Reply } from '#kernel/route.ts';
import { languageOf } from './answer.ts';
import { webClientId } from './client-metadata.ts';
import { askLogoutPage, loggedOutPage } from './pages.ts';
import type { LoginSecrets } from './secrets.ts';
import { findLoginClients, removeGrants } from './store.ts';

export interface LoggingOut {
  readonly ctx: Pick<Context, 'db'>;
  readonly issuer: string;
  /** Where the built-in web application hears of it. */
  readonly webLogoutUri: string;
  readonly secrets: LoginSecrets;
  /** The name of the session's cookie and what it was set with. */
  readonly cookie: { readonly name: string; readonly options: object };
}

/**
 * A browser comes to log out. A service that shows the person's own id_token is believed at once, as is a browser in which nobody is
 * logged in; in any other case the person is asked, so that no stranger's page can log anybody out.
 */
export async function logOutOrAsk(leaving: LoggingOut, koa: KoaContextWithOIDC, form: string): Promise<void> {
  const { session, entities, params } = koa.oidc;
  const hint = entities.IdTokenHint?.payload;
  const isTheirs = session?.accountId && hint && hint.sub === leaving.secrets.pairwise(session.accountId, String(hint.aud));
  if (isTheirs) return logOut(leaving, koa);
  const leadsTo = params?.post_logout_redirect_uri;
  answer(koa, askLogoutPage(languageOf(koa.req, params?.ui_locales), form, typeof leadsTo === 'string' ? leadsTo : undefined));
}

/** Ends the session of this browser with all that it gave, tells each service, and goes where the service wanted. */
export async function logOut(leaving: LoggingOut, koa: KoaContextWithOIDC): Promise<void> {
  const session = koa.oidc.session!;
  const { postLogoutRedirectUri, state } = (session.state ?? {}) as { postLogoutRedirectUri?: string; state?: string };
  const grants = Object.values(session.authorizations ?? {}).flatMap(({ grantId }) => grantId ?? []);
  await leaving.ctx.db.transaction(async (tx) => removeGrants(tx, grants));
  await session.destroy();
  koa.cookies.set(leaving.cookie.name, null, leaving.cookie.options);
  await tellServices(leaving, koa, postLogoutRedirectUri === undefined ? undefined : withState(postLogoutRedirectUri, state));
}

/**
 * The last page: a frame for each service that wants to hear of it (OpenID Connect Front-Channel Logout 1.0), then on to
 * where the service wanted. Straight on where nobody wants to hear.
 */
export async function tellServices(
  { ctx, issuer, webLogoutUri }: LoggingOut,
  koa: KoaContextWithOIDC,
  goesOnTo: string | undefined,
): Promise<void> {
  const authorizations = koa.oidc.session?.authorizations ?? {};
  const clients = await findLoginClients(ctx.db, Object.keys(authorizations));
  const heard = [...clients.values()].map(({ clientId, frontchannelLogoutUri }) => ({ clientId, uri: frontchannelLogoutUri }));
  if (authorizations[webClientId]) heard.push({ clientId: webClientId, uri: webLogoutUri });
  const calls = heard.flatMap(({ clientId, uri }) =>
    uri === null ? [] : [withQuery(uri, { iss: issuer, sid: authorizations[clientId]?.sid ?? '' })],
  );
  if (calls.length > 0 || goesOnTo === undefined)
    answer(koa, loggedOutPage(languageOf(koa.req, koa.oidc.params?.ui_locales), calls, goesOnTo));
  else {
    koa.status = 303;
    koa.redirect(goesOnTo);
  }
}

/** Writes a page as the answer of the library. */
export function answer(koa: KoaContextWithOIDC, { status, headers, body }: Reply): void {
  koa.status = status;
  koa.set({ ...headers });
  koa.remove('location');
  koa.body = body;
}

function withState(address: string, state: string | undefined): string {
  return state === undefined ? address : withQuery(address, { state });
}

function withQuery(address: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
