import Type from 'typebox';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { documentRoute } from './document-route.ts';
import { type TokenFunction, tokenFunctions } from './functions.ts';
import { generateToken } from './generate-token.ts';
import { authorizationServerMetadata, openIdMetadata } from './metadata.ts';
import type { TokenIssuer } from './signing-key.ts';

const openIdBase = '/authentication/api/v1/openid/.well-known/openid-configuration';

/** The test token generator and the keys of what it signs. No token is asked for on any of them. */
export function tokenRoutes(tokens: TokenIssuer): AnyRoute[] {
  return [
    ...tokenFunctions.map((of) => tokenRoute(of, tokens)),
    documentRoute(openIdBase, 'Metadata of the issuer of test tokens.', async () => openIdMetadata(tokens)),
    documentRoute(`${openIdBase}/jwks`, 'The public keys of test tokens.', () => tokens.keySet()),
    documentRoute('/api/.well-known/oauth-authorization-server', 'Metadata of the issuer of test tokens (RFC 8414).', async () =>
      authorizationServerMetadata(tokens),
    ),
  ];
}

function tokenRoute(of: TokenFunction, tokens: TokenIssuer): AnyRoute {
  return route({
    method: 'GET',
    path: `/api/${of.name}`,
    summary: of.summary,
    scope: 'open',
    query: Type.Object(Object.fromEntries(parametersOf(of).map((name) => [name, Type.Optional(Type.String())]))),
    answers: { 200: Type.Union([Type.String(), textMap]), 400: textMap },
    mediaType: 'text/plain',
    anyAccept: true,
    refusals: [],
    run: (ctx: Context, _caller, { query }) => generateToken({ ...ctx, tokens }, of, query),
  });
}

const textMap = Type.Record(Type.String(), Type.String());

function parametersOf(of: TokenFunction): string[] {
  return ['env', 'ttl', 'dump', ...of.takes.required, ...of.takes.optional];
}
