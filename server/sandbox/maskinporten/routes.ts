import Type from 'typebox';
import type { CertificateChecker } from '#certificates/index.ts';
import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { documentRoute } from '../tokens/document-route.ts';
import type { TokenIssuer } from '../tokens/signing-key.ts';
import { grantErrors } from './errors.ts';
import { issueToken } from './issue-token.ts';
import { grantAlgorithms } from './read-grant.ts';

/** A list, so that one that is there twice can be refused in the words of OAuth. */
const parameter = (description: string) => Type.Optional(Type.Array(Type.String(), { description: `${description} Once.` }));

const TokenRequest = Type.Object({
  grant_type: parameter('urn:ietf:params:oauth:grant-type:jwt-bearer.'),
  assertion: parameter('The grant: a JWT that the client has signed.'),
});

const TokenAnswer = Type.Object({
  access_token: Type.String(),
  token_type: Type.String(),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  scope: Type.String(),
});

const OAuthError = Type.Object({ error: Type.String(), error_description: Type.String() }, { description: 'An error of RFC 6749 §5.2.' });

/** A token endpoint as Maskinporten has it, with its metadata at both of the places where clients look. */
export function maskinportenRoutes(issuer: TokenIssuer, certificates: CertificateChecker | undefined): AnyRoute[] {
  const metadata = async () => metadataOf(issuer);
  return [
    route({
      method: 'POST',
      path: '/maskinporten/token',
      summary: 'Gives a registered client a token for a grant that it signed (RFC 7523), as Maskinporten does.',
      scope: 'open',
      bodyKind: 'urlencoded',
      body: TokenRequest,
      answers: { 200: TokenAnswer, 400: OAuthError, 503: OAuthError },
      anyAccept: true,
      refusals: Object.values(grantErrors),
      run: (ctx: Context, _caller, { body }) => issueToken({ ...ctx, certificates }, issuer, body),
    }),
    documentRoute('/maskinporten/.well-known/oauth-authorization-server', 'Metadata of the token endpoint (RFC 8414).', metadata),
    documentRoute('/.well-known/oauth-authorization-server/maskinporten', 'The same, where RFC 8414 §3.1 puts it.', metadata),
    documentRoute('/maskinporten/jwk', 'The public keys of the tokens that it gives.', () => issuer.keySet()),
  ];
}

function metadataOf({ issuer }: TokenIssuer): object {
  return {
    issuer,
    token_endpoint: `${issuer}token`,
    jwks_uri: `${issuer}jwk`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: grantAlgorithms,
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    authorization_details_types_supported: ['urn:altinn:systemuser'],
  };
}
