import type { AdapterPayload } from 'oidc-provider';
import { type Client, findClient } from '#identity/index.ts';
import type { Reader } from '#kernel/database.ts';
import { findParty } from '#register/index.ts';
import { findLoginClients } from './store.ts';

/** The web application that comes with the server. It is a public client: a browser keeps no secret. */
export const webClientId = 'budstikke-web';

/** Where browsers log in that come for a file: the server itself, a public client too, since a sandbox keeps no secret from its machine. */
export const downloadClientId = 'budstikke-downloads';

/** What a person's tokens may be asked for by the web application. */
const webScopes = ['altinn:portal/enduser', 'altinn:enduser', 'altinn:correspondence.read'];

/** Scopes that say who logs in, and no more. */
export const openIdScopes = ['openid', 'profile'] as const;

/** A client's name and organization, which the login page and the tokens tell. */
export interface ClientOwner {
  readonly name: string;
  readonly organizationNumber: string | null;
}

/**
 * What the login library must know of a client: the built-in web application, whose addresses are our own, or one of a town
 * document that says where its browsers come back to. Undefined for any other.
 */
export async function clientMetadata(reader: Reader, publicUrl: string, clientId: string): Promise<AdapterPayload | undefined> {
  if (clientId === webClientId) return builtIn(clientId, [`${publicUrl}/login/callback`, `${publicUrl}/logged-in`], [`${publicUrl}/`]);
  if (clientId === downloadClientId) return builtIn(clientId, [`${publicUrl}/correspondence/api/v1/idporten-callback`], []);
  if (clientId.includes('\u0000')) return undefined; // PostgreSQL takes no zero letter
  const client = await findClient(reader, clientId);
  const login = (await findLoginClients(reader, [clientId])).get(clientId);
  if (!client || !login || login.redirectUris.length === 0) return undefined;
  return {
    ...common(clientId),
    redirect_uris: [...login.redirectUris],
    post_logout_redirect_uris: [...login.postLogoutRedirectUris],
    ...(client.publicJwk
      ? {
          token_endpoint_auth_method: 'private_key_jwt' as const,
          jwks: { keys: [keyOf(client)] },
        }
      : { token_endpoint_auth_method: 'none' as const }),
  } as AdapterPayload;
}

function keyOf({ publicJwk, keyId }: Client): object {
  return { ...publicJwk, use: 'sig', ...(keyId === null ? {} : { kid: keyId }) };
}

function builtIn(clientId: string, redirectUris: string[], postLogoutRedirectUris: string[]): AdapterPayload {
  return {
    ...common(clientId),
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    token_endpoint_auth_method: 'none',
  };
}

function common(clientId: string) {
  return {
    client_id: clientId,
    application_type: 'web' as const,
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
    // one for each client, so that no two see the same name for a person, however many addresses a client has
    sector_identifier_uri: `https://clients.example/${encodeURIComponent(clientId)}`,
  };
}

/** Whose client it is, for people and for tokens. */
export async function ownerOf(reader: Reader, clientId: string): Promise<ClientOwner> {
  const client = clientId === webClientId || clientId === downloadClientId ? undefined : await findClient(reader, clientId);
  const organization = client && (await findParty(reader, client.organizationId));
  return { name: organization?.name ?? 'Budstikke', organizationNumber: organization?.number ?? null };
}

/** What a client may ask for at an API: all of its scopes, and `openid`, by which the token also opens userinfo. */
export async function scopeOf(reader: Reader, clientId: string): Promise<string> {
  const scopes = clientId === webClientId ? webScopes : ((await findClient(reader, clientId))?.scopes ?? []);
  return ['openid', ...scopes].join(' ');
}
