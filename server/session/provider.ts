import * as oidc from 'openid-client';

/** Where people log in: an OpenID Connect provider shaped as ID-porten, and who we are there. */
export interface LoginProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** Without one we are a public client; PKCE protects the code in any case. */
  readonly clientSecret?: string;
}

/** What must come back as it went out. */
export interface LoginChecks {
  readonly state: string;
  readonly verifier: string;
  readonly nonce: string;
}

/** Who came back from a login. */
export interface LoggedIn {
  readonly claims: oidc.IDToken;
  /** As it came: what the provider wants to see when they log out. */
  readonly idToken: string;
}

export interface ProviderClient {
  readonly issuer: string;
  readonly clientId: string;
  /** Where a browser is sent to log in, at one of these levels; whom to expect there, and the language in which to ask. */
  authorizationUrl(
    checks: LoginChecks,
    acrValues: string,
    wish?: { readonly loginHint?: string | undefined; readonly language?: string | undefined },
  ): Promise<URL>;
  /** What the provider says of who came back to this address. Throws for anything that is not as it should be. */
  loggedIn(comingBack: URL, checks: LoginChecks): Promise<LoggedIn>;
  /**
   * Where a browser logs out there too; undefined where the provider has no such address. Without an id_token it is the provider that
   * finds out who is logged in there, and may ask them.
   */
  endSessionUrl(idToken: string | undefined, goesOnTo: string): Promise<URL | undefined>;
  /** Where its keys lie. */
  keysUrl(): Promise<URL>;
}

/** Source: compatibility.md, correspondence, §1.2. */
const scope = 'openid profile';
const timeoutSeconds = 10;

/** Our side of the code flow, by a library. The provider's metadata is asked for when it is needed first, and again after a failure. */
export function createProviderClient({ issuer, clientId, clientSecret }: LoginProvider, redirectUri: string): ProviderClient {
  let discovering: Promise<oidc.Configuration> | undefined;

  function configuration(): Promise<oidc.Configuration> {
    discovering ??= discover().catch((error: unknown) => {
      discovering = undefined;
      throw error;
    });
    return discovering;
  }

  async function discover(): Promise<oidc.Configuration> {
    const authentication = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    const insecure = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    const execute = [...insecure, oidc.enableNonRepudiationChecks]; // the signature of the id_token too
    return oidc.discovery(new URL(issuer), clientId, {}, authentication, { execute, timeout: timeoutSeconds });
  }

  return {
    issuer,
    clientId,
    async authorizationUrl({ state, verifier, nonce }, acrValues, { loginHint, language } = {}) {
      return oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope,
        acr_values: acrValues,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        ...(loginHint ? { login_hint: loginHint } : {}),
        ...(language ? { ui_locales: language } : {}),
      });
    },
    async loggedIn(comingBack, { state, verifier, nonce }) {
      const checks = { expectedState: state, pkceCodeVerifier: verifier, expectedNonce: nonce, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(await configuration(), comingBack, checks);
      return { claims: tokens.claims()!, idToken: tokens.id_token! };
    },
    async endSessionUrl(idToken, goesOnTo) {
      const provider = await configuration();
      if (provider.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(provider, {
        ...(idToken === undefined ? {} : { id_token_hint: idToken }),
        post_logout_redirect_uri: goesOnTo,
      });
    },
    async keysUrl() {
      return new URL((await configuration()).serverMetadata().jwks_uri!);
    },
  };
}
