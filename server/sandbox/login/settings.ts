import { type Configuration, type Grant, interactionPolicy, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParty } from '#register/index.ts';
import { languageOf } from './answer.ts';
import { openIdScopes, ownerOf, scopeOf } from './client-metadata.ts';
import { hinted } from './hinted.ts';
import { keepState } from './keep-state.ts';
import { levels, lowestWanted, reaches } from './levels.ts';
import { answer, type LoggingOut, logOutOrAsk } from './log-out.ts';
import { failedPage, gonePage, loggedOutPage, refusedPage } from './pages.ts';
import type { LoginSecrets } from './secrets.ts';

/** Seconds, in real time. A login may lie open for an hour; a session is two hours from its last use. */
const seconds = { accessToken: 30 * 60, idToken: 30 * 60, code: 60, interaction: 60 * 60, session: 2 * 60 * 60, grant: 2 * 60 * 60 };

export const cookieNames = { session: 'idporten', interaction: 'idporten-login', resume: 'idporten-resume' } as const;

export interface LoginSettings {
  readonly ctx: Pick<Context, 'db'>;
  readonly publicUrl: string;
  readonly issuer: string;
  readonly keys: readonly JWK[];
  readonly secrets: LoginSecrets;
  readonly leaving: LoggingOut;
}

/**
 * What makes the login library speak as ID-porten does: code flow with PKCE and nothing else, tokens that say who logged in, how
 * well and for whom, no question of consent, and pages of our own.
 * Source: compatibility.md, platform, §1.2.
 */
export function loginSettings({ ctx, publicUrl, issuer, keys, secrets, leaving }: LoginSettings): Configuration {
  return {
    adapter: keepState(ctx, publicUrl),
    jwks: { keys: [...keys] },
    cookies: {
      keys: [secrets.cookieKey],
      names: cookieNames,
      long: { httpOnly: true, sameSite: 'lax', signed: true, path: new URL(issuer).pathname },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    ttl: {
      AccessToken: seconds.accessToken,
      AuthorizationCode: seconds.code,
      IdToken: seconds.idToken,
      Interaction: seconds.interaction,
      Session: seconds.session,
      Grant: seconds.grant,
    },
    routes: {
      authorization: '/authorize',
      token: '/token',
      jwks: '/.well-known/jwks.json',
      end_session: '/logout',
    },
    responseTypes: ['code'],
    scopes: openIdScopes,
    acrValues: Object.keys(levels),
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_koa, accountId, client) => secrets.pairwise(accountId, client.clientId),
    sectorIdentifierUriValidate: () => false,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientAuthMethods: ['none', 'private_key_jwt'],
    clientBasedCORS: (_koa, origin, client) => (client.redirectUris ?? []).some((address) => new URL(address).origin === origin),
    claims: { openid: ['sub', 'pid', 'locale', 'acr', 'amr', 'auth_time', 'sid'], iss: null },
    findAccount: async (koa, accountId) => {
      const person = await findParty(ctx.db, accountId as PartyId);
      if (!person?.alive) return undefined;
      return { accountId, claims: async () => ({ sub: accountId, pid: person.number, locale: person.language, sid: await sidOf(koa) }) };
    },
    extraTokenClaims: (koa, token) => ('accountId' in token ? accessClaims(ctx, koa, String(token.accountId)) : undefined),
    interactions: { url: (_koa, { uid }) => `${new URL(issuer).pathname}/interaction/${uid}`, policy: policy(ctx) },
    loadExistingGrant: (koa) => grantOf(ctx, koa, publicUrl),
    renderError: (koa, { error, error_description: description }) => {
      const language = languageOf(koa.req, koa.oidc?.params?.ui_locales);
      if (koa.status >= 500) answer(koa, failedPage(language));
      else if (error === 'invalid_request' && /SessionNotFound|expired|session/i.test(description ?? ''))
        answer(koa, gonePage(language, koa.status));
      else answer(koa, refusedPage(language, koa.status, error, description ?? ''));
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      userinfo: { enabled: false }, // the library's takes no token that an API takes too: ours stands in routes.ts
      resourceIndicators: {
        enabled: true,
        defaultResource: () => publicUrl,
        useGrantedResource: () => true,
        getResourceServerInfo: async (_koa, resource, client) => ({
          scope: await scopeOf(ctx.db, client.clientId),
          audience: resource,
          accessTokenTTL: seconds.accessToken,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (koa, form) => logOutOrAsk(leaving, koa, form),
        postLogoutSuccessSource: (koa) => answer(koa, loggedOutPage(languageOf(koa.req), [], undefined)),
      },
    },
    discovery: {
      userinfo_endpoint: `${issuer}/userinfo`,
      ui_locales_supported: ['nb', 'nn', 'en'],
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    },
  };
}

/**
 * Nobody is asked for consent. Somebody who logged in at a lower level than is asked for now logs in again, and so does whoever is
 * logged in where the service names another: its link says as whom one comes in, and the page shows that one first.
 */
function policy({ db }: Pick<Context, 'db'>) {
  const { base, Check } = interactionPolicy;
  const prompts = base();
  prompts.remove('consent');
  const { checks } = prompts.get('login')!;
  checks.add(
    new Check('level', 'A higher level of login is required', 'login_required', (koa) => {
      const { params, session } = koa.oidc;
      return Boolean(session?.accountId) && !reaches(session?.acr, lowestWanted(params?.acr_values));
    }),
  );
  checks.add(
    new Check('person', 'Another person is expected', 'login_required', async (koa) => {
      const { params, session, result } = koa.oidc;
      const expected = hinted(params?.login_hint);
      if (!session?.accountId || expected === '' || result !== undefined) return false; // who has just chosen has chosen
      return (await findParty(db, session.accountId as PartyId))?.number !== expected;
    }),
  );
  return prompts;
}

/** What a person is taken to have agreed to: all that the client may ask for. */
async function grantOf(ctx: Pick<Context, 'db'>, koa: KoaContextWithOIDC, resource: string): Promise<Grant> {
  const { provider, session, client, params } = koa.oidc;
  const known = session!.grantIdFor(client!.clientId);
  const grant =
    (known && (await provider.Grant.find(known))) || new provider.Grant({ clientId: client!.clientId, accountId: session!.accountId! });
  const resources = [params?.resource ?? resource].flat().map(String);
  grant.addOIDCScope(openIdScopes.join(' '));
  const scope = await scopeOf(ctx.db, client!.clientId);
  for (const each of resources) grant.addResourceScope(each, scope);
  await grant.save();
  return grant;
}

/** The session's name towards the client that brings a code: what it will be told by when the person logs out. */
async function sidOf({ oidc }: KoaContextWithOIDC): Promise<string | undefined> {
  const { AuthorizationCode: code, Client: client } = oidc.entities;
  const session = code?.sessionUid && client && (await oidc.provider.Session.findByUid(code.sessionUid));
  return session ? session.sidFor(client.clientId) : undefined;
}

/** What an access token says beside what every one does. */
async function accessClaims(ctx: Pick<Context, 'db'>, koa: KoaContextWithOIDC, accountId: string) {
  const { AuthorizationCode: code, Client: client } = koa.oidc.entities;
  const [person, owner] = [await findParty(ctx.db, accountId as PartyId), await ownerOf(ctx.db, client!.clientId)];
  const number = owner.organizationNumber;
  return {
    pid: person?.number,
    locale: person?.language,
    acr: code?.acr,
    amr: code?.amr,
    auth_time: code?.authTime,
    sid: await sidOf(koa),
    token_type: 'Bearer',
    client_amr: client!.tokenEndpointAuthMethod ?? 'none',
    ...(number === null ? {} : { client_orgno: number, consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${number}` } }),
  };
}
